package report

import (
	"testing"
	"time"

	"analytics/engine/event"
)

func TestMoneyRoundsTheIntegerAndKeepsWhatMatters(t *testing.T) {
	f := func(nano event.NanoUSD, want string) {
		t.Helper()
		if got := Money(nano); got != want {
			t.Errorf("Money(%d) = %s, want %s", nano, got, want)
		}
	}
	f(0, "$0.00")
	f(1_000_000_000, "$1.00")
	f(1_005_000_000, "$1.01")
	f(1_004_999_999, "$1.00")
	f(-1_005_000_000, "-$1.01")
	f(1_234_567_891_000_000_000, "$1,234,567,891.00")
	f(12_345_678_901, "$12.35")
	f(999_999_999, "$1.00")
	f(821_100_000, "$0.82")
	f(99_999_999, "$0.10") // rounded up from four digits
	f(40_000_000, "$0.04")
	f(12_340_000, "$0.0123")
	f(999_999, "$0.001")
	f(123_456, "$0.000123")
	f(499, "$0.00")
	f(-9_223_372_036_854_775_808, "-$9,223,372,036.85")
}

func TestCellsAreShownForPeople(t *testing.T) {
	f := func(cell any, want string) {
		t.Helper()
		if got := Show(cell); got != want {
			t.Errorf("Show(%#v) = %q, want %q", cell, got, want)
		}
	}
	f(nil, "–")
	f("text", "text")
	f(int64(-1234567), "-1,234,567")
	f(int64(999), "999")
	f(MoneyChange(1_000_000_000), "+$1.00")
	f(MoneyChange(-1_000_000_000), "-$1.00")
	f(MoneyChange(0), "$0.00")
	f(CountChange(1200), "+1,200")
	f(CountChange(-3), "-3")
	f(CountChange(0), "0")
	f(Points(0.0004), "0 points")
	f(Points(-0.0004), "0 points")
	f(Points(-0.0051), "-0.5 points")
	f(Share(0.021505), "2.2 %")
	f(Share(0.5), "50 %")
	f(Share(0), "0 %")
	f(Share(0.0001), "<0.1 %")
	f(Share(0.09949), "9.9 %")
	f(Share(0.0996), "10 %")
	f(Share(1), "100 %")
	f(Change(1.75), "+175 %")
	f(Change(-0.5), "-50 %")
	f(Change(-0.0001), "0 %")
	f(Change(123.4), "+12,340 %")
	f(Points(-0.0169), "-1.7 points")
	f(Millis(899.6), "900 ms")
	f(Millis(12_345), "12.3 s")
	f(Seconds(18.2), "18 s")
	f(Seconds(59.6), "1 min 0 s")
	f(Seconds(116), "1 min 56 s")
	f(Depth(47), "47 %")
	f(Clock(time.Date(2026, 1, 1, 9, 5, 0, 0, time.UTC)), "09:05")
}

func TestInertMeansNothingInMarkdown(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got := inert(in); got != want {
			t.Errorf("inert(%q) = %q, want %q", in, got, want)
		}
	}
	f("gpt-4o", "gpt-4o")
	f("+$3.10", "+$3.10")
	f("-5 %", "-5 %")
	f("- list", `\- list`)
	f("---", `\---`)
	f("-", `\-`)
	f("# head", `\# head`)
	f("===", `\===`)
	f("1. one", `1\. one`)
	f("2) two", `2\) two`)
	f("1.5 or 1) x", "1.5 or 1) x")
	f("a|b", `a\|b`)
	f("<b>&amp;", `\<b\>\&amp;`)
	f("https://x", `https:\//x`)
	f("www.x.y", `www\.x.y`)
	f("a@b.c", `a\@b.c`)
	f("rate_limit_error", "rate_limit_error")
	f("_a_ b _c __d__e_", `\_a\_ b \_c \_\_d\_\_e\_`)
	f("![i](u)", `!\[i\](u)`)
	f("a\nb", "a b")
	f(`\`, `\\`)
}

func TestDaysOfTheZone(t *testing.T) {
	f := func(zone, now, word, from string, hours float64) {
		t.Helper()
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		d, err := ParseSpan(word, Daily, at, loc)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.From.Format(time.RFC3339); got != from || d.To.Sub(d.From).Hours() != hours {
			t.Errorf("%s in %s at %s is %s, %v; want %s, %v hours", word, zone, now, got, d.To.Sub(d.From),
				from, hours)
		}
	}
	f("Europe/Berlin", "2026-11-21T07:00:00Z", "", "2026-11-20T00:00:00+01:00", 24)
	f("Europe/Berlin", "2026-11-20T23:30:00Z", "", "2026-11-20T00:00:00+01:00", 24)
	f("Europe/Berlin", "2026-11-20T22:30:00Z", "today", "2026-11-20T00:00:00+01:00", 24)
	f("America/New_York", "2026-03-09T12:00:00Z", "2026-03-08", "2026-03-08T00:00:00-05:00", 23)
	f("America/New_York", "2026-11-02T12:00:00Z", "yesterday", "2026-11-01T00:00:00-04:00", 25)
	f("Australia/Lord_Howe", "2026-10-05T00:00:00Z", "2026-10-04", "2026-10-04T00:00:00+10:30", 23.5)
	f("America/Sao_Paulo", "2018-11-05T12:00:00Z", "2018-11-04", "2018-11-04T01:00:00-02:00", 23)
	f("Asia/Kathmandu", "2026-01-02T12:00:00Z", "2026-01-01", "2026-01-01T00:00:00+05:45", 24)
	apia, err := time.LoadLocation("Pacific/Apia")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2012, 1, 5, 0, 0, 0, 0, time.UTC)
	for _, bad := range []string{"2011-12-30", "2012-02-01", "2026-02-30", "1900-01-01", "soon", "../x"} {
		if d, err := ParseSpan(bad, Daily, now, apia); err == nil {
			t.Errorf("%s is taken as %+v", bad, d)
		}
	}
}

// TestWeeksAndMonths: a week is that of ISO 8601, also over the end of a year and a change of clocks.
func TestWeeksAndMonths(t *testing.T) {
	loc, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2027, 2, 3, 12, 0, 0, 0, time.UTC) // a Wednesday
	f := func(u Unit, word, key, from, to, name string) {
		t.Helper()
		s, err := ParseSpan(word, u, now, loc)
		if err != nil {
			t.Errorf("%s: %v", word, err)
			return
		}
		const date = "2006-01-02T15:04Z07:00"
		if s.Key != key || s.From.Format(date) != from || s.To.Format(date) != to || s.String() != name {
			t.Errorf("%s %q is %s, %s to %s, %s", u, word, s.Key, s.From.Format(date), s.To.Format(date), s)
		}
	}
	f(Weekly, "", "2027-W04", "2027-01-25T00:00+01:00", "2027-02-01T00:00+01:00",
		"week 4, Monday 25 January to Sunday 31 January 2027")
	f(Weekly, "2027-01-03", "2026-W53", "2026-12-28T00:00+01:00", "2027-01-04T00:00+01:00",
		"week 53, Monday 28 December to Sunday 3 January 2027")
	f(Weekly, "2026-W53", "2026-W53", "2026-12-28T00:00+01:00", "2027-01-04T00:00+01:00",
		"week 53, Monday 28 December to Sunday 3 January 2027")
	f(Weekly, "2026-03-24", "2026-W13", "2026-03-23T00:00+01:00", "2026-03-30T00:00+02:00",
		"week 13, Monday 23 March to Sunday 29 March 2026")
	f(Weekly, "today", "2027-W05", "2027-02-01T00:00+01:00", "2027-02-08T00:00+01:00",
		"week 5, Monday 1 February to Sunday 7 February 2027")
	f(Monthly, "", "2027-01", "2027-01-01T00:00+01:00", "2027-02-01T00:00+01:00", "January 2027")
	f(Monthly, "2026-10", "2026-10", "2026-10-01T00:00+02:00", "2026-11-01T00:00+01:00", "October 2026")
	f(Monthly, "2026-02-17", "2026-02", "2026-02-01T00:00+01:00", "2026-03-01T00:00+01:00", "February 2026")
	for word, u := range map[string]Unit{
		"2027-W06": Weekly, "2026-W54": Weekly, "2025-W53": Weekly, "2026-W00": Weekly, "2026-13": Monthly, "2027-03": Monthly,
		"2026-11": Daily, "2026-W47": Monthly,
	} {
		if s, err := ParseSpan(word, u, now, loc); err == nil {
			t.Errorf("%s %s is %+v", u, word, s)
		}
	}
}

func TestMonthOfADay(t *testing.T) {
	loc, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	d := DayOf(2026, time.March, 1, loc)
	from, to := d.month()
	// Clocks go forward on the 29th.
	if hours := to.Sub(from).Hours(); hours != 31*24-1 || d.left() != 30 {
		t.Errorf("March has %v hours and %d days left", hours, d.left())
	}
	if last := DayOf(2028, time.February, 29, loc); last.left() != 0 {
		t.Errorf("%d days left after the last of February", last.left())
	}
}

func TestWhyAChangeHappened(t *testing.T) {
	usd := func(n float64) event.NanoUSD { return event.NanoUSD(n * 1e9) }
	f := func(was, cost float64, earlier, requests int64, want string) {
		t.Helper()
		m := mover{cost: usd(cost), was: usd(was), requests: requests, earlier: earlier,
			span: DayOf(2026, time.November, 20, time.UTC)}
		if got := m.why(); got != want {
			t.Errorf("%v to %v with %d to %d: %q, want %q", was, cost, earlier, requests, got, want)
		}
	}
	f(0, 0, 0, 0, "")
	f(0, 5, 0, 10, "none on the day before")
	f(5, 0, 10, 0, "no requests any more")
	f(1, 4, 100, 400, "more requests (100 → 400)")
	f(4, 1, 400, 100, "fewer requests (400 → 100)")
	f(1, 4, 100, 100, "each costlier ($0.01 → $0.04)")
	f(4, 1, 100, 100, "each cheaper ($0.04 → $0.01)")
	f(1, 4, 100, 200, "more requests (100 → 200), each costlier ($0.01 → $0.02)") // 1 and 2 of 3
	f(2, 2, 100, 100, "no change")
}

func TestConfigSaysAllProblems(t *testing.T) {
	c := DefaultConfig()
	if err := c.Validate(); err != nil || c.Warnings() != nil {
		t.Errorf("the defaults: %v, %v", err, c.Warnings())
	}
	c = Config{Timezone: "Mars/Olympus", DailyAt: "8 o'clock"}
	err := c.Validate()
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || len(joined.Unwrap()) != 2 {
		t.Errorf("got %v", err)
	}
}
