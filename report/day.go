package report

import (
	"strings"
	"time"

	"analytics/engine/fault"
	"analytics/query/when"
)

// Day is a local day: 23, 24 or 25 hours, beginning after midnight where a zone skips midnight.
type Day struct {
	Date string // 2026-11-20
	Zone *time.Location
	From time.Time
	To   time.Time
}

// DayOf is the local day with that date.
func DayOf(year int, month time.Month, day int, zone *time.Location) Day {
	date := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	return Day{
		Date: date.Format(time.DateOnly), Zone: zone,
		From: when.DayStart(year, month, day, zone), To: when.DayStart(year, month, day+1, zone),
	}
}

// ParseDay reads a date, "today" or "yesterday"; the empty word is yesterday, the newest whole day.
func ParseDay(word string, now time.Time, zone *time.Location) (Day, error) {
	y, m, d := now.In(zone).Date()
	switch strings.ToLower(word) {
	case "", "yesterday":
		return DayOf(y, m, d-1, zone), nil
	case "today":
		return DayOf(y, m, d, zone), nil
	}
	t, err := time.Parse(time.DateOnly, word)
	if err != nil || t.Year() < 1971 || t.Year() > 2199 {
		return Day{}, fault.At(fault.Invalid, "invalid_date", "date",
			"%.20q is not a date; use one such as 2026-11-20, today or yesterday", word)
	}
	day := DayOf(t.Year(), t.Month(), t.Day(), zone)
	if !day.From.Before(day.To) {
		return Day{}, fault.At(fault.Invalid, "invalid_date", "date",
			"%s has no %s: its clocks skipped that day", zone, word)
	}
	if day.From.After(now) {
		return Day{}, fault.At(fault.Invalid, "invalid_date", "date", "%s has not begun yet", word)
	}
	return day, nil
}

// until is the end of what a report of the day can know at now.
func (d Day) until(now time.Time) time.Time {
	if now.Before(d.To) {
		return now
	}
	return d.To
}

// ago is the beginning of the local day n days earlier.
func (d Day) ago(n int) time.Time {
	y, m, day := d.civil()
	return when.DayStart(y, m, day-n, d.Zone)
}

// month is the beginning of the local month and of the next one.
func (d Day) month() (from, to time.Time) {
	y, m, _ := d.civil()
	return when.DayStart(y, m, 1, d.Zone), when.DayStart(y, m+1, 1, d.Zone)
}

// left is how many days of the month come after this one.
func (d Day) left() int {
	y, m, day := d.civil()
	return time.Date(y, m+1, 0, 0, 0, 0, 0, time.UTC).Day() - day
}

func (d Day) civil() (int, time.Month, int) {
	t, err := time.Parse(time.DateOnly, d.Date)
	if err != nil {
		panic("report: a day without a date") // only DayOf makes days
	}
	return t.Date()
}

// String is the day for people, such as "Friday 20 November 2026".
func (d Day) String() string {
	y, m, day := d.civil()
	return time.Date(y, m, day, 0, 0, 0, 0, time.UTC).Format("Monday 2 January 2006")
}
