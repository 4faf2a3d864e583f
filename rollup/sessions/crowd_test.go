package sessions

import (
	"fmt"
	"strings"
	"testing"
)

// TestFleetsAreKnownTheDayAfter: eight visitors with one browser who neither clicked nor stayed, where
// others did, count against the ninth, unless she clicks or has another screen.
func TestFleetsAreKnownTheDayAfter(t *testing.T) {
	const others = "10:00 page_view visitor=o%[1]d path=/ via=tracker fingerprint=bb screen=2x2\n" +
		"10:01 engagement visitor=o%[1]d path=/ via=tracker %[2]s\n"
	f := func(want bool, fleet int, stay, of, screen, also string) {
		t.Helper()
		got := ""
		m := NewMaker(Config{Emit: func(s *Session) {
			if string(s.Visitor[1:]) == "v" {
				got = s.Bot.Reasons
			}
		}})
		n := 0
		add := func(lines string) {
			for line := range strings.Lines(lines) {
				n++
				m.Add(eventOf(t, strings.Fields(line), n))
			}
		}
		for i := range 20 {
			add(fmt.Sprintf(others, i, of))
		}
		for i := range fleet {
			add(fmt.Sprintf("12:%02d page_view visitor=f%[1]d path=/ via=tracker fingerprint=aa screen=1x1\n"+
				"12:%02[1]d engagement visitor=f%[1]d path=/ via=tracker %[2]s\n", i, stay))
		}
		again := m.Resume(m.cfg) // the same from a copy
		m = again
		add("21T09:00 page_view visitor=v path=/ via=tracker fingerprint=aa screen=" + screen + "\n" + also)
		m.Until(begin2026 + 100*24*hour)
		if strings.Contains(got, "fleet") != want {
			t.Errorf("%d %q, others %q, %s: %q", fleet, stay, of, screen, got)
		}
	}
	const gone, read, clicked = "time_on_page_ms=3000", "time_on_page_ms=10000", "clicks=1"
	f(true, 8, gone, clicked, "1x1", "")
	f(true, 8, gone, read, "1x1", "")
	f(false, 7, gone, read, "1x1", "")
	f(false, 8, read, read, "1x1", "")
	f(false, 8, clicked, read, "1x1", "")
	f(false, 8, gone, gone, "1x1", "")
	f(false, 8, gone, read, "3x3", "")
	f(false, 8, gone, read, "1x1", "21T09:01 engagement visitor=v path=/ via=tracker clicks=1")
}

// TestCheckersComeByTheClock: five sessions with the same time between them, and not five without.
func TestCheckersComeByTheClock(t *testing.T) {
	f := func(want int, times string) {
		t.Helper()
		got := 0
		m := NewMaker(Config{Emit: func(s *Session) {
			if strings.Contains(s.Bot.Reasons, "clockwork") {
				got++
			}
		}})
		for i, at := range strings.Fields(times) {
			for _, path := range []string{"path=/", "path=/a"} {
				m.Add(eventOf(t, []string{at, "page_view", "visitor=v", path, "via=server"}, 2*i+len(path)))
			}
		}
		m.Until(begin2026 + 100*24*hour)
		if got != want {
			t.Errorf("%s: %d, want %d", times, got, want)
		}
	}
	f(1, "08:00 09:00 10:00 11:00 12:00")
	f(2, "08:00 09:00:40 10:00 11:00 12:01 13:00")
	f(0, "08:00 09:00 10:00 11:00")
	f(0, "08:00 09:00 10:10 11:00 12:00 13:00")
	f(0, "20:00 21:00 22:00 23:00 21T00:00 21T01:00 21T02:00") // a day is looked at alone
}

// TestOneTouchSpeaksForAVisit: that nobody touched a page counts if none of a session's was.
func TestOneTouchSpeaksForAVisit(t *testing.T) {
	const view = "10:0%d page_view visitor=v path=/%[1]d via=tracker\n" +
		"10:0%[1]d engagement visitor=v path=/%[1]d via=tracker time_on_page_ms=4000 signals=%[2]s\n"
	for signals, want := range map[[3]string]string{
		{"no_input", "no_input", "no_input"}:      "no_input",
		{"no_input", "zero_window", "no_input"}:   "",
		{"jumping_mouse", "no_input", "no_input"}: "jumping_mouse",
	} {
		got := ""
		m := NewMaker(Config{Emit: func(s *Session) { got = s.Bot.Reasons }})
		n := 0
		for i, signal := range signals {
			for line := range strings.Lines(fmt.Sprintf(view, i, signal)) {
				n++
				m.Add(eventOf(t, strings.Fields(line), n))
			}
		}
		m.Until(begin2026 + 100*24*hour)
		for _, word := range []string{"no_input", "jumping_mouse"} {
			if strings.Contains(got, word) != (word == want) {
				t.Errorf("%v: %q, want %q", signals, got, want)
			}
		}
	}
}
