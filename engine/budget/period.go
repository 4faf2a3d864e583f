package budget

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// Period is how long a budget's money has to last.
type Period struct {
	unit    string        // hour, day, week or month of the calendar; empty for a rolling one
	length  time.Duration // of a rolling one
	zone    *time.Location
	weekday time.Weekday // on which weeks begin
}

// longest is the longest rolling period.
const longest = 366 * 24 * time.Hour

var errPeriod = errors.New("it is hour, day, week, month, or a rolling period such as 24h or 30d, " +
	"of a minute at least and 366 days at most")

// parsePeriod reads the words of a definition.
func parsePeriod(text, zone, weekStart string, standard *time.Location) (p Period, err error) {
	p = Period{zone: standard, weekday: time.Monday}
	if zone != "" {
		if p.zone, err = time.LoadLocation(zone); err != nil || zone == "Local" {
			return p, errors.New("time zone " + strconv.Quote(zone) + " is not known; it is like Europe/Berlin")
		}
	}
	if weekStart != "" {
		if p.weekday, err = weekdayOf(weekStart); err != nil {
			return p, err
		}
	}
	switch text {
	case "hour", "day", "week", "month":
		p.unit = text
		return p, nil
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil || n < 1 || n > int(longest/(24*time.Hour)) {
			return p, errPeriod
		}
		p.length = time.Duration(n) * 24 * time.Hour
		return p, nil
	}
	p.length, err = time.ParseDuration(text)
	if err != nil || p.length < time.Minute || p.length > longest || p.length%p.step() != 0 {
		return p, errPeriod
	}
	return p, nil
}

func weekdayOf(name string) (time.Weekday, error) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if strings.EqualFold(d.String(), name) {
			return d, nil
		}
	}
	return 0, errors.New("a week starts on a day such as monday, not " + strconv.Quote(name))
}

// rolling reports whether the period moves with the clock.
func (p Period) rolling() bool { return p.unit == "" }

// step is by how much a rolling period moves.
func (p Period) step() time.Duration {
	if p.length > 24*time.Hour {
		return time.Hour
	}
	return time.Minute
}

// Window is the period that holds t: [from, to). A rolling one ends with the step that runs.
func (p Period) Window(t time.Time) (from, to time.Time) {
	if p.rolling() {
		to = t.UTC().Truncate(p.step()).Add(p.step())
		return to.Add(-p.length), to
	}
	return p.calendar(t)
}

// bucket is the stretch of time that an event of time t is counted in: of a calendar its period, of
// a rolling period a step.
func (p Period) bucket(t time.Time) (from, to time.Time) {
	if p.rolling() {
		from = t.UTC().Truncate(p.step())
		return from, from.Add(p.step())
	}
	return p.calendar(t)
}

func (p Period) calendar(t time.Time) (from, to time.Time) {
	t = t.In(p.zone)
	if p.unit == "hour" {
		return hour(t)
	}
	for at := t; ; {
		y, m, d := at.Date()
		var first, next time.Time
		switch p.unit {
		case "week":
			back := (int(at.Weekday()-p.weekday) + 7) % 7
			first, next = dayStart(y, m, d-back, p.zone), dayStart(y, m, d-back+7, p.zone)
		case "month":
			first, next = dayStart(y, m, 1, p.zone), dayStart(y, m+1, 1, p.zone)
		default:
			first, next = dayStart(y, m, d, p.zone), dayStart(y, m, d+1, p.zone)
		}
		if next.After(t) {
			return first, next
		}
		at = next // the clocks went back over midnight: the day had begun before
	}
}

// hour is the local hour of t. Where the clocks change within it, it ends there.
func hour(t time.Time) (from, to time.Time) {
	_, offset := t.Zone()
	shift := time.Duration(offset) * time.Second
	from = t.UTC().Add(shift).Truncate(time.Hour).Add(-shift)
	to = from.Add(time.Hour)
	begin, end := t.ZoneBounds()
	if !begin.IsZero() && begin.After(from) {
		from = begin
	}
	if !end.IsZero() && end.Before(to) {
		to = end
	}
	return from, to
}

// dayStart is the first moment of a local day, which may be out of its month's range. Of two
// midnights it is the first, and where midnight is skipped the moment after the gap: time.Date
// promises nothing about either.
func dayStart(y int, m time.Month, d int, zone *time.Location) time.Time {
	local := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	before := local.Add(-26 * time.Hour).In(zone)
	var first time.Time
	for _, probe := range []time.Time{before, local.In(zone), local.Add(26 * time.Hour).In(zone)} {
		_, offset := probe.Zone()
		at := local.Add(-time.Duration(offset) * time.Second).In(zone)
		if _, is := at.Zone(); is == offset && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	if first.IsZero() {
		_, first = before.ZoneBounds()
	}
	return first
}

// key names a period for people and incidents.
func (p Period) key(from time.Time) string {
	from = from.In(p.zone)
	switch p.unit {
	case "month":
		return from.Format("2006-01")
	case "hour":
		return from.Format("2006-01-02T15Z07")
	}
	return from.Format(time.DateOnly)
}
