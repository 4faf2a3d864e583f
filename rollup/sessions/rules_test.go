package sessions

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"analytics/engine/event"
)

// script makes the sessions of lines such as "10:00 page_view visitor=v path=/a", of 20 November
// 2026 unless they name the day as 21T10:00, and shows them in order, one a line.
func script(t *testing.T, lines string) string {
	t.Helper()
	var got []string
	m := NewMaker(Config{Emit: func(s *Session) {
		line := fmt.Sprintf("%s %s", s.Start.Time().Format("02T15:04"), s.Client)
		add := func(format string, v any) { line += fmt.Sprintf(" "+format, v) }
		add("%v", (s.End - s.Start).Time().Sub(time.Unix(0, 0)))
		add("events=%d", s.Events)
		if s.Client == "web" {
			add("views=%d", s.Views)
			add("pages=%d", s.Pages)
			add("%s", s.Landing+">"+s.Exit)
			if s.Bounced() {
				line += " bounce"
			}
			if s.Engaged() {
				line += " engaged"
			}
			var e event.Event
			s.Event(&e)
			if v := e.Text(event.SessionSource); len(v) > 0 {
				add("source=%s", v)
			}
		} else {
			add("requests=%d", s.Requests)
			add("tools=%d", s.ToolCalls)
			add("errors=%d", s.Errors)
			add("cost=%d", s.Cost)
		}
		got = append(got, line)
	}})
	n := 0
	for line := range strings.Lines(lines) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		n++
		e := eventOf(t, words, n)
		m.Add(e)
	}
	m.Until(begin2026 + 100*24*hour)
	slices.Sort(got)
	return strings.Join(got, "\n")
}

func eventOf(t *testing.T, words []string, n int) *event.Event {
	t.Helper()
	if !strings.Contains(words[0], "T") {
		words[0] = "20T" + words[0]
	}
	at, err := time.Parse("2006-01-02T15:04:05", "2026-11-"+words[0]+strings.Repeat(":00", 2-strings.Count(words[0], ":")))
	kind, ok := event.ParseKind(words[1])
	if err != nil || !ok {
		t.Fatalf("%v: %v", words, err)
	}
	e := &event.Event{}
	e.Reset(kind)
	e.SetInt(event.Timestamp, int64(event.MicrosOf(at)))
	e.SetID(event.EventID, fmt.Appendf(nil, "%d", n))
	if w, ok := webs[kind]; ok {
		e.SetText(w.site, []byte("a.example"))
	}
	for _, word := range words[2:] {
		name, value, _ := strings.Cut(word, "=")
		if name == "visitor" {
			name = "visitor_id"
		}
		f, ok := kind.Field(name)
		if !ok {
			t.Fatalf("%s has no %s", kind, name)
		}
		switch kind.Fields()[f].Type {
		case event.ID:
			e.SetID(f, []byte(value))
		case event.Bool:
			e.SetBool(f, value == "true")
		case event.Int, event.Money:
			v := int64(0)
			_, _ = fmt.Sscan(value, &v)
			e.SetInt(f, v)
		default:
			e.SetText(f, []byte(strings.ReplaceAll(value, "+", " ")))
		}
	}
	return e
}

// TestRules is the rules of doc.go, worked out by hand.
func TestRules(t *testing.T) {
	f := func(name, lines, want string) {
		t.Helper()
		if got := script(t, lines); got != strings.TrimSpace(want) {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, strings.TrimSpace(want))
		}
	}
	f("30 minutes are no pause, a second more is", `
		10:00 page_view visitor=v path=/ source=google
		10:30 page_view visitor=v path=/a source=mail
		11:00:01 page_view visitor=v path=/b source=Internal`, `
20T10:00 web 30m0s events=2 views=2 pages=2 />/a engaged source=google
20T11:00 web 0s events=1 views=1 pages=1 /b>/b bounce source=Internal`)
	f("engagement makes a session longer and never starts one", `
		10:00 engagement visitor=v time_on_page_ms=60000
		10:10 page_view visitor=v path=/
		10:35 engagement visitor=v time_on_page_ms=9000
		11:05 engagement visitor=v time_on_page_ms=999
		11:36 engagement visitor=v time_on_page_ms=60000`, `
20T10:10 web 55m0s events=3 views=1 pages=1 />/ bounce`)
	f("ten seconds are no bounce", `
		10:00 page_view visitor=v path=/
		10:01 engagement visitor=v time_on_page_ms=9000
		10:02 engagement visitor=v time_on_page_ms=1000`, `
20T10:00 web 2m0s events=3 views=1 pages=1 />/ engaged`)
	f("a single event bounces and is engaged all the same", `
		10:00 event visitor=v name=signup path=/x`, `
20T10:00 web 0s events=1 views=0 pages=0 > bounce engaged`)
	f("what nobody did ends no bounce and engages nobody", `
		10:00 page_view visitor=v path=/
		10:01 event visitor=v name=seen path=/ signals=not_interactive
		10:02 event visitor=v name=seen path=/ signals=no_plugins,not_interactive
		11:00 event visitor=v name=seen path=/ signals=not_interactive
		12:00 page_view visitor=v path=/
		12:01 event visitor=v name=seen path=/ signals=not_interactive
		12:02 event visitor=v name=signup path=/`, `
20T10:00 web 2m0s events=3 views=1 pages=1 />/ bounce
20T11:00 web 0s events=1 views=0 pages=0 > bounce
20T12:00 web 2m0s events=3 views=1 pages=1 />/ engaged`)
	f("what the server and the tracker saw of a visit are not added up", `
		10:00 page_view visitor=v path=/ via=server
		10:00:01 page_view visitor=v path=/ via=tracker`, `
20T10:00 web 1s events=2 views=1 pages=1 />/ bounce`)
	f("a session id is whose events they are, and not who visits", `
		10:00 page_view session_id=s visitor=v path=/
		10:01 page_view session_id=s visitor=w path=/a
		10:02 page_view session_id=r visitor=v path=/b
		10:03 page_view path=/of-nobody`, `
20T10:00 web 1m0s events=2 views=2 pages=2 />/a engaged
20T10:02 web 0s events=1 views=1 pages=1 /b>/b bounce`)
	f("midnight ends nothing", `
		23:50 page_view visitor=v path=/
		21T00:10 page_view visitor=v path=/a`, `
20T23:50 web 20m0s events=2 views=2 pages=2 />/a engaged`)
	f("clients of the API", `
		10:00 ai_request session_id=a cost=5 success=true
		10:01 tool_call session_id=b server=files success=false
		10:02 ai_request session_id=c user_agent=claude-cli/2.0 cost=7 success=false
		10:03 tool_call session_id=a success=true
		10:04 ai_request session_id=c cost=7 success=true
		10:05 ai_request cost=100`, `
20T10:00 api 3m0s events=2 requests=1 tools=1 errors=0 cost=5
20T10:01 mcp 0s events=1 requests=0 tools=1 errors=1 cost=0
20T10:02 cli 2m0s events=2 requests=2 tools=0 errors=1 cost=14`)
}

// TestWhoCameFromNowhere: on a site whose pages lead to each other, three pages that none led to are
// odd, by whichever side saw more of the visit.
func TestWhoCameFromNowhere(t *testing.T) {
	f := func(want, before, channel string) {
		t.Helper()
		got := map[string]string{}
		m := NewMaker(Config{Emit: func(s *Session) { got[string(s.Visitor[1:])] = s.Bot.Reasons }})
		lines := before
		for i, path := range []string{"/a", "/b", "/c"} {
			lines += fmt.Sprintf("21T10:0%d page_view visitor=v path=%s via=server channel=%s\n", i, path, channel)
		}
		for i, line := range strings.Split(strings.TrimSpace(lines), "\n") {
			m.Add(eventOf(t, strings.Fields(line), i))
		}
		m.Until(begin2026 + 100*24*hour)
		if got["v"] != want {
			t.Errorf("%s%s: %q, want %q", before, channel, got["v"], want)
		}
	}
	f("", "", "direct")
	f("unlinked", "10:00 page_view visitor=w path=/x via=server channel=internal\n", "direct")
	f("", "10:00 page_view visitor=w path=/x via=server channel=internal\n", "internal")
	f("", "10:00 page_view visitor=w path=/x via=server channel=search\n", "direct")
	f("no_beacon", "10:00 page_view visitor=w path=/x via=tracker channel=internal\n", "direct") // servers don't tell
}

// TestWhoBeganDeepInASite with nothing that led there, and not for the second time that day, is odd; who may
// have typed the address is not, nor one whose site does not know where anybody comes from.
func TestWhoBeganDeepInASite(t *testing.T) {
	f := func(want bool, before, path, channel string) {
		t.Helper()
		got := ""
		m := NewMaker(Config{Emit: func(s *Session) {
			if string(s.Visitor[1:]) == "v" {
				got = s.Bot.Reasons
			}
		}})
		lines := before + fmt.Sprintf("10:30 page_view visitor=v path=%s via=server channel=%s user_agent=Mozilla/5.0",
			path, channel)
		for i, line := range strings.Split(lines, "\n") {
			m.Add(eventOf(t, strings.Fields(line), i))
		}
		m.Until(begin2026 + 100*24*hour)
		if strings.Contains(got, "from_nowhere") != want {
			t.Errorf("%s%s %s: %q", before, path, channel, got)
		}
	}
	const refers = "10:00 page_view visitor=w path=/x via=server channel=internal\n"
	f(true, refers, "/docs/install", "direct")
	f(true, refers, "/docs-of-old", "direct")
	f(false, "", "/docs/install", "direct")
	f(false, refers, "/docs/install", "organic_search")
	f(false, refers, "/docs/install", "email")
	for _, path := range []string{"/", "/en/", "/login", "/index.html"} {
		f(false, refers, path, "direct")
	}
	f(false, "09:00 page_view visitor=v path=/ via=server channel=direct\n"+refers, "/docs/install", "direct")
}

// TestLongSessionsEnd after 24 hours, and at the midnight that ends a day without a pause.
func TestLongSessionsEnd(t *testing.T) {
	var lines strings.Builder
	for i := range 4 * 72 { // three days, every 15 minutes, from 06:00 on
		at := begin2026.Time().Add(6*time.Hour + time.Duration(i)*15*time.Minute)
		fmt.Fprintf(&lines, "%s page_view visitor=v path=/\n", at.Format("02T15:04"))
	}
	var starts []string
	for line := range strings.Lines(script(t, lines.String())) {
		starts = append(starts, strings.Fields(line)[0])
	}
	// After 24 hours; at the midnight that ends the 21st and the one that ends the 22nd.
	if got := strings.Join(starts, " "); got != "20T06:00 21T06:00 22T00:00 23T00:00" {
		t.Errorf("sessions start at %s", got)
	}
}
