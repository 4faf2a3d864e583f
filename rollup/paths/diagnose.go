package paths

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"analytics/engine/event"
)

// Verdict is what a check thinks.
type Verdict string

// The verdicts.
const (
	OK         Verdict = "ok"
	Suspicious Verdict = "suspicious"
	Bad        Verdict = "bad"
)

// Check is one check of Diagnose.
type Check struct {
	Name    string // user_agents, requests or fingerprints
	Verdict Verdict
	// Reasons say why, also why it is ok.
	Reasons []string
	// Values are what was counted: user agents by sessions, sessions by page views, or how many
	// fingerprints, visitors, users and sessions there are.
	Values []Value
}

// Value is one count of a check.
type Value struct {
	Name  string
	Count int64
}

const (
	// judgeFrom is how many sessions a verdict takes.
	judgeFrom = 100
	// maxAgents and maxMarks bound what is told apart.
	maxAgents = 20_000
	maxMarks  = 500_000
	manyViews = 100
)

// programs are words in the user agents of programs.
var programs = []string{"bot", "crawl", "spider", "curl", "wget", "python", "httpx", "requests/",
	"aiohttp", "go-http-client", "java/", "okhttp", "axios", "node-fetch", "undici", "scrapy", "libwww",
	"headless", "phantomjs", "selenium", "puppeteer", "playwright", "postman"}

// Diagnosis counts what is needed to say whether machines are counted as people.
type Diagnosis struct {
	agents                   map[string]*int64
	requests                 map[int64]int64 // sessions by page views, of up to manyViews
	silent                   int64           // one page view and no engagement
	marks                    map[string]int64
	visitors                 map[string]struct{}
	users                    map[string]struct{}
	marked, visits, sessions int64
}

// NewDiagnosis counts from nothing.
func NewDiagnosis() *Diagnosis {
	return &Diagnosis{agents: map[string]*int64{}, requests: map[int64]int64{}, marks: map[string]int64{},
		visitors: map[string]struct{}{}, users: map[string]struct{}{}}
}

// Add counts a session.
func (d *Diagnosis) Add(s *event.Event) {
	if !counts(s) {
		return
	}
	d.sessions++
	agent := s.Text(event.SessionUserAgent)
	if n := d.agents[string(agent)]; n != nil {
		*n++
	} else {
		d.newAgent(string(agent))
	}
	views := s.Int(event.SessionPageViewCount)
	d.requests[min(views, manyViews)]++
	if views == 1 && !s.Has(event.SessionClickCount) {
		d.silent++
	}
	if visitor := s.Text(event.SessionVisitorID); len(visitor) > 1 {
		d.visits++
		if _, ok := d.visitors[string(visitor)]; !ok && len(d.visitors) < maxVisitors {
			d.visitors[string(visitor)] = struct{}{}
			d.mark(s.Text(event.SessionFingerprint))
		}
	}
	if user := s.Text(event.UserID); len(user) > 0 && len(d.users) < maxVisitors {
		d.users[string(user)] = struct{}{}
	}
}

// newAgent counts a user agent that was not met before.
func (d *Diagnosis) newAgent(agent string) {
	if len(d.agents) >= maxAgents {
		agent = Other
	}
	if d.agents[agent] == nil {
		d.agents[agent] = new(int64)
	}
	*d.agents[agent]++
}

// mark counts the fingerprint of a new visitor.
func (d *Diagnosis) mark(fingerprint []byte) {
	if len(fingerprint) <= 1 {
		return
	}
	d.marked++
	if d.marks[string(fingerprint)] > 0 || len(d.marks) < maxMarks {
		d.marks[string(fingerprint)]++
	}
}

// Checks are the three checks.
func (d *Diagnosis) Checks() []Check {
	return []Check{d.checkAgents(), d.checkRequests(), d.checkFingerprints()}
}

// finding raises the verdict of a check where a part is at one of the thresholds.
func (c *Check) finding(part, suspicious, bad float64, format string, args ...any) {
	v := OK
	switch {
	case bad > 0 && part >= bad:
		v = Bad
	case part >= suspicious:
		v = Suspicious
	default:
		return
	}
	if v == Bad || c.Verdict == OK {
		c.Verdict = v
	}
	c.Reasons = append(c.Reasons, fmt.Sprintf(format, args...))
}

// judge completes a check: it has no findings of too few sessions, and says so when all is well.
func (d *Diagnosis) judge(c *Check, well string) Check {
	if d.sessions < judgeFrom {
		c.Verdict = OK
		sessions := fmt.Sprintf("%d sessions are", d.sessions)
		if d.sessions == 1 {
			sessions = "1 session is"
		}
		c.Reasons = []string{fmt.Sprintf("%s too few to judge; %d are needed", sessions, judgeFrom)}
	} else if len(c.Reasons) == 0 {
		c.Reasons = []string{well}
	}
	return *c
}

func (d *Diagnosis) checkAgents() Check {
	c := Check{Name: "user_agents", Verdict: OK}
	machines, most, top := int64(0), int64(0), ""
	for agent, count := range d.agents {
		n := *count
		name := strings.ToLower(agent)
		if name == "" || slices.ContainsFunc(programs, func(word string) bool {
			return strings.Contains(name, word)
		}) {
			machines += n
		}
		if n > most || n == most && agent < top {
			most, top = n, agent
		}
		c.Values = append(c.Values, Value{cmp.Or(agent, "(none)"), n})
	}
	slices.SortFunc(c.Values, func(a, b Value) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Name, b.Name))
	})
	c.finding(share(machines, d.sessions), 0.01, 0.10,
		"%d of %d sessions have no user agent or that of a program; `analytics bots flag` takes them out",
		machines, d.sessions)
	if top != Other {
		c.finding(share(most, d.sessions), 0.5, 0, "%.0f %% of sessions have the same user agent",
			100*share(most, d.sessions))
	}
	return d.judge(&c, "user agents are those of browsers, and of different ones")
}

func (d *Diagnosis) checkRequests() Check {
	c := Check{Name: "requests", Verdict: OK}
	for views, n := range d.requests {
		name := fmt.Sprint(views)
		if views == manyViews {
			name += "+"
		}
		c.Values = append(c.Values, Value{name, n})
	}
	slices.SortFunc(c.Values, func(a, b Value) int {
		return cmp.Or(cmp.Compare(len(a.Name), len(b.Name)), cmp.Compare(a.Name, b.Name))
	})
	part := func(n int64) float64 { return share(n, d.sessions) }
	c.finding(part(d.requests[0]), 0.5, 0.8, "%.0f %% of sessions have no page view", 100*part(d.requests[0]))
	c.finding(part(d.silent), 0.8, 0.95, "%.0f %% of sessions are one page view without any engagement",
		100*part(d.silent))
	c.finding(part(d.requests[manyViews]), 0.01, 0.05, "%.1f %% of sessions have %d page views or more",
		100*part(d.requests[manyViews]), manyViews)
	return d.judge(&c, "sessions have as many page views as people make")
}

func (d *Diagnosis) checkFingerprints() Check {
	c := Check{Name: "fingerprints", Verdict: OK, Values: []Value{
		{"fingerprints", int64(len(d.marks))}, {"visitors", int64(len(d.visitors))},
		{"users", int64(len(d.users))}, {"sessions", d.sessions},
	}}
	most := int64(0)
	for _, n := range d.marks {
		most = max(most, n)
	}
	if d.marked >= judgeFrom {
		c.finding(share(most, d.marked), 1.0/3, 2.0/3, "%.0f %% of visitors have the same fingerprint",
			100*share(most, d.marked))
		c.finding(share(int64(len(d.marks)), d.marked), 0.95, 0,
			"nearly every visitor has another fingerprint: %d of %d", len(d.marks), d.marked)
	}
	if n := int64(len(d.visitors)); n > 0 {
		each := share(d.visits, n)
		c.finding(each, 10, 50, "a visitor has %.0f sessions on average", each)
	}
	return d.judge(&c, "visitors, fingerprints and sessions are in proportion")
}
