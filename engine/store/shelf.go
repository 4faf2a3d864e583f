package store

import (
	"context"
	"fmt"
	"sync"

	"github.com/dgraph-io/badger/v4"

	"analytics/engine/fault"
)

// shelves are the names of all shelves. A number is on disk: it is never changed or given twice.
var shelves = map[string]byte{
	"keys": 1, "sites": 2, "jobs": 3, "outbox": 4, "incidents": 5, "alerts": 6, "days": 7,
	"exports": 8, "audit": 9, "settings": 10, "prices": 11, "pending": 12, "gateway": 13,
	"funnels": 14, "bots": 15, "sessions": 16, "throttle": 17, "budgets": 18, "rules": 19,
	"erasures": 20,
}

const (
	// maxShelfKey and maxShelfValue keep shelves what they are: small state.
	maxShelfKey   = 1 << 10
	maxShelfValue = 512 << 10
)

// Shelf is a named space of keys inside a tenant, for the small durable state of other rooms.
type Shelf struct {
	s      *Store
	tenant Tenant
	number byte
}

// Shelf is the tenant's shelf of that name, which must be one of the known names.
func (s *Store) Shelf(t Tenant, name string) *Shelf {
	number, ok := shelves[name]
	if !ok {
		panic(fmt.Sprintf("store: there is no shelf %q; shelves are listed in shelf.go", name))
	}
	return &Shelf{s, t, number}
}

// Change is one change of a shelf: a new value, or with Delete none any more.
type Change struct {
	Key    string
	Value  []byte
	Delete bool
}

// Get reads a value; ok is false when there is none.
func (h *Shelf) Get(key string) (value []byte, ok bool, err error) {
	h.gate().RLock()
	defer h.gate().RUnlock()
	return h.s.get(shelfKey(h.tenant, h.number, key))
}

// Put sets a value and returns when it is durable.
func (h *Shelf) Put(ctx context.Context, key string, value []byte) error {
	return h.Apply(ctx, Change{Key: key, Value: value})
}

// Delete removes a key, whether it was there or not.
func (h *Shelf) Delete(ctx context.Context, key string) error {
	return h.Apply(ctx, Change{Key: key, Delete: true})
}

// Apply makes all changes in one synced transaction: after a crash all of them are there or none.
func (h *Shelf) Apply(ctx context.Context, changes ...Change) error {
	if len(changes) == 0 {
		return nil
	}
	size := int64(0)
	for _, c := range changes {
		if len(c.Key) > maxShelfKey || len(c.Value) > maxShelfValue {
			return fault.New(fault.TooLarge, "value_too_large",
				"%d bytes under a key of %d bytes are too much for a shelf", len(c.Value), len(c.Key))
		}
		size += int64(len(c.Key) + len(c.Value))
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := h.s.disk.spare(size); err != nil {
		return err
	}
	h.gate().RLock()
	defer h.gate().RUnlock()
	h.s.cfg.Failpoint("shelf.before")
	err := h.s.update(func(txn *badger.Txn) error {
		for _, c := range changes {
			key := shelfKey(h.tenant, h.number, c.Key)
			err := error(nil)
			if c.Delete {
				err = txn.Delete(key)
			} else {
				err = txn.Set(key, c.Value)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	h.s.cfg.Failpoint("shelf.after")
	return err
}

// Clear removes every key, so that no byte of the values stays on the disk: what Delete leaves there goes
// when compaction comes by. It holds up commits for some 40 ms.
func (h *Shelf) Clear(ctx context.Context) error {
	h.gate().Lock()
	defer h.gate().Unlock()
	return h.s.exclusive(ctx, func() error {
		if err := h.s.write([]pair{{scrubMark(h), []byte{1}}}); err != nil {
			return err
		}
		return h.s.finishScrub(h)
	})
}

// Each calls f for every key that begins with prefix, in order, until f returns an error, which it
// returns. The value is valid until f returns. Changes made meanwhile are not seen.
func (h *Shelf) Each(prefix string, f func(key string, value []byte) error) error {
	base := len(shelfKey(h.tenant, h.number, ""))
	h.gate().RLock() // what the iterator sees stays when the shelf is scrubbed
	begun := sync.OnceFunc(h.gate().RUnlock)
	defer begun()
	return h.s.scanFrom(shelfKey(h.tenant, h.number, prefix), true, begun, func(k, v []byte) error {
		return f(string(k[base:]), v)
	})
}

// gate is held for reading by who reads or changes the shelf of that number, whoever's it is, and for
// writing while one is scrubbed.
func (h *Shelf) gate() *sync.RWMutex { return &h.s.gates[h.number] }
