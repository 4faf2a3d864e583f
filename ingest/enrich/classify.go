package enrich

import (
	"slices"
	"strings"

	"analytics/engine/event"
)

// Verdict is what lists and signals say of a sender by one event alone. What it did during a whole
// visit is judged elsewhere.
type Verdict struct {
	Class   string // Human, KnownBot, Scanner; empty when nothing is known
	Name    string
	Purpose string
	Score   int    // 0 to 100, a machine from 50 on
	Reasons string // words joined by commas, see weights.go
}

// Evidence is what an event has to say of its sender.
type Evidence struct {
	Agent   []byte
	Path    []byte
	Signals []byte
	Status  int64 // of the answer; 0 when not known
}

// Classify judges a sender. It depends on nothing but the lists and its argument.
func (l *Lists) Classify(v Evidence) Verdict {
	var a Agent
	if len(v.Agent) > 0 {
		a = l.Agent(string(v.Agent))
	}
	return judge(&a, v)
}

// unnamed is who sends no user agent.
var unnamed = Agent{Device: "bot", Class: KnownBot, Bot: "Unnamed bot", Purpose: ForOther, reason: NoAgent}

// judge adds the tiers: the user agent, then the path, and signals where these leave a doubt.
func judge(a *Agent, v Evidence) Verdict {
	signals := words(v.Signals)
	if len(v.Agent) == 0 && slices.Contains(signals, NoAgent) {
		a = &unnamed
	}
	out := Verdict{Class: a.Class, Name: a.Bot, Purpose: a.Purpose}
	path := suspicious(v.Path)
	if a.reason == "" && path == usualPath && len(v.Signals) == 0 { // as most people
		return out
	}
	var reasons []string
	if a.reason != "" {
		out.Score = points[a.reason]
		reasons = append(reasons, a.reason)
	}
	odd := ""
	switch {
	case path == probePath:
		odd = ProbePath
	case path == adminPath && v.Status >= 400:
		odd = MissingPath
	case path == adminPath:
		odd = AdminPath
	}
	if odd != "" {
		out.Score += points[odd]
		reasons = append(reasons, odd)
	}
	signs := 0
	for _, w := range signals {
		if n := points[w]; n > 0 && n <= points[Webdriver] && w != AdminPath {
			signs += n
			reasons = append(reasons, w)
		}
	}
	out.Score = min(out.Score+min(signs, doubt), 100)
	out.Reasons = joined(reasons)
	if out.Score >= threshold && odd != "" && (path == probePath || out.Class != KnownBot) {
		out.Class, out.Purpose = Scanner, ForScanner
	}
	return out
}

// textBrowsers are how user agents begin of browsers that people read with and that never said
// Mozilla/: in a terminal, on an old machine, with a Braille display.
var textBrowsers = [...]string{"Lynx/", "w3m/", "ELinks", "Links (", "Links/", "edbrowse/", "NetSurf/", "Dillo/"}

func textBrowser(ua string) bool {
	return slices.ContainsFunc(textBrowsers[:], func(begins string) bool { return strings.HasPrefix(ua, begins) })
}

// joined is the reasons in at most 256 bytes, whole words.
func joined(reasons []string) string {
	text := strings.Join(reasons, ",")
	for len(text) > 256 {
		text = text[:strings.LastIndexByte(text, ',')]
	}
	return text
}

// Reclassify judges a stored event again and reports whether it had another verdict. What a whole
// visit said stays where this says human.
func (l *Lists) Reclassify(e *event.Event) (changed bool) {
	f := slotsOf(e.Kind)
	if f == nil {
		return false
	}
	had := f.verdict(e)
	v := l.Classify(f.evidence(e))
	if v.Class == Human && (had.Class == "behavioral_bot" || had.Class == "ghost") {
		return false
	}
	if v == had && (v == (Verdict{}) || string(e.Text(f.version)) == Version) {
		return false
	}
	f.write(e, v, func(s string) []byte { return []byte(s) })
	return true
}

// slotsOf is where a kind of the web has its fields; nil for another kind.
func slotsOf(k event.Kind) *slots {
	switch k {
	case event.PageView:
		return &page
	case event.Engagement:
		return &engagement
	case event.Custom:
		return &custom
	}
	return nil
}

func (f *slots) evidence(e *event.Event) Evidence {
	v := Evidence{Agent: e.Text(f.agent), Path: e.Text(f.path), Signals: e.Text(f.signals)}
	if e.Kind == event.PageView {
		v.Status = e.Int(event.PageStatusCode)
	}
	return v
}

func (f *slots) verdict(e *event.Event) Verdict {
	return Verdict{Class: string(e.Text(f.class)), Name: string(e.Text(f.bot)),
		Purpose: string(e.Text(f.purpose)), Score: int(e.Int(f.score)), Reasons: string(e.Text(f.reasons))}
}

// write gives an event its verdict, with texts in memory that keep gives.
func (f *slots) write(e *event.Event, v Verdict, keep func(string) []byte) {
	version := ""
	if v != (Verdict{}) {
		version = Version
	}
	for _, t := range [...]struct {
		field int
		text  string
	}{{f.class, v.Class}, {f.bot, v.Name}, {f.purpose, v.Purpose}, {f.reasons, v.Reasons}, {f.version, version}} {
		if e.Clear(t.field); t.text != "" {
			e.SetText(t.field, keep(t.text))
		}
	}
	if e.Clear(f.score); v.Score > 0 {
		e.SetInt(f.score, int64(v.Score))
	}
}

// purposeOf is what a bot of the list is for.
func purposeOf(name, tag string) string {
	switch {
	case slices.Contains(assistantNames, name):
		return ForAssistant
	case slices.Contains(searchNames, name):
		return ForSearch
	}
	if p := purposes[tag]; p != "" {
		return p
	}
	return ForOther
}
