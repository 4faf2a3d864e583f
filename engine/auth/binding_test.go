package auth

import (
	"strings"
	"testing"

	"analytics/engine/fault"
	"analytics/engine/store"
)

func TestABindingStaysWithItsKey(t *testing.T) {
	dir, clock := t.TempDir(), newClock()
	st := openStore(t, dir)
	k, err := Open(t.Context(), st, clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	want := Binding{Agent: "support", Project: "shop"}
	first, key, err := k.Create(t.Context(), NewKey{Name: "desk", Scopes: Scopes{Query}, Bound: want})
	if err != nil || key.Bound != want {
		t.Fatalf("%+v, %v", key, err)
	}
	second, _, err := k.Rotate(t.Context(), key.ID, DefaultOverlap)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	again, err := Open(t.Context(), st, clock.Now) // as after a restart
	if err != nil {
		t.Fatal(err)
	}
	for _, ring := range []*Keyring{k, again} {
		for _, secret := range []string{first, second} {
			if who, err := ring.Check(secret); err != nil || who.Bound != want {
				t.Errorf("%+v, %v", who, err)
			}
		}
		if got := ring.List()[0].Bound; got != want || got.String() != `agent "support" and project "shop"` {
			t.Errorf("the list has %s", got)
		}
	}
	sessions, err := OpenSessions(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	who, _ := k.Check(first)
	if _, err := sessions.Link(t.Context(), who); fault.Of(err).Code != "bound_key" {
		t.Errorf("a login that sees everything: %v", err)
	}
}

func TestABoundKeyOnlyAsks(t *testing.T) {
	k, err := Open(t.Context(), openStore(t, t.TempDir()), newClock().Now)
	if err != nil {
		t.Fatal(err)
	}
	f := func(code string, b Binding, scopes ...Scope) {
		t.Helper()
		_, _, err := k.Create(t.Context(), NewKey{Name: "k", Scopes: scopes, Bound: b, Tenant: store.Default})
		if (err == nil) != (code == "") || err != nil && fault.Of(err).Code != code {
			t.Errorf("%s with %v: %v, want %q", b, scopes, err, code)
		}
	}
	f("", Binding{Agent: "a"}, Query)
	f("", Binding{Project: `"quoted";semicolon==1`}, Query)
	for _, s := range scopes {
		if s != Query {
			f("bound_scope", Binding{Agent: "a"}, s)
		}
	}
	f("bound_scope", Binding{Agent: "a"}, Query, Export)
	f("", Binding{Site: "example.org"}, Query)
	f("bad_binding", Binding{Site: "example.org", Agent: "a"}, Query)
	f("bad_binding", Binding{Site: "example.org", Project: "a"}, Query)
	f("bad_binding", Binding{Agent: " a"}, Query)
	f("bad_binding", Binding{Agent: "a\nb"}, Query)
	f("bad_binding", Binding{Project: strings.Repeat("a", maxBound+1)}, Query)
	f("", Binding{}, Admin)
	empty, name := "", "x"
	for _, said := range [][3]*string{{&empty}, {nil, &empty}, {&name, &empty}, {nil, nil, &empty}} {
		if b, err := NewBinding(said[0], said[1], said[2]); fault.Of(err).Code != "bad_binding" || !b.Free() {
			t.Errorf("an empty name: %s, %v", b, err)
		}
	}
}
