package history

import (
	"cmp"
	"context"
	"math"
	"time"

	"analytics/engine/event"
)

// Apply gives events their verdict by rules that came in since rules were applied to their day: from
// an import of old logs, or by a door that did not know the rule yet. Days without new events cost a
// look at the ledger.
func (y *History) Apply(ctx context.Context) error {
	rules := y.Rules()
	if len(rules) == 0 || !y.changing.TryLock() {
		return nil
	}
	defer y.changing.Unlock()
	since := rules[0].Since
	for _, r := range rules {
		if r.Since.Before(since) {
			since = r.Since
		}
	}
	for _, t := range y.house.Tenants() {
		s := Scope{Tenant: t, From: since, To: y.house.Now().Add(24 * time.Hour)}
		days, err := y.days(s)
		if err != nil {
			return err
		}
		for _, day := range days {
			if err := y.apply(ctx, s, rules, day); err != nil {
				return err
			}
		}
	}
	return nil
}

// apply applies rules to a day, unless they were to the same events.
func (y *History) apply(ctx context.Context, s Scope, rules []Rule, day event.Hour) error {
	shelf := y.house.Store.Shelf(s.Tenant, "bots")
	key := ruledPrefix + day.Start().Time().Format(time.DateOnly)
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
