package auth

import (
	"context"
	"errors"
	"net/netip"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"analytics/engine/fault"
	"analytics/engine/store"
)

const phrase = "correct horse battery staple"

var home = netip.MustParseAddr("192.0.2.1")

// TestPasswordsLogIn: over a restart, with the name in any case, and never with another password.
func TestPasswordsLogIn(t *testing.T) {
	now := newClock()
	st := openStore(t, t.TempDir())
	k := openRing(t, st, now.Now)
	s := openSessions(t, k)
	u := s.Users
	made, err := u.Set(t.Context(), store.Default, " Anna@Example.com", phrase, nil)
	if err != nil || made.Name != "anna@example.com" || !made.Scopes.Has(Query) || made.Scopes.Has(Admin) {
		t.Fatalf("%+v, %v", made, err)
	}
	for range 2 {
		cookie, err := u.Login(t.Context(), "ANNA@example.com ", phrase, home)
		if err != nil {
			t.Fatal(err)
		}
		id, err := s.Check(cookie)
		if err != nil || id.Label != "anna@example.com" || !id.Session || id.May(Admin) {
			t.Errorf("%+v, %v", id, err)
		}
		s = openSessions(t, k) // as after a restart
		u = s.Users
	}
	for _, wrong := range [][2]string{
		{"anna@example.com", phrase + " "}, {"anna@example.com", ""}, {"anna", phrase}, {"", ""},
		{"anna@example.com", strings.Repeat("x", 1<<20)},
	} {
		_, err := u.Login(t.Context(), wrong[0], wrong[1], home)
		wantCode(t, err, fault.Unauthorized, "wrong_password")
	}
	_ = st.Shelf(store.Default, "keys").Each("", func(name string, value []byte) error {
		if strings.Contains(name+string(value), phrase) {
			t.Errorf("%s holds the password", name)
		}
		return nil
	})
}

func TestANewPasswordEndsSessions(t *testing.T) {
	s := openSessions(t, openRing(t, openStore(t, t.TempDir()), newClock().Now))
	u := s.Users
	set := func(name, password string) {
		t.Helper()
		if _, err := u.Set(t.Context(), store.Default, name, password, nil); err != nil {
			t.Fatal(err)
		}
	}
	in := func(name, password string) string {
		t.Helper()
		cookie, err := u.Login(t.Context(), name, password, home)
		if err != nil {
			t.Fatal(err)
		}
		return cookie
	}
	set("anna", phrase)
	set("ben", phrase)
	anna, ben := in("anna", phrase), in("ben", phrase)
	set("anna", "another "+phrase)
	_, err := s.Check(anna)
	wantCode(t, err, fault.Unauthorized, "unknown_session")
	_, err = u.Login(t.Context(), "anna", phrase, home)
	wantCode(t, err, fault.Unauthorized, "wrong_password")
	if _, err := s.Check(ben); err != nil {
		t.Errorf("another user's session ended, too: %v", err)
	}
	if err := u.Remove(t.Context(), store.Default, "Ben"); err != nil {
		t.Error(err)
	}
	_, err = s.Check(ben)
	wantCode(t, err, fault.Unauthorized, "unknown_session")
	wantCode(t, u.Remove(t.Context(), store.Default, "ben"), fault.NotFound, "unknown_user")
	wantCode(t, u.Remove(t.Context(), store.Tenant{'o'}, "anna"), fault.NotFound, "unknown_user")
	_, err = u.Set(t.Context(), store.Tenant{'o'}, "anna", phrase, nil)
	wantCode(t, err, fault.Conflict, "user_exists")
	if l := u.List(store.Default); len(l) != 1 || l[0].Name != "anna" {
		t.Errorf("%v", l)
	}
	if l := u.List(store.Tenant{'o'}); len(l) != 0 {
		t.Errorf("%v", l)
	}
}

func TestUsersThatCannotBe(t *testing.T) {
	u := openSessions(t, openRing(t, openStore(t, t.TempDir()), newClock().Now)).Users
	f := func(name, password, code string, scopes ...Scope) {
		t.Helper()
		_, err := u.Set(t.Context(), store.Default, name, password, scopes)
		wantCode(t, err, fault.Invalid, code)
	}
	f("", phrase, "bad_name")
	f("a b", phrase, "bad_name")
	f("a/../b", phrase, "bad_name")
	f(strings.Repeat("a", maxUser+1), phrase, "bad_name")
	f("anna", "elf letters", "short_password")
	f("anna", strings.Repeat("é", 129), "long_password")
	f("anna", "\xff"+phrase, "bad_password")
	f("anna", phrase, "bad_scope", Ingest)
}

// TestGuessingIsSlow: ten at once, however many ask at the same time, and one more after a while.
func TestGuessingIsSlow(t *testing.T) {
	now := newClock()
	u := openSessions(t, openRing(t, openStore(t, t.TempDir()), now.Now)).Users
	if _, err := u.Set(t.Context(), store.Default, "anna", phrase, nil); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	count := map[string]int{}
	for range 3 * tryBurst {
		all.Go(func() {
			_, err := u.Login(t.Context(), "anna", "a wrong password", home)
			mu.Lock()
			defer mu.Unlock()
			count[fault.Of(err).Code]++
		})
	}
	all.Wait()
	if count["wrong_password"] != tryBurst || count["too_many_failures"] != 2*tryBurst {
		t.Errorf("%v", count)
	}
	_, err := u.Login(t.Context(), "anna", phrase, home)
	wantCode(t, err, fault.Limited, "too_many_failures")
	if _, err := u.Login(t.Context(), "anna", phrase, netip.MustParseAddr("192.0.2.2")); err != nil {
		t.Errorf("from elsewhere: %v", err)
	}
	now.Add(tryEvery)
	for range 2 * tryBurst { // what is right is not counted
		if _, err := u.Login(t.Context(), "anna", phrase, home); err != nil {
			t.Fatal(err)
		}
	}
}

// TestPasswordsAreHashedFewAtATime, so that no number of logins takes the memory.
func TestPasswordsAreHashedFewAtATime(t *testing.T) {
	h := newHasher()
	for range cap(h) {
		h <- struct{}{}
	}
	over, stop := context.WithCancel(t.Context())
	stop()
	if _, err := h.make(over, phrase); !errors.Is(err, context.Canceled) {
		t.Errorf("one more: %v", err)
	}
	if cap(h) != atOnce || atOnce*argonMemory > 60<<10 {
		t.Errorf("%d at once", cap(h))
	}
}

// TestPasswordRowsOfOthersAreRead: the vector of the reference implementation (argon2 -id, github.com/
// P-H-C/phc-winner-argon2, test.c), and rows that nobody wrote.
func TestPasswordRowsOfOthersAreRead(t *testing.T) {
	h := newHasher()
	vector := "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	if ok, err := h.fits(t.Context(), "password", vector); !ok || err != nil {
		t.Errorf("got %v, %v", ok, err)
	}
	if ok, err := h.fits(t.Context(), "Password", vector); ok || err != nil {
		t.Errorf("got %v, %v", ok, err)
	}
	for _, bad := range []string{"x", "$argon2i$v=19$m=1,t=1,p=1$AAAA$AAAA", strings.Replace(vector, "65536", "4294967295", 1),
		strings.Replace(vector, "t=2", "t=0", 1), strings.Replace(vector, "v=19", "v=16", 1), vector + "!",
		vector[:len(vector)-30]} {
		if ok, err := h.fits(t.Context(), "password", bad); ok || err == nil {
			t.Errorf("%q: got %v, %v", bad, ok, err)
		}
	}
	if ok, err := h.fits(t.Context(), "", ""); ok || err != nil {
		t.Errorf("nobody: got %v, %v", ok, err)
	}
}

// TestSharesShowUntilTheyEnd: to anybody, any number of times, looking only.
func TestSharesShowUntilTheyEnd(t *testing.T) {
	now := newClock()
	k := openRing(t, openStore(t, t.TempDir()), now.Now)
	s := openSessions(t, k)
	boss := Local(store.Default)
	token, share, err := s.Share(t.Context(), boss,
		NewShare{Name: "board", Page: "/?page=traffic&since=30d", Life: 48 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	s = openSessions(t, k) // as after a restart
	var cookies []string
	for range 2 {
		cookie, page, err := s.Open(t.Context(), token)
		if err != nil || page != "/?page=traffic&since=30d" {
			t.Fatalf("%q, %v", page, err)
		}
		cookies = append(cookies, cookie)
	}
	id, err := s.Check(cookies[1])
	if err != nil || !id.May(Query) || id.May(Export) || id.May(Admin) || id.Label != "board" {
		t.Errorf("%+v, %v", id, err)
	}
	_, err = s.Link(t.Context(), id)
	wantCode(t, err, fault.Forbidden, "missing_scope") // or looking would never end
	if _, _, err := s.Open(t.Context(), "x"); err == nil {
		t.Error("any token opens")
	}
	if _, err := s.Redeem(t.Context(), token); err == nil {
		t.Error("a share is a login link")
	}
	if l := s.Shares(store.Default); len(l) != 1 || !reflect.DeepEqual(l[0], share) {
		t.Errorf("%v", l)
	}
	second, _, err := s.Share(t.Context(), boss, NewShare{Life: 48 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	last, page, err := s.Open(t.Context(), second)
	if err != nil || page != "/" {
		t.Errorf("%q, %v", page, err)
	}
	wantCode(t, s.Unshare(t.Context(), store.Tenant{'o'}, share.ID), fault.NotFound, "unknown_share")
	if err := s.Unshare(t.Context(), store.Default, share.ID); err != nil {
		t.Error(err)
	}
	_, err = s.Check(cookies[0])
	wantCode(t, err, fault.Unauthorized, "unknown_session")
	_, _, err = s.Open(t.Context(), token)
	wantCode(t, err, fault.Unauthorized, "unknown_share")
	for range 7 { // seen all the time, and over all the same
		now.Add(8 * time.Hour)
		_, err = s.Check(last)
	}
	wantCode(t, err, fault.Unauthorized, "unknown_session")
	_, _, err = s.Open(t.Context(), second)
	wantCode(t, err, fault.Unauthorized, "unknown_share")
}

func TestSharesThatCannotBe(t *testing.T) {
	s := openSessions(t, openRing(t, openStore(t, t.TempDir()), newClock().Now))
	f := func(page string, life time.Duration, code string) {
		t.Helper()
		_, _, err := s.Share(t.Context(), Local(store.Default), NewShare{Name: "x", Page: page, Life: life})
		wantCode(t, err, fault.Invalid, code)
	}
	f("https://evil.example/", time.Hour, "bad_page")
	f("//evil.example/", time.Hour, "bad_page")
	f(`/\evil.example/`, time.Hour, "bad_page")
	f("/\r\nX: y", time.Hour, "bad_page")
	f("/", 0, "bad_expiry")
	f("/", MaxShareLife+1, "bad_expiry")
}

// TestSharesPushNobodyOut: who opens a share again and again ends sessions of shares, not of people.
func TestSharesPushNobodyOut(t *testing.T) {
	now := newClock()
	s := openSessions(t, openRing(t, openStore(t, t.TempDir()), now.Now))
	person := login(t, s, Local(store.Default))
	for i := range maxSessions - 1 { // in memory only, as if they had been there
		s.live[strings.Repeat("x", i+1)] = &loginRow{
			Created: now.Now(), Seen: now.Now().Add(time.Second), Share: "s", Until: now.Now().Add(time.Hour)}
	}
	if _, _, err := s.Share(t.Context(), Local(store.Default), NewShare{Life: time.Hour}); err != nil {
		t.Fatal(err)
	}
	_ = login(t, s, Local(store.Default))
	if _, err := s.Check(person); err != nil {
		t.Errorf("the person was pushed out: %v", err)
	}
}
