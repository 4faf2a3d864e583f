package sites

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/engine/store"
)

// House is what the registry needs of the house around it.
type House struct {
	Shelf *store.Shelf // "sites"
	Keys  *auth.Keyring
	// Record takes in an event of the house's own, for the audit trail.
	Record func(context.Context, store.Tenant, []byte) error
	// Snippet is what a page of the site needs to have.
	Snippet func(Site) string
	Now     func() time.Time
}

// Registry is all registered sites. It is safe for concurrent use.
type Registry struct {
	house House
	mu    sync.Mutex // one change at a time
	view  atomic.Pointer[view]
}

// view is the registry as the doors read it. It is replaced, never changed.
type view struct {
	byDomain  map[string]Site
	byWebsite map[string]string // domain
	origins   map[string]bool   // of any site
	hosts     map[string]string // domain
}

// New is sites as they are to be registered.
type New struct {
	Domain    string   `json:"domain"`
	Origins   []string `json:"origins,omitempty"`
	Mode      Mode     `json:"mode,omitempty"`
	WebsiteID string   `json:"website_id,omitempty"`
}

// Open reads the shelf.
func Open(house House) (*Registry, error) {
	r := &Registry{house: house}
	all := map[string]Site{}
	err := house.Shelf.Each("", func(domain string, value []byte) error {
		var s Site
		if err := json.Unmarshal(value, &s); err != nil {
			return fault.New(fault.Damaged, "site_row", "the row of site %s cannot be read", domain).Wrap(err)
		}
		all[domain] = s
		return nil
	})
	if err != nil {
		return nil, err
	}
	r.show(all)
	return r, nil
}

func (r *Registry) show(all map[string]Site) {
	v := &view{byDomain: all, byWebsite: map[string]string{}, origins: map[string]bool{}, hosts: map[string]string{}}
	for _, domain := range slices.Sorted(maps.Keys(all)) {
		s := all[domain]
		v.byWebsite[s.WebsiteID] = domain
		for _, o := range s.Origins {
			v.origins[o] = true
			v.hosts[hostOf(o)] = domain
		}
	}
	for domain := range all {
		v.hosts[domain] = domain // it is itself, whatever others say that their pages come from
	}
	r.view.Store(v)
}

// Find is the site of a domain as scripts name it.
func (r *Registry) Find(domain string) (Site, error) {
	if s, ok := r.view.Load().byDomain[Domain(domain)]; ok {
		return s, nil
	}
	return Site{}, Unknown(domain)
}

// Unknown is the fault for a site that is not registered.
func Unknown(domain string) error {
	name := domain
	if len(name) > maxDomain {
		name = name[:maxDomain]
	}
	return fault.At(fault.NotFound, "unknown_site", "domain",
		"%q is not registered here; register it with `analytics sites add DOMAIN`", name)
}

// FindWebsite is the site with that website id.
func (r *Registry) FindWebsite(id string) (Site, error) {
	v := r.view.Load()
	if s, ok := v.byDomain[v.byWebsite[strings.ToLower(id)]]; ok {
		return s, nil
	}
	if len(id) > 36 {
		id = id[:36]
	}
	return Site{}, fault.At(fault.NotFound, "unknown_site", "website", "no site has the website id %q; "+
		"register it with `analytics sites add --website-id ID DOMAIN`", id)
}

// FindHost is the site that a page's host belongs to: itself or the nearest domain above it.
func (r *Registry) FindHost(host string) (Site, error) {
	all := r.view.Load().byDomain
	for name := Domain(host); name != ""; {
		if s, ok := all[name]; ok {
			return s, nil
		}
		_, rest, ok := strings.Cut(name, ".")
		if !ok {
			break
		}
		name = rest
	}
	return Site{}, Unknown(host)
}

// Name is the domain of the site whose pages are on a host, in lower case: its domain and the hosts of its
// origins. Any other host is a site of its own, which needs no registration where servers count.
func (r *Registry) Name(host []byte) []byte {
	if domain, ok := r.view.Load().hosts[string(host)]; ok {
		return []byte(domain)
	}
	return host
}

// Only is the site if there is exactly one.
func (r *Registry) Only() (s Site, ok bool) {
	all := r.view.Load().byDomain
	if len(all) != 1 {
		return s, false
	}
	for _, s = range all {
		ok = true
	}
	return s, ok
}

// KnowsOrigin reports whether any site's pages come from the origin.
func (r *Registry) KnowsOrigin(origin string) bool { return r.view.Load().origins[origin] }

// Live reports whether the id is that of the site's public key, and the key was not ended.
func (r *Registry) Live(s *Site, keyID string) bool {
	return keyID == s.KeyID && r.house.Keys.Alive(keyID)
}

// List is all sites, by domain.
func (r *Registry) List() []Site {
	all := slices.Collect(maps.Values(r.view.Load().byDomain))
	slices.SortFunc(all, func(a, b Site) int { return cmp.Compare(a.Domain, b.Domain) })
	return all
}

// Add registers a site. Its key is made first: a crash in between leaves a public key that belongs
// to no site, which `analytics keys list` shows.
func (r *Registry) Add(ctx context.Context, n New) (Site, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := Site{Domain: Domain(n.Domain), Origins: slices.Compact(slices.Sorted(slices.Values(n.Origins))),
		Mode: cmp.Or(n.Mode, Tracker), WebsiteID: strings.ToLower(n.WebsiteID),
		Created: r.house.Now().UTC().Truncate(time.Second)}
	if s.WebsiteID == "" {
		s.WebsiteID = newUUID()
	}
	if len(s.Origins) == 0 {
		s.Origins = origins(s.Domain)
	}
	if err := s.check(); err != nil {
		return Site{}, err
	}
	v := r.view.Load()
	if _, ok := v.byDomain[s.Domain]; ok {
		return Site{}, fault.At(fault.Conflict, "site_exists", "domain",
			"%s is registered already; `analytics sites list` shows it, `sites remove` ends it", s.Domain)
	}
	if other, ok := v.byWebsite[s.WebsiteID]; ok {
		return Site{}, fault.At(fault.Conflict, "website_id_exists", "website_id",
			"the website id %s is that of %s already", s.WebsiteID, other)
	}
	if len(v.byDomain) >= maxSites {
		return Site{}, fault.New(fault.Conflict, "too_many_sites",
			"there are %d sites, which is the limit", maxSites)
	}
	_, key, err := r.house.Keys.Create(ctx, auth.NewKey{Name: keyName(s.Domain),
		Scopes: auth.Scopes{auth.Public}})
	if err != nil {
		return Site{}, err
	}
	s.KeyID = key.ID
	text, err := json.Marshal(s)
	if err != nil {
		return Site{}, err
	}
	if err := r.house.Shelf.Put(ctx, s.Domain, text); err != nil {
		return Site{}, fmt.Errorf("site %s: %w", s.Domain, err)
	}
	all := maps.Clone(v.byDomain)
	all[s.Domain] = s
	r.show(all)
	return s, nil
}

// newUUID is a random UUID, as text.
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// keyName is what the key of a site is called; names of keys are short.
func keyName(domain string) string {
	name := "site " + domain
	return name[:min(len(name), 64)]
}

// Remove ends a site: its key first, so that after a crash the same command finishes the rest. What
// it sent stays.
func (r *Registry) Remove(ctx context.Context, domain string) (Site, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s, err := r.Find(domain)
	if err != nil {
		return s, err
	}
	if r.house.Keys.Alive(s.KeyID) {
		if _, err := r.house.Keys.Revoke(ctx, s.KeyID); err != nil {
			return s, err
		}
	}
	if err := r.house.Shelf.Delete(ctx, s.Domain); err != nil {
		return s, err
	}
	all := maps.Clone(r.view.Load().byDomain)
	delete(all, s.Domain)
	r.show(all)
	return s, nil
}
