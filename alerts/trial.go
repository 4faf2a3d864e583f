package alerts

import (
	"context"
	"fmt"
	"time"

	"analytics/alerts/rules"
	"analytics/query"
)

// RuleStandings are the rules on metrics by name.
func (w *Watch) RuleStandings() []rules.Standing {
	all := []rules.Standing{}
	for _, r := range w.book.Rules() {
		all = append(all, w.standing(r))
	}
	return all
}

func (w *Watch) standing(r rules.Rule) rules.Standing {
	s := rules.Standing{Rule: r, Says: r.Says(), Unit: r.Unit(), State: "waiting"}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range r.Checks() {
		m := w.states[c.Name()]
		if m == nil {
			continue
		}
		s.State, s.Looked, s.Problem = "ok", m.State.Seen, m.problem
		s.Left += m.State.Left
		for _, g := range m.State.Groups {
			switch {
			case g.Firing:
				s.Firing++
			case !g.Pending.IsZero():
				s.Pending++
			}
		}
	}
	s.Pending = max(0, s.Pending-s.Left)
	switch {
	case !r.On():
		s.State = "off"
	case s.Firing > 0:
		s.State = "firing"
	case s.Pending > 0:
		s.State = "pending"
	}
	return s
}

// Try evaluates a rule now and changes nothing. Of a rule that is kept and watches the same it knows
// since when its condition holds.
func (w *Watch) Try(ctx context.Context, r rules.Rule) (rules.Trial, error) {
	if err := w.book.Ready(&r); err != nil {
		return rules.Trial{}, err
	}
	now := w.desk.Now().UTC()
	t := rules.Trial{Rule: r, Checks: []rules.TrialCheck{}}
	for _, c := range r.Checks() {
		at := c.Moment(now)
		q := c.Question(at)
		samples, cut, err := w.read(ctx, c, at, map[string]*query.Answer{})
		if err != nil {
			return rules.Trial{}, err
		}
		check := rules.TrialCheck{Condition: c.Condition(), Threshold: c.Threshold(), From: q.From, To: q.To,
			Groups: []rules.TrialGroup{}, Cut: cut}
		w.mu.Lock()
		state := rules.State{}
		if m := w.states[c.Name()]; m != nil && m.Rule.Same(&r) {
			state = m.State.Clone()
		}
		w.mu.Unlock()
		for _, o := range c.Outlook(state, at, samples, cut) {
			check.Groups = append(check.Groups, w.trial(c, o, now))
		}
		t.Checks = append(t.Checks, check)
	}
	return t, nil
}

// trial is an outlook in the words of the trial.
func (w *Watch) trial(c *rules.Check, o rules.Outlook, now time.Time) rules.TrialGroup {
	g := rules.TrialGroup{Shown: c.Value(o.Sample), Samples: o.Count, Fires: o.Fires, Why: o.Why}
	if o.Known {
		g.Value = &o.Value
	}
	group := map[string]string{}
	for i, v := range o.Group {
		g.Group = append(g.Group, Label{Name: c.Rule.By[i], Value: v})
		group[c.Rule.By[i]] = v
	}
	w.mu.Lock()
	open := w.active[about(Metric, c.Subject(o.Group))]
	w.mu.Unlock()
	if open != nil {
		g.Why += fmt.Sprintf("; %s is %s", open.ID, open.State)
	}
	if by := w.book.Quiet(c.Rule.Name, group, now); by != "" && o.Fires {
		g.Why += "; its message is kept back by " + by
	}
	return g
}
