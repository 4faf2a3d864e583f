package lookout

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"analytics/alerts/anomaly"
	"analytics/query"
)

// Lookout watches the numbers of the default tenant. It is safe for concurrent use.
type Lookout struct {
	desk *query.Desk

	mu        sync.Mutex // one check at a time; guards what follows
	cfg       Config
	hind      *hindsight // nil until it was looked back
	result    Result
	questions int
	explained map[string]explanation // of the subjects that go on
	told      map[string]bool        // subjects that people were told of, and that go on
}

// New is a lookout that watches nothing until it is told how.
func New(desk *query.Desk) *Lookout {
	return &Lookout{desk: desk, explained: map[string]explanation{}}
}

// Use takes over the settings, which must be valid.
func (l *Lookout) Use(cfg Config) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cfg, l.hind, l.result = cfg, nil, Result{}
}

// Result is what a check came to.
type Result struct {
	At        time.Time
	Enabled   bool
	Findings  []Finding
	GoingOn   []string // subjects, those that are part of another finding included
	Standings []Standing
	Loops     []Circling
	Checks    []anomaly.Check
	Questions int
	Took      time.Duration
}

// fresh is how old a result may be that is shown.
const fresh = 5 * time.Minute

// Latest is the result of the last check, or of one now if that is too old.
func (l *Lookout) Latest(ctx context.Context) (Result, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if age := l.desk.Now().Sub(l.result.At); !l.result.At.IsZero() && age >= 0 && age < fresh {
		return l.result, nil
	}
	return l.check(ctx)
}

// Check looks at everything now. told are the subjects that people were told of already: what comes
// to the same is not told again under another name.
func (l *Lookout) Check(ctx context.Context, told ...string) (Result, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.told = map[string]bool{}
	for _, subject := range told {
		l.told[subject] = true
	}
	return l.check(ctx)
}

func (l *Lookout) check(ctx context.Context) (Result, error) {
	now := l.desk.Now()
	r := Result{At: now, Enabled: l.cfg.Enabled}
	if !l.cfg.Enabled {
		return r, nil
	}
	l.questions = 0
	_, until := hoursOver(now, l.desk.Zone())
	if l.hind == nil || !l.hind.until.Equal(until) || l.hind.young() {
		hind, err := l.look(ctx, now)
		if err != nil {
			return Result{}, err
		}
		l.hind = hind
	}
	if err := l.now(ctx, l.hind, now); err != nil {
		return Result{}, err
	}
	found := l.findings(now)
	if err := l.thresholds(ctx, now, &r, &found); err != nil {
		return Result{}, err
	}
	for _, f := range found {
		r.GoingOn = append(r.GoingOn, f.Subject)
	}
	found = fold(found, l.told)
	if err := l.explain(ctx, found, now); err != nil {
		return Result{}, err
	}
	r.Findings = found
	if l.cfg.Loops {
		if err := l.circles(ctx, now, &r); err != nil {
			return Result{}, err
		}
	}
	r.Standings = l.standings()
	r.Questions, r.Took = l.questions, l.desk.Now().Sub(now)
	l.result = r
	return r, nil
}

// young reports whether there is nothing to compare with yet: then history may be imported any time.
func (h *hindsight) young() bool {
	for _, p := range h.panels {
		for i := range p.series {
			if p.series[i].last.Hours >= 24 {
				return false
			}
		}
	}
	return true
}

// Standing is how a series stands.
type Standing struct {
	Metric    string        `json:"metric"`
	Unit      string        `json:"unit,omitempty"`
	Dimension string        `json:"dimension,omitempty"`
	Value     string        `json:"value,omitempty"`
	State     anomaly.State `json:"state"`
	Hour      time.Time     `json:"hour"` // the last that is over
	Is        float64       `json:"is"`
	Expected  float64       `json:"expected"`
	Low       float64       `json:"low"`
	High      float64       `json:"high"`
	Z         float64       `json:"z"`
	Events    float64       `json:"events"`
	Basis     anomaly.Basis `json:"basis"`
	Samples   int           `json:"samples"`
	Days      int           `json:"days"` // of data
	Warm      bool          `json:"warm"`
	Reason    string        `json:"reason,omitempty"`
	// Running is what the hour that goes on has so far.
	Running      time.Time     `json:"running,omitzero"`
	SoFar        float64       `json:"so_far"`
	SoFarState   anomaly.State `json:"so_far_state,omitempty"`
	Since        time.Time     `json:"since,omitzero"` // of the episode that goes on
	Drift        anomaly.State `json:"drift"`
	DriftFactor  float64       `json:"drift_factor,omitempty"`
	DriftReason  string        `json:"drift_reason,omitempty"`
	TrendLevel   anomaly.Level `json:"trend_level"`
	TrendReason  string        `json:"trend_reason"`
	TrendCurrent float64       `json:"trend_value"`
}

// standings are all series, those that are off first.
func (l *Lookout) standings() []Standing {
	all := []Standing{}
	for _, p := range l.hind.panels {
		for i := range p.series {
			s := &p.series[i]
			v := &s.last
			st := Standing{
				Metric: s.measure.name, Unit: s.unit, Dimension: s.by, Value: s.name, State: v.State, Hour: s.lastAt,
				Is: v.Value, Expected: v.Expected, Low: v.Low, High: v.High, Z: v.Z, Events: v.Events,
				Basis: v.Basis, Samples: v.Samples, Days: v.Hours / 24, Warm: v.Warm(), Reason: v.Reason,
				Since: s.began, Drift: s.drift.State, DriftFactor: s.drift.Factor, DriftReason: s.drift.Reason,
				TrendLevel: s.trend.Level, TrendReason: s.trend.Reason, TrendCurrent: s.trend.Value,
			}
			if !s.at.IsZero() {
				st.Running, st.SoFar, st.SoFarState = s.at, s.running.Value, s.running.State
			}
			all = append(all, st)
		}
	}
	slices.SortStableFunc(all, func(a, b Standing) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Dimension, b.Dimension))
	})
	return all
}

func rank(s Standing) int {
	switch {
	case s.State.Bad() || s.SoFarState.Bad():
		return 0
	case !s.Since.IsZero():
		return 1
	case s.Drift.Bad():
		return 2
	case s.State == anomaly.Settled:
		return 3
	}
	return 4
}

// thresholds holds what is configured against the hour that is over and the one that goes on.
func (l *Lookout) thresholds(ctx context.Context, now time.Time, r *Result, found *[]Finding) error {
	names := make([]string, 0, len(l.cfg.Thresholds))
	for name := range l.cfg.Thresholds {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		a, err := l.ask(ctx, query.Question{
			Metrics: []string{name}, From: now.Add(-time.Hour), To: now,
		})
		if err != nil {
			return err
		}
		c := l.cfg.Thresholds[name].Check(name, number(a.Totals[name]))
		r.Checks = append(r.Checks, c)
		if c.Level != anomaly.LevelNormal {
			*found = append(*found, thresholdFinding(c, l.cfg.Thresholds[name], now, l.desk.Zone()))
		}
	}
	return nil
}
