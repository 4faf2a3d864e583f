package jobs

import (
	"testing"
	"time"
)

func TestMomentsThatDoNotExistOrExistTwice(t *testing.T) {
	f := func(name string, local, want string) {
		t.Helper()
		at, err := time.Parse("2006-01-02 15:04", local)
		if err != nil {
			t.Fatal(err)
		}
		y, m, d := at.Date()
		got := moment(y, m, d, at.Hour(), at.Minute(), zone(t, name))
		if s := got.Format("2006-01-02 15:04 -0700"); s != want {
			t.Errorf("%s in %s is %s, want %s", local, name, s, want)
		}
	}
	f("America/New_York", "2026-03-08 02:30", "2026-03-08 03:00 -0400") // skipped
	f("America/New_York", "2026-11-01 01:30", "2026-11-01 01:30 -0400") // the first of two
	f("America/New_York", "2026-11-01 02:30", "2026-11-01 02:30 -0500")
	f("America/Sao_Paulo", "2018-11-04 00:00", "2018-11-04 01:00 -0200")   // no midnight
	f("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-04 02:30 +1100") // half an hour skipped
	f("Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-05 01:45 +1100")
	f("Asia/Beirut", "2026-03-29 00:00", "2026-03-29 01:00 +0300")
	f("Pacific/Apia", "2011-12-30 08:00", "2011-12-31 00:00 +1400") // a day left out
	f("Asia/Kathmandu", "2026-11-20 08:00", "2026-11-20 08:00 +0545")
	f("UTC", "2026-11-20 08:00", "2026-11-20 08:00 +0000")
}

// TestDaysMeet goes through years of days in zones with every kind of change: each day begins where
// the one before ended, and every day is due once, when its time of day comes.
func TestDaysMeet(t *testing.T) {
	for _, name := range []string{
		"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu",
		"America/Sao_Paulo", "Pacific/Apia", "Africa/Casablanca", "Asia/Beirut", "Africa/Cairo",
	} {
		for _, year := range []int{2011, 2018, 2026} {
			s := Daily(2, 30, zone(t, name), All)
			last, end := "", time.Time{}
			begin := time.Date(year, 1, 1, 12, 0, 0, 0, time.UTC)
			days := 0
			for now := begin; now.Year() <= year; now = now.Add(time.Hour) {
				for _, p := range s.due(last, begin, now) {
					y, m, d := p.From.Date()
					late := now.Sub(moment(y, m, d+1, 2, 30, s.zone))
					if late < 0 || late >= time.Hour && days > 0 {
						t.Errorf("%s: %s was due at %s", name, p.Key, now.In(s.zone))
					}
					if !end.IsZero() && !p.From.Equal(end) {
						t.Errorf("%s: %s begins at %s, not at %s", name, p.Key, p.From, end)
					}
					last, end = p.Key, p.To
					days++
				}
				if next := s.next(now); !next.After(now) || next.Sub(now) > 49*time.Hour {
					t.Fatalf("%s: after %s comes %s", name, now, next)
				}
			}
			if days < 362 || days > 365 {
				t.Errorf("%s: %d days in %d", name, days, year)
			}
		}
	}
}
