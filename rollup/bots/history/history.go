package history

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/ingest/enrich"
)

// House is what history needs of the rest.
type House struct {
	Store *store.Store
	// Classify says again what lists and signals say of a stored event, and whether that is another
	// verdict than it has.
	Classify func(*event.Event) bool
	// Use takes over the rules for what is taken in from now on. What came in without them, at the
	// very moment when one was set, gets their verdict within the hour (Apply).
	Use func([]enrich.Rule)
	// Remake makes the sessions that start in the hours [from, to) again.
	Remake func(ctx context.Context, t store.Tenant, from, to event.Hour) error
	// Record takes in an event in the native format, for the audit trail.
	Record  func(ctx context.Context, t store.Tenant, event []byte) error
	Tenants func() []store.Tenant
	Zone    *time.Location // of dates
	Now     func() time.Time
	Log     *slog.Logger
}

// History keeps the rules and changes events. It may be used by several goroutines.
type History struct {
	house House
	shelf *store.Shelf

	mu    sync.Mutex
	rules []Rule // guarded by mu; the oldest first

	changing sync.Mutex // held while events are changed
}

const (
	rulePrefix  = "rule/"
	markPrefix  = "mark/"
	ruledPrefix = "ruled/"
	runKey      = "run"
	// maxRules bounds what each event is compared with.
	maxRules = 200
)

// Open reads the rules.
func Open(h House) (*History, error) {
	if h.Tenants == nil {
		h.Tenants = func() []store.Tenant { return []store.Tenant{store.Default} }
	}
	y := &History{house: h, shelf: h.Store.Shelf(store.Default, "bots")}
	err := y.shelf.Each(rulePrefix, func(key string, value []byte) error {
		var r Rule
		if err := json.Unmarshal(value, &r); err != nil {
			return fmt.Errorf("rule %s: %w", key, err)
		}
		y.rules = append(y.rules, r)
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(y.rules, func(a, b Rule) int {
		return cmp.Or(a.Set.Compare(b.Set), strings.Compare(a.ID, b.ID))
	})
	if text, ok, err := y.shelf.Get(runKey); err == nil && ok {
		h.Log.Warn("a reclassification was cut short; ask for the same again to finish it",
			slog.String("scope", string(text)))
	}
	h.Use(taken(y.rules))
	return y, nil
}

// Rules are those in use.
func (y *History) Rules() []Rule {
	y.mu.Lock()
	defer y.mu.Unlock()
	return slices.Clone(y.rules)
}

// Flag keeps a rule, which counts for what comes, and classifies what came since r.Since. A
// dry run keeps nothing.
func (y *History) Flag(
	ctx context.Context, r Rule, s Scope, progress func(done, days int),
) (*Report, error) {
	r.Class = cmp.Or(r.Class, "known_bot")
	r.Name = cmp.Or(r.Name, Flagged)
	r.Since, r.Set = s.From, y.house.Now().UTC()
	if err := r.check(); err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(strings.ToLower(r.UserAgent + "\x00" + r.Fingerprint + "\x00" + r.Site)))
	r.ID = hex.EncodeToString(sum[:4])
	rules := slices.DeleteFunc(y.Rules(), func(o Rule) bool { return o.ID == r.ID })
	if len(rules) >= maxRules {
		return nil, fault.New(fault.Conflict, "too_many_rules",
			"%d rules are set, which is the limit; `analytics bots unflag ID` removes one", maxRules)
	}
	rules = append(rules, r)
	s.Rule = &r
	if s.DryRun {
		return y.run(ctx, s, rules, "bots_flag", progress)
	}
	value, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	if err := y.keep(ctx, store.Change{Key: rulePrefix + r.ID, Value: value}, rules); err != nil {
		return nil, err
	}
	return y.run(ctx, s, rules, "bots_flag", progress)
}

// Unflag removes a rule and classifies again what came since it was set for, or since s.From if that
// is earlier.
func (y *History) Unflag(
	ctx context.Context, id string, s Scope, progress func(done, days int),
) (*Report, error) {
	all := y.Rules()
	at := slices.IndexFunc(all, func(r Rule) bool { return r.ID == id })
	if at < 0 {
		return nil, fault.At(fault.NotFound, "unknown_rule", "id",
			"there is no rule %q; `analytics bots list` lists them", id)
	}
	r := all[at]
	s.Rule = &r
	if s.From.IsZero() || r.Since.Before(s.From) {
		s.From = r.Since
	}
	rules := slices.Delete(all, at, at+1)
	if !s.DryRun {
		if err := y.keep(ctx, store.Change{Key: rulePrefix + id, Delete: true}, rules); err != nil {
			return nil, err
		}
	}
	return y.run(ctx, s, rules, "bots_unflag", progress)
}

// Reclassify says again of all web events of the scope what lists and rules say of them.
func (y *History) Reclassify(
	ctx context.Context, s Scope, progress func(done, days int),
) (*Report, error) {
	return y.run(ctx, s, y.Rules(), "bots_reclassify", progress)
}

// keep makes a change of rules durable and takes it over.
func (y *History) keep(ctx context.Context, c store.Change, rules []Rule) error {
	y.mu.Lock()
	defer y.mu.Unlock()
	if err := y.shelf.Apply(ctx, c); err != nil {
		return err
	}
	y.rules = rules
	y.house.Use(taken(rules))
	return nil
}
