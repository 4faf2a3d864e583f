package budget

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/engine/versioned"
)

// Switch is what somebody decided by hand about a budget.
type Switch struct {
	// Lifted lets calls go on whatever was spent; otherwise they stop whatever is left.
	Lifted bool `json:"lifted"`
	// Until is when the decision ends, zero for never.
	Until time.Time `json:"until,omitzero"`
	By    string    `json:"by"`
	At    time.Time `json:"at"`
}

func (s Switch) active(now time.Time) bool {
	return !s.At.IsZero() && (s.Until.IsZero() || now.Before(s.Until))
}

// The keys of the shelf: what, the tenant in hexadecimal digits, and the name. The values are JSON.
const (
	defPrefix    = "def/"
	switchPrefix = "switch/"
)

// rowFormat is the format of the values. Those of format 0 are from before it was written, and read the same.
const rowFormat = 1

// maxBudgets bounds the budgets of all tenants together: each event is held against all of its own.
const maxBudgets = 500

func (p place) key(prefix string) string {
	return prefix + hex.EncodeToString(p.tenant[:]) + "/" + p.name
}

func placeOf(key, prefix string) (p place, ok bool) {
	tenant, name, ok := strings.Cut(strings.TrimPrefix(key, prefix), "/")
	n, err := hex.Decode(p.tenant[:], []byte(tenant[:min(len(tenant), 2*len(p.tenant))]))
	p.name = name
	return p, ok && err == nil && n == len(p.tenant)
}

// unreadable is the fault of a row.
func unreadable(key string, err error) error {
	if fault.Of(err).Kind == fault.Newer {
		return err
	}
	return fault.New(fault.Damaged, "store_damaged", "budget %.120q cannot be read", key).Wrap(err)
}

// decode reads the row of a budget.
func decode(key string, value []byte) (at place, d Definition, err error) {
	at, ok := placeOf(key, defPrefix)
	if err := versioned.Unmarshal("budget", rowFormat, value, &d); err != nil || !ok || d.Name != at.name {
		return at, d, unreadable(key, err)
	}
	return at, d, nil
}

// load reads the shelf.
func (l *Ledger) load() error {
	err := l.shelf.Each(defPrefix, func(key string, value []byte) error {
		at, d, err := decode(key, value)
		l.set[at] = d
		return err
	})
	if err != nil {
		return err
	}
	return l.shelf.Each(switchPrefix, func(key string, value []byte) error {
		var s Switch
		at, ok := placeOf(key, switchPrefix)
		if err := versioned.Unmarshal("budget's switch", rowFormat, value, &s); err != nil || !ok {
			return unreadable(key, err)
		}
		l.switches[at] = s
		return nil
	})
}

// Use takes over the configuration: at the start, and when it is read again.
func (l *Ledger) Use(cfg Config) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	l.redraw(func() { l.cfg = cfg })
	return nil
}

// Rule takes over the budgets that alerts' rules ask for.
func (l *Ledger) Rule(list []Definition) {
	l.redraw(func() { l.ruled = list })
}

// redraw changes the definitions when no sum is being made.
func (l *Ledger) redraw(change func()) {
	l.building.Lock()
	l.fence.Lock()
	l.mu.Lock()
	change()
	l.draw()
	l.mu.Unlock()
	l.fence.Unlock()
	l.building.Unlock()
	l.Nudge()
}

// Set keeps a budget, new or changed.
func (l *Ledger) Set(ctx context.Context, t store.Tenant, d Definition, by string) error {
	l.changing.Lock()
	defer l.changing.Unlock()
	d.Source = fromSet
	if _, err := d.complete(l.house.Zone); err != nil {
		return err
	}
	at := place{t, d.Name}
	if err := l.mine(at); err != nil {
		return err
	}
	l.mu.Lock()
	_, known := l.set[at]
	full := len(l.set) >= maxBudgets
	l.mu.Unlock()
	if full && !known {
		return fault.New(fault.Limited, "too_many_budgets", "there are %d budgets already; use one with "+
			"--by, or delete some", maxBudgets)
	}
	value, err := versioned.Marshal(rowFormat, d)
	if err != nil {
		return err
	}
	if err := l.shelf.Put(ctx, at.key(defPrefix), value); err != nil {
		return err
	}
	l.redraw(func() { l.set[at] = d })
	if err := l.ensure(ctx); err != nil {
		return err
	}
	return l.audit(ctx, t, "budget_set", by, d.Name, map[string]any{
		"limit_usd": d.Limit.String(), "period": d.Period, "action": string(d.Action)})
}

// Delete forgets a budget, and what was decided about it by hand.
func (l *Ledger) Delete(ctx context.Context, t store.Tenant, name, by string) error {
	l.changing.Lock()
	defer l.changing.Unlock()
	at := place{t, name}
	if err := l.mine(at); err != nil {
		return err
	}
	l.mu.Lock()
	_, known := l.set[at]
	l.mu.Unlock()
	if !known {
		return unknown(name)
	}
	err := l.shelf.Apply(ctx, store.Change{Key: at.key(defPrefix), Delete: true},
		store.Change{Key: at.key(switchPrefix), Delete: true})
	if err != nil {
		return err
	}
	l.redraw(func() { delete(l.set, at); delete(l.switches, at) })
	return l.audit(ctx, t, "budget_delete", by, name, nil)
}

// Pause stops the calls of a budget until a time, or with a zero time until it is unpaused.
func (l *Ledger) Pause(ctx context.Context, t store.Tenant, name string, until time.Time, by string) error {
	now := l.house.Now().UTC()
	if !until.IsZero() && !until.After(now) {
		return fault.At(fault.Invalid, "invalid_parameter", "until", "until must be in the future")
	}
	s := Switch{Until: until.UTC(), By: by, At: now}
	return l.turn(ctx, place{t, name}, s, "budget_pause")
}

// Unpause lets the calls of a budget go on, whatever was spent, until its period ends; of a rolling
// one, for its length.
func (l *Ledger) Unpause(ctx context.Context, t store.Tenant, name, by string) error {
	now := l.house.Now().UTC()
	s := Switch{Lifted: true, By: by, At: now}
	l.mu.Lock()
	for _, n := range l.lines {
		if n.place == (place{t, name}) {
			_, s.Until = n.period.Window(now)
			if n.period.rolling() {
				s.Until = now.Add(n.period.length)
			}
		}
	}
	l.mu.Unlock()
	return l.turn(ctx, place{t, name}, s, "budget_unpause")
}

func (l *Ledger) turn(ctx context.Context, at place, s Switch, action string) error {
	l.changing.Lock()
	defer l.changing.Unlock()
	if !l.has(at) {
		return unknown(at.name)
	}
	value, err := versioned.Marshal(rowFormat, s)
	if err != nil {
		return err
	}
	if err := l.shelf.Put(ctx, at.key(switchPrefix), value); err != nil {
		return err
	}
	l.mu.Lock()
	l.switches[at] = s
	l.mu.Unlock()
	more := map[string]any{}
	if !s.Until.IsZero() {
		more["until"] = s.Until.Format(time.RFC3339)
	}
	return l.audit(ctx, at.tenant, action, s.By, at.name, more)
}

func unknown(name string) error {
	return fault.At(fault.NotFound, "unknown_budget", "name",
		"there is no budget %.80q; `analytics budgets list` shows them", name)
}

func (l *Ledger) has(at place) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, n := range l.lines {
		if n.place == at {
			return true
		}
	}
	return false
}

// mine refuses to change what stands in the configuration.
func (l *Ledger) mine(at place) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, n := range l.lines {
		if n.place == at && n.Source != fromSet {
			return fault.At(fault.Conflict, "configured_budget", "name", "the budget %s stands in the "+
				"configuration; change it there", at.name)
		}
	}
	return nil
}

// ensure makes the sums if a budget has none.
func (l *Ledger) ensure(ctx context.Context) error {
	if !l.stale() {
		return nil
	}
	return l.Rebuild(ctx)
}

// Audit records that a budget changed by itself.
func (l *Ledger) Audit(ctx context.Context, t store.Tenant, action, name string, more map[string]any) error {
	return l.audit(ctx, t, action, "", name, more)
}

func (l *Ledger) audit(
	ctx context.Context, t store.Tenant, action, by, name string, more map[string]any,
) error {
	if l.house.Record == nil {
		return nil
	}
	e := map[string]any{"type": "activity", "category": "administration", "action": action,
		"target": name, "outcome": "success", "severity": "medium"}
	if by != "" {
		e["actor"] = by
	}
	if len(more) > 0 {
		e["properties"] = more
	}
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return l.house.Record(ctx, t, text)
}
