package sessions

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"analytics/engine/event"
	"analytics/rollup/bots"
)

// TestRecordingsAreKnownByTheirPauses: visits of others with the same pages and pauses, on the day up to the
// end of a visit or the day before, count against it.
func TestRecordingsAreKnownByTheirPauses(t *testing.T) {
	const day1, day2, day3 = "", "21T", "22T"
	views := func(b *strings.Builder, day, visitor string, seconds ...int) {
		at := 10 * 3600
		for i, s := range seconds {
			at += s
			fmt.Fprintf(b, "%s%02d:%02d:%02d page_view visitor=%s path=/%d via=server\n",
				day, at/3600, at/60%60, at%60, visitor, i)
		}
	}
	f := func(want bool, first string, pauses []int, resumed bool, others ...[]int) {
		t.Helper()
		var before, after strings.Builder
		for i, o := range others {
			views(&before, first, fmt.Sprintf("o%d", i), o...)
		}
		views(&after, day2, "v", pauses...)
		got := ""
		m := NewMaker(Config{Emit: func(s *Session) {
			if string(s.Visitor[1:]) == "v" {
				got = s.Bot.Reasons
			}
		}})
		n := 0
		add := func(lines string) {
			sorted := strings.SplitAfter(lines, "\n")
			slices.SortStableFunc(sorted, func(a, b string) int {
				return strings.Compare(a[:min(11, len(a))], b[:min(11, len(b))])
			})
			for _, line := range sorted {
				if line != "" {
					n++
					m.Add(eventOf(t, strings.Fields(line), n))
				}
			}
		}
		if first == day1 {
			add(before.String())
			before.Reset()
		}
		if resumed {
			m.Resume(m.cfg) // one that went on from here before changes nothing
			m = m.Resume(m.cfg)
		}
		add(before.String() + after.String())
		m.Until(begin2026 + 100*24*hour)
		if strings.Contains(got, "copied") != want {
			t.Errorf("%v after %v of %q: %q", pauses, others, first, got)
		}
	}
	walk, same, other := []int{60, 9, 71, 20, 130}, []int{0, 9, 74, 19, 131}, []int{0, 9, 20, 71, 15}
	f(true, day1, walk, false, same, same)
	f(true, day1, walk, true, same, same)
	f(true, day2, walk, false, same, same) // the same day, a minute before
	f(false, day2, []int{0, 9, 71, 20, 130}, false, []int{180, 9, 71, 20, 130}, []int{180, 9, 71, 20, 130})
	f(false, day1, walk, false, other, other, other)
	f(false, day3, walk, false, same, same)
	f(false, day1, []int{60, 10, 10, 10, 10}, false, []int{0, 10, 10, 10, 10}, []int{0, 10, 10, 10, 10})
}

// TestNobodyCopiesThemselves: who comes again the same way, each hour, is one visitor.
func TestNobodyCopiesThemselves(t *testing.T) {
	m := NewMaker(Config{Emit: func(s *Session) {
		if strings.Contains(s.Bot.Reasons, "copied") {
			t.Errorf("a visit at %d is a copy of the same visitor's", s.Start)
		}
	}})
	for hour := range 5 {
		for i, s := range []int{0, 9, 80, 100, 230} {
			line := fmt.Sprintf("%02d:%02d:%02d page_view visitor=v path=/%d via=server", 10+hour, s/60, s%60, i)
			m.Add(eventOf(t, strings.Fields(line), 10*hour+i))
		}
	}
	m.Until(begin2026 + 100*24*hour)
}

// TestWalksAreBounded: of a day of a site the first are kept, and of those with the same pages, too.
func TestWalksAreBounded(t *testing.T) {
	w, none := &walks{}, bots.Pauses{}
	for i := range maxSame + 5 {
		w.add(7, uint64(i), event.Micros(i), none)
		if i == 100 {
			w = w.resume()
		}
	}
	if w.count != maxSame {
		t.Errorf("%d with the same pages are kept", w.count)
	}
	for i := range maxWalks {
		w.add(uint64(i), uint64(i), event.Micros(i), none)
	}
	if w.count != maxWalks || len(w.all)+len(w.before.all) != maxWalks {
		t.Errorf("%d walks are kept, want %d", w.count, maxWalks)
	}
}

// TestCopiesDoNotDependOnWhatIsKnown: of visits that play few recordings, arrival in any order, a lookback,
// and a maker that goes on from another give the same verdicts.
func TestCopiesDoNotDependOnWhatIsKnown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		recordings := [][]int{{0, 9, 80, 21, 130}, {0, 9, 20, 71, 15}, {0, 40, 7, 21, 64, 30}}
		var events []happening
		second := event.Micros(1e6)
		for i := range rapid.IntRange(2, 12).Draw(t, "visits") {
			at := begin2026 + event.Micros(rapid.IntRange(0, 5*24*3600).Draw(t, "start"))*second
			session := rapid.SampledFrom([]string{"", "", "s1"}).Draw(t, "session")
			via := rapid.SampledFrom([]string{"tracker", "server"}).Draw(t, "via")
			for j, pause := range recordings[rapid.IntRange(0, 2).Draw(t, "recording")] {
				at += event.Micros(pause) * second
				events = append(events, happening{kind: event.PageView, at: at, id: fmt.Sprintf("%d-%d", i, j),
					visitor: fmt.Sprint("v", i%7), session: session, via: via, path: fmt.Sprint("/", j)})
			}
		}
		want := build(events, 0)
		if got := build(rapid.Permutation(events).Draw(t, "order"), 0); got != want {
			t.Fatalf("another order gives\n%s\nwant\n%s", got, want)
		}
		from := begin2026 + event.Micros(rapid.IntRange(0, 6*24*3600).Draw(t, "from"))*second
		var later []string
		for line := range strings.SplitSeq(want, "\n") {
			var start event.Micros
			_, _ = fmt.Sscan(line, &start)
			if start >= from {
				later = append(later, line)
			}
		}
		if got := build(events, from); got != strings.Join(later, "\n") {
			t.Fatalf("with a lookback\n%s\nwithout\n%s", got, strings.Join(later, "\n"))
		}
		if got := resumed(events, from); got != strings.Join(later, "\n") {
			t.Fatalf("going on gives\n%s\nwant\n%s", got, strings.Join(later, "\n"))
		}
	})
}

// resumed is build by a maker that has only followed the events before a moment.
func resumed(events []happening, from event.Micros) string {
	sorted := inOrder(events)
	var a event.Event
	var lines []string
	first := NewMaker(Config{From: 1 << 60})
	var m *Maker
	for i := range sorted {
		sorted[i].fill(&a)
		if sorted[i].at >= from && m == nil {
			throwaway := first.Resume(Config{From: from, Emit: func(*Session) {}})
			throwaway.Add(&a) // what goes on from the same place does not see what this one took
			m = first.Resume(Config{From: from, Emit: func(s *Session) {
				var e event.Event
				s.Event(&e)
				lines = append(lines, fmt.Sprintf("%d %x", s.Start, e.AppendRow(nil)))
			}})
		}
		if m == nil {
			first.Add(&a)
		} else {
			m.Add(&a)
		}
	}
	if m != nil {
		m.Rest()
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
