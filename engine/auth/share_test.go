package auth

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"analytics/engine/fault"
	"analytics/engine/store"
)

// TestALimitedShareStaysLimited follows the limits of a share into its sessions, over a restart.
func TestALimitedShareStaysLimited(t *testing.T) {
	now := newClock()
	k := openRing(t, openStore(t, t.TempDir()), now.Now)
	s := openSessions(t, k)
	want := NewShare{Pages: []string{"traffic", "content"}, Bound: Binding{Site: "a.example"}, Life: time.Hour}
	token, share, err := s.Share(t.Context(), Local(store.Default), want)
	if err != nil || !reflect.DeepEqual(share.Pages, want.Pages) || share.Bound != want.Bound {
		t.Fatalf("%+v, %v", share, err)
	}
	s = openSessions(t, k)
	cookie, _, err := s.Open(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		id, err := s.Check(cookie)
		if err != nil || !reflect.DeepEqual(id.Pages, want.Pages) || id.Bound != want.Bound || !id.Limited() ||
			!id.May(Query) || id.May(Export) || id.May(Admin) {
			t.Errorf("%+v, %v", id, err)
		}
		if _, err := s.Link(t.Context(), id); fault.Of(err).Code != "bound_key" {
			t.Errorf("it logs in: %v", err)
		}
		id.Scopes = Scopes{Admin}
		if _, _, err := s.Share(t.Context(), id, NewShare{Life: time.Hour}); fault.Of(err).Code != "bound_key" {
			t.Errorf("it shares: %v", err)
		}
		s = openSessions(t, k)
	}
	// A version that knows no limits reads these rows without a scope.
	err = k.shelf.Each("", func(name string, value []byte) error {
		var row struct{ Scopes Scopes }
		if !strings.HasPrefix(name, sharePrefix) && !strings.HasPrefix(name, sessionPrefix) {
			return nil
		}
		if err := json.Unmarshal(value, &row); err != nil || len(row.Scopes) > 0 {
			t.Errorf("%s has %v, %v", name, row.Scopes, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestSharesOfNothingAreRefused(t *testing.T) {
	s := openSessions(t, openRing(t, openStore(t, t.TempDir()), newClock().Now))
	f := func(code string, n NewShare) {
		t.Helper()
		n.Life = time.Hour
		if _, _, err := s.Share(t.Context(), Local(store.Default), n); fault.Of(err).Code != code {
			t.Errorf("%+v: %v, want %s", n, err, code)
		}
	}
	f("bad_binding", NewShare{Bound: Binding{Site: "a", Agent: "b"}})
	f("bad_binding", NewShare{Bound: Binding{Project: " a"}})
	f("bad_pages", NewShare{Pages: []string{""}})
	f("bad_pages", NewShare{Pages: make([]string, maxPages+1)})
}
