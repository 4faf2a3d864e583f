package budget

import (
	"context"
	"fmt"
	"strings"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
)

// Ask is a call that wants to go on.
type Ask struct {
	Tenant store.Tenant
	// ID is the id that the call's row will have.
	ID     string
	Labels Labels
	// Cost is the most it is expected to cost. Priced says that its price is known, and Free that it
	// is known to be zero.
	Cost   event.NanoUSD
	Priced bool
	Free   bool
}

// Verdict says whether a call may go on.
type Verdict struct {
	Allowed bool   `json:"allowed"`
	Code    string `json:"code,omitempty"`
	Budget  string `json:"budget,omitempty"`
	Reason  string `json:"reason,omitempty"`
	// Final says that trying again changes nothing before Resumes, which is zero where nobody knows.
	Final   bool      `json:"final,omitempty"`
	Resumes time.Time `json:"resumes,omitzero"`
	// Wait is how long to wait before trying again, where that makes sense.
	Wait time.Duration `json:"-"`
}

// The codes of verdicts.
const (
	CodePaused    = "budget_paused"
	CodeExceeded  = "budget_exceeded"
	CodeReserved  = "budget_reserved"
	CodeThrottled = "budget_throttled"
	CodeUnknown   = "unknown_price"
	CodeCounting  = "budget_unknown"
)

// hold is the reservation of a call.
type hold struct {
	at    event.Micros
	until time.Time
	parts []part
}

type part struct {
	place
	group string
}

type holdKey struct {
	tenant store.Tenant
	id     string // in compact form
}

func keyOf(t store.Tenant, id string) holdKey {
	return holdKey{t, string(event.AppendID(nil, []byte(id)))}
}

// The times of reservations. A call has longest to end; its row is stored within seconds then, or
// never.
const (
	longestCall = 2 * time.Hour
	untilStored = 2 * time.Minute
	readyWait   = 5 * time.Second // for the sums, after a start
	sweepEvery  = 10 * time.Second
)

// Reserve asks whether a call may go on, and if so reserves what it may cost until its row is stored.
func (l *Ledger) Reserve(ctx context.Context, a Ask) Verdict {
	if !l.concerns(a.Tenant) {
		return Verdict{Allowed: true}
	}
	l.await(ctx)
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.house.Now()
	l.sweep(now)
	v, cells := l.judge(a, now)
	if !v.Allowed {
		return v
	}
	h := &hold{at: event.MicrosOf(now), until: now.Add(longestCall)}
	key := keyOf(a.Tenant, a.ID)
	l.drop(key)
	for n, c := range cells {
		if spent, _ := n.in(c, now); n.Action == Throttle && spent >= event.NanoUSD(n.Limit) {
			c.slowed = now.Add(time.Minute / time.Duration(l.cfg.ThrottlePerMinute))
		}
		if cost := l.costOf(a); cost > 0 {
			c.holds[h] = cost
			h.parts = append(h.parts, part{n.place, c.group})
		}
	}
	if len(h.parts) > 0 {
		l.held[key] = h
	}
	return v
}

// Check asks whether a call may go on, and reserves nothing.
func (l *Ledger) Check(ctx context.Context, a Ask) Verdict {
	if !l.concerns(a.Tenant) {
		return Verdict{Allowed: true}
	}
	l.await(ctx)
	l.mu.Lock()
	defer l.mu.Unlock()
	v, _ := l.judge(a, l.house.Now())
	return v
}

// Ended says that a call is over: its row comes soon, or never.
func (l *Ledger) Ended(t store.Tenant, id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if h := l.held[keyOf(t, id)]; h != nil {
		h.until = l.house.Now().Add(untilStored)
	}
}

// OutputTokens are what to reserve for a call that sets no limit of its own.
func (l *Ledger) OutputTokens() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cfg.OutputTokens
}

// Concerns reports whether a tenant has budgets.
func (l *Ledger) Concerns(t store.Tenant) bool { return l.concerns(t) }

func (l *Ledger) concerns(t store.Tenant) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.watched[t]
}

// await waits for the first sums.
func (l *Ledger) await(ctx context.Context) {
	select {
	case <-l.ready:
		return
	default:
	}
	l.Nudge()
	wait := time.NewTimer(readyWait)
	defer wait.Stop()
	select {
	case <-l.ready:
	case <-ctx.Done():
	case <-wait.C:
	}
}

// judge asks all budgets that a call is in. The caller holds mu.
func (l *Ledger) judge(a Ask, now time.Time) (Verdict, map[*line]*cell) {
	var labels [len(dimensions)][]byte
	for i := range labels {
		labels[i] = []byte(a.Labels[i])
	}
	cells := map[*line]*cell{}
	for _, n := range l.lines {
		if n.tenant != a.Tenant {
			continue
		}
		c := n.group(&labels)
		if c == nil {
			continue
		}
		if v := l.one(n, c, a, now); !v.Allowed {
			v.Budget = n.Name
			return v, nil
		}
		cells[n] = c
	}
	return Verdict{Allowed: true}, cells
}

// one asks one budget.
func (l *Ledger) one(n *line, c *cell, a Ask, now time.Time) Verdict {
	yes := Verdict{Allowed: true}
	s, on := l.switches[n.place], false
	if on = s.active(now); on && s.Lifted || a.Free {
		return yes
	}
	if on {
		return Verdict{Code: CodePaused, Final: true, Resumes: s.Until,
			Reason: fmt.Sprintf("the budget %s was paused by %s%s", n.title(c), s.By, until(s.Until))}
	}
	if n.Action == Notify {
		return yes
	}
	if !n.knows(now) {
		l.Nudge()
		if l.cfg.Fail == open {
			return yes
		}
		return Verdict{Code: CodeCounting, Wait: readyWait, Reason: fmt.Sprintf("what the budget %s has "+
			"spent is being added up; try again in some seconds", n.title(c))}
	}
	spent, reserved := n.in(c, now)
	limit := event.NanoUSD(n.Limit)
	if n.Action == Throttle {
		if spent < limit || !now.Before(c.slowed) {
			return yes
		}
		return Verdict{Code: CodeThrottled, Wait: c.slowed.Sub(now), Reason: fmt.Sprintf("the budget %s "+
			"has spent its %s, and lets through %d calls a minute", n.title(c), n.Limit, l.cfg.ThrottlePerMinute)}
	}
	_, to := n.period.Window(now)
	to = to.UTC()
	if n.period.rolling() {
		to = n.frees(c, now)
	}
	cost := l.costOf(a)
	switch {
	case !a.Priced && l.cfg.UnknownPrice == block:
		return Verdict{Code: CodeUnknown, Final: true, Reason: fmt.Sprintf("nobody knows the model's price, "+
			"and the budget %s lets through only what has one; set one with `analytics prices`", n.title(c))}
	case spent >= limit:
		return Verdict{Code: CodePaused, Final: true, Resumes: to, Reason: fmt.Sprintf("the budget %s has "+
			"spent %s of %s, and its requests are paused%s", n.title(c), USD(spent), n.Limit, until(to))}
	case spent+cost > limit:
		return Verdict{Code: CodeExceeded, Final: true, Resumes: to, Reason: fmt.Sprintf("the budget %s "+
			"has %s left of %s, and this call may cost %s; there is more%s", n.title(c), USD(limit-spent),
			n.Limit, USD(cost), strings.Replace(until(to), "until", "from", 1))}
	case spent+reserved+cost > limit:
		return Verdict{Code: CodeReserved, Wait: time.Second, Reason: fmt.Sprintf("what is left of the "+
			"budget %s is reserved by calls under way; try again when they have ended", n.title(c))}
	}
	return yes
}

func until(t time.Time) string {
	if t.IsZero() {
		return " until somebody ends that"
	}
	return " until " + t.UTC().Format(time.RFC3339)
}

// frees is when the oldest spend leaves a rolling period.
func (n *line) frees(c *cell, now time.Time) time.Time {
	from, to := n.period.Window(now)
	oldest := event.MicrosOf(to)
	for at := range c.spent {
		if at >= event.MicrosOf(from) && at < oldest {
			oldest = at
		}
	}
	return oldest.Time().Add(n.period.length)
}

// costOf is what to reserve.
func (l *Ledger) costOf(a Ask) event.NanoUSD {
	if a.Priced || a.Free {
		return a.Cost
	}
	if l.cfg.UnknownPrice == warn {
		return 0
	}
	nano, err := l.cfg.assumed()
	if err != nil {
		return 0
	}
	return nano
}

// title names a budget and its group for people.
func (n *line) title(c *cell) string {
	if len(n.by) == 0 {
		return n.Name
	}
	var all []string
	for i, v := range c.values() {
		all = append(all, dimensions[n.by[i]].name+" "+v)
	}
	return n.Name + " of " + strings.Join(all, ", ")
}

// values are a group's.
func (c *cell) values() []string {
	if c.group == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(c.group, "\x00"), "\x00")
}

// drop ends a reservation. The caller holds mu.
func (l *Ledger) drop(key holdKey) {
	h := l.held[key]
	if h == nil {
		return
	}
	delete(l.held, key)
	for _, n := range l.lines {
		for _, p := range h.parts {
			if p.place != n.place {
				continue
			}
			c := n.cells[p.group]
			if c == nil {
				c = n.cell(p.group)
			}
			delete(c.holds, h)
		}
	}
}

// sweep ends reservations whose time is over. The caller holds mu.
func (l *Ledger) sweep(now time.Time) {
	if now.Sub(l.swept) < sweepEvery && !now.Before(l.swept) {
		return
	}
	l.swept = now
	for key, h := range l.held {
		if now.After(h.until) {
			l.drop(key)
		}
	}
}
