package auth

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"analytics/engine/fault"
	"analytics/engine/store"
)

// The limits of keys.
const (
	maxKeys = 10_000 // all of them are in memory, about 500 bytes each
	maxName = 64     // characters; it is shown in lists and logs

	// DefaultOverlap is how long the old secret of a rotated key goes on working.
	DefaultOverlap = 24 * time.Hour
)

// Key is what may be shown of a key.
type Key struct {
	ID       string       `json:"id"`
	Type     string       `json:"type"`
	Name     string       `json:"name"`
	Scopes   Scopes       `json:"scopes"`
	Bound    Binding      `json:"bound,omitzero"` // what it is kept to
	Tenant   store.Tenant `json:"-"`
	Created  time.Time    `json:"created"`
	Expires  time.Time    `json:"expires,omitzero"`
	Revoked  time.Time    `json:"revoked,omitzero"`
	LastUsed time.Time    `json:"last_used,omitzero"` // to the minute
	Secrets  int          `json:"secrets"`            // how many work now: 2 while a rotation overlaps
	State    string       `json:"state"`              // "live", "expired" or "revoked"
}

// NewKey is what a key is made from.
type NewKey struct {
	Name    string
	Scopes  Scopes
	Bound   Binding      // zero: it sees all of its tenant
	Expires time.Time    // zero: never
	Tenant  store.Tenant // zero: the default tenant
}

func (n NewKey) validate(now time.Time) error {
	switch {
	case strings.TrimSpace(n.Name) == "":
		return fault.At(fault.Invalid, "missing_name", "name", "a key needs a name, so that people know whose it is")
	case utf8.RuneCountInString(n.Name) > maxName:
		return fault.At(fault.Invalid, "name_too_long", "name", "a key's name has at most %d characters", maxName)
	case strings.ContainsFunc(n.Name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return fault.At(fault.Invalid, "bad_name", "name", "a key's name has only printable characters")
	case !n.Expires.IsZero() && !n.Expires.After(now):
		return fault.At(fault.Invalid, "bad_expires", "expires", "the expiry is in the past")
	}
	return nil
}

// keyRow is a key at rest.
type keyRow struct {
	ID       string      `json:"id"`
	Name     string      `json:"name"`
	Scopes   Scopes      `json:"scopes"`
	Bound    Binding     `json:"bound,omitzero"`
	Tenant   string      `json:"tenant"` // hex
	Created  time.Time   `json:"created"`
	Expires  time.Time   `json:"expires,omitzero"`
	Revoked  time.Time   `json:"revoked,omitzero"`
	LastUsed time.Time   `json:"last_used,omitzero"`
	Secrets  []secretRow `json:"secrets"` // newest first, at most two
}

// secretRow is one secret of a key at rest.
type secretRow struct {
	SHA256  string    `json:"sha256"`
	Created time.Time `json:"created"`
	Retires time.Time `json:"retires,omitzero"` // set when a newer one took its place
}

func (s secretRow) live(now time.Time) bool { return s.Retires.IsZero() || now.Before(s.Retires) }

func (r *keyRow) encode() ([]byte, error) { return json.Marshal(r) }

func decodeKey(value []byte) (*keyRow, store.Tenant, error) {
	var r keyRow
	var t store.Tenant
	if err := json.Unmarshal(value, &r); err != nil {
		return nil, t, err
	}
	id, err := hex.DecodeString(r.Tenant)
	if err != nil || len(id) != len(t) {
		return nil, t, fmt.Errorf("tenant %q is not 8 bytes in hex", r.Tenant)
	}
	return &r, store.Tenant(id), nil
}

// state is "live", "expired" or "revoked".
func (r *keyRow) state(now time.Time) string {
	switch {
	case !r.Revoked.IsZero():
		return "revoked"
	case !r.Expires.IsZero() && !now.Before(r.Expires):
		return "expired"
	}
	return "live"
}

func (r *keyRow) show(t store.Tenant, used, now time.Time) Key {
	k := Key{
		ID: r.ID, Type: keyType(r.Scopes), Name: r.Name, Scopes: r.Scopes, Bound: r.Bound, Tenant: t,
		Created: r.Created, Expires: r.Expires, Revoked: r.Revoked, LastUsed: used,
		State: r.state(now),
	}
	for _, s := range r.Secrets {
		if k.State == "live" && s.live(now) {
			k.Secrets++
		}
	}
	return k
}
