package budget

import (
	"testing"
	"time"
)

// TestPeriodsAreThoseOfTheZone has each window worked out by hand.
func TestPeriodsAreThoseOfTheZone(t *testing.T) {
	f := func(period, zone, week, at, from, to string) {
		t.Helper()
		p, err := parsePeriod(period, zone, week, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		moment, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		first, next := p.Window(moment)
		got := first.UTC().Format(time.RFC3339) + " " + next.UTC().Format(time.RFC3339)
		if want := from + " " + to; got != want {
			t.Errorf("%s of %s in %s: got %s, want %s", period, at, zone, got, want)
		}
	}
	// Plain days, weeks, months.
	f("day", "", "", "2026-11-21T12:30:00Z", "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z")
	f("day", "Asia/Kathmandu", "", "2026-11-21T18:14:59Z", "2026-11-20T18:15:00Z", "2026-11-21T18:15:00Z")
	f("day", "Asia/Kathmandu", "", "2026-11-21T18:15:00Z", "2026-11-21T18:15:00Z", "2026-11-22T18:15:00Z")
	f("week", "", "", "2026-11-22T23:59:59Z", "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z")
	f("week", "", "sunday", "2026-11-22T00:00:00Z", "2026-11-22T00:00:00Z", "2026-11-29T00:00:00Z")
	f("month", "America/New_York", "", "2027-01-01T04:59:59Z", "2026-12-01T05:00:00Z", "2027-01-01T05:00:00Z")
	f("hour", "Asia/Kolkata", "", "2026-11-21T12:29:59Z", "2026-11-21T11:30:00Z", "2026-11-21T12:30:00Z")
	// Days of 23 and 25 hours, and of 24 and a half.
	f("day", "America/New_York", "", "2026-03-08T12:00:00Z", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z")
	f("day", "America/New_York", "", "2026-11-01T12:00:00Z", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z")
	f("day", "Europe/London", "", "2026-10-25T00:30:00Z", "2026-10-24T23:00:00Z", "2026-10-26T00:00:00Z")
	f("day", "Australia/Lord_Howe", "", "2026-04-05T00:00:00Z", "2026-04-04T13:00:00Z", "2026-04-05T13:30:00Z")
	f("month", "Europe/Berlin", "", "2026-03-31T12:00:00Z", "2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z")
	f("week", "Europe/Berlin", "", "2026-03-29T12:00:00Z", "2026-03-22T23:00:00Z", "2026-03-29T22:00:00Z")
	// The hour in which clocks go back is two of them; Lord Howe's is half an hour longer.
	f("hour", "Europe/Berlin", "", "2026-10-25T00:30:00Z", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z")
	f("hour", "Europe/Berlin", "", "2026-10-25T01:30:00Z", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z")
	f("hour", "Australia/Lord_Howe", "", "2026-04-04T14:45:00Z", "2026-04-04T14:00:00Z", "2026-04-04T15:00:00Z")
	// No midnight in Sao Paulo, no day at all in Apia.
	f("day", "America/Sao_Paulo", "", "2018-11-04T12:00:00Z", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z")
	f("day", "America/Sao_Paulo", "", "2018-11-04T02:59:59Z", "2018-11-03T03:00:00Z", "2018-11-04T03:00:00Z")
	f("day", "Pacific/Apia", "", "2011-12-30T09:59:59Z", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z")
	f("day", "Pacific/Apia", "", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z")
	// Rolling periods go in steps of a minute, or of an hour beyond a day.
	f("24h", "", "", "2026-11-21T12:30:30Z", "2026-11-20T12:31:00Z", "2026-11-21T12:31:00Z")
	f("7d", "", "", "2026-11-21T12:30:30Z", "2026-11-14T13:00:00Z", "2026-11-21T13:00:00Z")
	f("1d", "Europe/Berlin", "", "2026-03-29T12:00:00Z", "2026-03-28T12:01:00Z", "2026-03-29T12:01:00Z")
}

// TestPeriodsLeaveNoGap walks three years of awkward zones: each window begins where the last ended,
// and every moment of it is in it.
func TestPeriodsLeaveNoGap(t *testing.T) {
	zones := []string{
		"America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo",
		"Pacific/Apia", "Africa/Casablanca", "America/St_Johns", "Asia/Beirut",
	}
	for _, zone := range zones {
		for _, unit := range []string{"hour", "day", "week", "month"} {
			p, err := parsePeriod(unit, zone, "", time.UTC)
			if err != nil {
				t.Fatal(err)
			}
			_, at := p.Window(time.Date(2009, 12, 20, 0, 0, 0, 0, time.UTC))
			for at.Year() < 2013 {
				from, to := p.Window(at)
				for _, inside := range []time.Time{at, at.Add(to.Sub(at) / 2), to.Add(-1)} {
					a, b := p.Window(inside)
					if !a.Equal(at) || !b.Equal(to) || !from.Equal(at) || !at.Before(to) {
						t.Fatalf("%s in %s: %s is in [%s, %s), want [%s, %s)", unit, zone, inside, a, b, at, to)
					}
				}
				at = to
			}
		}
	}
}

func TestPeriodsThatMeanNothingAreRefused(t *testing.T) {
	for _, text := range []string{"", "year", "0d", "-1h", "1s", "367d", "90s", "25h30m", "1e3d", "d"} {
		if _, err := parsePeriod(text, "", "", time.UTC); err == nil {
			t.Errorf("%q is a period", text)
		}
	}
	if _, err := parsePeriod("day", "Europe/Atlantis", "", time.UTC); err == nil {
		t.Error("there is a zone Europe/Atlantis")
	}
	if _, err := parsePeriod("week", "", "someday", time.UTC); err == nil {
		t.Error("weeks start on someday")
	}
}
