package alerts

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"analytics/alerts/book"
	"analytics/alerts/lookout"
	"analytics/engine/budget"
	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/engine/versioned"
	"analytics/query"
	"analytics/report/outbox"
)

// shelf is where incidents are kept.
type shelf interface {
	Put(ctx context.Context, key string, value []byte) error
	Apply(ctx context.Context, changes ...store.Change) error
	Delete(ctx context.Context, key string) error
	Each(prefix string, f func(key string, value []byte) error) error
}

const (
	// maxIncidents bounds the list; the oldest that are resolved make room. It is years of them.
	maxIncidents = 10_000
	// lateness is how long after its end a period is still looked at, for events that were on the
	// way.
	lateness = time.Hour
	// pauseAfterCheck keeps checks after commits apart, and rest keeps them to a twentieth of a
	// core where a check takes long.
	pauseAfterCheck = time.Second
	rest            = 20
)

// seenKey is where the shelf "alerts" keeps when the spend was last compared, to the hour.
const seenKey = "seen"

// Watch compares spend with the rules. It is safe for concurrent use.
type Watch struct {
	desk      *query.Desk
	ledger    *budget.Ledger // nil for none
	incidents shelf
	state     shelf
	outbox    *outbox.Outbox
	record    func(context.Context, store.Tenant, []byte) error // nil for nobody
	log       *slog.Logger
	nudged    chan struct{}
	book      *book.Book
	lookout   *lookout.Lookout

	evaluating sync.Mutex // one evaluation of rules at a time; taken before the others

	checking sync.Mutex // one check at a time; guards seen and saved
	seen     time.Time  // when the spend was last compared; zero if never
	saved    time.Time  // the seen that is on the shelf

	mu    sync.Mutex // guards what follows; never held while a question is asked
	rules []Rule
	known map[string]*Incident // an incident is replaced, never changed
	// active are those of them that go on, by what they are about.
	active map[string]*Incident
	states map[string]*memory // of rules on metrics, by the name of the check
}

// New watches the spend of the default tenant: rules are settings of whoever runs the server.
func New(
	s *store.Store, desk *query.Desk, box *outbox.Outbox, log *slog.Logger,
) (*Watch, error) {
	return open(s.Shelf(store.Default, "incidents"), s.Shelf(store.Default, "alerts"), desk, box, log)
}

func open(
	incidents, state shelf, desk *query.Desk, box *outbox.Outbox, log *slog.Logger,
) (*Watch, error) {
	w := &Watch{
		desk: desk, incidents: incidents, state: state, outbox: box, log: log, lookout: lookout.New(desk),
		nudged: make(chan struct{}, 1), known: map[string]*Incident{},
		active: map[string]*Incident{}, states: map[string]*memory{},
	}
	if err := w.loadIncidents(); err != nil {
		return nil, err
	}
	err := state.Each(seenKey, func(_ string, value []byte) error {
		return w.seen.UnmarshalText(value)
	})
	if err != nil {
		return nil, fault.New(fault.Damaged, "store_damaged", "the note of the last check of budgets "+
			"cannot be read").Wrap(err)
	}
	w.saved = w.seen
	if err := w.loadStates(); err != nil {
		return nil, err
	}
	w.book, err = book.Open(book.House{Shelf: state, Zone: desk.Zone(), Now: desk.Now, Audit: w.audit})
	return w, err
}

// loadIncidents reads the incidents. The caller holds mu, or is alone.
func (w *Watch) loadIncidents() error {
	err := w.incidents.Each("", func(key string, value []byte) error {
		i, err := decodeIncident(key, value)
		if err != nil {
			return err
		}
		w.show(i)
		return nil
	})
	if err != nil {
		return fmt.Errorf("incidents: %w", err)
	}
	return nil
}

// Use sets the rules: at the start, and when the settings are read again.
func (w *Watch) Use(rules []Rule) {
	w.mu.Lock()
	w.rules = rules
	w.mu.Unlock()
	w.fromRules(rules)
	w.Nudge()
}

// Nudge says that events were committed. It costs nothing and never waits.
func (w *Watch) Nudge() {
	select {
	case w.nudged <- struct{}{}:
	default:
	}
}

// Run checks after commits, once a second at most, until ctx ends.
func (w *Watch) Run(ctx context.Context) {
	trouble := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.nudged:
		}
		start := time.Now()
		err := w.Check(ctx)
		if err != nil && ctx.Err() == nil && err.Error() != trouble {
			trouble = err.Error()
			w.log.Error("budgets could not be checked", "err", err)
		}
		if err == nil {
			trouble = ""
		}
		timer := time.NewTimer(max(pauseAfterCheck, rest*time.Since(start)))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// Check compares the spend with every rule now: it opens what is passed, resolves what is over, and
// hands over messages that were not.
func (w *Watch) Check(ctx context.Context) error {
	w.checking.Lock()
	defer w.checking.Unlock()
	now := w.desk.Now().UTC()
	w.mu.Lock()
	rules := w.rules
	w.mu.Unlock()
	for _, r := range rules {
		for _, p := range w.periods(r.Type, now) {
			if err := w.compare(ctx, r, p, now); err != nil {
				return fmt.Errorf("alert %s of %s: %w", r.ID, p.Key, err)
			}
		}
	}
	if err := w.checkBudgets(ctx, now); err != nil {
		return err
	}
	if err := w.resolve(ctx, now); err != nil {
		return err
	}
	if err := w.hush(ctx, now); err != nil {
		return err
	}
	if err := w.notify(ctx, now); err != nil {
		return err
	}
	return w.remember(ctx, now)
}

// periods are those a check looks at: the one that goes on, the one before it for an hour, and the
// one of the last check, so that what was spent just before midnight, or before a downtime, is not
// missed.
func (w *Watch) periods(t Type, now time.Time) []Period {
	zone := w.desk.Zone()
	current := t.period(now, zone)
	all := []Period{current}
	earlier := []time.Time{now.Add(-lateness)}
	if !w.seen.IsZero() && w.seen.Before(now) {
		earlier = append(earlier, w.seen)
	}
	for _, at := range earlier {
		if p := t.period(at, zone); p.Key != current.Key && (len(all) == 1 || all[1].Key != p.Key) {
			all = append(all, p)
		}
	}
	return all
}

// compare opens an incident if the period's spend has reached the threshold. Once it is open,
// nothing is asked any more.
func (w *Watch) compare(ctx context.Context, r Rule, p Period, now time.Time) error {
	id := r.ID + "-" + p.Key
	if _, known := w.find(id); known {
		return nil
	}
	spent, err := w.spent(ctx, p)
	if err != nil || spent < r.Threshold {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	i := &Incident{
		ID: id, Rule: r.ID, Type: r.Type, Action: r.Action, Threshold: USD(r.Threshold),
		Value: USD(spent), Period: p.Key, From: p.From, To: p.To, State: Open, Opened: now,
	}
	i.Message = i.message(w.ledger != nil)
	if err := w.makeRoom(ctx); err != nil {
		return err
	}
	if err := w.save(ctx, i); err != nil {
		return err
	}
	w.log.Warn("budget passed", "incident", id, "message", i.Message)
	return nil
}

func (w *Watch) find(id string) (i Incident, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if known := w.known[id]; known != nil {
		return *known, true
	}
	return Incident{}, false
}

// spent is the exact cost of the events of a period, also of those whose clocks run ahead.
func (w *Watch) spent(ctx context.Context, p Period) (event.NanoUSD, error) {
	a, err := w.desk.Answer(ctx, store.Default, query.Question{
		Metrics: []string{"cost"}, From: p.From, To: p.To, TZ: w.desk.Zone().String(),
	})
	if err != nil {
		return 0, err
	}
	spent, ok := a.Totals["cost"].(event.NanoUSD)
	if a.Totals["cost"] == nil { // no request has a price: no known money was spent
		return 0, nil
	}
	if !ok {
		return 0, fmt.Errorf("the cost came as %T", a.Totals["cost"])
	}
	return spent, nil
}

// resolve ends the incidents whose period is over.
func (w *Watch) resolve(ctx context.Context, now time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []*Incident
	for _, i := range w.known {
		if !i.Active() || i.To.IsZero() || now.Before(i.To) {
			continue
		}
		over := *i
		over.State, over.Resolved = Resolved, now
		over.step(Change{State: Resolved, At: now, By: itself, Why: "its period is over"})
		all = append(all, &over)
	}
	return w.save(ctx, all...)
}

// remember notes when the spend was compared: on the shelf once an hour, which tells the days apart
// after a downtime and is a write nobody notices.
func (w *Watch) remember(ctx context.Context, now time.Time) error {
	w.seen = now
	if now.Truncate(time.Hour).Equal(w.saved.Truncate(time.Hour)) {
		return nil
	}
	text, err := now.MarshalText()
	if err != nil {
		return err
	}
	if err := w.state.Put(ctx, seenKey, text); err != nil {
		return fmt.Errorf("alerts: %w", err)
	}
	w.saved = now
	return nil
}

// save writes incidents, then shows them. The caller holds mu.
func (w *Watch) save(ctx context.Context, all ...*Incident) error {
	changes := make([]store.Change, len(all))
	for n, i := range all {
		i.complete()
		value, err := versioned.Marshal(rowFormat, i)
		if err != nil {
			return err
		}
		changes[n] = store.Change{Key: i.ID, Value: value}
	}
	if err := apply(ctx, w.incidents, changes); err != nil {
		return fmt.Errorf("incidents: %w", err)
	}
	for _, i := range all {
		w.show(i)
	}
	return nil
}

// show has an incident listed as it is now. The caller holds mu.
func (w *Watch) show(i *Incident) {
	w.known[i.ID] = i
	switch at := i.about(); {
	case i.Active():
		w.active[at] = i
	case w.active[at] != nil && w.active[at].ID == i.ID:
		delete(w.active, at)
	}
}

// makeRoom drops the oldest incident that is resolved, if there are too many. The caller holds mu.
func (w *Watch) makeRoom(ctx context.Context) error {
	if len(w.known) < maxIncidents {
		return nil
	}
	oldest := ""
	for id, i := range w.known {
		if !i.Active() && (oldest == "" || i.Opened.Before(w.known[oldest].Opened)) {
			oldest = id
		}
	}
	if oldest == "" {
		return fault.New(fault.Limited, "too_many_incidents", "%d incidents are open", len(w.known))
	}
	if err := w.incidents.Delete(ctx, oldest); err != nil {
		return err
	}
	delete(w.known, oldest)
	return nil
}
