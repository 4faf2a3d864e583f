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
	s, err := store.Open(ctx, store.Config{Space: storetest.Room, Dir: t.TempDir(), MemTableSize: 8 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	keys, err := auth.Open(ctx, s, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	sessions, err := auth.OpenSessions(ctx, keys)
	if err != nil {
		t.Fatal(err)
	}
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
}
