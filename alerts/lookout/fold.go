package lookout

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"analytics/alerts/anomaly"
	"analytics/query/when"
)

// Moved is a part of the events, and what the metric is there and was before.
type Moved struct {
	Name, Value string
	Was, Is     float64
}

// Finding is something that people should hear of.
type Finding struct {
	Kind      string // "high", "low", "drift", "threshold"
	Subject   string
	Period    string
	From      time.Time
	Title     string
	Message   string
	Severity  string
	Metric    string
	Unit      string
	Dimension string
	Value     string // of the dimension
	Up        bool
	Is        float64
	Expected  float64
	Events    int64
	Moved     []Moved
	// Hour is the start of the hour that shows it best, or zero.
	Hour time.Time
	// what the parts of the message come from
	reason   string
	verdict  anomaly.Verdict
	requests float64 // how many times as many requests as usual, 0 if unknown
	panel    *hindPanel
}

// of is "cost of model gpt-4o".
func (f *Finding) of() string {
	if f.Dimension == "" {
		return words(f.Metric)
	}
	return words(f.Metric) + " of " + words(f.Dimension) + " " + f.Value
}

func words(name string) string {
	switch name {
	case "p95_duration_ms":
		return "p95 latency"
	case "api_key_id":
		return "key"
	}
	return strings.ReplaceAll(name, "_", " ")
}

// findings are what the series show, each for itself.
func (l *Lookout) findings(now time.Time) (found []Finding) {
	for i := range l.hind.panels {
		p := &l.hind.panels[i]
		for k := range p.series {
			s := &p.series[k]
			if f, ok := s.episodeFinding(p); ok {
				found = append(found, f)
			}
			if s.drift.State.Bad() && drifts(s.measure.name) {
				found = append(found, s.driftFinding(p, now.In(l.hind.zone)))
			}
		}
	}
	return found
}

// drifts says of what a drift is told: tokens and visitors drift with these.
func drifts(metric string) bool {
	return metric == "cost" || metric == "requests" || metric == "page_views"
}

func (s *series) finding(kind string, p *hindPanel) Finding {
	f := Finding{
		Kind: kind, Metric: s.measure.name, Unit: s.unit, Dimension: s.by, Value: s.name, panel: p,
		Subject: s.measure.name + " " + kind,
	}
	if s.by != "" {
		f.Subject += " " + s.by + "=" + s.name
	}
	return f
}

// episodeFinding is of an hour that goes on and has too much already, or of an episode of the hours
// before.
func (s *series) episodeFinding(p *hindPanel) (Finding, bool) {
	began, v, at := s.began, s.last, s.lastAt
	state := anomaly.Normal
	if s.episode != nil {
		state = s.episode.State
		if !v.State.Bad() {
			v, at = s.episode.Peak, s.peak
		}
	}
	if s.running.State == anomaly.High {
		if state != anomaly.High {
			began = s.at
		}
		state, v, at = anomaly.High, s.running, s.at
	}
	if !state.Bad() {
		return Finding{}, false
	}
	f := s.finding(string(state), p)
	f.Up, f.From, f.Hour, f.verdict = state == anomaly.High, began, at, v
	f.Is, f.Expected, f.Events, f.reason = v.Value, v.Expected, int64(v.Events), v.Reason
	f.Period = began.UTC().Format("2006-01-02T15")
	f.requests = p.factor(s.name, requests.name, at)
	f.Severity = severity(&f)
	return f, true
}

// factor is how many times as much as usual another measure of the same part has, in the same hour.
func (p *hindPanel) factor(name, metric string, at time.Time) float64 {
	for i := range p.series {
		s := &p.series[i]
		switch {
		case s.name != name || s.measure.name != metric:
		case at.Equal(s.at):
			return s.running.Factor
		case at.Equal(s.lastAt):
			return s.last.Factor
		}
	}
	return 0
}

func (s *series) driftFinding(p *hindPanel, now time.Time) Finding {
	f := s.finding("drift", p)
	d := &s.drift
	f.Up, f.Is, f.Expected, f.reason, f.Severity = d.State == anomaly.High, d.Week, d.Usual, d.Reason, "low"
	f.verdict.Factor = d.Factor
	if d.Factor >= 2*1.5 {
		f.Severity = "medium"
	}
	f.From = when.Start(now, when.Week, now.Location())
	f.Period = "week-of-" + f.From.Format(time.DateOnly)
	return f
}

func thresholdFinding(c anomaly.Check, t anomaly.Threshold, now time.Time, zone *time.Location) Finding {
	f := Finding{
		Kind: "threshold", Metric: c.Metric, Subject: c.Metric + " threshold", Up: true, Is: c.Value,
		Expected: t.Warning, reason: c.Reason, Severity: "medium", From: when.Start(now, when.Day, zone),
	}
	if c.Level == anomaly.LevelCritical {
		f.Severity, f.Expected = "critical", t.Critical
	}
	f.Period = f.From.Format(time.DateOnly)
	return f
}

// severity is medium, or more the further off it is and the more of everything it is.
func severity(f *Finding) string {
	times := f.verdict.Factor
	if !f.Up && times > 0 {
		times = 1 / times
	} else if !f.Up {
		times = math.Inf(1)
	}
	whole := f.Dimension == ""
	switch {
	case whole && f.Up && (f.Metric == "cost" || f.Metric == "error_rate") && times >= 10:
		return "critical"
	case times >= 5 || whole && times >= 3:
		return "high"
	}
	return "medium"
}

// leads is which metric says what several of one cause have in common: what it costs if it is more,
// that nobody asks if it is less.
var leads = map[bool]map[string][]string{
	true: {
		"cost": {"requests", "total_tokens", "errors"}, "requests": {"total_tokens", "errors"},
		"error_rate": {"errors"}, "page_views": {"visitors"}, "total_tokens": {"errors"},
	},
	false: {
		"requests": {"cost", "total_tokens"}, "cost": {"total_tokens"}, "page_views": {"visitors"},
	},
}

// fold leaves one finding of each cause: the one that people were told of, and otherwise of a part of
// the events the metric that leads; of the events as a whole and its parts the whole; of two parts by
// different dimensions that moved as much, the larger. What is left has the severity of the worst.
func fold(found []Finding, told map[string]bool) []Finding {
	found = slices.Clone(found)
	leaders := into(found, func(f, o *Finding) bool {
		return o.leadsOf(f) && (told[o.Subject] || !told[f.Subject]) ||
			f.leadsOf(o) && told[o.Subject] && !told[f.Subject]
	})
	slices.SortStableFunc(leaders, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(number(told[b.Subject]), number(told[a.Subject])),
			cmp.Compare(number(a.Dimension != ""), number(b.Dimension != "")), cmp.Compare(b.size(), a.size()))
	})
	var kept []Finding
	for i := range leaders {
		f := &leaders[i]
		at := slices.IndexFunc(kept, func(o Finding) bool {
			return o.hasPart(f) || o.sameAs(f) || told[o.Subject] && f.hasPart(&o)
		})
		if at < 0 || told[f.Subject] {
			kept = append(kept, *f)
			continue
		}
		kept[at].Severity = worse(kept[at].Severity, f.Severity)
	}
	return kept
}

// into leaves out the findings that another one speaks for.
func into(found []Finding, speaks func(f, o *Finding) bool) (left []Finding) {
	for i := range found {
		f := &found[i]
		at := slices.IndexFunc(found, func(o Finding) bool { return speaks(f, &o) })
		if at < 0 {
			left = append(left, *f)
			continue
		}
		found[at].Severity = worse(found[at].Severity, f.Severity)
		for k := range left {
			if left[k].Subject == found[at].Subject {
				left[k].Severity = found[at].Severity
			}
		}
	}
	return left
}

var severities = []string{"low", "medium", "high", "critical"}

func worse(a, b string) string {
	return severities[max(slices.Index(severities, a), slices.Index(severities, b))]
}

func (f *Finding) size() float64 { return math.Abs(f.Is - f.Expected) }

func (f *Finding) leadsOf(o *Finding) bool {
	return f.Kind == o.Kind && f.Dimension == o.Dimension && f.Value == o.Value &&
		slices.Contains(leads[f.Up][f.Metric], o.Metric)
}

// hasPart reports whether o is about a part of what f is about: of the same metric, or of one that it
// leads.
func (f *Finding) hasPart(o *Finding) bool {
	return f.Kind == o.Kind && f.Dimension == "" && o.Dimension != "" &&
		(f.Metric == o.Metric || slices.Contains(leads[f.Up][f.Metric], o.Metric))
}

func (f *Finding) sameAs(o *Finding) bool {
	if f.Kind != o.Kind || f.Metric != o.Metric || f.Dimension == o.Dimension || f.Dimension == "" {
		return false
	}
	if f.Unit == "ratio" || f.Unit == "ms" { // of these the sizes are no parts of each other
		return true
	}
	return o.size() >= f.size()/2
}
