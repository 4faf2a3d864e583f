package auth

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"analytics/engine/fault"
	"analytics/engine/store"
)

// The limits of links and sessions.
const (
	LinkLife    = time.Hour
	SessionIdle = 12 * time.Hour
	SessionLife = 7 * 24 * time.Hour

	maxLinks    = 100   // not used yet
	maxSessions = 1_000 // the one idle for longest goes first
	seenStep    = 5 * time.Minute
)

const (
	linkPrefix    = "link/"
	sessionPrefix = "session/"
	sharePrefix   = "share/"
)

// Sessions are the browsers that are logged in, and the links and shares by which they can.
type Sessions struct {
	Users *Users // who logs in with a password

	shelf *store.Shelf
	keys  *Keyring
	now   func() time.Time

	mu     sync.Mutex
	links  map[string]*loginRow // by the hash of the token
	live   map[string]*loginRow
	shares map[string]*loginRow
}

// loginRow is a link, a share or a session at rest.
type loginRow struct {
	Tenant  string    `json:"tenant"`        // hex
	Key     string    `json:"key,omitzero"`  // who made the link; the login ends with that key
	User    string    `json:"user,omitzero"` // who logged in with a password
	Label   string    `json:"label,omitzero"`
	Scopes  Scopes    `json:"scopes"`
	Created time.Time `json:"created"`
	Seen    time.Time `json:"seen"`
	Share   string    `json:"share,omitzero"`  // id of a share, or of the one a session came by
	Page    string    `json:"page,omitzero"`   // what a share opens
	Pages   []string  `json:"pages,omitempty"` // what a share shows, if not all
	Bound   Binding   `json:"bound,omitzero"`
	Until   time.Time `json:"until,omitzero"` // when a share ends

	written time.Time // the Seen that is on the shelf
}

// OpenSessions reads links and sessions from the shelf, which is the keyring's.
func OpenSessions(ctx context.Context, keys *Keyring) (*Sessions, error) {
	s := &Sessions{
		shelf: keys.shelf, keys: keys, now: keys.now,
		links: map[string]*loginRow{}, live: map[string]*loginRow{}, shares: map[string]*loginRow{},
	}
	for prefix, into := range s.rows() {
		err := s.shelf.Each(prefix, func(name string, value []byte) error {
			var row loginRow
			if err := json.Unmarshal(value, &row); err != nil {
				return fault.New(fault.Damaged, "store_damaged", "a login row cannot be read").Wrap(err)
			}
			row.written = row.Seen
			into[strings.TrimPrefix(name, prefix)] = &row
			return ctx.Err()
		})
		if err != nil {
			return nil, fmt.Errorf("sessions: %w", err)
		}
	}
	var err error
	s.Users, err = openUsers(ctx, s)
	return s, err
}

// Now is the moment by which logins end.
func (s *Sessions) Now() time.Time { return s.now() }

// rows is the kinds of rows by the prefix of their names.
func (s *Sessions) rows() map[string]map[string]*loginRow {
	return map[string]map[string]*loginRow{linkPrefix: s.links, sessionPrefix: s.live, sharePrefix: s.shares}
}

// Link makes a token that logs one browser in, once, within an hour. The session may look and
// export and never has more scopes than who asks for the link; a link made by a key ends with that
// key.
func (s *Sessions) Link(ctx context.Context, by Identity) (token string, err error) {
	if by.Limited() {
		return "", by.BoundKey("a browser that logs in sees everything")
	}
	if by.Session && !by.May(Admin) {
		return "", fault.New(fault.Forbidden, "missing_scope",
			"a browser that may only look cannot log in another; `analytics dashboard link` makes a link")
	}
	row := &loginRow{
		Tenant: hex.EncodeToString(by.Tenant[:]), Key: by.KeyID, Label: by.Label,
		Created: s.now().UTC(),
	}
	for _, scope := range []Scope{Query, Export} {
		if by.Scopes.Has(scope) {
			row.Scopes = append(row.Scopes, scope)
		}
	}
	if len(row.Scopes) == 0 {
		return "", by.Need(Query)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.sweep(ctx); err != nil {
		return "", err
	}
	if len(s.links) >= maxLinks {
		return "", fault.New(fault.Limited, "too_many_links",
			"%d login links were made in the last hour and not used", maxLinks)
	}
	token = random(linkLength)
	return token, s.put(ctx, linkPrefix, s.links, hash(token), row)
}

// Redeem turns a link into a session and returns the token for the cookie. The link is gone then.
func (s *Sessions) Redeem(ctx context.Context, link string) (token string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sum := hash(link)
	row := s.links[sum]
	if row == nil || s.ended(row) || s.now().Sub(row.Created) >= LinkLife {
		return "", fault.New(fault.Unauthorized, "unknown_link",
			"this link was used or is older than an hour; `analytics dashboard link` makes a new one")
	}
	// Gone before the session is there: a crash between the two costs a new link, not a second
	// login.
	if err := s.drop(ctx, linkPrefix, s.links, sum); err != nil {
		return "", err
	}
	return s.begin(ctx, row)
}

// start begins a session of who has shown a password.
func (s *Sessions) start(ctx context.Context, row *loginRow) (token string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.begin(ctx, row)
}

// begin makes a session as row says. The lock is held.
func (s *Sessions) begin(ctx context.Context, row *loginRow) (token string, err error) {
	if err := s.makeRoom(ctx); err != nil {
		return "", err
	}
	session := *row
	session.Created = s.now().UTC()
	session.Seen = session.Created
	token = random(linkLength)
	return token, s.put(ctx, sessionPrefix, s.live, hash(token), &session)
}

// endOf ends the sessions of a user.
func (s *Sessions) endOf(ctx context.Context, user string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for sum, row := range s.live {
		if row.User != user {
			continue
		}
		if err := s.drop(ctx, sessionPrefix, s.live, sum); err != nil {
			return err
		}
	}
	return nil
}

// Check says who holds the cookie.
func (s *Sessions) Check(token string) (Identity, error) {
	sum := hash(token) // finding it by its hash takes the same time for every wrong token
	s.mu.Lock()
	defer s.mu.Unlock()
	row := s.live[sum]
	if row == nil || s.ended(row) {
		return Identity{}, fault.New(fault.Unauthorized, "unknown_session",
			"you are not logged in any more; `analytics dashboard link` makes a new link")
	}
	if now := s.now().UTC(); now.Sub(row.Seen) > seenStep {
		row.Seen = now
	}
	id, err := hex.DecodeString(row.Tenant)
	if err != nil || len(id) != len(store.Tenant{}) {
		return Identity{}, fault.New(fault.Damaged, "store_damaged", "a login row cannot be read")
	}
	who := Identity{
		Tenant: store.Tenant(id), KeyID: row.Key, Label: row.Label, Scopes: row.Scopes,
		Bound: row.Bound, Pages: row.Pages, Session: true,
	}
	if who.Limited() {
		who.Scopes = Scopes{Query}
	}
	return who, nil
}

// ended reports whether a link, share or session is over: by the key that made it, by its own end, or
// by its age.
func (s *Sessions) ended(row *loginRow) bool {
	now := s.now()
	if row.Key != "" && !s.keys.Alive(row.Key) || !row.Until.IsZero() && !now.Before(row.Until) {
		return true
	}
	if !row.Until.IsZero() && row.Seen.IsZero() {
		return false // a share
	}
	if row.Seen.IsZero() {
		return now.Sub(row.Created) >= LinkLife
	}
	return now.Sub(row.Seen) >= SessionIdle || now.Sub(row.Created) >= SessionLife
}

// Logout ends the session of a cookie; it is no error if there is none.
func (s *Sessions) Logout(ctx context.Context, token string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	sum := hash(token)
	if s.live[sum] == nil {
		return nil
	}
	return s.drop(ctx, sessionPrefix, s.live, sum)
}

// Flush deletes what is over and writes down when sessions were last seen.
func (s *Sessions) Flush(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.sweep(ctx); err != nil {
		return err
	}
	for sum, row := range s.live {
		if row.Seen.Equal(row.written) {
			continue
		}
		if err := s.put(ctx, sessionPrefix, s.live, sum, row); err != nil {
			return err
		}
	}
	return nil
}

func (s *Sessions) sweep(ctx context.Context) error {
	for prefix, rows := range s.rows() {
		for sum, row := range rows {
			if !s.ended(row) {
				continue
			}
			if err := s.drop(ctx, prefix, rows, sum); err != nil {
				return err
			}
		}
	}
	return nil
}

// makeRoom ends sessions until one more fits: those of shares first, of which anybody who has the
// link can make as many as he likes.
func (s *Sessions) makeRoom(ctx context.Context) error {
	for len(s.live) >= maxSessions {
		oldest, shared, at := "", false, time.Time{}
		for sum, row := range s.live {
			if by := row.Share != ""; oldest == "" || by && !shared || by == shared && row.Seen.Before(at) {
				oldest, shared, at = sum, by, row.Seen
			}
		}
		if err := s.drop(ctx, sessionPrefix, s.live, oldest); err != nil {
			return err
		}
	}
	return nil
}

func (s *Sessions) put(ctx context.Context, prefix string, into map[string]*loginRow, sum string,
	row *loginRow,
) error {
	value, err := json.Marshal(row)
	if err != nil {
		return err
	}
	if err := s.shelf.Put(ctx, prefix+sum, value); err != nil {
		return fmt.Errorf("login: %w", err)
	}
	row.written = row.Seen
	into[sum] = row
	return nil
}

func (s *Sessions) drop(ctx context.Context, prefix string, from map[string]*loginRow,
	sum string,
) error {
	if err := s.shelf.Delete(ctx, prefix+sum); err != nil {
		return fmt.Errorf("login: %w", err)
	}
	delete(from, sum)
	return nil
}

// CookieName is the name of the session cookie. Browsers keep a __Host- cookie to one host, https
// and path /, and refuse it over plain http, so there it has a plain name.
func CookieName(secure bool) string {
	if secure {
		return "__Host-analytics"
	}
	return "analytics"
}

// Cookie is the session cookie that holds the token; an empty token deletes it.
func Cookie(secure bool, token string) *http.Cookie {
	c := &http.Cookie{
		Name: CookieName(secure), Value: token, Path: "/", Secure: secure,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: int(SessionLife / time.Second),
	}
	if token == "" {
		c.MaxAge = -1
	}
	return c
}
