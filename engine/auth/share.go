package auth

import (
	"cmp"
	"context"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"analytics/engine/fault"
	"analytics/engine/store"
)

// The limits of shares.
const (
	MaxShareLife = 365 * 24 * time.Hour
	maxShares    = 1_000
	maxPage      = 2_000 // bytes
	maxPages     = 50    // there are fewer
)

// Share is a link by which anybody may look, and do nothing else, until it ends or is revoked.
type Share struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Page    string    `json:"page"`            // path and query on this server
	Pages   []string  `json:"pages,omitempty"` // what it shows; all if there are none
	Bound   Binding   `json:"bound,omitzero"`  // of what it shows events
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires"`
}

// NewShare is what a share is made from.
type NewShare struct {
	Name  string
	Page  string   // what it opens; "/" if empty
	Pages []string // what it shows; everything if there are none
	Bound Binding
	Life  time.Duration
}

func (n NewShare) validate(by Identity) error {
	switch {
	case by.Limited():
		return by.BoundKey("it cannot make a share")
	case n.Life <= 0 || n.Life > MaxShareLife:
		return fault.At(fault.Invalid, "bad_expiry", "expires",
			"a share ends after more than nothing and at most 365 days; the default is 7d")
	case len(n.Page) > maxPage || !strings.HasPrefix(n.Page, "/") || strings.HasPrefix(n.Page, "//") ||
		strings.ContainsFunc(n.Page, func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f }):
		return fault.At(fault.Invalid, "bad_page", "page",
			"page is what stands behind the server's address when you look at it, such as /?page=traffic&since=30d")
	case len(n.Name) > maxUser:
		return fault.At(fault.Invalid, "bad_name", "name", "the name has more than %d bytes", maxUser)
	case len(n.Pages) > maxPages || slices.ContainsFunc(n.Pages, func(p string) bool { return p == "" || len(p) > maxUser }):
		return fault.At(fault.Invalid, "bad_pages", "pages", "pages are names of pages, such as traffic")
	}
	return n.Bound.names()
}

// Share makes a share of by's tenant that opens a page and ends after a while. The token is shown this
// once.
func (s *Sessions) Share(ctx context.Context, by Identity, n NewShare) (token string, share Share, err error) {
	n.Page = cmp.Or(n.Page, "/")
	if err := n.validate(by); err != nil {
		return "", Share{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.sweep(ctx); err != nil {
		return "", Share{}, err
	}
	if len(s.shares) >= maxShares {
		return "", Share{}, fault.New(fault.Limited, "too_many_shares", "there are %d shares already", maxShares)
	}
	now := s.now().UTC()
	row := &loginRow{
		Tenant: hex.EncodeToString(by.Tenant[:]), Key: by.KeyID, Label: cmp.Or(n.Name, "share"),
		Scopes: Scopes{Query}, Created: now, Share: random(idLength), Page: n.Page, Pages: n.Pages, Bound: n.Bound,
		Until: now.Add(n.Life),
	}
	if !n.Bound.Free() || len(n.Pages) > 0 {
		row.Scopes = nil // a version that knows no limits opens nothing by it
	}
	token = random(linkLength)
	if err := s.put(ctx, sharePrefix, s.shares, hash(token), row); err != nil {
		return "", Share{}, err
	}
	return token, row.share(), nil
}

func (row *loginRow) share() Share {
	return Share{ID: row.Share, Name: row.Label, Page: row.Page, Pages: row.Pages, Bound: row.Bound,
		Created: row.Created, Expires: row.Until}
}

// Open starts a session by a share and says what it shows. A share can be opened any number of times.
func (s *Sessions) Open(ctx context.Context, share string) (token, page string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	row := s.shares[hash(share)]
	if row == nil || s.ended(row) {
		return "", "", fault.New(fault.Unauthorized, "unknown_share",
			"this share has ended; ask who sent it for another")
	}
	token, err = s.begin(ctx, row)
	return token, row.Page, err
}

// Shares is the shares of a tenant that have not ended, newest last.
func (s *Sessions) Shares(t store.Tenant) []Share {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []Share{}
	for _, row := range s.shares {
		if row.Tenant == hex.EncodeToString(t[:]) && !s.ended(row) {
			list = append(list, row.share())
		}
	}
	slices.SortFunc(list, func(a, b Share) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
	})
	return list
}

// Unshare ends a share and the sessions that came by it.
func (s *Sessions) Unshare(ctx context.Context, t store.Tenant, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	tenant := hex.EncodeToString(t[:])
	for sum, row := range s.shares {
		if row.Share != id || row.Tenant != tenant {
			continue
		}
		for cookie, session := range s.live { // first, so that who tries again finds the share
			if session.Share != id {
				continue
			}
			if err := s.drop(ctx, sessionPrefix, s.live, cookie); err != nil {
				return err
			}
		}
		return s.drop(ctx, sharePrefix, s.shares, sum)
	}
	return fault.New(fault.NotFound, "unknown_share",
		"there is no share %q; `analytics dashboard shares` lists them", id)
}
