package rules

import (
	"testing"
	"time"
)

func TestSpansAreReadAndWritten(t *testing.T) {
	for text, want := range map[string]string{
		"5m": "5m", "90s": "1m30s", "1h30m": "1h30m", "24h": "1d", "7d": "7d", "36h": "36h", "0s": "0s", "60m": "1h",
		" 2h ": "2h",
	} {
		if s, err := ParseSpan(text); err != nil || s.String() != want {
			t.Errorf("%q is %s, %v, want %s", text, s, err, want)
		}
	}
	for _, text := range []string{"", "5", "m", "-5m", "-1d", "1.5d", "99999d", "1y", "NaN"} {
		if s, err := ParseSpan(text); err == nil {
			t.Errorf("%q is %s", text, s)
		}
	}
}

func TestConditionsAreRead(t *testing.T) {
	for text, want := range map[string]float64{
		"error_rate > 5%": 0.05, "error_rate>=0.05": 0.05, "cost <= $12.50": 12.5, "requests == 0": 0, "a != -3": -3,
	} {
		if _, _, v, ok := ParseCondition(text); !ok || v != want {
			t.Errorf("%q is %v, %v, want %v", text, v, ok, want)
		}
	}
	for _, text := range []string{"", "cost", "cost >", "> 5", "cost => 5", "cost > x", "cost > NaN", "cost > Inf", "cost = 5"} {
		if m, op, v, ok := ParseCondition(text); ok {
			t.Errorf("%q is %s %s %v", text, m, op, v)
		}
	}
}

func FuzzParseSpan(f *testing.F) {
	for _, text := range []string{"5m", "7d", "1h30m", "-1d", "9223372036854775807d", "1e3h"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSpan(text)
		if err != nil {
			return
		}
		again, err := ParseSpan(s.String())
		if s < 0 || err != nil || again != s {
			t.Errorf("%q is %d, and written %q it is %d, %v", text, s, s.String(), again, err)
		}
		if s.Long() > 3660*24*time.Hour && s.String() == "" {
			t.Error("nothing is written")
		}
	})
}

func FuzzParseCondition(f *testing.F) {
	for _, text := range []string{"error_rate > 5%", "a>=1", "a!=$2", "<>=", "a == 1e309"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		metric, operator, v, ok := ParseCondition(text)
		if ok && (metric == "" || !holds(operator, v, v) && !holds(operator, v+1, v) && !holds(operator, v-1, v) && v < 1e15 &&
			v > -1e15) {
			t.Errorf("%q is %q %q %v", text, metric, operator, v)
		}
	})
}
