package lake

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"

	"analytics/engine/fault"
	"analytics/engine/store"
)

// identityKey is the row on the default tenant's shelf `settings` that says which store this is. A copy of the
// store has the same, so that a store that was restored from a backup knows what its later self archived.
const identityKey = "store"

// Identify gives the store's own name, 32 hexadecimal digits, which it gets when it is asked for first.
func Identify(ctx context.Context, s *store.Store) (string, error) {
	shelf := s.Shelf(store.Default, "settings")
	var row struct {
		ID string `json:"id"`
	}
	v, ok, err := shelf.Get(identityKey)
	if err != nil {
		return "", err
	}
	if ok {
		if err := json.Unmarshal(v, &row); err != nil || row.ID == "" {
			return "", fault.New(fault.Damaged, "store_damaged", "which store this is cannot be read").Wrap(err)
		}
		return row.ID, nil
	}
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	row.ID = hex.EncodeToString(b)
	if v, err = json.Marshal(row); err != nil {
		return "", err
	}
	return row.ID, shelf.Put(ctx, identityKey, v)
}

// markKey is the row that says that the store was restored, and has not looked into the archive since.
const markKey = "restored"

// Mark writes down that the store was restored.
func Mark(ctx context.Context, s *store.Store) error {
	return s.Shelf(store.Default, "settings").Put(ctx, markKey, []byte("{}"))
}

// Marked says that the store was restored, and that what the archive has was not taken over to the end.
func (l *Lake) Marked() (bool, error) {
	_, ok, err := l.store.Shelf(store.Default, "settings").Get(markKey)
	return ok, err
}

// Unmark says that it was.
func (l *Lake) Unmark(ctx context.Context) error {
	return l.store.Shelf(store.Default, "settings").Delete(ctx, markKey)
}
