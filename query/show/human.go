package show

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"

	"analytics/engine/event"
	"analytics/query/answer"
	"analytics/query/catalog"
)

// none is what stands for a missing value.
const none = "-"

// Human is a cell as people read it.
func Human(c answer.Column, cell any, interval string) string {
	switch v := cell.(type) {
	case nil:
		return none
	case string:
		return Clean(v)
	case answer.Raw:
		return Clean(string(v))
	case bool:
		return truth(c.Name, v)
	case time.Time:
		return moment(v, interval)
	case event.NanoUSD:
		return money(v)
	case int64:
		return whole(c, v)
	case float64:
		return number(c, v)
	}
	return none
}

func truth(name string, v bool) string {
	switch {
	case name == "success" && v:
		return "ok"
	case name == "success":
		return "failed"
	case v:
		return "yes"
	}
	return "no"
}

// moment shows no more of a time than its bucket has.
func moment(t time.Time, interval string) string {
	switch interval {
	case "hour":
		return clock(t, "2006-01-02 15:04")
	case "day", "week":
		return t.Format("2006-01-02")
	case "month":
		return t.Format("2006-01")
	}
	return clock(t, "2006-01-02 15:04:05")
}

// clock shows what the clock shows, and the offset where it shows that twice: when summer time ends, an
// hour comes again.
func clock(t time.Time, layout string) string {
	_, offset := t.Zone()
	for _, away := range []time.Duration{-3 * time.Hour, 3 * time.Hour} {
		_, other := t.Add(away).Zone()
		_, there := t.Add(time.Duration(offset-other) * time.Second).Zone()
		if other != offset && there == other {
			return t.Format(layout + "-07:00")
		}
	}
	return t.Format(layout)
}

// money shows cents, or for less than ten cents two digits that count. It rounds whole nano-USD, so
// that half a cent is a cent.
func money(v event.NanoUSD) string {
	size := uint64(v)
	if v < 0 {
		size = -size
	}
	step, digits := uint64(1e7), 2
	for size < 10*step && step > 1 && size > 0 {
		step, digits = step/10, digits+1
	}
	rounded := (size + step/2) / step
	text := strconv.FormatFloat(float64(rounded)/math.Pow10(digits), 'f', digits, 64)
	if size >= 1e15 {
		text = scaled(float64(size) / 1e9)
	}
	return sign(float64(v)) + "$" + grouped(text)
}

func sign(v float64) string {
	if v < 0 {
		return "-"
	}
	return ""
}

func whole(c answer.Column, v int64) string {
	switch {
	case c.Kind != answer.KindMetric && c.Unit == "": // a status code is no quantity
		return strconv.FormatInt(v, 10)
	case c.Unit == "bytes":
		return scaled(float64(v)) + "B"
	case c.Unit == "ms":
		return span(float64(v))
	case c.Unit == "percent":
		return strconv.FormatInt(v, 10) + " %"
	case v >= 1e6 || v <= -1e6:
		return sign(float64(v)) + scaled(math.Abs(float64(v)))
	}
	return grouped(strconv.FormatInt(v, 10))
}

func number(c answer.Column, v float64) string {
	switch c.Unit {
	case "ms":
		return span(v)
	case "s":
		return span(v * 1000)
	case "ratio":
		text := grouped(trim(v*100, 1)) + " %"
		if strings.HasSuffix(c.Name, "_change") && v > 0 {
			return "+" + text
		}
		return text
	case "percent":
		return trim(v, 1) + " %"
	case "bytes":
		return scaled(v) + "B"
	case "tokens/s":
		return trim(v, 1) + " tok/s"
	}
	if math.Abs(v) >= 1e6 {
		return sign(v) + scaled(math.Abs(v))
	}
	return grouped(trim(v, 3))
}

// span is a length of time given in milliseconds.
func span(ms float64) string {
	switch size := math.Abs(ms); {
	case size < 10:
		return trim(ms, 1) + " ms"
	case size < 1000:
		return trim(ms, 0) + " ms"
	case size < 60_000:
		return trim(ms/1000, 2) + " s"
	}
	d := time.Duration(ms) * time.Millisecond
	if d < time.Hour {
		return strconv.Itoa(int(d.Minutes())) + " m " + strconv.Itoa(int(d.Seconds())%60) + " s"
	}
	return grouped(strconv.Itoa(int(d.Hours()))) + " h " + strconv.Itoa(int(d.Minutes())%60) + " m"
}

// scaled shows three digits and a letter for thousands, millions and so on.
func scaled(v float64) string {
	letters := []string{"", "k", "M", "G", "T", "P", "E"}
	i := 0
	for math.Abs(v) >= 999.5 && i < len(letters)-1 {
		v, i = v/1000, i+1
	}
	digits := 1
	if v >= 100 || i == 0 {
		digits = 0
	}
	return trim(v, digits) + " " + letters[i]
}

// trim writes a number with at most so many digits after the point, and none that say nothing.
func trim(v float64, digits int) string {
	text := strconv.FormatFloat(v, 'f', digits, 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	if text == "-0" {
		return "0"
	}
	return text
}

// grouped puts commas between thousands.
func grouped(text string) string {
	lead := ""
	if strings.HasPrefix(text, "-") {
		lead, text = "-", text[1:]
	}
	digits, rest := text, ""
	if point := strings.IndexByte(text, '.'); point >= 0 {
		digits, rest = text[:point], text[point:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return lead + digits + rest
}

// Clean makes text of strangers harmless on a terminal: control characters, among them the escape
// that begins a command, and the marks that turn the direction of writing become a visible sign. The
// lines of a list are shown in one.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == unicode.ReplacementChar, unicode.IsControl(r),
			unicode.Is(unicode.Bidi_Control, r), unicode.Is(unicode.Cf, r) && r != '\u200d':
			return '�'
		}
		return r
	}, strings.ReplaceAll(s, "\n", " ↵ "))
}

// numeric reports whether cells of the column stand at the right.
func numeric(c answer.Column) bool {
	switch c.Type {
	case catalog.Integer, catalog.Decimal, catalog.Number:
		return true
	}
	return false
}
