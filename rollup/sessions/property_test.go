package sessions

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"analytics/engine/event"
)

// begin2026 is a midnight; the events of the tests lie in the days after it.
var begin2026 = event.MicrosOf(time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC))

// happening is an event as the tests write it down.
type happening struct {
	kind    event.Kind
	at      event.Micros
	id      string
	visitor string
	session string
	path    string
	via     string
	channel string
}

func (h *happening) fill(e *event.Event) {
	e.Reset(h.kind)
	e.SetInt(event.Timestamp, int64(h.at))
	e.SetID(event.EventID, []byte(h.id))
	text := func(field int, v string) {
		if v != "" {
			e.SetText(field, []byte(v))
		}
	}
	text(event.SessionID, h.session)
	if w, ok := webs[h.kind]; ok {
		text(w.site, "a.example")
		text(w.path, h.path)
		text(w.via, h.via)
		if h.visitor != "" {
			e.SetID(w.visitor, []byte(h.visitor))
		}
	}
	switch h.kind {
	case event.PageView:
		text(event.PageChannel, h.channel)
	case event.Engagement:
		e.SetInt(event.EngagementTimeOnPageMS, 4000)
	case event.AIRequest:
		e.SetInt(event.AICost, 1000)
	}
}

// drawHappenings draws events of few visitors, most of them close together, over four days.
func drawHappenings(t *rapid.T) []happening {
	var all []happening
	minutes := event.Micros(time.Minute / time.Microsecond)
	runs := rapid.IntRange(1, 6).Draw(t, "runs")
	for range runs {
		at := begin2026 + event.Micros(rapid.IntRange(0, 4*24*60).Draw(t, "start"))*minutes
		h := happening{
			kind:    rapid.SampledFrom(Kinds()).Draw(t, "kind"),
			visitor: rapid.SampledFrom([]string{"", "v1", "v2"}).Draw(t, "visitor"),
			session: rapid.SampledFrom([]string{"", "", "s1"}).Draw(t, "session"),
		}
		step := rapid.SampledFrom([]int{1, 10, 29, 30}).Draw(t, "step")
		for range rapid.IntRange(1, 150).Draw(t, "length") {
			if rapid.IntRange(0, 3).Draw(t, "other kind") == 0 {
				h.kind = rapid.SampledFrom(Kinds()).Draw(t, "kind")
			}
			h.at, h.id = at, fmt.Sprintf("e%d", len(all))
			h.via = rapid.SampledFrom([]string{"", "tracker", "server"}).Draw(t, "via")
			h.channel = rapid.SampledFrom([]string{"direct", "direct", "internal"}).Draw(t, "channel")
			h.path = rapid.SampledFrom([]string{"/", "/a", "/b"}).Draw(t, "path")
			all = append(all, h)
			at += event.Micros(step) * minutes
			if rapid.IntRange(0, 60).Draw(t, "pause") == 0 {
				at += 31 * minutes
			}
		}
	}
	return all
}

// inOrder is the events as a maker takes them.
func inOrder(events []happening) []happening {
	sorted := slices.Clone(events)
	var a, b event.Event
	slices.SortFunc(sorted, func(x, y happening) int {
		x.fill(&a)
		y.fill(&b)
		return Before(&a, &b)
	})
	return sorted
}

// build makes the sessions of events that start at or after from, as text in order.
func build(events []happening, from event.Micros) string {
	sorted := inOrder(events)
	var a event.Event
	var lines []string
	m := NewMaker(Config{From: from, Emit: func(s *Session) {
		var e event.Event
		s.Event(&e)
		lines = append(lines, fmt.Sprintf("%d %x", s.Start, e.AppendRow(nil)))
	}})
	for i := range sorted {
		if sorted[i].at < Lookback(from) {
			continue
		}
		sorted[i].fill(&a)
		m.Add(&a)
	}
	m.Rest()
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// TestArrivalDoesNotMatter: the same events in any order, some of them twice, are the same sessions.
func TestArrivalDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := drawHappenings(t)
		want := build(events, 0)
		again := append(slices.Clone(events), events[0], events[len(events)/2])
		if got := build(rapid.Permutation(again).Draw(t, "order"), 0); got != want {
			t.Fatalf("another order gives\n%s\nwant\n%s", got, want)
		}
	})
}

// TestLookbackIsEnough: which sessions start at or after a moment depends on no event before its
// Lookback.
func TestLookbackIsEnough(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := drawHappenings(t)
		minute := event.Micros(time.Minute / time.Microsecond)
		from := begin2026 + event.Micros(rapid.IntRange(0, 7*24*60).Draw(t, "from"))*minute
		var want []string
		for _, line := range strings.Split(build(events, 0), "\n") {
			var start event.Micros
			_, _ = fmt.Sscan(line, &start)
			if start >= from {
				want = append(want, line)
			}
		}
		if got := build(events, from); got != strings.Join(want, "\n") {
			t.Fatalf("with a lookback\n%s\nwithout\n%s", got, strings.Join(want, "\n"))
		}
	})
}

// TestSessionsKeepTheRules for whatever events there are: none is longer than a day and some
// pause-free minutes, none pauses for more than 30 minutes, and of what is not engagement nothing is
// lost or counted twice.
func TestSessionsKeepTheRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := drawHappenings(t)
		slices.SortFunc(events, func(x, y happening) int {
			var a, b event.Event
			x.fill(&a)
			y.fill(&b)
			return Before(&a, &b)
		})
		made := map[string][]*Session{}
		m := NewMaker(Config{Emit: func(s *Session) {
			if s.End-s.Start >= Longest {
				t.Fatalf("a session of %d µs", s.End-s.Start)
			}
			made[s.key] = append(made[s.key], s)
		}})
		var e event.Event
		for i := range events {
			events[i].fill(&e)
			m.Add(&e)
		}
		m.Rest()
		// Now again, event by event: each lies in the first session of its key that is not over.
		last := map[string]event.Micros{}
		for i := range events {
			events[i].fill(&e)
			key := string(appendKey(nil, &e))
			if key == "" {
				continue
			}
			for len(made[key]) > 0 && made[key][0].End < e.Time() {
				delete(last, key)
				made[key] = made[key][1:]
			}
			if len(made[key]) == 0 || made[key][0].Start > e.Time() {
				if e.Kind != event.Engagement {
					t.Fatalf("%s at %d is in no session", e.Kind, e.Time())
				}
				continue
			}
			before, going := last[key]
			if !going && e.Kind == event.Engagement && e.Time() > made[key][0].Start {
				t.Fatalf("a session begins with engagement at %d", e.Time())
			}
			if going && e.Time()-before > Idle {
				t.Fatalf("a session paused from %d to %d", before, e.Time())
			}
			last[key] = e.Time()
		}
	})
}
