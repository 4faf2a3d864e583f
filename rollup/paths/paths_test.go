package paths

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/rollup/sessions"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// visits makes sessions of one line each: the visitor, then what happened a minute apart. A word that
// begins with / is a page view, name>target a click, and any other word an event. Settings in front
// are field=value of the first page view.
func visits(t *testing.T, lines ...string) (all []*event.Event) {
	t.Helper()
	n := 0
	for _, line := range lines {
		mk := sessions.NewMaker(sessions.Config{Now: event.MicrosOf(noon.AddDate(0, 0, 2)),
			Emit: func(s *sessions.Session) {
				all = append(all, new(event.Event))
				s.Event(all[len(all)-1])
			}})
		words := strings.Fields(line)
		first := true
		var set []string
		for i, word := range words[1:] {
			var e event.Event
			n++
			at := noon.Add(time.Duration(i) * time.Minute)
			site, visitor := event.PageSite, event.PageVisitorID
			switch name, target, click := strings.Cut(word, ">"); {
			case strings.Contains(word, "="):
				set = append(set, word)
				continue
			case strings.HasPrefix(word, "/"):
				e.Reset(event.PageView)
				e.SetText(event.PagePath, []byte(word))
				e.SetText(event.PageVia, []byte("tracker"))
			default:
				e.Reset(event.Custom)
				site, visitor = event.CustomSite, event.CustomVisitorID
				e.SetText(event.CustomName, []byte(name))
				e.SetText(event.CustomPath, []byte("/a"))
				if click {
					e.SetText(event.CustomTarget, []byte(target))
				}
			}
			for _, s := range set {
				field, value, _ := strings.Cut(s, "=")
				if f, ok := e.Kind.Field(field); ok && first {
					if e.Kind.Fields()[f].Type == event.ID {
						e.SetID(f, []byte(value))
					} else {
						e.SetText(f, []byte(value))
					}
				}
			}
			first = false
			e.SetInt(event.Timestamp, int64(event.MicrosOf(at)))
			e.SetID(event.EventID, fmt.Appendf(nil, "e%d", n))
			e.SetText(site, []byte("example.com"))
			e.SetID(visitor, []byte(words[0]))
			mk.Add(&e)
		}
		mk.Rest()
	}
	return all
}

func same(t *testing.T, got any, want string) {
	t.Helper()
	if g := fmt.Sprint(got); g != want {
		t.Errorf("got  %s\nwant %s", g, want)
	}
}

var some = []string{
	"v1 /a /b /c",
	"v2 /a /b /b /a",
	"v3 /b",
}

// TestTransitions: a reload is no transition.
func TestTransitions(t *testing.T) {
	all := NewTransitions()
	for _, s := range visits(t, some...) {
		all.Add(s)
	}
	rows, total := all.Rows(10)
	same(t, total, "4")
	same(t, rows, "[{example.com /a /b 2 0.6666666666666666} {example.com /b /a 1 0.3333333333333333} "+
		"{example.com /b /c 1 0.3333333333333333}]")
	rows, total = all.Rows(1)
	same(t, total, "4")
	same(t, rows, "[{example.com /a /b 2 0.6666666666666666} {(other) (other) (other) 2 0}]")
}

// TestMillionPathsKeepTheTotal: what there is too much of is one row.
func TestMillionPathsKeepTheTotal(t *testing.T) {
	all := NewTransitions()
	const sessions, pages = 3_000, 100
	var s event.Event
	for i := range sessions {
		s.Reset(event.Session)
		s.SetText(event.SessionSite, []byte("example.com"))
		var journey []byte
		for k := range pages {
			journey = fmt.Appendf(journey, "/%d\n", i*pages+k)
		}
		s.SetText(event.SessionJourney, bytes.TrimSuffix(journey, []byte("\n")))
		all.Add(&s)
	}
	rows, total := all.Rows(5)
	sum := int64(0)
	for _, r := range rows {
		sum += r.Count
	}
	if total != sessions*(pages-1) || sum != total || len(all.pairs) > maxPairs+1 || len(all.left) > maxPages+1 {
		t.Errorf("%d transitions in %d pairs of %d pages, %d in rows", total, len(all.pairs), len(all.left), sum)
	}
}

func TestJourney(t *testing.T) {
	j := NewJourney([]string{"/b"}, 2)
	for _, s := range visits(t, some...) {
		j.Add(s)
	}
	rows, n := j.Rows(10)
	same(t, n, "3")
	third := fmt.Sprint(1.0 / 3)
	two := fmt.Sprint(2.0 / 3)
	same(t, rows, strings.NewReplacer("⅓", third, "⅔", two).Replace("[{-2 (entry) 2 ⅔} "+
		"{-1 /a 2 ⅔} {-1 (entry) 1 ⅓} {1 (exit) 1 ⅓} {1 /a 1 ⅓} {1 /c 1 ⅓} {2 (exit) 2 ⅔}]"))
}

// TestQualityWorkedOutByHand: of 40 sessions 20 are one page, 10 three pages of one person each, and
// 10 one page and a signup of one person together.
func TestQualityWorkedOutByHand(t *testing.T) {
	var lines []string
	for i := range 20 {
		lines = append(lines, fmt.Sprintf("a%d source=google channel=Search /a", i))
	}
	for i := range 10 {
		lines = append(lines, fmt.Sprintf("b%d source=google channel=Search /a /b /c", i),
			"c source=google channel=Search /a signup")
	}
	lines = append(lines, "d source=news /a outbound_click>https://x.org/")
	count := func(goals ...string) []SourceQuality {
		q := NewQuality(goals)
		for _, s := range visits(t, lines...) {
			q.Add(s)
		}
		return q.Rows()
	}
	// Engaged 20 of 40, depth 10 × 2/4 of 40, return 9 of 40, conversion 10 of 40.
	want := 100 * (0.35*0.5 + 0.25*0.125 + 0.15*0.225 + 0.25*0.25)
	rows := count()
	g := rows[0]
	if len(rows) != 2 || g.Sessions != 40 || g.Engaged != 0.5 || g.Depth != 0.125 || g.Return != 0.225 ||
		g.Conversion != 0.25 || g.Quality == nil || math.Abs(*g.Quality-want) > 0.051 {
		t.Errorf("%+v; want %v", rows, want)
	}
	if n := rows[1]; n.Source != "news" || n.Conversion != 0 || n.Quality != nil {
		t.Errorf("%+v; want no conversion and no quality", n)
	}
	if rows = count("buy"); rows[0].Conversion != 0 {
		t.Errorf("%+v; want no conversion", rows[0])
	}
}

// TestDiagnose: people are ok; a swarm of one program, seen once each, is not.
func TestDiagnose(t *testing.T) {
	verdicts := func(lines []string) string {
		d := NewDiagnosis()
		for _, s := range visits(t, lines...) {
			d.Add(s)
		}
		out := ""
		for _, c := range d.Checks() {
			if len(c.Reasons) == 0 {
				t.Errorf("%s has no reason", c.Name)
			}
			out += fmt.Sprintf("%s %s\n", c.Name, c.Verdict)
		}
		return out
	}
	var people, swarm, random []string
	for i := range 150 {
		people = append(people, fmt.Sprintf("p%d user_agent=Firefox/%d fingerprint=f%d /a /b", i, i%9, i%9))
		swarm = append(swarm, fmt.Sprintf("s%d user_agent=python-httpx/0.27 fingerprint=f /a", i))
		random = append(random, fmt.Sprintf("r%d user_agent=Chrome/%d fingerprint=f%d /a /b", i, i, i))
	}
	same(t, verdicts(people), "user_agents ok\nrequests ok\nfingerprints ok\n")
	same(t, verdicts(swarm), "user_agents bad\nrequests bad\nfingerprints bad\n")
	same(t, verdicts(random), "user_agents ok\nrequests ok\nfingerprints suspicious\n")
	same(t, verdicts(swarm[:20]), "user_agents ok\nrequests ok\nfingerprints ok\n")
}
