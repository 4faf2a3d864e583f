package budget

import (
	"analytics/engine/event"
	"analytics/engine/store"
)

// Body is what a body of events costs, until it is known to be stored. It is reused.
type Body struct {
	l       *Ledger
	tenant  store.Tenant
	charges []charge
	ids     []holdKey
	rows    int // ai_requests
}

type charge struct {
	line *line
	cell *cell
	at   event.Micros
	nano event.NanoUSD
}

// Begin is for who is going to store a body of events: each is shown to Note, and at the end Settle is
// called in any case. In between no sum is made, so it must not wait for the sender.
func (l *Ledger) Begin(b *Body, t store.Tenant) {
	l.fence.RLock()
	b.l, b.tenant, b.charges, b.ids, b.rows = l, t, b.charges[:0], b.ids[:0], 0
}

// Note looks at an event once it has its price.
func (b *Body) Note(e *event.Event) {
	if e.Kind != event.AIRequest {
		return
	}
	l := b.l
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.watched[b.tenant] {
		return
	}
	b.rows++
	if len(l.held) > 0 && e.Has(event.EventID) {
		key := holdKey{b.tenant, string(e.Text(event.EventID))}
		if l.held[key] != nil {
			b.ids = append(b.ids, key)
		}
	}
	nano := event.NanoUSD(e.Int(event.AICost))
	if nano == 0 {
		return
	}
	var labels [len(dimensions)][]byte
	for i, d := range dimensions {
		labels[i] = e.Text(d.field)
	}
	for _, n := range l.lines {
		if n.tenant != b.tenant {
			continue
		}
		if c := n.group(&labels); c != nil {
			b.charges = append(b.charges, charge{n, c, e.Time(), nano})
		}
	}
}

// Settle counts the body by the store's receipt. With an error nobody knows what was stored, and with
// some duplicates nobody knows which: then the sums are made again, by Run.
func (b *Body) Settle(receipt store.Receipt, err error) {
	l := b.l
	defer l.fence.RUnlock()
	if b.rows == 0 || err == nil && receipt.Accepted == 0 {
		return
	}
	if err != nil || receipt.Duplicates > 0 {
		l.Doubt()
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range b.charges {
		c := &b.charges[i]
		c.line.add(c.cell, c.at, c.nano)
		if c.line.logging {
			c.line.since = append(c.line.since, spend{c.cell.group, c.at, c.nano})
		}
	}
	for _, key := range b.ids {
		l.drop(key)
	}
}

// Doubt says that the sums may not be those of the store any more.
func (l *Ledger) Doubt() {
	l.doubt.Store(true)
	l.Nudge()
}

// Nudge wakes Run.
func (l *Ledger) Nudge() {
	select {
	case l.nudged <- struct{}{}:
	default:
	}
}
