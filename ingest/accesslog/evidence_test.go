package accesslog

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// logLines is a log of one site.
type logLines struct {
	strings.Builder
	start time.Time
}

func (l *logLines) add(second float64, address, path string) {
	l.line(second, address, path, "HTTP/1.1")
}

func (l *logLines) line(second float64, address, path, protocol string) {
	if l.start.IsZero() {
		l.start = time.Date(2025, 11, 21, 10, 0, 0, 0, time.UTC)
	}
	at := l.start.Add(time.Duration(second * float64(time.Second)))
	fmt.Fprintf(l, "%s - - [%s] \"GET %s %s\" 200 1 \"-\" \"Mozilla/5.0\"\n", address,
		at.Format("02/Jan/2006:15:04:05 -0700"), path, protocol)
}

// accused are the paths whose views carry the word.
func accused(t *testing.T, text, word string) (all []string) {
	t.Helper()
	out, _ := read(t, "nginx", "", text)
	for line := range strings.Lines(out) {
		if strings.Contains(line, word) {
			_, rest, _ := strings.Cut(line, "site.example")
			path, _, _ := strings.Cut(rest, `"`)
			all = append(all, path)
		}
	}
	return all
}

func TestViewsWithoutPartsAreMarked(t *testing.T) {
	var l logLines
	l.add(0, "203.0.113.1", "/person")
	l.add(1, "203.0.113.1", "/style.css")
	l.add(2, "203.0.113.2", "/robot")
	l.add(3, "203.0.113.3", "/slow-person")
	l.add(30, "203.0.113.3", "/style.css?v=2")
	l.add(31, "203.0.113.2", "/robot-again")
	l.add(32, "203.0.113.1", "/from-cache")
	l.add(50, "203.0.113.4", "/parts-first.png") // logged before the page that was longer on its way
	l.add(50, "203.0.113.4", "/page-last")
	l.add(100, "203.0.113.5", "/nobody-knows")
	l.add(129, "203.0.113.6", "/end")
	got := accused(t, l.String(), "no_subresources")
	if want := "[/robot /robot-again]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

func TestLogsPutTogetherAccuseNobody(t *testing.T) {
	var l logLines
	for i := range 100 {
		l.add(float64(7200-60*i), "203.0.113.1", "/person")
		l.add(float64(7200-60*i), "203.0.113.1", "/style.css")
	}
	l.add(0, "203.0.113.2", "/yesterday")
	l.add(1, "203.0.113.2", "/style.css")
	l.add(2, "203.0.113.3", "/robot")
	l.add(60, "203.0.113.4", "/later")
	if got := accused(t, l.String(), "no_subresources"); fmt.Sprint(got) != "[/robot]" {
		t.Errorf("got %v", got)
	}
}

func TestLogWithoutPartsAccusesNobody(t *testing.T) {
	var l logLines
	for i := range 400 {
		l.add(float64(i), fmt.Sprintf("203.0.113.%d", i%200), fmt.Sprintf("/page/%d", i))
	}
	if got := accused(t, l.String(), "no_subresources"); len(got) != 0 {
		t.Errorf("got %v", got)
	}
	l.add(401, "198.51.100.1", "/a.css")
	l.add(500, "198.51.100.2", "/x")
	if got := accused(t, l.String(), "no_subresources"); len(got) != 0 {
		t.Errorf("one part in 400 pages: got %v", got)
	}
}

// TestProtocolBeforeTheLastIsOddOnlyWhereBrowsersSpeakTheLast: most parts of a site come by HTTP/2, but for
// where something stands before it that speaks HTTP/1.1.
func TestProtocolBeforeTheLastIsOddOnlyWhereBrowsersSpeakTheLast(t *testing.T) {
	for protocol, want := range map[string]string{"HTTP/2.0": "[/robot]", "HTTP/3": "[/robot]", "HTTP/1.1": "[]"} {
		var l logLines
		for i := range 30 {
			l.line(float64(i), "203.0.113.1", "/person", protocol)
			l.line(float64(i), "203.0.113.1", "/style.css", protocol)
		}
		l.line(31, "203.0.113.2", "/robot", "HTTP/1.1")
		l.line(32, "203.0.113.2", "/older", "HTTP/1.0")
		l.line(33, "10.0.0.2", "/within", "HTTP/1.1")
		if got := accused(t, l.String(), "no_http2"); fmt.Sprint(got) != want {
			t.Errorf("%s: got %v, want %s", protocol, got, want)
		}
	}
}

func TestOldProtocolIsOddOnlyWhereOthersAreNew(t *testing.T) {
	var mixed, all logLines
	for i := range 20 {
		protocol := "HTTP/1.1"
		if i%5 == 4 {
			protocol = "HTTP/1.0"
		}
		mixed.line(float64(i), "203.0.113.1", fmt.Sprintf("/%d", i), protocol)
		all.line(float64(i), "203.0.113.1", fmt.Sprintf("/%d", i), "HTTP/1.0")
	}
	mixed.line(20, "10.0.0.1", "/proxy", "HTTP/1.0")
	if got := accused(t, mixed.String(), "http10"); fmt.Sprint(got) != "[/4 /9 /14 /19]" {
		t.Errorf("got %v", got)
	}
	if got := accused(t, all.String(), "http10"); len(got) != 0 {
		t.Errorf("a proxy in front: got %v", got)
	}
}

// A dash for the user agent is a request that named none, but in logs that leave it out: Traefik's do unless
// told otherwise, and the common format has no place for it.
func TestNoUserAgentIsOddOnlyWhereOthersHaveOne(t *testing.T) {
	var mixed, none strings.Builder
	for i := range 10 {
		agent := `"Mozilla/5.0"`
		if i%3 == 2 {
			agent = `"-"`
		}
		line := fmt.Sprintf(`203.0.113.1 - - [21/Nov/2025:10:00:0%d +0000] "GET /%d HTTP/1.1" 200 1`, i, i)
		fmt.Fprintf(&mixed, "%s \"-\" %s\n", line, agent)
		fmt.Fprintf(&none, "%s \"-\" \"-\"\n", line)
	}
	fmt.Fprintln(&mixed, `203.0.113.1 - - [21/Nov/2025:10:00:20 +0000] "GET /common HTTP/1.1" 200 1`)
	if got := accused(t, mixed.String(), "no_agent"); fmt.Sprint(got) != "[/2 /5 /8]" {
		t.Errorf("got %v", got)
	}
	if got := accused(t, none.String(), "no_agent"); len(got) != 0 {
		t.Errorf("a log without user agents: got %v", got)
	}
}

func TestHeldViewsAreBounded(t *testing.T) {
	f, err := NewFormat("nginx", "")
	if err != nil {
		t.Fatal(err)
	}
	r := NewReader(Options{Format: f, Site: "a.example", Now: now})
	r.Begin("log")
	const n = maxHeld + 20_000
	for i := range n {
		r.Line(fmt.Appendf(nil, "203.0.113.9 - - [21/Nov/2025:10:00:00 +0100] \"GET /%d HTTP/1.1\" 200 1 \"-\" \"-\"", i),
			int64(i))
		if held := len(r.evidence.queue) - r.evidence.head; held > maxHeld {
			t.Fatalf("%d are held", held)
		}
	}
	if got := r.Events().Len(); got != n-maxHeld {
		t.Errorf("got %d events, want %d", got, n-maxHeld)
	}
	if at, ok := r.Oldest(); !ok || at != n-maxHeld {
		t.Errorf("the oldest is at %d %v", at, ok)
	}
	r.Idle(now(), true)
	if got := r.Events().Len(); got != n {
		t.Errorf("got %d events, want all %d", got, n)
	}
}

func TestSitesAndVisitorsAreBounded(t *testing.T) {
	e := newEvidence()
	for i := range maxFetchers*2 + 10 {
		e.part(uint64(i))
	}
	if len(e.fetched)+len(e.before) > 2*maxFetchers || !e.fetches(maxFetchers+1) {
		t.Errorf("%d and %d are remembered", len(e.fetched), len(e.before))
	}
	for i := range maxSites + 100 {
		e.site(fmt.Appendf(nil, "%d.example", i)).pages++
	}
	if len(e.sites) > maxSites+1 || e.sites[""].pages != 100 {
		t.Errorf("%d sites, %d in the shared one", len(e.sites), e.sites[""].pages)
	}
}
