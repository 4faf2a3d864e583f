package when

import (
	"strconv"
	"strings"
	"time"

	"analytics/engine/fault"
)

// Words are the parts of a question that say when, as the asker wrote them. Empty means not said.
type Words struct {
	Since, From string // where it begins: a length of time before now, a day word or a moment
	Until, To   string // where it ends; now if empty
	Days        string // whole local days up to now, today included
	TZ          string // IANA zone
}

// Range is a span of time [From, To) and the zone in which its days are days.
type Range struct {
	From, To time.Time
	Zone     *time.Location
}

// earliest and latest bound what a moment may be: storage counts hours since 1970, and years past
// 2200 are typing errors.
var (
	earliest = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
)

// Zone finds a zone by its IANA name; the empty name is the given default.
func Zone(name string, standard *time.Location) (*time.Location, error) {
	if name == "" {
		return standard, nil
	}
	if name == "Local" { // the server's own zone is nobody's business and not reproducible
		return nil, badZone(name)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, badZone(name)
	}
	return loc, nil
}

func badZone(name string) error {
	return fault.At(fault.Invalid, "invalid_timezone", "tz",
		"%q is not a time zone; use an IANA name such as UTC or Europe/Berlin", clip(name))
}

// Parse makes a range of words. A length of time counts back from now, at both ends. A range whose
// beginning is not said begins the default length (such as "7d") before its end.
func Parse(w Words, now time.Time, standard *time.Location, length string) (Range, error) {
	zone, err := Zone(w.TZ, standard)
	if err != nil {
		return Range{}, err
	}
	r := Range{Zone: zone, To: now.In(zone)}
	endField, endWord := pick("to", w.To, "until", w.Until)
	if endWord != "" {
		if r.To, err = moment(endField, endWord, now, zone, now); err != nil {
			return Range{}, err
		}
	}
	if err := r.begin(w, now, length); err != nil {
		return Range{}, err
	}
	r.From, r.To = r.From.Truncate(time.Microsecond), r.To.Truncate(time.Microsecond)
	if r.From.Before(earliest) || r.To.After(latest) {
		return Range{}, fault.At(fault.Invalid, "invalid_range", "from",
			"the range must lie between the years 1970 and 2200")
	}
	if !r.From.Before(r.To) {
		field, _ := pick("from", w.From, "since", w.Since)
		return Range{}, fault.At(fault.Invalid, "invalid_range", field,
			"the range is empty: it begins at %s and ends at %s",
			r.From.Format(time.RFC3339), r.To.Format(time.RFC3339))
	}
	return r, nil
}

// begin sets From by what the words say.
func (r *Range) begin(w Words, now time.Time, length string) (err error) {
	field, word := pick("from", w.From, "since", w.Since)
	if w.Days != "" {
		if word != "" {
			return fault.At(fault.Invalid, "invalid_range", "days",
				"give either days or %s, not both", field)
		}
		n, err := strconv.Atoi(w.Days)
		if err != nil || n < 1 || n > 4000 {
			return fault.At(fault.Invalid, "invalid_range", "days",
				"days must be a whole number from 1 to 4000, not %q", clip(w.Days))
		}
		last := r.To.Add(-time.Microsecond) // an end at midnight belongs to the day before
		y, m, d := last.In(r.Zone).Date()
		r.From = DayStart(y, m, d-n+1, r.Zone)
		return nil
	}
	base := now
	if word == "" {
		word, base = length, r.To
	}
	r.From, err = moment(field, word, now, r.Zone, base)
	return err
}

// pick chooses the word that was given; the first name is the one blamed when neither was.
func pick(a, first, b, second string) (field, word string) {
	if first == "" && second != "" {
		return b, second
	}
	return a, first
}

// moment reads one word: a length of time before base, a day word, a date or a moment.
func moment(
	field, word string, now time.Time, zone *time.Location, base time.Time,
) (time.Time, error) {
	y, m, d := now.In(zone).Date()
	switch strings.ToLower(word) {
	case "now":
		return now.In(zone), nil
	case "today":
		return DayStart(y, m, d, zone), nil
	case "yesterday":
		return DayStart(y, m, d-1, zone), nil
	}
	if n, unit, ok := length(word); ok {
		return back(base.In(zone), n, unit), nil
	}
	if t, ok := stamp(word, zone); ok {
		return t.In(zone), nil
	}
	return time.Time{}, fault.At(fault.Invalid, "invalid_range", field,
		"%q is not a time; use a length such as 24h or 7d, today, yesterday, "+
			"a date such as 2026-11-01, or a moment such as 2026-11-01T08:00:00Z", clip(word))
}

// length reads 30s, 90m, 24h, 7d, 2w, 3mo, 1y; the number is at most six digits long.
func length(word string) (n int, unit string, ok bool) {
	digits := 0
	for digits < len(word) && word[digits] >= '0' && word[digits] <= '9' {
		digits++
	}
	if digits == 0 || digits > 6 {
		return 0, "", false
	}
	n, err := strconv.Atoi(word[:digits])
	unit = strings.ToLower(word[digits:])
	switch unit {
	case "s", "m", "h", "d", "w", "mo", "y":
		return n, unit, err == nil && n > 0
	}
	return 0, "", false
}

// back goes n units back from t. Hours and shorter are lengths of time; a day is 24 hours here (the
// same length whatever the season), a month and a year are the calendar's.
func back(t time.Time, n int, unit string) time.Time {
	switch unit {
	case "s":
		return t.Add(-time.Duration(n) * time.Second)
	case "m":
		return t.Add(-time.Duration(n) * time.Minute)
	case "h":
		return t.Add(-time.Duration(n) * time.Hour)
	case "d":
		return t.Add(-time.Duration(min(n, 100_000)) * 24 * time.Hour)
	case "w":
		return t.Add(-time.Duration(min(n, 10_000)) * 7 * 24 * time.Hour)
	case "mo":
		return t.AddDate(0, -n, 0)
	}
	return t.AddDate(-n, 0, 0)
}

// stamp reads an absolute moment. One without a zone is in the asker's zone; whole numbers are unix
// seconds, or milliseconds when they are too large for seconds.
func stamp(word string, zone *time.Location) (time.Time, bool) {
	if t, err := time.Parse(time.RFC3339Nano, word); err == nil {
		return t, true
	}
	for _, layout := range []string{
		"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04",
	} {
		if t, err := time.ParseInLocation(layout, word, zone); err == nil {
			return t, true
		}
	}
	if t, err := time.Parse("2006-01-02", word); err == nil {
		return DayStart(t.Year(), t.Month(), t.Day(), zone), true
	}
	if t, err := time.Parse("2006-01", word); err == nil {
		return DayStart(t.Year(), t.Month(), 1, zone), true
	}
	n, err := strconv.ParseInt(word, 10, 64)
	switch {
	case err != nil || len(word) < 9 || len(word) > 14 || n < 0:
		return time.Time{}, false
	case n < 1e11:
		return time.Unix(n, 0), true
	}
	return time.UnixMilli(n), true
}

// clip keeps what is echoed to the asker short.
func clip(s string) string {
	if len(s) > 64 {
		return s[:64] + "…"
	}
	return s
}
