package auth

import (
	"slices"
	"strings"

	"analytics/engine/fault"
	"analytics/engine/store"
)

// Scope is what a key may do, or what a route asks for.
type Scope string

// The scopes. None is for routes that are open to everybody.
const (
	None     Scope = ""
	Ingest   Scope = "ingest"   // send events of every kind
	Query    Scope = "query"    // ask questions
	Export   Scope = "export"   // take raw data away
	Admin    Scope = "admin"    // everything but what is public
	Backfill Scope = "backfill" // send events older than a week
	Public   Scope = "public"   // what a browser may send; never with another scope
)

// scopes lists what a key can be given.
var scopes = Scopes{Ingest, Query, Export, Admin, Backfill, Public}

// Any is the scope of a route that each of the given scopes opens, such as Any(Ingest, Public).
func Any(either ...Scope) Scope {
	names := make([]string, len(either))
	for i, s := range either {
		names[i] = string(s)
	}
	return Scope(strings.Join(names, "|"))
}

// Either is the reverse of Any: the scopes of which one is enough.
func (s Scope) Either() []Scope {
	if s == None {
		return nil
	}
	var either []Scope
	for name := range strings.SplitSeq(string(s), "|") {
		either = append(either, Scope(name))
	}
	return either
}

// Scopes is what one key may do.
type Scopes []Scope

// Has reports whether s is in the list, or Admin is, which implies all but Public.
func (l Scopes) Has(s Scope) bool {
	return slices.Contains(l, s) || s != Public && slices.Contains(l, Admin)
}

// ParseScopes reads scopes by name, in any order, and returns them in the order of their list.
func ParseScopes(names []string) (Scopes, error) {
	var got Scopes
	for _, name := range names {
		s := Scope(strings.ToLower(strings.TrimSpace(name)))
		if !slices.Contains(scopes, s) {
			return nil, fault.At(fault.Invalid, "unknown_scope", "scopes",
				"unknown scope %q; scopes are ingest, query, export, admin, backfill and public", name)
		}
		got = append(got, s)
	}
	if len(got) == 0 {
		return nil, fault.At(fault.Invalid, "missing_scopes", "scopes",
			"a key needs at least one scope: ingest, query, export, admin, backfill or public")
	}
	slices.SortFunc(got, func(a, b Scope) int {
		return slices.Index(scopes, a) - slices.Index(scopes, b)
	})
	got = slices.Compact(got)
	if slices.Contains(got, Public) && len(got) > 1 {
		return nil, fault.At(fault.Invalid, "public_is_alone", "scopes",
			"a public key can be read by everybody who visits the site, so it can have no other scope")
	}
	return got, nil
}

// Identity is who is asking.
type Identity struct {
	Tenant  store.Tenant
	KeyID   string // empty for the local user
	Label   string // the key's name, for people
	Scopes  Scopes // shared: not to be changed
	Bound   Binding
	Pages   []string // what of the dashboard a share shows; nil for all. Shared: not to be changed
	Local   bool     // came through the unix socket or from this process
	Session bool     // a browser with a login cookie
}

// May reports whether the identity may use a route that asks for s. For a scope made by Any, one of
// its parts is enough; None is open to all.
func (id Identity) May(s Scope) bool {
	if s == None {
		return true
	}
	for name := range strings.SplitSeq(string(s), "|") {
		if id.Scopes.Has(Scope(name)) {
			return true
		}
	}
	return false
}

// Limited reports whether the identity sees less than its scopes allow.
func (id Identity) Limited() bool { return !id.Bound.Free() || len(id.Pages) > 0 }

// Need is nil if the identity may use s, and otherwise the fault that says which scope is missing.
func (id Identity) Need(s Scope) error {
	if id.May(s) {
		return nil
	}
	names := strings.ReplaceAll(string(s), "|", " or ")
	return fault.New(fault.Forbidden, "missing_scope",
		"this needs the scope %s; make a key that has it with `analytics keys create`", names)
}

// Local is the identity of who asks through the unix socket or from the same process: who can read
// the data directory needs no key.
func Local(t store.Tenant) Identity {
	return Identity{Tenant: t, Label: "local", Scopes: Scopes{Admin, Backfill}, Local: true}
}
