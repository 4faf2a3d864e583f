package door

import (
	"strconv"
	"strings"
	"time"

	"analytics/engine/fault"
)

const day = 24 * time.Hour

// age reads a length of time as people write it: 90d, 2w, 12h, 0s.
func age(text string) (time.Duration, error) {
	for suffix, unit := range map[string]time.Duration{"d": day, "w": 7 * day} {
		if number, ok := strings.CutSuffix(text, suffix); ok {
			n, err := strconv.Atoi(number)
			if err != nil || n < 0 || n > 36500 {
				return 0, badAge(text)
			}
			return time.Duration(n) * unit, nil
		}
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, badAge(text)
	}
	return d, nil
}

// expiry reads when a key ends: after a length of time, or at the end of a day in UTC.
func expiry(text string, now time.Time) (time.Time, error) {
	if date, err := time.Parse(time.DateOnly, text); err == nil {
		return date.Add(day), nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	d, err := age(text)
	return now.Add(d), err
}

func badAge(text string) error {
	return fault.New(fault.Invalid, "bad_duration",
		"%q is not a length of time; write 90d, 2w or 12h", text)
}
