package alerts

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"analytics/alerts/rules"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/engine/versioned"
	"analytics/query"
)

// statePrefix is where the shelf "alerts" keeps what checks of rules remember.
const statePrefix = "state/"

// mostEvaluating bounds an evaluation of all rules: those that are left then are the first in the next
// one, a minute later.
const mostEvaluating = 20 * time.Second

// memory is what is known of a check: its state, and the rule it is of, so that a rule that watches
// something else starts anew.
type memory struct {
	Rule  rules.Rule  `json:"rule"`
	State rules.State `json:"state"`

	problem string    // of the last evaluation
	saved   time.Time // the Seen that is on the shelf
	shape   string    // what is on the shelf, without what changes at every look
}

// saveEvery is how often a state is written in which nothing happens. It is less than what a gap
// between two looks may be without any effect.
const saveEvery = 3 * time.Minute

// change is how the state is written, if something happened or it is time.
func (m *memory) change(name string) (c store.Change, needed bool, err error) {
	still := m.State.Clone()
	still.Seen, still.Known = time.Time{}, nil
	for _, g := range still.Groups {
		if g.Firing {
			g.Held = time.Time{}
		}
	}
	shape, err := json.Marshal(memory{Rule: m.Rule, State: still})
	if err != nil {
		return c, false, err
	}
	if since := m.State.Seen.Sub(m.saved); string(shape) == m.shape && since >= 0 && since < saveEvery {
		return c, false, nil
	}
	value, err := versioned.Marshal(rowFormat, m)
	m.saved, m.shape = m.State.Seen, string(shape)
	return store.Change{Key: statePrefix + name, Value: value}, true, err
}

// mostWritten bounds a transaction of a shelf, of which a store with small tables takes a megabyte.
const mostWritten = 256 << 10

// apply writes changes, in several transactions where they are many: each is whole by itself.
func apply(ctx context.Context, s shelf, changes []store.Change) error {
	for len(changes) > 0 {
		n, size := 0, 0
		for n < len(changes) && (n == 0 || size+len(changes[n].Value) <= mostWritten) {
			size += len(changes[n].Value)
			n++
		}
		if err := s.Apply(ctx, changes[:n]...); err != nil {
			return err
		}
		changes = changes[n:]
	}
	return nil
}

// loadStates reads what checks remember.
func (w *Watch) loadStates() error {
	return w.state.Each(statePrefix, func(key string, value []byte) error {
		var m memory
		if err := versioned.Unmarshal("state of a rule", rowFormat, value, &m); err != nil {
			return unreadable(key, err)
		}
		w.states[strings.TrimPrefix(key, statePrefix)] = &m
		return nil
	})
}

// unreadable is the fault of a row.
func unreadable(key string, err error) error {
	if fault.Of(err).Kind == fault.Newer {
		return err
	}
	return fault.New(fault.Damaged, "store_damaged", "%.120q of alerts cannot be read", key).Wrap(err)
}

// CheckRules evaluates all rules on metrics now, writes down what follows, and tells it. Where one
// question fails the others are asked.
func (w *Watch) CheckRules(ctx context.Context) error {
	w.evaluating.Lock()
	defer w.evaluating.Unlock()
	now := w.desk.Now().UTC()
	checks := w.checks()
	var all []error
	var changes []store.Change
	asked := map[string]*query.Answer{}
	for _, c := range checks {
		if w.desk.Now().Sub(now) > mostEvaluating {
			w.log.Warn("not all rules could be evaluated", "seconds", mostEvaluating.Seconds())
			break
		}
		m := w.memory(c)
		err := w.evaluate(ctx, c, m, now, asked)
		w.mu.Lock()
		if m.problem = ""; err != nil {
			m.problem = fault.Of(err).Message
			all = append(all, fmt.Errorf("rule %s: %w", c.Name(), err))
		}
		change, needed, err := m.change(c.Name())
		w.mu.Unlock()
		if err != nil {
			return err
		}
		if needed {
			changes = append(changes, change)
		}
	}
	changes = append(changes, w.forgetStates(checks)...)
	err := apply(ctx, w.state, changes)
	if err != nil { // what is not on the shelf is written the next time
		w.mu.Lock()
		for _, m := range w.states {
			m.shape = ""
		}
		w.mu.Unlock()
	}
	all = append(all, err, w.settle(ctx, checks), w.tell(ctx))
	return errors.Join(all...)
}

// checks are the checks of all rules that are on, the one that was looked at longest ago first.
func (w *Watch) checks() (all []*rules.Check) {
	list := w.book.Rules()
	for i := range list {
		if list[i].On() {
			all = append(all, list[i].Checks()...)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	seen := func(c *rules.Check) (t time.Time) {
		if m := w.states[c.Name()]; m != nil {
			t = m.State.Seen.Truncate(2 * time.Minute) // ends of windows differ by one
		}
		return t
	}
	slices.SortStableFunc(all, func(a, b *rules.Check) int { return seen(a).Compare(seen(b)) })
	return all
}

// memory is what is known of a check; nothing where its rule watches something else now.
func (w *Watch) memory(c *rules.Check) *memory {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := w.states[c.Name()]
	if m == nil || !m.Rule.Same(c.Rule) {
		m = &memory{}
		w.states[c.Name()] = m
	}
	m.Rule = *c.Rule
	return m
}

// forgetStates forgets what was known of checks that are no more.
func (w *Watch) forgetStates(checks []*rules.Check) (changes []store.Change) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for name := range w.states {
		if !slices.ContainsFunc(checks, func(c *rules.Check) bool { return c.Name() == name }) {
			delete(w.states, name)
			changes = append(changes, store.Change{Key: statePrefix + name, Delete: true})
		}
	}
	return changes
}

// evaluate asks what a check asks, takes its state a step on, and opens and updates incidents. What is
// over settle resolves.
func (w *Watch) evaluate(
	ctx context.Context, c *rules.Check, m *memory, now time.Time, asked map[string]*query.Answer,
) error {
	at := c.Moment(now)
	samples, cut, err := w.read(ctx, c, at, asked)
	if err != nil {
		return err
	}
	w.mu.Lock()
	turns := c.Step(&m.State, at, samples, cut)
	left := m.State.Left
	w.mu.Unlock()
	var found []Finding
	for _, t := range turns {
		if t.Fires {
			found = append(found, w.finding(c, t, at))
			continue
		}
		if err := w.Clear(ctx, Metric, c.Subject(t.Group), t.Why); err != nil {
			return err
		}
	}
	if len(found) == 0 {
		return nil
	}
	if left > 0 {
		found[0].Message += fmt.Sprintf(" %d more would fire, if the rule had more than %d groups.", left, c.Rule.Groups)
	}
	_, err = w.Raise(ctx, found...)
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, t := range turns { // after a crash the incident is older than what the state knows of it
		if i := w.active[about(Metric, c.Subject(t.Group))]; t.Fires && i != nil {
			m.State.Belong(t.Group, i.Period)
		}
	}
	return err
}

// read asks the question of a check. The same question is asked once for all rules.
func (w *Watch) read(
	ctx context.Context, c *rules.Check, at time.Time, asked map[string]*query.Answer,
) (samples []rules.Sample, cut bool, err error) {
	q := c.Question(at)
	text := fmt.Sprintf("%q", []any{q.Metrics, q.By, q.Filter, q.From, q.To, q.IncludeBots, q.Order})
	a := asked[text]
	if a == nil {
		if a, err = w.desk.Answer(ctx, store.Default, q); err != nil {
			return nil, false, err
		}
		asked[text] = a
	}
	samples, cut = c.Samples(a)
	return samples, cut, nil
}

// finding is an incident of a rule.
func (w *Watch) finding(c *rules.Check, t rules.Turn, at time.Time) Finding {
	r := c.Rule
	f := Finding{
		Type: Metric, Rule: r.Name, Version: r.Version, Subject: c.Subject(t.Group), Period: t.Period,
		Title: c.Title(), Message: c.Message(t.Sample, at), Severity: Severity(r.Severity),
		Renotify: r.Renotify.Long(), From: c.Question(at).From,
		Reading: Reading{Metric: r.Metric, Unit: c.Unit(), Operator: r.Operator, Value: t.Value,
			Samples: int64(t.Count)},
	}
	if c.Absence {
		f.Reading.Metric, f.Reading.Operator = c.Question(at).Metrics[0], "=="
	} else {
		f.Reading.Threshold = *r.Threshold
	}
	for i, v := range t.Group {
		f.Group = append(f.Group, Label{Name: r.By[i], Value: v})
	}
	return f
}

// settle resolves incidents of rules that nothing holds open any more: their rule is gone, off, or
// watches something else.
func (w *Watch) settle(ctx context.Context, checks []*rules.Check) error {
	type over struct{ subject, why string }
	var all []over
	w.mu.Lock()
	for _, i := range w.active {
		if i.Type != Metric {
			continue
		}
		name, group, _ := strings.Cut(i.Subject, "\x00")
		m := w.states[name]
		switch {
		case m == nil:
			all = append(all, over{i.Subject, "the rule is gone or off"})
		case m.State.Groups[group] == nil || !m.State.Groups[group].Firing:
			if m.problem == "" { // what could not be asked is not known to be over
				all = append(all, over{i.Subject, "it does not hold any more"})
			}
		}
	}
	w.mu.Unlock()
	slices.SortFunc(all, func(a, b over) int { return cmp.Compare(a.subject, b.subject) })
	for _, o := range all {
		if err := w.Clear(ctx, Metric, o.subject, o.why); err != nil {
			return err
		}
	}
	return nil
}

// tell hands over what is to be told.
func (w *Watch) tell(ctx context.Context) error {
	w.checking.Lock()
	defer w.checking.Unlock()
	now := w.desk.Now().UTC()
	if err := w.hush(ctx, now); err != nil {
		return err
	}
	return w.notify(ctx, now)
}

// hush notes which active incidents are silenced now, and by what.
func (w *Watch) hush(ctx context.Context, now time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []*Incident
	for _, i := range w.active {
		group := map[string]string{}
		for _, l := range i.Group {
			group[l.Name] = l.Value
		}
		if by := w.book.Quiet(i.Rule, group, now); by != i.Silenced && (by != "" || !w.calms(i)) {
			next := *i
			next.Silenced = by
			all = append(all, &next)
		}
	}
	return w.save(ctx, all...)
}

// calms reports whether what a rule found does not hold any more, so that it is no news when a silence
// ends. The caller holds mu.
func (w *Watch) calms(i *Incident) bool {
	name, group, _ := strings.Cut(i.Subject, "\x00")
	m := w.states[name]
	if i.Type != Metric || m == nil {
		return false
	}
	g := m.State.Groups[group]
	return g != nil && !g.Over.IsZero()
}
