package history

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
)

// Apply gives events their verdict by rules that came in since rules were applied to their day: from
// an import of old logs, or by a door that did not know the rule yet. Days without new events cost a
// look at the ledger. What rules were applied to is known as long as there are events and rules for it.
func (y *History) Apply(ctx context.Context) error {
	if !y.changing.TryLock() {
		return nil
	}
	defer y.changing.Unlock()
	rules := y.Rules()
	for _, t := range y.house.Tenants() {
		var days []event.Hour
		if len(rules) > 0 {
			since := slices.MinFunc(rules, func(a, b Rule) int { return a.Since.Compare(b.Since) }).Since
			s := Scope{Tenant: t, From: since, To: y.house.Now().Add(24 * time.Hour)}
			days = y.left(s)
			for _, day := range days {
				if err := y.apply(ctx, s, rules, day); err != nil {
					return err
				}
			}
		}
		if err := y.forgetDays(ctx, t, ruledPrefix, days); err != nil {
			return err
		}
	}
	return nil
}

// left lists the UTC days of the scope that have web events still, in the store or the archive.
func (y *History) left(s Scope) []event.Hour {
	found := map[event.Hour]bool{}
	from, to := event.MicrosOf(s.From), event.MicrosOf(s.To)
	for _, kind := range order {
		n := y.house.Store.Snapshot(store.Range{Tenant: s.Tenant, Kind: kind, From: from, To: to})
		for _, c := range n.Chunks() {
			for day := max(c.Min, from).Hour() / dayHours; day <= min(c.Max, to-1).Hour()/dayHours; day++ {
				found[day*dayHours] = true
			}
		}
		n.Release()
	}
	return slices.Sorted(maps.Keys(found))
}

// apply applies rules to a day, unless they were to the same events.
func (y *History) apply(ctx context.Context, s Scope, rules []Rule, day event.Hour) error {
	shelf := y.house.Store.Shelf(s.Tenant, "bots")
	key := dayKey(ruledPrefix, day)
	was, _, err := shelf.Get(key)
	if err != nil {
		return err
	}
	now, err := y.ledger(s.Tenant, day, day+dayHours, order...)
	if err != nil || now == string(was) {
		return err
	}
	p := &pass{history: y, scope: s, rules: rules, ruled: true, moves: map[Move]int64{},
		from: event.MicrosOf(s.From), to: math.MaxInt64}
	if err := p.fingerprints(ctx, day); err != nil {
		return err
	}
	for _, kind := range order {
		if _, err := p.write(ctx, kind, day); err != nil {
			return err
		}
	}
	if len(p.moves) > 0 {
		if err := y.house.Remake(ctx, s.Tenant, day, day+dayHours); err != nil {
			return err
		}
	}
	return shelf.Put(ctx, key, []byte(cmp.Or(now, "none")))
}
