package auth

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
)

// clock is a time that tests move.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

func newClock() *clock { return &clock{t: time.Date(2026, 11, 21, 10, 30, 0, 0, time.UTC)} }

func openStore(t testing.TB, dir string) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), store.Config{
		Space: storetest.Room, Dir: dir, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func openRing(t testing.TB, s *store.Store, now func() time.Time) *Keyring {
	t.Helper()
	k, err := Open(context.Background(), s, now)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func create(t testing.TB, k *Keyring, n NewKey) (string, Key) {
	t.Helper()
	if n.Name == "" {
		n.Name = "test"
	}
	secret, key, err := k.Create(context.Background(), n)
	if err != nil {
		t.Fatal(err)
	}
	return secret, key
}

func wantCode(t testing.TB, err error, kind fault.Kind, code string) {
	t.Helper()
	f := fault.Of(err)
	if err == nil || f.Kind != kind || f.Code != code {
		t.Errorf("got %v (%s), want %s", err, f.Code, code)
	}
}

func TestKeyLivesItsLife(t *testing.T) {
	ctx, now, dir := t.Context(), newClock(), t.TempDir()
	s := openStore(t, dir)
	k := openRing(t, s, now.Now)
	secret, key := create(t, k, NewKey{Name: "web-app", Scopes: Scopes{Query, Ingest},
		Expires: now.Now().Add(90 * 24 * time.Hour)})
	if !strings.HasPrefix(secret, "ak_key_"+key.ID+"_") || len(secret) != len("ak_key_12345678_")+38 {
		t.Errorf("the secret is %q", secret)
	}
	id, err := k.Check(secret)
	if err != nil || id.KeyID != key.ID || id.Tenant != store.Default || id.Label != "web-app" ||
		!slices.Equal(id.Scopes, Scopes{Ingest, Query}) {
		t.Errorf("got %+v, %v", id, err)
	}
	now.Add(time.Hour)
	if _, err := k.Check(secret); err != nil {
		t.Error(err)
	}
	if err := k.Flush(ctx); err != nil {
		t.Error(err)
	}
	k = openRing(t, s, now.Now) // as after a restart
	got := k.List()[0]
	if want := now.Now().Truncate(time.Minute); !got.LastUsed.Equal(want) || got.Secrets != 1 {
		t.Errorf("got %+v, want it used at %s", got, want)
	}
	now.Add(90 * 24 * time.Hour)
	_, err = k.Check(secret)
	wantCode(t, err, fault.Unauthorized, "expired_key")
	_, _, err = k.Rotate(ctx, key.ID, 0)
	wantCode(t, err, fault.Conflict, "key_expired")
	if state := k.List()[0].State; state != "expired" {
		t.Errorf("the state is %s", state)
	}
}

func TestRotationOverlaps(t *testing.T) {
	ctx, now := t.Context(), newClock()
	k := openRing(t, openStore(t, t.TempDir()), now.Now)
	first, key := create(t, k, NewKey{Scopes: Scopes{Ingest}})
	works := func(token string, want bool) {
		t.Helper()
		if _, err := k.Check(token); (err == nil) != want {
			t.Errorf("got %v, want it to work: %v", err, want)
		}
	}
	rotate := func(overlap time.Duration) string {
		t.Helper()
		secret, _, err := k.Rotate(ctx, key.ID, overlap)
		if err != nil {
			t.Fatal(err)
		}
		return secret
	}
	second := rotate(time.Hour)
	works(first, true)
	works(second, true)
	if n := k.List()[0].Secrets; n != 2 {
		t.Errorf("%d secrets, want 2", n)
	}
	third := rotate(time.Hour) // a key has two secrets at most
	works(first, false)
	works(second, true)
	works(third, true)
	now.Add(time.Hour)
	works(second, false)
	works(third, true)
	if err := k.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	if n := len(k.keys[key.ID].row.Secrets); n != 1 {
		t.Errorf("%d secrets are kept, want 1", n)
	}
	fourth := rotate(0)
	works(third, false)
	works(fourth, true)
	if _, err := k.Revoke(ctx, key.ID); err != nil {
		t.Error(err)
	}
	works(fourth, false)
	if got, err := k.Revoke(ctx, key.ID); err != nil || got.State != "revoked" { // twice is fine
		t.Errorf("got %+v, %v", got, err)
	}
	_, _, err := k.Rotate(ctx, key.ID, 0)
	wantCode(t, err, fault.Conflict, "key_revoked")
	_, err = k.Revoke(ctx, "nobody00")
	wantCode(t, err, fault.NotFound, "unknown_key_id")
}

// TestRevokeStopsAtOnce revokes while eight clients ask.
func TestRevokeStopsAtOnce(t *testing.T) {
	k := openRing(t, openStore(t, t.TempDir()), time.Now)
	secret, key := create(t, k, NewKey{Scopes: Scopes{Query}})
	var revoked sync.WaitGroup
	var clients sync.WaitGroup
	revoked.Add(1)
	for range 8 {
		clients.Go(func() {
			for {
				if _, err := k.Check(secret); err != nil {
					break
				}
			}
			revoked.Wait()
			if _, err := k.Check(secret); err == nil {
				t.Error("it works after Revoke returned")
			}
		})
	}
	if _, err := k.Revoke(t.Context(), key.ID); err != nil {
		t.Error(err)
	}
	revoked.Done()
	clients.Wait()
}

func TestWrongKeys(t *testing.T) {
	k := openRing(t, openStore(t, t.TempDir()), time.Now)
	secret, _ := create(t, k, NewKey{Scopes: Scopes{Ingest}})
	f := func(token, code string) {
		t.Helper()
		_, err := k.Check(token)
		wantCode(t, err, fault.Unauthorized, code)
	}
	f("", "missing_key")
	f("nonsense", "unknown_key")
	f("ak_ing_", "unknown_key")
	f("ak___", "unknown_key")
	f(strings.Repeat("ak_", 1000), "unknown_key")
	f(secret+"a", "unknown_key")
	f(secret[:len(secret)-1], "unknown_key")
	f(strings.Replace(secret, "ak_ing", "ak_adm", 1), "unknown_key")
	for i := range secret { // each digit counts
		c := byte('a')
		if secret[i] == c {
			c = 'b'
		}
		f(secret[:i]+string(c)+secret[i+1:], "unknown_key")
	}
	f(mint("ing", "abcdefgh"), "unknown_key")   // well formed, never made
	f(mint("ing", secret[7:15]), "unknown_key") // another secret of the same key
}

func TestNewKeysAreChecked(t *testing.T) {
	now := newClock()
	k := openRing(t, openStore(t, t.TempDir()), now.Now)
	f := func(n NewKey, field, code string) {
		t.Helper()
		_, _, err := k.Create(t.Context(), n)
		wantCode(t, err, fault.Invalid, code)
		if got := fault.Of(err).Field; got != field {
			t.Errorf("the field is %q, want %q", got, field)
		}
	}
	f(NewKey{Scopes: Scopes{Ingest}}, "name", "missing_name")
	f(NewKey{Name: " ", Scopes: Scopes{Ingest}}, "name", "missing_name")
	f(NewKey{Name: strings.Repeat("ä", 65), Scopes: Scopes{Ingest}}, "name", "name_too_long")
	f(NewKey{Name: "a\x1b[31m", Scopes: Scopes{Ingest}}, "name", "bad_name")
	f(NewKey{Name: "a"}, "scopes", "missing_scopes")
	f(NewKey{Name: "a", Scopes: Scopes{"root"}}, "scopes", "unknown_scope")
	f(NewKey{Name: "a", Scopes: Scopes{Public, Query}}, "scopes", "public_is_alone")
	f(NewKey{Name: "a", Scopes: Scopes{Query}, Expires: now.Now()}, "expires", "bad_expires")
	types := map[string]Scopes{
		"adm": {Admin}, "pub": {Public}, "ing": {Ingest, Backfill}, "rd": {Export, Query},
		"key": {Ingest, Query},
	}
	for kind, scopes := range types {
		if _, key := create(t, k, NewKey{Scopes: scopes}); key.Type != kind {
			t.Errorf("%v became the type %s, want %s", scopes, key.Type, kind)
		}
	}
}

func TestBootstrapHappensOnce(t *testing.T) {
	s := openStore(t, t.TempDir())
	k := openRing(t, s, time.Now)
	var all sync.WaitGroup
	var mu sync.Mutex
	var made []Issued
	for range 8 {
		all.Go(func() {
			got, err := k.Bootstrap(context.Background())
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			made = append(made, got...)
		})
	}
	all.Wait()
	if len(made) != 2 || made[0].Key.Type != "ing" || made[1].Key.Type != "adm" {
		t.Fatalf("got %+v", made)
	}
	for _, m := range made {
		if _, err := k.Check(m.Secret); err != nil {
			t.Error(err)
		}
		if _, err := k.Revoke(t.Context(), m.Key.ID); err != nil {
			t.Error(err)
		}
	}
	k = openRing(t, s, time.Now)
	if again, err := k.Bootstrap(t.Context()); err != nil || len(again) != 0 {
		t.Errorf("after a restart: %v, %v", again, err)
	}
}

// TestNoSecretIsOnDisk makes keys, links and sessions and reads every byte the store has written.
func TestNoSecretIsOnDisk(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir)
	k := openRing(t, s, time.Now)
	sessions, err := OpenSessions(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	var secrets []string
	for range 50 {
		secret, key := create(t, k, NewKey{Scopes: Scopes{Ingest, Query}})
		next, _, err := k.Rotate(t.Context(), key.ID, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		id, _ := k.Check(secret)
		link, err := sessions.Link(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		cookie, err := sessions.Redeem(t.Context(), link)
		if err != nil {
			t.Fatal(err)
		}
		secrets = append(secrets, secret, next, link, cookie)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	read := 0
	err = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		read += len(b)
		for _, secret := range secrets {
			end := secret[len(secret)-38:] // of a key, without what may be known
			if strings.Contains(string(b), end) {
				t.Errorf("%s holds a secret", path)
			}
		}
		return err
	})
	if err != nil || read == 0 {
		t.Errorf("read %d bytes, %v", read, err)
	}
}

func BenchmarkCheck(b *testing.B) {
	k := openRing(b, openStore(b, b.TempDir()), time.Now)
	secret, _ := create(b, k, NewKey{Scopes: Scopes{Ingest}})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.Check(secret); err != nil {
			b.Fatal(err)
		}
	}
}
