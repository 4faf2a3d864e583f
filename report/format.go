package report

import (
	"math"
	"strconv"
	"strings"
	"time"

	"analytics/engine/event"
)

// Show is a cell for people.
func Show(cell any) string {
	switch v := cell.(type) {
	case string:
		return v
	case int64:
		return grouped(v)
	case event.NanoUSD:
		return Money(v)
	case MoneyChange:
		return signed(v > 0, Money(event.NanoUSD(v)))
	case CountChange:
		return signed(v > 0, grouped(int64(v)))
	case Share:
		return percent(float64(v))
	case Change:
		return signed(v > 0, percent(float64(v)))
	case Points:
		return points(float64(v))
	case Millis:
		return millis(float64(v))
	case Seconds:
		return seconds(float64(v))
	case Mean:
		return strconv.FormatFloat(float64(v), 'f', 1, 64)
	case Depth:
		return strconv.FormatFloat(float64(v), 'f', 0, 64) + " %"
	case Clock:
		return time.Time(v).Format("15:04")
	}
	return "–"
}

// points is a difference of shares, with its sign unless it is nothing.
func points(difference float64) string {
	text := strconv.FormatFloat(difference*100, 'f', 1, 64)
	if text == "0.0" || text == "-0.0" {
		return "0 points"
	}
	return signed(difference > 0, text+" points")
}

func signed(positive bool, s string) string {
	if positive {
		return "+" + s
	}
	return s
}

// Money is an amount for people, rounded to what one reads: cents from ten of them up, more digits
// the smaller it is. Rounding is of the integer, half away from zero.
func Money(v event.NanoUSD) string {
	sign, u := "", uint64(v)
	if v < 0 {
		sign, u = "-", -u
	}
	digits := 2
	switch {
	case u == 0:
	case u < 1e6: // a tenth of a cent
		digits = 6
	case u < 1e8: // ten cents
		digits = 4
	}
	step := uint64(math.Pow10(9 - digits))
	u = (u + step/2) / step
	scale := uint64(math.Pow10(digits))
	part := strconv.FormatUint(u%scale, 10)
	part = strings.Repeat("0", digits-len(part)) + part
	part = part[:2] + strings.TrimRight(part[2:], "0")
	return sign + "$" + grouped(int64(u/scale)) + "." + part
}

// grouped is a whole number with commas.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	start := 0
	if n < 0 {
		start = 1
	}
	for i := len(s) - 3; i > start; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// percent has one digit after the point below 10 %, and none above.
func percent(share float64) string {
	p := share * 100
	if math.Abs(p) < 9.95 && p != math.Trunc(p) {
		s := strconv.FormatFloat(p, 'f', 1, 64)
		if s != "0.0" && s != "-0.0" {
			return strings.TrimSuffix(s, ".0") + " %"
		}
		if p > 0 {
			return "<0.1 %"
		}
		return "0 %"
	}
	return grouped(int64(math.Round(p))) + " %"
}

// millis is a length of time: milliseconds, and seconds from ten of them up.
func millis(ms float64) string {
	if ms < 10_000 {
		return grouped(int64(math.Round(ms))) + " ms"
	}
	return strconv.FormatFloat(ms/1000, 'f', 1, 64) + " s"
}

// seconds is a length of time as it is spoken of: minutes and seconds from a minute on.
func seconds(s float64) string {
	n := int64(math.Round(s))
	if n < 60 {
		return strconv.FormatInt(n, 10) + " s"
	}
	return grouped(n/60) + " min " + strconv.FormatInt(n%60, 10) + " s"
}

// change is how much v is more than was, as a share of it; nil where there was nothing.
func change[N int64 | event.NanoUSD](v, was N) any {
	if was == 0 {
		return nil
	}
	return Change(float64(v-was) / float64(was))
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// plural is "1 request" or "2,000 requests".
func plural(n int64, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(n) + " " + one + "s"
}
