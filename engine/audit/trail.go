package audit

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
)

// Trail is the chained audit trail of a tenant. It is safe for concurrent use.
type Trail struct {
	store  *store.Store
	tenant store.Tenant
	now    func() time.Time
	mu     sync.Mutex // held while links are added
}

// Open is the trail of a tenant.
func Open(s *store.Store, t store.Tenant, now func() time.Time) *Trail {
	return &Trail{store: s, tenant: t, now: now}
}

// chain is the links, as far as they are needed.
type chain struct {
	number uint64 // of the newest link, 0 for none
	head   Hash   // its hash
	newest map[event.Hour]link
}

// read reads all links; each is called for every one, in order. An hour of a busy year is 126 bytes,
// so a year is 1 MB and reading it takes some milliseconds.
func (t *Trail) read(each func(number uint64, l link, err error)) (chain, error) {
	c := chain{newest: map[event.Hour]link{}}
	err := t.shelf().Each(keyPrefix, func(key string, v []byte) error {
		c.number++
		l, err := parse(v)
		if fault.Of(err).Kind == fault.Newer { // what it says, and what follows from it, nobody knows here
			return err
		}
		switch {
		case err != nil:
		case key != linkKey(c.number):
			err = fault.New(fault.Damaged, "audit_link", "links before it are missing")
		case l.before != c.head:
			err = fault.New(fault.Damaged, "audit_link", "it does not follow from the link before it")
		}
		each(c.number, l, err)
		c.head, c.newest[l.hour] = l.hash, l
		return nil
	})
	return c, err
}

func (t *Trail) shelf() *store.Shelf { return t.store.Shelf(t.tenant, "audit") }

// maxTogether is how many links are written in one transaction.
const maxTogether = 2000

// Chain links what is not linked yet, and says how many links that took. It may be called at any time.
func (t *Trail) Chain(ctx context.Context) (added int, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c, err := t.read(func(uint64, link, error) {})
	if err != nil {
		return 0, err
	}
	links, err := t.due(ctx, c)
	if err != nil {
		return 0, err
	}
	return t.append(ctx, &c, links)
}

// append adds links to the end of the chain.
func (t *Trail) append(ctx context.Context, c *chain, links []link) (added int, err error) {
	for part := range slices.Chunk(links, maxTogether) {
		var changes []store.Change
		for i := range part {
			part[i].before = c.head
			c.number++
			value := part[i].bytes()
			c.head = part[i].hash
			changes = append(changes, store.Change{Key: linkKey(c.number), Value: value})
		}
		if err := t.shelf().Apply(ctx, changes...); err != nil {
			return added, err
		}
		added += len(part)
	}
	return added, nil
}

// Erase lets purge remove some activities openly: before they go it tells which hours lose any, and
// each gets a link that says so. What is left of the hour is linked by the next Chain. Nothing is
// linked in between.
func (t *Trail) Erase(
	ctx context.Context, purge func(announce func(context.Context, []event.Hour) error) error,
) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return purge(func(ctx context.Context, hours []event.Hour) error {
		c, err := t.read(func(uint64, link, error) {})
		if err != nil {
			return err
		}
		var links []link
		for _, hour := range hours {
			if last, known := c.newest[hour]; known && last.what == linked {
				links = append(links, link{what: erased, hour: hour, at: event.MicrosOf(t.now())})
			}
		}
		_, err = t.append(ctx, &c, links)
		return err
	})
}

// due are the links of hours that are not as their newest link says, in the order of the hours.
func (t *Trail) due(ctx context.Context, c chain) ([]link, error) {
	ledger, err := t.store.Ledger(t.tenant, event.Activity, 0, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	at := event.MicrosOf(t.now())
	var links []link
	var changed []event.Hour
	there := map[event.Hour]bool{}
	for _, h := range ledger {
		there[h.Hour] = true
		last, known := c.newest[h.Hour]
		switch {
		case h.Dropped && (!known || last.what != dropped):
			links = append(links, link{what: dropped, hour: h.Hour, rows: h.Rows, sum: h.Sum, at: at})
		case h.Dropped, h.Head > 0: // nothing is new, or the hour is not sealed
		case !known || last.what != linked || last.rows != h.Rows || last.sum != h.Sum:
			changed = append(changed, h.Hour)
			links = append(links, link{what: linked, hour: h.Hour, rows: h.Rows, sum: h.Sum, at: at})
		}
	}
	for hour, last := range c.newest {
		if !there[hour] && last.what != erased {
			links = append(links, link{what: erased, hour: hour, at: at})
		}
	}
	digests, err := t.digests(ctx, changed)
	if err != nil {
		return nil, err
	}
	links = slices.DeleteFunc(links, func(l link) bool { // it has changed while it was read
		return l.what == linked && digests[l.hour].rows != l.rows
	})
	for i := range links {
		if links[i].what == linked {
			links[i].digest = digests[links[i].hour].hash
		}
	}
	slices.SortFunc(links, func(a, b link) int { return cmp.Compare(a.hour, b.hour) })
	return links, nil
}

// hoursOf are the hours of a set in order.
func hoursOf[V any](m map[event.Hour]V) []event.Hour { return slices.Sorted(maps.Keys(m)) }
