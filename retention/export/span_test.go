package export

import (
	"testing"
	"time"
)

func TestSpanReadsTimesAsPeopleWriteThem(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 34, 56, 789_000_000, time.UTC)
	f := func(from, to, wantFrom, wantTo string) {
		t.Helper()
		a, b, err := Span(from, to, now)
		if err != nil {
			t.Errorf("%q to %q: %v", from, to, err)
			return
		}
		if got := a.Format(time.RFC3339Nano); got != wantFrom {
			t.Errorf("%q is %s, want %s", from, got, wantFrom)
		}
		if got := b.Format(time.RFC3339Nano); got != wantTo {
			t.Errorf("%q is %s, want %s", to, got, wantTo)
		}
	}
	const at = "2026-11-21T12:34:56.789Z"
	f("", "", "2026-10-22T12:34:56.789Z", at)
	f("24h", "", "2026-11-20T12:34:56.789Z", at)
	f("7d", "now", "2026-11-14T12:34:56.789Z", at)
	f("30D", "", "2026-10-22T12:34:56.789Z", at)
	f("2w", "24h", "2026-11-07T12:34:56.789Z", "2026-11-20T12:34:56.789Z")
	f("3mo", "", "2026-08-21T12:34:56.789Z", at)
	f("1y", "", "2025-11-21T12:34:56.789Z", at)
	f("90m", "30s", "2026-11-21T11:04:56.789Z", "2026-11-21T12:34:26.789Z")
	f("yesterday", "today", "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z")
	f("2026-11-01", "2026-11-02T08:00", "2026-11-01T00:00:00Z", "2026-11-02T08:00:00Z")
	f("2026-11-01T08:00:00+02:00", "2026-11-01 06:00:01", "2026-11-01T06:00:00Z",
		"2026-11-01T06:00:01Z")
	f("2026-10", "2026-11", "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z")
	f("1700000000", "1700000000001", "2023-11-14T22:13:20Z", "2023-11-14T22:13:20.001Z")
	f("999999d", "", "1970-01-01T00:00:00Z", at)
	bad := func(from, to string) {
		t.Helper()
		if a, b, err := Span(from, to, now); err == nil {
			t.Errorf("%q to %q is %v to %v, want an error", from, to, a, b)
		}
	}
	for _, word := range []string{"0d", "-1d", "1.5h", "d", "7x", "soon", "2026-13-01", "1234567d",
		"2026-11-01T", "٣d", "7 d", "123"} {
		bad(word, "")
	}
	bad("24h", "7d")
	bad("2026-11-01", "2026-11-01")
	bad("now", "")
}
