package when

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestDaysAreLocalDays(t *testing.T) {
	f := func(zone, day, start string, hours float64) {
		t.Helper()
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		d, _ := time.Parse("2006-01-02", day)
		from := DayStart(d.Year(), d.Month(), d.Day(), loc)
		to := DayStart(d.Year(), d.Month(), d.Day()+1, loc)
		if got := from.Format(time.RFC3339); got != start {
			t.Errorf("%s %s begins at %s, want %s", zone, day, got, start)
		}
		if got := to.Sub(from).Hours(); got != hours {
			t.Errorf("%s %s has %v hours, want %v", zone, day, got, hours)
		}
	}
	f("UTC", "2026-02-28", "2026-02-28T00:00:00Z", 24)
	f("America/New_York", "2026-03-08", "2026-03-08T00:00:00-05:00", 23)
	f("America/New_York", "2026-11-01", "2026-11-01T00:00:00-04:00", 25)
	f("Europe/London", "2026-03-29", "2026-03-29T00:00:00Z", 23)
	f("Europe/London", "2026-10-25", "2026-10-25T00:00:00+01:00", 25)
	f("Australia/Lord_Howe", "2026-04-05", "2026-04-05T00:00:00+11:00", 24.5)
	f("Australia/Lord_Howe", "2026-10-04", "2026-10-04T00:00:00+10:30", 23.5)
	f("Asia/Kathmandu", "2026-05-01", "2026-05-01T00:00:00+05:45", 24)
	f("America/Sao_Paulo", "2018-11-04", "2018-11-04T01:00:00-02:00", 23)
	f("America/Sao_Paulo", "2018-02-17", "2018-02-17T00:00:00-02:00", 25)
	f("Pacific/Apia", "2011-12-29", "2011-12-29T00:00:00-10:00", 24)
	f("Pacific/Apia", "2011-12-30", "2011-12-31T00:00:00+14:00", 0)
	f("Africa/Casablanca", "2026-02-15", "2026-02-15T00:00:00+01:00", 25)
}

// Buckets of any range in any zone join without gap, cover the range, and no bucket is longer than
// its interval may be.
func TestBucketsCoverTheRange(t *testing.T) {
	zones := []string{
		"UTC", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu",
		"America/Sao_Paulo", "Pacific/Apia", "Africa/Casablanca", "Asia/Kolkata", "Asia/Tehran",
	}
	longest := map[Interval]time.Duration{
		Hour: time.Hour, Day: 25 * time.Hour, Week: 7*24*time.Hour + time.Hour,
		Month: 31*24*time.Hour + time.Hour,
	}
	seed := rand.Uint64()
	rng := rand.New(rand.NewPCG(seed, 1))
	for range 400 {
		loc, _ := time.LoadLocation(zones[rng.IntN(len(zones))])
		from := time.Unix(1.3e9+rng.Int64N(5e8), 0)
		length := time.Duration(1 + rng.Int64N(int64(90*24*time.Hour)))
		r := Range{From: from, To: from.Add(length), Zone: loc}
		for interval, most := range longest {
			g, ok := r.Buckets(interval, 5000)
			if !ok {
				t.Fatalf("seed %d: %v %s: too many buckets", seed, r, interval)
			}
			n := g.Len()
			if g.Edges[0].After(r.From) || !g.Edges[1].After(r.From) ||
				g.Edges[n].Before(r.To) || !g.Edges[n-1].Before(r.To) {
				t.Fatalf("seed %d: %v %s: edges %v do not fit", seed, r, interval, g.Edges)
			}
			for i := range n {
				length := g.Edges[i+1].Sub(g.Edges[i])
				if length <= 0 || length > most {
					t.Fatalf("seed %d: %s bucket %v is %v long", seed, interval, g.Edges[i], length)
				}
				if got := Start(g.Edges[i+1].Add(-1), interval, loc); !got.Equal(g.Edges[i]) {
					t.Fatalf("seed %d: %s bucket of %v's end starts at %v", seed, interval,
						g.Edges[i], got)
				}
			}
		}
	}
}

func TestWeeksBeginOnMonday(t *testing.T) {
	berlin, _ := time.LoadLocation("Europe/Berlin")
	got := Start(time.Date(2026, 11, 1, 23, 0, 0, 0, berlin), Week, berlin)
	if want := "2026-10-26T00:00:00+01:00"; got.Format(time.RFC3339) != want {
		t.Errorf("week starts %s, want %s", got.Format(time.RFC3339), want)
	}
	if next := Next(got, Week, berlin); next.Format(time.DateOnly) != "2026-11-02" {
		t.Errorf("next week starts %s", next)
	}
}

func TestTooManyBucketsAreNotCut(t *testing.T) {
	r := Range{From: time.Unix(0, 0), To: time.Unix(1e9, 0), Zone: time.UTC}
	if _, ok := r.Buckets(Hour, 1000); ok {
		t.Error("31 years of hours were cut into at most 1000 buckets")
	}
}

func TestBeforeComparesLikeWithLike(t *testing.T) {
	f := func(tz, from, to, compare, wantFrom, wantTo string) {
		t.Helper()
		now := time.Date(2026, 11, 4, 10, 0, 0, 0, time.UTC)
		r, err := Parse(Words{From: from, To: to, TZ: tz}, now, time.UTC, "7d")
		if err != nil {
			t.Fatal(err)
		}
		old := r.Before(compare)
		got := [2]string{old.From.Format("01-02T15:04Z07"), old.To.Format("01-02T15:04Z07")}
		if got != [2]string{wantFrom, wantTo} {
			t.Errorf("before %s to %s (%s) is %v, want %s %s", from, to, compare, got, wantFrom, wantTo)
		}
	}
	f("UTC", "2026-11-03T10:00", "", "previous", "11-02T10:00Z", "11-03T10:00Z")
	f("UTC", "today", "", "previous", "11-03T00:00Z", "11-03T10:00Z")
	f("UTC", "2026-11-01", "2026-11-03", "previous", "10-30T00:00Z", "11-01T00:00Z")
	f("America/New_York", "2026-11-01", "2026-11-02", "previous", "10-31T00:00-04", "11-01T00:00-04")
	f("America/New_York", "2026-11-02", "2026-11-03", "previous", "11-01T00:00-04", "11-02T00:00-05")
	f("UTC", "2026-11-01", "2026-11-03", "year", "11-01T00:00Z", "11-03T00:00Z")
	// 29 February has no day a year before: the 28th stands for it, and a range that ends with it still ends
	// with February.
	f("UTC", "2024-02-29", "2024-03-01", "year", "02-28T00:00Z", "03-01T00:00Z")
	f("UTC", "2024-02-29", "2024-02-29T14:00", "year", "02-28T00:00Z", "02-28T14:00Z")
	f("UTC", "2024-02-29T12:00", "2024-02-29T14:00", "year", "02-28T12:00Z", "02-28T14:00Z")
	f("Asia/Kolkata", "2024-02-29", "2024-03-02", "year", "02-28T00:00+05", "03-02T00:00+05")
	f("UTC", "2024-02-01", "2024-02-29", "year", "02-01T00:00Z", "03-01T00:00Z")
	f("UTC", "2025-02-28", "2025-03-01", "year", "02-28T00:00Z", "03-01T00:00Z")
}
