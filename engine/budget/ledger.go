package budget

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
)

// House is what the ledger stands in.
type House struct {
	Store *store.Store
	// Record takes in events of the house's own, for the audit trail.
	Record func(context.Context, store.Tenant, []byte) error
	// Price is what a call of a model with so many tokens in and out would cost; not ok if nobody
	// knows.
	Price func(provider, model string, in, out int64) (nano event.NanoUSD, ok bool)
	// Zone is whose calendar counts where a budget does not say.
	Zone *time.Location
	Now  func() time.Time
	Log  *slog.Logger
}

// Ledger is all budgets. It is safe for concurrent use.
type Ledger struct {
	house House
	shelf *store.Shelf

	// fence is held for reading by who stores a body, from before it is looked at until its costs are
	// counted, and for writing to take a snapshot: see doc.go. It comes before mu.
	fence    sync.RWMutex
	building sync.Mutex // one rebuild at a time; comes before fence
	changing sync.Mutex // one change of definitions at a time; comes before building
	doubt    atomic.Bool
	nudged   chan struct{}

	mu       sync.Mutex // guards what follows
	cfg      Config
	set      map[place]Definition // of the shelf
	ruled    []Definition         // of the alerts
	switches map[place]Switch
	lines    []*line
	watched  map[store.Tenant]bool // tenants that have lines
	held     map[holdKey]*hold
	swept    time.Time
	trouble  error  // why the last rebuild failed
	epoch    uint64 // of the store, at the last rebuild
	ready    chan struct{}
}

// place is where a budget is: names are unique within a tenant.
type place struct {
	tenant store.Tenant
	name   string
}

// line is a budget in force.
type line struct {
	Definition
	place
	period  Period
	by      []int // dimensions
	scope   []pattern
	cells   map[string]*cell
	counted bool         // its cells are the sum of the store's rows
	oldest  event.Micros // from which on they are

	next    event.Micros // oldest, once the rebuild that goes on has ended
	logging bool         // a rebuild goes on: what is counted meanwhile is also in since
	since   []spend
	from    event.Micros // of the bucket of the last event
	to      event.Micros
}

type pattern struct {
	dimension int
	text      string
}

// cell is what one group of a budget has spent, by bucket.
type cell struct {
	group  string // the values of by, each with a zero byte behind it
	spent  map[event.Micros]event.NanoUSD
	holds  map[*hold]event.NanoUSD
	slowed time.Time // the next call of a throttled group may come then
}

// spend is money spent in a group at a time.
type spend struct {
	group string
	at    event.Micros
	nano  event.NanoUSD
}

// maxGroups bounds the groups of a budget. Those beyond share one, whose values are called others.
const (
	maxGroups = 10_000
	others    = "(others)"
)

// Open reads the budgets. Nothing is counted before Run or Rebuild.
func Open(h House) (*Ledger, error) {
	l := &Ledger{
		house: h, shelf: h.Store.Shelf(store.Default, "budgets"), nudged: make(chan struct{}, 1),
		cfg: DefaultConfig(), set: map[place]Definition{}, switches: map[place]Switch{},
		held: map[holdKey]*hold{}, ready: make(chan struct{}),
	}
	if err := l.load(); err != nil {
		return nil, err
	}
	l.draw()
	return l, nil
}

// draw makes the lines of the definitions. Lines that stay keep what they counted. The caller holds
// mu, or is alone.
func (l *Ledger) draw() {
	before := map[place]*line{}
	for _, n := range l.lines {
		before[n.place] = n
	}
	l.lines, l.watched = nil, map[store.Tenant]bool{}
	add := func(t store.Tenant, d Definition) {
		at := place{t, d.Name}
		period, err := d.complete(l.house.Zone)
		if err != nil { // checked when it was set; a zone may have gone from the system since
			l.house.Log.Error("a budget is left out", "budget", d.Name, "error", err)
			return
		}
		n := &line{Definition: d, place: at, period: period, cells: map[string]*cell{}}
		for _, name := range d.By {
			n.by = append(n.by, dimension(name))
		}
		for name, text := range d.Scope {
			n.scope = append(n.scope, pattern{dimension(name), text})
		}
		if was := before[at]; was != nil && was.countsLike(n) {
			n.cells, n.counted, n.oldest = was.cells, was.counted, was.oldest
		}
		delete(before, at)
		l.lines = append(l.lines, n)
		l.watched[t] = true
	}
	configured, err := l.cfg.definitions(l.house.Zone)
	if err != nil {
		l.house.Log.Error("budgets of the configuration are left out", "error", err)
	}
	taken := map[string]bool{}
	for _, d := range append(configured, l.ruled...) {
		if !taken[d.Name] {
			add(store.Default, d)
		}
		taken[d.Name] = true
	}
	for at, d := range l.set {
		if at.tenant != store.Default || !taken[at.name] { // the configuration goes first
			add(at.tenant, d)
		}
	}
}

// countsLike reports whether two lines count the same rows in the same buckets.
func (n *line) countsLike(o *line) bool {
	same := n.period.unit == o.period.unit && n.period.length == o.period.length &&
		n.period.zone.String() == o.period.zone.String() && n.period.weekday == o.period.weekday
	same = same && len(n.by) == len(o.by) && len(n.Scope) == len(o.Scope)
	for i := 0; same && i < len(n.by); i++ {
		same = n.by[i] == o.by[i]
	}
	for name, text := range n.Scope {
		same = same && o.Scope[name] == text
	}
	return same
}

// group is the cell of labels, nil if they are out of scope.
func (n *line) group(labels *[len(dimensions)][]byte) *cell {
	for _, p := range n.scope {
		if !matches(p.text, string(labels[p.dimension])) {
			return nil
		}
	}
	var room [128]byte
	name := room[:0]
	for _, d := range n.by {
		name = append(append(name, labels[d]...), 0)
	}
	if c := n.cells[string(name)]; c != nil {
		return c
	}
	return n.cell(string(name))
}

// cell is the group's, made if there is none.
func (n *line) cell(group string) *cell {
	if c := n.cells[group]; c != nil {
		return c
	}
	if len(n.cells) >= maxGroups {
		group = ""
		for range n.by {
			group += others + "\x00"
		}
		if c := n.cells[group]; c != nil {
			return c
		}
	}
	c := &cell{group: group, spent: map[event.Micros]event.NanoUSD{}, holds: map[*hold]event.NanoUSD{}}
	n.cells[group] = c
	return c
}

// add counts money.
func (n *line) add(c *cell, at event.Micros, nano event.NanoUSD) {
	if at < n.from || at >= n.to {
		from, to := n.period.bucket(at.Time())
		n.from, n.to = event.MicrosOf(from), event.MicrosOf(to)
	}
	c.spent[n.from] += nano
}

// knows reports whether the sums are there for the period that holds now. They are not before the first
// sum is made, and after a clock has gone back into an earlier period.
func (n *line) knows(now time.Time) bool {
	from, _ := n.period.Window(now)
	return n.counted && event.MicrosOf(from) >= n.oldest
}

// in is what a group has spent and reserved in the period that holds now.
func (n *line) in(c *cell, now time.Time) (spent, reserved event.NanoUSD) {
	from, to := n.period.Window(now)
	first, end := event.MicrosOf(from), event.MicrosOf(to)
	if n.period.rolling() {
		for at, nano := range c.spent {
			if at >= first && at < end {
				spent += nano
			}
		}
	} else {
		spent = c.spent[first]
	}
	for h, nano := range c.holds {
		if h.at >= first && h.at < end {
			reserved += nano
		}
	}
	return spent, reserved
}
