package export

import (
	"strconv"
	"strings"
	"time"

	"analytics/engine/fault"
)

// Moment reads a time as people write it: a length before now (90m, 24h, 7d, 2w, 3mo, 1y), `now`,
// `today` or `yesterday` in UTC, a date or a moment in ISO 8601, or unix seconds or milliseconds.
func Moment(field, word string, now time.Time) (time.Time, error) {
	now = now.UTC()
	switch strings.ToLower(word) {
	case "now":
		return now, nil
	case "today":
		return now.Truncate(24 * time.Hour), nil
	case "yesterday":
		return now.Truncate(24 * time.Hour).Add(-24 * time.Hour), nil
	}
	if t, ok := ago(word, now); ok {
		return t, nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05",
		"2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02", "2006-01"} {
		if t, err := time.Parse(layout, word); err == nil {
			return t.UTC(), nil
		}
	}
	if n, err := strconv.ParseInt(word, 10, 64); err == nil && len(word) >= 9 && len(word) <= 14 {
		if n >= 1e11 {
			return time.UnixMilli(n).UTC(), nil
		}
		return time.Unix(n, 0).UTC(), nil
	}
	return time.Time{}, fault.At(fault.Invalid, "invalid_range", field,
		"%q is not a time; use a length such as 24h or 30d, a date such as 2026-11-01, or a "+
			"moment such as 2026-11-01T08:00:00Z", clip(word))
}

// ago goes back a length of time.
func ago(word string, now time.Time) (time.Time, bool) {
	digits := len(word) - len(strings.TrimLeft(word, "0123456789"))
	if digits == 0 || digits > 6 {
		return now, false
	}
	n, err := strconv.Atoi(word[:digits])
	if err != nil || n == 0 {
		return now, false
	}
	switch strings.ToLower(word[digits:]) {
	case "s":
		return now.Add(-time.Duration(n) * time.Second), true
	case "m":
		return now.Add(-time.Duration(n) * time.Minute), true
	case "h":
		return now.Add(-time.Duration(n) * time.Hour), true
	case "d":
		return now.Add(-time.Duration(min(n, 100_000)) * 24 * time.Hour), true
	case "w":
		return now.Add(-time.Duration(min(n, 10_000)) * 7 * 24 * time.Hour), true
	case "mo":
		return now.AddDate(0, -n, 0), true
	case "y":
		return now.AddDate(-n, 0, 0), true
	}
	return now, false
}

// earliest and latest bound what a range may span: storage counts hours since 1970, and years past
// 2200 are typing errors.
const (
	earliest = 0
	latest   = 7_258_118_400
)

// Span reads a range: from, 30 days ago unless said, to, now unless said.
func Span(from, to string, now time.Time) (a, b time.Time, err error) {
	if from == "" {
		from = "30d"
	}
	if to == "" {
		to = "now"
	}
	if a, err = Moment("from", from, now); err != nil {
		return a, b, err
	}
	if b, err = Moment("to", to, now); err != nil {
		return a, b, err
	}
	if a.Unix() < earliest {
		a = time.Unix(earliest, 0).UTC()
	}
	if b.Unix() > latest {
		b = time.Unix(latest, 0).UTC()
	}
	if !a.Before(b) {
		return a, b, fault.At(fault.Invalid, "invalid_range", "from",
			"the range is empty: it begins at %s and ends at %s", a.Format(time.RFC3339),
			b.Format(time.RFC3339))
	}
	return a, b, nil
}

// clip keeps what is echoed to the asker short.
func clip(s string) string {
	if len(s) > 64 {
		return strings.ToValidUTF8(s[:64], "") + "…"
	}
	return s
}
