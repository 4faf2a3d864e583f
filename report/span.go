package report

import (
	"fmt"
	"strings"
	"time"

	"analytics/engine/fault"
	"analytics/query/when"
)

// Unit is how long a report reaches back.
type Unit string

// The units. A week is that of ISO 8601: it begins on Monday.
const (
	Daily   Unit = "day"
	Weekly  Unit = "week"
	Monthly Unit = "month"
)

// Span is what a report is of: a local day of 23, 24 or 25 hours, or the days of a week or a month. It
// begins after midnight where a zone skips midnight.
type Span struct {
	Unit Unit
	Key  string // 2026-11-20, 2026-W47 or 2026-11
	Date string // of its last day
	Zone *time.Location
	From time.Time
	To   time.Time
}

// DayOf is the local day with that date.
func DayOf(year int, month time.Month, day int, zone *time.Location) Span {
	date := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	return Span{
		Unit: Daily, Key: date.Format(time.DateOnly), Date: date.Format(time.DateOnly), Zone: zone,
		From: when.DayStart(year, month, day, zone), To: when.DayStart(year, month, day+1, zone),
	}
}

// In is the week or month that a day is in, or the day.
func (s Span) In(u Unit) Span {
	y, m, d := s.civil()
	first, next := d, d+1
	key := s.Key
	switch u {
	case Weekly:
		date := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
		first = d - (int(date.Weekday())+6)%7
		next = first + 7
		year, week := date.ISOWeek()
		key = fmt.Sprintf("%d-W%02d", year, week)
	case Monthly:
		first, next = 1, time.Date(y, m+1, 0, 0, 0, 0, 0, time.UTC).Day()+1
		key = fmt.Sprintf("%d-%02d", y, int(m))
	}
	return Span{
		Unit: u, Key: key, Zone: s.Zone,
		Date: time.Date(y, m, next-1, 0, 0, 0, 0, time.UTC).Format(time.DateOnly),
		From: when.DayStart(y, m, first, s.Zone), To: when.DayStart(y, m, next, s.Zone),
	}
}

// ParseSpan reads which day, week or month is meant: a date in it, a week such as 2026-W47, a month such
// as 2026-11, today or yesterday; the empty word is the newest that is over.
func ParseSpan(word string, u Unit, now time.Time, zone *time.Location) (Span, error) {
	y, m, d := now.In(zone).Date()
	today := DayOf(y, m, d, zone)
	var year, n int
	switch lower := strings.ToLower(word); {
	case lower == "" && u != Daily:
		first := today.In(u).From.In(zone)
		return DayOf(first.Year(), first.Month(), first.Day()-1, zone).In(u), nil
	case lower == "" || lower == "yesterday":
		return DayOf(y, m, d-1, zone).In(u), nil
	case lower == "today":
		return today.In(u), nil
	case u == Weekly && parses(word, "%4d-W%2d", &year, &n) && n >= 1 && n <= 53:
		// The fourth of January is in the first week.
		s := DayOf(year, 1, 4+7*(n-1), zone).In(Weekly)
		if s.Key != word {
			return Span{}, fault.At(fault.Invalid, "invalid_date", "date", "%d has no week %d", year, n)
		}
		return s, s.begun(word, now)
	case u == Monthly && len(word) == len("2026-11") && parses(word, "%4d-%2d", &year, &n) && n >= 1 && n <= 12:
		s := DayOf(year, time.Month(n), 1, zone).In(Monthly)
		return s, s.begun(word, now)
	}
	t, err := time.Parse(time.DateOnly, word)
	if err != nil || t.Year() < 1971 || t.Year() > 2199 {
		return Span{}, fault.At(fault.Invalid, "invalid_date", "date",
			"%.20q is not a date; use one such as 2026-11-20, today or yesterday", word)
	}
	day := DayOf(t.Year(), t.Month(), t.Day(), zone)
	if !day.From.Before(day.To) {
		return Span{}, fault.At(fault.Invalid, "invalid_date", "date",
			"%s has no %s: its clocks skipped that day", zone, word)
	}
	day = day.In(u)
	return day, day.begun(word, now)
}

// parses reads all of a text.
func parses(text, format string, into ...any) bool {
	n, err := fmt.Sscanf(text, format, into...)
	return err == nil && n == len(into)
}

func (s Span) begun(word string, now time.Time) error {
	if s.From.After(now) {
		return fault.At(fault.Invalid, "invalid_date", "date", "%s has not begun yet", word)
	}
	return nil
}

// until is the end of what a report of the span can know at now.
func (s Span) until(now time.Time) time.Time {
	if now.Before(s.To) {
		return now
	}
	return s.To
}

// ago is the beginning of the local day n days before the last one.
func (s Span) ago(n int) time.Time {
	y, m, day := s.civil()
	return when.DayStart(y, m, day-n, s.Zone)
}

// month is the beginning of the local month and of the next one.
func (s Span) month() (from, to time.Time) {
	y, m, _ := s.civil()
	return when.DayStart(y, m, 1, s.Zone), when.DayStart(y, m+1, 1, s.Zone)
}

// left is how many days of the month come after the last one.
func (s Span) left() int {
	y, m, day := s.civil()
	return time.Date(y, m+1, 0, 0, 0, 0, 0, time.UTC).Day() - day
}

func (s Span) civil() (int, time.Month, int) {
	t, err := time.Parse(time.DateOnly, s.Date)
	if err != nil {
		panic("report: a day without a date") // only DayOf makes days
	}
	return t.Date()
}

// days is how many local days there are.
func (s Span) days() int {
	n := 0
	for at := s.ago(0); !at.Before(s.From); at = s.ago(n) {
		n++
	}
	return n
}

// before is what the span is compared with: as many days, just before.
func (s Span) before() string {
	if s.Unit == Monthly {
		return fmt.Sprintf("%d days before", s.days())
	}
	return string(s.Unit) + " before"
}

// on is before in a phrase that says how much more or less.
func (s Span) on() string {
	if s.Unit == Daily {
		return "on the " + s.before()
	}
	return "against the " + s.before()
}

// in is before in a phrase that says what happened then.
func (s Span) in() string {
	if s.Unit == Daily {
		return "on the " + s.before()
	}
	return "in the " + s.before()
}

// now is the span in a phrase that says what happened.
func (s Span) now() string {
	if s.Unit == Daily {
		return "on this day"
	}
	return "in this " + string(s.Unit)
}

// than is before in a phrase that compares.
func (s Span) than() string { return "the " + s.before() }

// title is the unit at the beginning of a title.
func (s Span) title() string {
	return map[Unit]string{Daily: "Daily", Weekly: "Weekly", Monthly: "Monthly"}[s.Unit]
}

// String is the span for people, such as "Friday 20 November 2026".
func (s Span) String() string {
	y, m, day := s.civil()
	last := time.Date(y, m, day, 0, 0, 0, 0, time.UTC)
	switch s.Unit {
	case Weekly:
		_, week := last.ISOWeek()
		return fmt.Sprintf("week %d, %s to %s", week, last.AddDate(0, 0, -6).Format("Monday 2 January"),
			last.Format("Monday 2 January 2006"))
	case Monthly:
		return last.Format("January 2006")
	}
	return last.Format("Monday 2 January 2006")
}
