package rules

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

// Span is a length of time as people write it: 90s, 5m, 1h30m, 7d.
type Span time.Duration

const day = 24 * time.Hour

// ParseSpan reads a length.
func ParseSpan(text string) (Span, error) {
	text = strings.TrimSpace(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil || n < 0 || n > 3660 {
			return 0, errSpan
		}
		return Span(time.Duration(n) * day), nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, errSpan
	}
	return Span(d), nil
}

var errSpan = errors.New("a length of time is like 5m, 1h30m or 7d")

// String writes the length without parts that are zero.
func (s Span) String() string {
	d := time.Duration(s)
	if d >= day && d%day == 0 {
		return strconv.Itoa(int(d/day)) + "d"
	}
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// MarshalText writes the length.
func (s Span) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a length.
func (s *Span) UnmarshalText(text []byte) (err error) {
	*s, err = ParseSpan(string(text))
	return err
}

// Long is the length.
func (s Span) Long() time.Duration { return time.Duration(s) }

// ParseNumber reads a threshold: 0.05, 5%, $10, 1500.
func ParseNumber(text string) (float64, bool) {
	text, percent := strings.CutSuffix(strings.TrimPrefix(strings.TrimSpace(text), "$"), "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if percent {
		v /= 100
	}
	return v, err == nil && !math.IsNaN(v) && !math.IsInf(v, 0)
}

// ParseCondition reads a metric, an operator and a number: "error_rate > 5%".
func ParseCondition(text string) (metric, operator string, v float64, ok bool) {
	at := strings.IndexAny(text, "<>=!")
	if at < 0 {
		return "", "", 0, false
	}
	metric, rest := strings.TrimSpace(text[:at]), text[at:]
	for _, op := range []string{">=", "<=", "==", "!=", ">", "<"} {
		if after, found := strings.CutPrefix(rest, op); found {
			v, ok = ParseNumber(after)
			return metric, op, v, ok && metric != ""
		}
	}
	return "", "", 0, false
}
