package accesslog

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestClocksMayBeNonsense: a time that cannot be is a bad line, and all others are moments.
func TestClocksMayBeNonsense(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"01/Jan/0000:00:00:00 +0000":  "",
		"31/Dec/9999:23:59:59 +0000":  "",
		"0000-01-01T00:00:00Z":        "",
		"9999-12-31T23:59:59Z":        "",
		"31/Dec/1969:23:59:59 +0000":  "",
		"30/Jun/2015:23:59:60 +0000":  "2015-07-01T00:00:00Z", // a leap second
		"30/Jun/2015:23:59:61 +0000":  "",
		"21/Nov/2025:10:00:00 +1400":  "2025-11-20T20:00:00Z",
		"21/Nov/2025:10:00:00 -1200":  "2025-11-21T22:00:00Z",
		"21/Nov/2025:10:00:00 +9999":  "",
		"21/Nov/2025:10:00:00 +1490":  "",
		"30/Mar/2025:02:30:00":        "2025-03-30T01:30:00Z", // in the hour that was left out: 03:30
		"30/Feb/2025:10:00:00 +0000":  "",
		"29/Feb/2025:10:00:00 +0000":  "",
		"00/Nov/2025:10:00:00 +0000":  "",
		"2025-11-21T24:00:00Z":        "",
		"99999999999999999999999":     "",
		"-1":                          "",
		"0":                           "",
		"\x0021/Nov/2025:10:00 +0000": "",
	} {
		at, ok := instant([]byte(text), berlin)
		got := ""
		if ok {
			got = time.UnixMicro(at).UTC().Format(time.RFC3339Nano)
		}
		if at < earliest || at > now().UnixMicro() {
			got = "" // a bad line, too
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

// TestTheHourThatIsTwiceIsOneOfThem: where the log does not say which.
func TestTheHourThatIsTwiceIsOneOfThem(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at, ok := instant([]byte("26/Oct/2025:02:30:00"), berlin)
	got := time.UnixMicro(at).In(berlin)
	if !ok || got.Format("2006-01-02 15:04") != "2025-10-26 02:30" {
		t.Errorf("got %s, %v", got, ok)
	}
}

// TestTimeMayGoBackwards: lines are stored with the time they say, in any order.
func TestTimeMayGoBackwards(t *testing.T) {
	var text strings.Builder
	var want []string
	start := time.Date(2025, 11, 21, 10, 0, 0, 0, time.UTC)
	for i, step := range []time.Duration{0, -time.Hour, time.Second, -48 * time.Hour, 0, time.Hour} {
		at := start.Add(step)
		want = append(want, at.Format(time.RFC3339))
		fmt.Fprintf(&text, `203.0.113.%d - - [%s] "GET /a HTTP/1.1" 200 1 "-" "-"`+"\n", i+1,
			at.Format("02/Jan/2006:15:04:05 -0700"))
	}
	out, sum := read(t, "nginx", "", text.String())
	got := map[string]int{}
	for line := range strings.Lines(out) {
		var e struct{ Timestamp string }
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		got[e.Timestamp]++
	}
	for _, at := range want {
		got[at]--
	}
	for at, n := range got {
		if n != 0 {
			t.Errorf("%s: %d too many", at, n)
		}
	}
	if sum.Views != len(want) || sum.Bad > 0 {
		t.Errorf("%+v", sum)
	}
}

// TestLinesMayHoldAnything: of lines of a megabyte, with NUL or without an end, the good ones count.
func TestLinesMayHoldAnything(t *testing.T) {
	const line = `203.0.113.9 - - [21/Nov/2025:10:00:00 +0100] "GET /a HTTP/1.1" 200 1 "-" "-"` + "\n"
	for name, c := range map[string]struct {
		text       string
		views, bad int
	}{
		"a line of a megabyte":    {line + strings.Repeat("x", 1<<20) + "\n" + line, 2, 1},
		"an agent of a megabyte":  {strings.Replace(line, `"-"`+"\n", `"`+strings.Repeat("y", 1<<20)+"\"\n", 1) + line, 1, 1},
		"NUL alone":               {strings.Repeat("\x00", 5000) + "\n" + line, 1, 1}, // a disk that lost power
		"NUL before a line":       {"\x00\x00" + line + line, 2, 0},
		"NUL in a path":           {strings.Replace(line, "/a", "/a\x00b", 1), 1, 0},
		"NUL in a user agent":     {strings.Replace(line, `"-"`+"\n", "\"a\x00b\"\n", 1), 1, 0},
		"no end":                  {line + strings.TrimSuffix(line, "\n"), 2, 0},
		"half a line":             {line + line[:50], 1, 1},
		"no UTF-8":                {strings.Replace(line, "/a", "/\xff\xfe", 1), 1, 0},
		"a target of 64 KiB":      {strings.Replace(line, "/a", "/"+strings.Repeat("a", 64<<10), 1) + line, 1, 1},
		"a target of 30 KiB":      {strings.Replace(line, "/a", "/"+strings.Repeat("a", 30<<10), 1), 1, 0},
		"only carriage returns":   {strings.ReplaceAll(line, "\n", "\r") + line, 1, 0},
		"both ends of a line":     {strings.ReplaceAll(line, "\n", "\r\n") + line, 2, 0},
		"only the mark of UTF-16": {"\xff\xfe" + line, 1, 0},
	} {
		out, sum := read(t, "nginx", "", c.text)
		accepted(t, out, sum.Views)
		if sum.Views != c.views || sum.Bad != c.bad {
			t.Errorf("%s: got %d views and %d bad lines, want %d and %d", name, sum.Views, sum.Bad, c.views, c.bad)
		}
	}
}
