package when

import (
	"testing"
	"time"

	"analytics/engine/fault"
)

func TestParse(t *testing.T) {
	now := time.Date(2026, 11, 21, 10, 30, 0, 0, time.UTC)
	f := func(w Words, from, to string) {
		t.Helper()
		r, err := Parse(w, now, time.UTC, "24h")
		if err != nil {
			t.Errorf("%+v: %v", w, err)
			return
		}
		if got := r.From.Format(time.RFC3339); got != from {
			t.Errorf("%+v begins %s, want %s", w, got, from)
		}
		if got := r.To.Format(time.RFC3339); got != to {
			t.Errorf("%+v ends %s, want %s", w, got, to)
		}
	}
	const end = "2026-11-21T10:30:00Z"
	f(Words{}, "2026-11-20T10:30:00Z", end)
	f(Words{Since: "1h"}, "2026-11-21T09:30:00Z", end)
	f(Words{Since: "7d"}, "2026-11-14T10:30:00Z", end)
	f(Words{Since: "2w"}, "2026-11-07T10:30:00Z", end)
	f(Words{Since: "1mo"}, "2026-10-21T10:30:00Z", end)
	f(Words{Since: "today"}, "2026-11-21T00:00:00Z", end)
	f(Words{Since: "yesterday", Until: "today"}, "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z")
	f(Words{Since: "2h", Until: "1h"}, "2026-11-21T08:30:00Z", "2026-11-21T09:30:00Z")
	f(Words{Until: "1h"}, "2026-11-20T09:30:00Z", "2026-11-21T09:30:00Z")
	f(Words{Days: "1"}, "2026-11-21T00:00:00Z", end)
	f(Words{Days: "7"}, "2026-11-15T00:00:00Z", end)
	f(Words{Days: "1", Until: "2026-11-20"}, "2026-11-19T00:00:00Z", "2026-11-20T00:00:00Z")
	f(Words{From: "2026-11-01", To: "2026-11-02T12:00"}, "2026-11-01T00:00:00Z", "2026-11-02T12:00:00Z")
	f(Words{From: "2026-11"}, "2026-11-01T00:00:00Z", end)
	f(Words{From: "2026-11-01T00:00:00+02:00"}, "2026-10-31T22:00:00Z", end)
	f(Words{From: "1763700000", To: "1763703600000"}, "2025-11-21T04:40:00Z", "2025-11-21T05:40:00Z")
	f(Words{From: "2026-11-01", TZ: "Europe/Berlin"}, "2026-11-01T00:00:00+01:00",
		"2026-11-21T11:30:00+01:00")
}

func TestParseRefuses(t *testing.T) {
	now := time.Date(2026, 11, 21, 10, 30, 0, 0, time.UTC)
	f := func(w Words, code, field string) {
		t.Helper()
		_, err := Parse(w, now, time.UTC, "24h")
		if got := fault.Of(err); err == nil || got.Code != code || got.Field != field {
			t.Errorf("%+v: %v, want %s at %s", w, err, code, field)
		}
	}
	f(Words{Since: "1 h"}, "invalid_range", "since")
	f(Words{Since: "-1h"}, "invalid_range", "since")
	f(Words{Since: "0h"}, "invalid_range", "since")
	f(Words{Since: "9999999h"}, "invalid_range", "since")
	f(Words{From: "2026-13-01"}, "invalid_range", "from")
	f(Words{Until: "soon"}, "invalid_range", "until")
	f(Words{Days: "0"}, "invalid_range", "days")
	f(Words{Days: "x"}, "invalid_range", "days")
	f(Words{Days: "7", Since: "1h"}, "invalid_range", "days")
	f(Words{From: "2026-11-02", To: "2026-11-01"}, "invalid_range", "from")
	f(Words{Since: "2030-01-01"}, "invalid_range", "since")
	f(Words{From: "1066-10-14"}, "invalid_range", "from")
	f(Words{TZ: "Mars/Base"}, "invalid_timezone", "tz")
	f(Words{TZ: "../../etc/passwd"}, "invalid_timezone", "tz")
	f(Words{TZ: "Local"}, "invalid_timezone", "tz")
}

func FuzzParse(f *testing.F) {
	f.Add("7d", "", "UTC", "3")
	f.Add("2026-11-01", "now", "Europe/Berlin", "")
	now := time.Date(2026, 11, 21, 10, 30, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, from, to, tz, days string) {
		for _, w := range []Words{{From: from, To: to, TZ: tz}, {To: to, TZ: tz, Days: days}} {
			r, err := Parse(w, now, time.UTC, "24h")
			if err != nil {
				if fault.Of(err).Kind != fault.Invalid {
					t.Fatalf("%+v: %v is not the asker's fault", w, err)
				}
				continue
			}
			if !r.From.Before(r.To) || r.From.Before(earliest) || r.To.After(latest) {
				t.Fatalf("%+v gives %v", w, r)
			}
			if g, ok := r.Buckets(Day, 500); ok && g.Edges[0].After(r.From) {
				t.Fatalf("%+v: %v", w, g.Edges)
			}
			r.Before("previous")
			r.Before("year")
		}
	})
}
