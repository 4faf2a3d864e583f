package orders

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
)

// State is where an order is.
type State string

// The states of an order.
const (
	Pending    State = "pending"
	Processing State = "processing"
	Completed  State = "completed"
	Failed     State = "failed"
)

// Order is an export that somebody ordered, as it is kept.
type Order struct {
	ID      string `json:"id"`
	State   State  `json:"state"`
	Kind    string `json:"kind"`
	File    string `json:"file"`    // the form of the file: csv, json, ndjson or parquet
	Content string `json:"content"` // what was asked for as its content: full, or a type of events
	// From and To bound the events: [From, To).
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
	Created   time.Time `json:"created"`
	Completed time.Time `json:"completed,omitzero"`
	Expires   time.Time `json:"expires"`
	Attempts  int       `json:"attempts,omitempty"`
	Total     int64     `json:"total,omitempty"` // events that will be in it, known once it is under way
	Rows      int64     `json:"rows,omitempty"`
	Bytes     int64     `json:"bytes,omitempty"`
	Error     string    `json:"error,omitempty"`

	tenant store.Tenant // is part of the key
}

// name is the name of the order's file. Both parts are ours: an id is letters and digits.
func (o *Order) name() string { return o.ID + "." + o.File }

func (o *Order) key() string { return prefixOf(o.tenant) + o.ID }

func (o *Order) open() bool { return o.State == Pending || o.State == Processing }

func prefixOf(t store.Tenant) string { return hex.EncodeToString(t[:]) + "/" }

// newID is 26 letters and digits that nobody guesses: 130 bits.
func newID() string { return strings.ToLower(rand.Text()) }

// isID reports whether text has the form of an id, before anything is looked up by it.
func isID(text string) bool {
	return len(text) == 26 && !strings.ContainsFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
}

func (f *Office) save(ctx context.Context, o *Order) error {
	value, err := json.Marshal(o)
	if err != nil {
		return err
	}
	return f.shelf.Put(ctx, o.key(), value)
}

// parse reads an order from its place on the shelf.
func parse(key string, value []byte) (*Order, error) {
	o := &Order{}
	tenant, id, _ := strings.Cut(key, "/")
	t, err := hex.DecodeString(tenant)
	if err != nil || len(t) != len(o.tenant) || !isID(id) {
		return nil, fault.New(fault.Damaged, "damaged_order", "the order %q has no proper key", key)
	}
	if err := json.Unmarshal(value, o); err != nil {
		return nil, fmt.Errorf("the order %s: %w", id, err)
	}
	copy(o.tenant[:], t)
	if _, ok := event.ParseKind(o.Kind); !ok || o.ID != id || !isFile(o.File) {
		return nil, fault.New(fault.Damaged, "damaged_order", "the order %s is not what was written", id)
	}
	return o, nil
}

// find is a tenant's order. Another tenant's is not found, as one that never was.
func (f *Office) find(t store.Tenant, id string) (*Order, error) {
	if isID(id) {
		key := prefixOf(t) + id
		value, ok, err := f.shelf.Get(key)
		if err != nil {
			return nil, err
		}
		if ok {
			return parse(key, value)
		}
	}
	return nil, fault.At(fault.NotFound, "unknown_export", "id",
		"there is no such export; exports are kept for %.0f hours", keep.Hours())
}

// each lists the orders below a prefix, in no order that means anything.
func (f *Office) each(prefix string) (all []*Order, err error) {
	err = f.shelf.Each(prefix, func(key string, value []byte) error {
		o, err := parse(key, value)
		if err == nil {
			all = append(all, o)
		}
		return err
	})
	return all, err
}
