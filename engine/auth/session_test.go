package auth

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"analytics/engine/fault"
	"analytics/engine/store"
)

func openSessions(t *testing.T, k *Keyring) *Sessions {
	t.Helper()
	s, err := OpenSessions(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func login(t *testing.T, s *Sessions, by Identity) string {
	t.Helper()
	link, err := s.Link(t.Context(), by)
	if err != nil {
		t.Fatal(err)
	}
	cookie, err := s.Redeem(t.Context(), link)
	if err != nil {
		t.Fatal(err)
	}
	return cookie
}

func TestLinkWorksOnce(t *testing.T) {
	now := newClock()
	s := openSessions(t, openRing(t, openStore(t, t.TempDir()), now.Now))
	link, err := s.Link(t.Context(), Local(store.Default))
	if err != nil || len(link) != linkLength {
		t.Fatalf("got %q, %v", link, err)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	worked := 0
	for range 8 {
		all.Go(func() {
			_, err := s.Redeem(t.Context(), link)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				worked++
			} else {
				wantCode(t, err, fault.Unauthorized, "unknown_link")
			}
		})
	}
	all.Wait()
	if worked != 1 {
		t.Errorf("the link worked %d times", worked)
	}
	late, err := s.Link(t.Context(), Local(store.Default))
	if err != nil {
		t.Fatal(err)
	}
	now.Add(LinkLife)
	_, err = s.Redeem(t.Context(), late)
	wantCode(t, err, fault.Unauthorized, "unknown_link")
	_, err = s.Redeem(t.Context(), "")
	wantCode(t, err, fault.Unauthorized, "unknown_link")
}

func TestSessionEnds(t *testing.T) {
	now := newClock()
	st := openStore(t, t.TempDir())
	k := openRing(t, st, now.Now)
	s := openSessions(t, k)
	check := func(cookie string, want bool) {
		t.Helper()
		id, err := s.Check(cookie)
		if (err == nil) != want {
			t.Errorf("got %v, want it to work: %v", err, want)
		}
		may := id.May(Query) && id.May(Export) && !id.May(Admin) && !id.May(Ingest)
		if err == nil && (!id.Session || !may) {
			t.Errorf("the session is %+v", id)
		}
	}
	idle := login(t, s, Local(store.Default))
	check(idle, true)
	check(idle+"a", false)
	check("", false)
	now.Add(SessionIdle - time.Second)
	check(idle, true) // and is seen
	if err := s.Flush(t.Context()); err != nil {
		t.Error(err)
	}
	s = openSessions(t, k) // as after a restart
	now.Add(SessionIdle - time.Second)
	check(idle, true)
	now.Add(SessionIdle)
	check(idle, false)

	busy := login(t, s, Local(store.Default))
	for range int(SessionLife/SessionIdle) * 2 {
		check(busy, true)
		now.Add(SessionIdle / 2)
	}
	check(busy, false)

	out := login(t, s, Local(store.Default))
	if err := s.Logout(t.Context(), out); err != nil {
		t.Error(err)
	}
	check(out, false)
	if err := s.Logout(t.Context(), out); err != nil {
		t.Error(err)
	}
	if err := s.Flush(t.Context()); err != nil {
		t.Error(err)
	}
	for _, prefix := range []string{linkPrefix, sessionPrefix} {
		_ = st.Shelf(store.Default, "keys").Each(prefix, func(name string, _ []byte) error {
			t.Errorf("%s is left", name)
			return nil
		})
	}
}

func TestLoginEndsWithTheKeyThatMadeIt(t *testing.T) {
	now := newClock()
	k := openRing(t, openStore(t, t.TempDir()), now.Now)
	s := openSessions(t, k)
	other := store.Tenant{'o', 't', 'h', 'e', 'r'}
	secret, key := create(t, k, NewKey{Name: "ops", Scopes: Scopes{Query}, Tenant: other})
	by, err := k.Check(secret)
	if err != nil {
		t.Fatal(err)
	}
	cookie := login(t, s, by)
	id, err := s.Check(cookie)
	if err != nil || id.Tenant != other || !slices.Equal(id.Scopes, Scopes{Query}) || id.Label != "ops" {
		t.Errorf("got %+v, %v", id, err)
	}
	waiting, err := s.Link(t.Context(), by)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Revoke(t.Context(), key.ID); err != nil {
		t.Fatal(err)
	}
	_, err = s.Check(cookie)
	wantCode(t, err, fault.Unauthorized, "unknown_session")
	_, err = s.Redeem(t.Context(), waiting)
	wantCode(t, err, fault.Unauthorized, "unknown_link")
	_, err = s.Link(t.Context(), Identity{Scopes: Scopes{Ingest}})
	wantCode(t, err, fault.Forbidden, "missing_scope")
}

func TestLinksAndSessionsAreBounded(t *testing.T) {
	now := newClock()
	s := openSessions(t, openRing(t, openStore(t, t.TempDir()), now.Now))
	for range maxLinks {
		if _, err := s.Link(t.Context(), Local(store.Default)); err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.Link(t.Context(), Local(store.Default))
	wantCode(t, err, fault.Limited, "too_many_links")
	now.Add(LinkLife)
	first := login(t, s, Local(store.Default))
	for i := range maxSessions { // in memory only, as if they had been there
		s.live[strings.Repeat("x", i+1)] = &loginRow{Created: now.Now(), Seen: now.Now().Add(time.Second)}
	}
	_ = login(t, s, Local(store.Default))
	if _, err := s.Check(first); err == nil {
		t.Error("the session idle for longest is still there")
	}
	if len(s.live) != maxSessions {
		t.Errorf("%d sessions", len(s.live))
	}
}

func TestCookies(t *testing.T) {
	f := func(secure bool, name string) {
		t.Helper()
		c := Cookie(secure, "token")
		if c.Name != name || c.Secure != secure || !c.HttpOnly ||
			c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
			t.Errorf("got %+v", c)
		}
		if c := Cookie(secure, ""); c.MaxAge >= 0 {
			t.Errorf("an empty cookie does not delete: %+v", c)
		}
	}
	f(true, "__Host-analytics")
	f(false, "analytics")
}
