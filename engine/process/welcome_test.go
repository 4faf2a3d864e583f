package process

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"analytics/engine/auth"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
)

// A server that restarts a hundred times in an hour used to refuse the next start, because each
// start makes a login link and unused links are limited.
func TestGreetingNeverStopsAStart(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	s, err := store.Open(ctx, store.Config{Space: storetest.Room, Dir: dir, MemTableSize: 8 << 20})
	if err != nil {
		t.Fatal(err)
	}
	keys, sessions := rings(t, s, time.Now)
	var first, last string
	for range 120 {
		var out bytes.Buffer
		if err := Greet(ctx, &out, "http://127.0.0.1:1", "data", keys, sessions); err != nil {
			t.Fatal(err)
		}
		if last = out.String(); first == "" {
			first = last
		}
	}
	if !strings.Contains(first, "ak_ing_") || !strings.Contains(first, "/login?token=") {
		t.Errorf("the first start tells no key or no link:\n%s", first)
	}
	if strings.Contains(last, "ak_ing_") || !strings.Contains(last, "dashboard link") {
		t.Errorf("a later start tells a key, or not how to get a link:\n%s", last)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	// Nothing can be written down, but questions can be answered.
	full := func(string) (free, total int64, err error) { return 300 << 20, 1 << 40, nil }
	if s, err = store.Open(ctx, store.Config{Space: full, Dir: dir, MemTableSize: 8 << 20}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	keys, sessions = rings(t, s, func() time.Time { return time.Now().Add(2 * auth.LinkLife) })
	var out bytes.Buffer
	if err := Greet(ctx, &out, "http://127.0.0.1:1", "data", keys, sessions); err != nil ||
		!strings.Contains(out.String(), "dashboard link") {
		t.Errorf("with a full disk: %v\n%s", err, &out)
	}
}

func rings(t *testing.T, s *store.Store, now func() time.Time) (*auth.Keyring, *auth.Sessions) {
	t.Helper()
	keys, err := auth.Open(t.Context(), s, now)
	if err != nil {
		t.Fatal(err)
	}
	sessions, err := auth.OpenSessions(t.Context(), keys)
	if err != nil {
		t.Fatal(err)
	}
	return keys, sessions
}
