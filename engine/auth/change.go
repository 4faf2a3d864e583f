package auth

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"analytics/engine/fault"
	"analytics/engine/store"
)

// Create makes a key and returns its secret, which nobody can see again.
func (k *Keyring) Create(ctx context.Context, n NewKey) (secret string, key Key, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.create(ctx, n)
}

func (k *Keyring) create(ctx context.Context, n NewKey) (string, Key, error) {
	now := k.now().UTC().Truncate(time.Second)
	list, err := ParseScopes(names(n.Scopes))
	if err != nil {
		return "", Key{}, err
	}
	if err := n.validate(now); err != nil {
		return "", Key{}, err
	}
	if err := n.Bound.check(list); err != nil {
		return "", Key{}, err
	}
	if len(k.keys) >= maxKeys {
		return "", Key{}, fault.New(fault.Conflict, "too_many_keys",
			"there are %d keys, which is the limit", maxKeys)
	}
	if n.Tenant == (store.Tenant{}) {
		n.Tenant = store.Default
	}
	id := random(idLength)
	for k.keys[id] != nil {
		id = random(idLength)
	}
	secret := mint(keyType(list), id)
	row := &keyRow{
		ID: id, Name: n.Name, Scopes: list, Bound: n.Bound,
		Tenant: hex.EncodeToString(n.Tenant[:]), Created: now,
		Secrets: []secretRow{{SHA256: hash(secret), Created: now}},
	}
	if !n.Expires.IsZero() {
		row.Expires = n.Expires.UTC().Truncate(time.Second)
	}
	h := hold(row, n.Tenant, new(atomic.Int64))
	if err := k.save(ctx, h); err != nil {
		return "", Key{}, err
	}
	return secret, h.show(now), nil
}

func names(l Scopes) []string {
	out := make([]string, len(l))
	for i, s := range l {
		out[i] = string(s)
	}
	return out
}

// save writes the row, then shows it to Check. The caller holds mu.
func (k *Keyring) save(ctx context.Context, h *held) error {
	value, err := h.row.encode()
	if err != nil {
		return err
	}
	if err := k.shelf.Put(ctx, keyPrefix+h.row.ID, value); err != nil {
		return fmt.Errorf("key %s: %w", h.row.ID, err)
	}
	k.keys[h.row.ID] = h
	return nil
}

// Rotate gives the key a new secret. The one before it works until overlap has passed; one older
// than that stops at once, so that a key never has more than two.
func (k *Keyring) Rotate(ctx context.Context, id string, overlap time.Duration) (
	secret string, key Key, err error,
) {
	k.mu.Lock()
	defer k.mu.Unlock()
	h, err := k.find(id)
	if err != nil {
		return "", Key{}, err
	}
	now := k.now().UTC()
	if state := h.row.state(now); state != "live" {
		return "", Key{}, fault.New(fault.Conflict, "key_"+state, "key %s is %s; make a new one", id, state)
	}
	secret = mint(keyType(h.row.Scopes), id)
	row := *h.row
	row.Secrets = []secretRow{{SHA256: hash(secret), Created: now.Truncate(time.Second)}}
	if old := h.row.Secrets[0]; overlap > 0 {
		old.Retires = now.Add(overlap)
		row.Secrets = append(row.Secrets, old)
	}
	next := hold(&row, h.id.Tenant, h.used)
	if err := k.save(ctx, next); err != nil {
		return "", Key{}, err
	}
	return secret, next.show(now), nil
}

// Revoke ends a key at once and for good. Its row stays, so that logs can still be read.
func (k *Keyring) Revoke(ctx context.Context, id string) (Key, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	h, err := k.find(id)
	if err != nil {
		return Key{}, err
	}
	now := k.now().UTC()
	if !h.row.Revoked.IsZero() {
		return h.show(now), nil
	}
	row := *h.row
	row.Revoked = now.Truncate(time.Second)
	next := hold(&row, h.id.Tenant, h.used)
	if err := k.save(ctx, next); err != nil {
		return Key{}, err
	}
	return next.show(now), nil
}

func (k *Keyring) find(id string) (*held, error) {
	if h := k.keys[id]; h != nil {
		return h, nil
	}
	return nil, UnknownKeyID(id)
}

// UnknownKeyID is the fault for an id that no key has, or none that the caller may see.
func UnknownKeyID(id string) error {
	return fault.At(fault.NotFound, "unknown_key_id", "id",
		"there is no key %q; `analytics keys list` shows them", id)
}

// Issued is a key just made, with the secret that is shown this once.
type Issued struct {
	Key    Key
	Secret string
}

// Bootstrap makes one ingest key and one admin key if there has never been a key, and nothing
// otherwise, however often and from however many sides it is called.
func (k *Keyring) Bootstrap(ctx context.Context) ([]Issued, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.keys) > 0 {
		return nil, nil
	}
	var made []Issued
	for _, n := range []NewKey{
		{Name: "first ingest key", Scopes: Scopes{Ingest}},
		{Name: "first admin key", Scopes: Scopes{Admin}},
	} {
		secret, key, err := k.create(ctx, n)
		if err != nil {
			return made, err
		}
		made = append(made, Issued{Key: key, Secret: secret})
	}
	return made, nil
}

// Flush writes down when keys were last used, and drops secrets that have retired. A crash loses at
// most what happened since the last Flush, which nothing depends on.
func (k *Keyring) Flush(ctx context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.now()
	for _, h := range k.keys {
		row := *h.row
		row.LastUsed = h.show(now).LastUsed
		row.Secrets = slices.DeleteFunc(slices.Clone(row.Secrets), func(s secretRow) bool {
			return !s.live(now)
		})
		if row.LastUsed.Equal(h.row.LastUsed) && len(row.Secrets) == len(h.row.Secrets) {
			continue
		}
		if err := k.save(ctx, hold(&row, h.id.Tenant, h.used)); err != nil {
			return err
		}
	}
	return nil
}
