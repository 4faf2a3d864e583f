package lookout

import (
	"context"
	"fmt"
	"time"

	"analytics/alerts/anomaly"
	"analytics/engine/store"
	"analytics/query"
	"analytics/query/filter"
	"analytics/query/when"
)

const (
	// lateness is how long after its end an hour is taken for over.
	lateness = 5 * time.Minute
	// ranked is how far back events decide which parts are watched: longer than an outage.
	ranked = 14 * 24 * time.Hour
	// ahead is how many hours are judged before the next look back: that which goes on, and for five
	// minutes the one before.
	ahead = 2
	// others is how cubes call their smallest groups together.
	others = "(other)"
)

// hindsight is what the hours that are over say about those that come.
type hindsight struct {
	until  time.Time // the end of the last hour that is over
	zone   *time.Location
	panels []hindPanel
}

type hindPanel struct {
	panel
	names  []string // values of by; one empty name if there is no by
	series []series // by name, then measure
}

// series is what is known of one series.
type series struct {
	measure
	by, name string
	last     anomaly.Verdict // of the last hour that is over
	lastAt   time.Time
	episode  *anomaly.Episode // that goes on
	began    time.Time        // its first hour
	peak     time.Time        // and the one furthest off
	drift    anomaly.Drift
	trend    anomaly.Check
	next     [ahead]anomaly.Hour
	running  anomaly.Verdict // of the newest hour, once asked
	at       time.Time       // of running
}

// hoursOver gives the start of the history, and the end of the last hour that is over.
func hoursOver(now time.Time, zone *time.Location) (from, until time.Time) {
	until = when.Start(now.Add(-lateness), when.Hour, zone)
	return when.Start(until.Add(-anomaly.History*time.Hour), when.Hour, zone), until
}

// look reads the past.
func (l *Lookout) look(ctx context.Context, now time.Time) (*hindsight, error) {
	zone := l.desk.Zone()
	from, until := hoursOver(now, zone)
	h := &hindsight{until: until, zone: zone}
	grid, ok := when.Range{From: from, To: until.Add(ahead * time.Hour), Zone: zone}.Buckets(when.Hour, 1e4)
	if !ok {
		return nil, fmt.Errorf("the hours from %v on cannot be cut", from)
	}
	hours := anomaly.NewGrid(grid.Edges[:grid.Len()])
	for _, p := range panels {
		hp := hindPanel{panel: p, names: []string{""}}
		var err error
		if p.by != "" {
			if hp.names, err = l.names(ctx, p, now); err != nil {
				return nil, err
			}
		}
		if len(hp.names) == 0 {
			continue
		}
		if err := l.fit(ctx, &hp, hours, until); err != nil {
			return nil, err
		}
		h.panels = append(h.panels, hp)
	}
	return h, nil
}

// names are the values of the panel's dimension with most events.
func (l *Lookout) names(ctx context.Context, p panel, now time.Time) (names []string, err error) {
	a, err := l.ask(ctx, query.Question{
		Metrics: p.metrics[:1], By: []string{p.by}, Order: "-" + p.metrics[0], Limit: l.cfg.Top + 2,
		From: now.Add(-ranked), To: now,
	})
	if err != nil {
		return nil, err
	}
	for _, cells := range a.Rows {
		name, _ := row{a, cells}.cell(p.by).(string)
		if name != "" && name != others && len(names) < l.cfg.Top {
			names = append(names, name)
		}
	}
	return names, nil
}

// ask asks about the default tenant, and counts the questions.
func (l *Lookout) ask(ctx context.Context, q query.Question) (*query.Answer, error) {
	l.questions++
	return l.desk.Answer(ctx, store.Default, q)
}

// hourly asks for the hours of a panel.
func (l *Lookout) hourly(ctx context.Context, p *hindPanel, from, to time.Time) (*query.Answer, error) {
	q := query.Question{Metrics: p.metrics, From: from, To: to, Interval: string(when.Hour)}
	if p.by != "" {
		q.By = []string{p.by}
		q.Filter = filter.Conditions{}.And(p.by, filter.In, p.names...).String()
	}
	return l.ask(ctx, q)
}

// fit reads the history of a panel and keeps what it says about the hours to come.
func (l *Lookout) fit(ctx context.Context, p *hindPanel, g *anomaly.Grid, until time.Time) error {
	a, err := l.hourly(ctx, p, g.Starts[0], until)
	if err != nil {
		return err
	}
	at := make(map[int64]int, g.Len())
	for i, t := range g.Starts {
		at[t.Unix()] = i
	}
	past := p.empty(g.Len())
	p.each(a, func(n int, r row, t time.Time) {
		i, ok := at[t.Unix()]
		if !ok {
			return
		}
		for k, m := range p.measures {
			past[n*len(p.measures)+k].Values[i], past[n*len(p.measures)+k].Events[i] = m.read(r)
		}
	})
	complete := at[until.Unix()]
	limits := l.cfg.limits()
	for n, name := range p.names {
		for k, m := range p.measures {
			s := series{measure: m, by: p.by, name: name, lastAt: g.Starts[complete-1]}
			model := anomaly.Fit(g, past[n*len(p.measures)+k], complete)
			s.last, s.episode = model.Watch(complete, limits)
			if s.episode != nil {
				s.began, s.peak = g.Starts[s.episode.From], g.Starts[s.episode.PeakAt]
			}
			s.drift = model.Drift(limits)
			s.trend = anomaly.Trend(m.name, past[n*len(p.measures)+k].Values[complete-24:complete])
			for j := range ahead {
				s.next[j] = model.Hour(complete + j)
			}
			p.series = append(p.series, s)
		}
	}
	return nil
}

// empty are the series of a panel, without values.
func (p *hindPanel) empty(hours int) []*anomaly.Series {
	var all []*anomaly.Series
	for range p.names {
		for _, m := range p.measures {
			all = append(all, &anomaly.Series{
				Kind: m.kind, UpOnly: m.upOnly, Lumpy: m.lumpy,
				Values: make([]float64, hours), Events: make([]float64, hours),
			})
		}
	}
	return all
}

// each calls f with the rows of an answer, the number of their name and their hour.
func (p *hindPanel) each(a *query.Answer, f func(n int, r row, at time.Time)) {
	number := make(map[string]int, len(p.names))
	for n, name := range p.names {
		number[name] = n
	}
	for _, cells := range a.Rows {
		r := row{a, cells}
		t, _ := r.cell("time").(time.Time)
		name := ""
		if p.by != "" {
			name, _ = r.cell(p.by).(string)
		}
		if n, ok := number[name]; ok {
			f(n, r, t)
		}
	}
}

// now judges the hours that go on.
func (l *Lookout) now(ctx context.Context, h *hindsight, now time.Time) error {
	limits := l.cfg.limits()
	for i := range h.panels {
		p := &h.panels[i]
		if !now.After(h.until) {
			continue
		}
		a, err := l.hourly(ctx, p, h.until, now)
		if err != nil {
			return err
		}
		for k := range p.series { // what is not in the answer has no events
			p.series[k].at, p.series[k].running = time.Time{}, anomaly.Verdict{}
		}
		p.each(a, func(n int, r row, t time.Time) {
			j := int(t.Sub(h.until) / time.Hour)
			if j < 0 || j >= ahead {
				return
			}
			for k, m := range p.measures {
				s := &p.series[n*len(p.measures)+k]
				value, events := m.read(r)
				v := s.next[j].Judge(value, events, limits)
				if s.at.IsZero() || v.State.Bad() || !s.running.State.Bad() {
					s.running, s.at = v, t
				}
			}
		})
	}
	return nil
}
