package when

import "time"

// Interval is how long a bucket is. The empty interval is one bucket for the whole range.
type Interval string

// The intervals. Weeks are ISO weeks: they begin on Monday.
const (
	None  Interval = ""
	Hour  Interval = "hour"
	Day   Interval = "day"
	Week  Interval = "week"
	Month Interval = "month"
)

// Intervals lists the intervals one can ask for.
func Intervals() []string { return []string{"hour", "day", "week", "month"} }

// DayStart is the first moment of a local day; the day may be out of its month's range. time.Date
// promises nothing where midnight does not exist or exists twice, hence the walk over the zone's
// periods of constant offset.
func DayStart(year int, month time.Month, day int, zone *time.Location) time.Time {
	local := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	t := local.Add(-36 * time.Hour).In(zone)
	for {
		_, end := t.ZoneBounds()
		_, offset := t.Zone()
		midnight := local.Add(-time.Duration(offset) * time.Second).In(zone)
		switch {
		case midnight.Before(t): // this period began after midnight: the zone skipped it
			return t
		case end.IsZero() || midnight.Before(end):
			return midnight
		}
		t = end
	}
}

// Start is the beginning of the bucket that holds t.
func Start(t time.Time, interval Interval, zone *time.Location) time.Time {
	t = t.In(zone)
	y, m, d := t.Date()
	switch interval {
	case Hour:
		return hourStart(t)
	case Week:
		back := (int(t.Weekday()) + 6) % 7
		return DayStart(y, m, d-back, zone)
	case Month:
		return DayStart(y, m, 1, zone)
	}
	return DayStart(y, m, d, zone)
}

// Next is the beginning of the bucket after the one that holds t.
func Next(t time.Time, interval Interval, zone *time.Location) time.Time {
	t = t.In(zone)
	if interval == Hour {
		_, end := t.ZoneBounds()
		next := hourStart(t)
		next = next.Add(time.Hour - sinceFullHour(next))
		if !end.IsZero() && end.Before(next) {
			return end
		}
		return next
	}
	y, m, d := t.Date()
	for { // a zone may skip a whole day; the bucket after it then begins later
		var next time.Time
		switch interval {
		case Week:
			d += 7 - (int(t.Weekday())+6)%7
			next = DayStart(y, m, d, zone)
		case Month:
			m++
			next = DayStart(y, m, 1, zone)
		default:
			d++
			next = DayStart(y, m, d, zone)
		}
		if next.After(t) {
			return next
		}
	}
}

// hourStart is the full local hour before t, or the moment the clocks were changed if that is
// later: Lord Howe's clocks change by half an hour.
func hourStart(t time.Time) time.Time {
	full := t.Add(-sinceFullHour(t))
	if begin, _ := t.ZoneBounds(); !begin.IsZero() && full.Before(begin) {
		return begin
	}
	return full
}

func sinceFullHour(t time.Time) time.Duration {
	return time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second +
		time.Duration(t.Nanosecond())
}

// Grid is the buckets of a range: bucket i is [Edges[i], Edges[i+1]). The first begins at or before
// the range, the last ends at or after it.
type Grid struct{ Edges []time.Time }

// Buckets cuts the range; without an interval it is one bucket, the range itself. More than most
// buckets is not cut: ok is false.
func (r Range) Buckets(interval Interval, most int) (g Grid, ok bool) {
	if interval == None {
		return Grid{Edges: []time.Time{r.From, r.To}}, true
	}
	t := Start(r.From, interval, r.Zone)
	g.Edges = append(g.Edges, t)
	for t.Before(r.To) {
		if len(g.Edges) > most {
			return Grid{}, false
		}
		t = Next(t, interval, r.Zone)
		g.Edges = append(g.Edges, t)
	}
	return g, true
}

// Len is the number of buckets.
func (g Grid) Len() int { return len(g.Edges) - 1 }

// Before is the range to compare with: the one of the same length just before, or the same one a
// year earlier. A range that begins with a local day is moved by whole days, so that "today so far"
// is compared with yesterday until the same time of day, and days stay days when clocks change.
func (r Range) Before(compare string) Range {
	move := func(t time.Time) time.Time { return t.Add(-r.To.Sub(r.From)) }
	from, last := r.From.In(r.Zone), r.To.Add(-time.Microsecond).In(r.Zone)
	switch {
	case compare == "year":
		move = func(t time.Time) time.Time { return yearBefore(t, t.Equal(r.To)) }
	case startsDay(from):
		days := civil(last) - civil(from) + 1
		move = func(t time.Time) time.Time { return shift(t, 0, days) }
	}
	old := Range{From: move(from), To: move(r.To.In(r.Zone)), Zone: r.Zone}
	if old.From.Before(earliest) {
		old.From = earliest.In(r.Zone)
	}
	if !old.From.Before(old.To) {
		old.To = old.From.Add(time.Microsecond)
	}
	return old
}

// yearBefore is a moment a year earlier. For one of 29 February it is the 28th's, as otherwise that day
// would be compared with nothing; the midnight it ends before a range is the end of the 28th all the same.
func yearBefore(t time.Time, end bool) time.Time {
	if t.Month() == time.February && t.Day() == 29 && !(end && startsDay(t)) {
		t = shift(t, 0, 1)
	}
	return shift(t, 1, 0)
}

// shift goes back by calendar years and days, keeping the beginning of a day the beginning of a
// day.
func shift(t time.Time, years, days int) time.Time {
	if startsDay(t) {
		y, m, d := t.Date()
		return DayStart(y-years, m, d-days, t.Location())
	}
	return t.AddDate(-years, 0, -days)
}

func startsDay(t time.Time) bool {
	y, m, d := t.Date()
	return DayStart(y, m, d, t.Location()).Equal(t)
}

// civil numbers the local day of t.
func civil(t time.Time) int {
	y, m, d := t.Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}
