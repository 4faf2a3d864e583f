package auth

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"analytics/engine/fault"
	"analytics/engine/store"
)

// keyPrefix starts the names of key rows on the shelf.
const keyPrefix = "key/"

// Keyring holds all keys in memory, and each change of them on its shelf.
type Keyring struct {
	shelf *store.Shelf
	now   func() time.Time

	mu   sync.RWMutex
	keys map[string]*held // by id; an entry is replaced, never changed
}

// held is a key in memory.
type held struct {
	row  *keyRow
	id   Identity
	used *atomic.Int64 // unix seconds; shared by all entries of a key
}

// Open reads the keys of all tenants, which lie on a shelf of the default tenant.
func Open(ctx context.Context, st *store.Store, now func() time.Time) (*Keyring, error) {
	k := &Keyring{shelf: st.Shelf(store.Default, "keys"), now: now, keys: map[string]*held{}}
	err := k.shelf.Each(keyPrefix, func(name string, value []byte) error {
		row, tenant, err := decodeKey(value)
		if err != nil {
			return fault.New(fault.Damaged, "store_damaged", "the row of key %s cannot be read",
				strings.TrimPrefix(name, keyPrefix)).Wrap(err)
		}
		used := new(atomic.Int64)
		if !row.LastUsed.IsZero() {
			used.Store(row.LastUsed.Unix())
		}
		k.keys[row.ID] = hold(row, tenant, used)
		return ctx.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	return k, nil
}

func hold(row *keyRow, t store.Tenant, used *atomic.Int64) *held {
	return &held{row: row, used: used, id: Identity{
		Tenant: t, KeyID: row.ID, Label: row.Name, Scopes: row.Scopes, Bound: row.Bound,
	}}
}

// Check says who holds the token. It answers from memory, in about a microsecond.
func (k *Keyring) Check(token string) (Identity, error) {
	if token == "" {
		return Identity{}, fault.New(fault.Unauthorized, "missing_key",
			"an API key is needed: send it as `Authorization: Bearer ak_…` or as `X-Analytics-Key`")
	}
	id, ok := parse(token)
	if !ok {
		return Identity{}, unknownKey("this is not a key of ours, or it was mistyped: its checksum is wrong")
	}
	k.mu.RLock()
	h := k.keys[id]
	k.mu.RUnlock()
	now := k.now()
	if h == nil || !h.opens(hash(token), now) || !h.row.Revoked.IsZero() {
		return Identity{}, unknownKey("this key is not known here, or it was revoked")
	}
	if !h.row.Expires.IsZero() && !now.Before(h.row.Expires) {
		return Identity{}, fault.New(fault.Unauthorized, "expired_key",
			"key %s expired on %s; rotate it or make a new one", id, h.row.Expires.UTC().Format(time.DateOnly))
	}
	if minute := now.Unix() / 60 * 60; h.used.Load() < minute {
		h.used.Store(minute)
	}
	return h.id, nil
}

func unknownKey(message string) error {
	return fault.New(fault.Unauthorized, "unknown_key", "%s", message)
}

// opens compares with every live secret, whichever fits.
func (h *held) opens(sum string, now time.Time) bool {
	fits := false
	for _, s := range h.row.Secrets {
		if sameHash(s.SHA256, sum) && s.live(now) {
			fits = true
		}
	}
	return fits
}

// Alive reports whether the key with this id works at all: known, not revoked and not expired.
func (k *Keyring) Alive(id string) bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	h := k.keys[id]
	return h != nil && h.row.state(k.now()) == "live"
}

// List is all keys, newest last.
func (k *Keyring) List() []Key {
	k.mu.RLock()
	defer k.mu.RUnlock()
	now := k.now()
	list := make([]Key, 0, len(k.keys))
	for _, h := range k.keys {
		list = append(list, h.show(now))
	}
	slices.SortFunc(list, func(a, b Key) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
	})
	return list
}

func (h *held) show(now time.Time) Key {
	var used time.Time
	if s := h.used.Load(); s != 0 {
		used = time.Unix(s, 0).UTC()
	}
	return h.row.show(h.id.Tenant, used, now)
}
