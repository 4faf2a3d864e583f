package backup

import (
	"math"
	"testing"

	"analytics/engine/event"
	"analytics/engine/store"
)

// TestABackupNeedsTheReaderOfTheStoreInIt: an older program must not try, and older backups stay as they are.
func TestABackupNeedsTheReaderOfTheStoreInIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.put(store.Default, event.PageView, 50, 30, true)
	if m := h.create(false); m.Format != 1 || m.MinReader != 1 {
		t.Errorf("a store of format 1 gives a backup of format %d for readers of %d", m.Format, m.MinReader)
	}
	if _, err := h.store.Drop(t.Context(), store.Default, event.PageView, 0, math.MaxUint32); err != nil {
		t.Fatal(err)
	}
	n := h.store.Snapshot(store.Range{Tenant: store.Default, Kind: event.PageView, To: math.MaxInt64})
	_, err := h.store.Condense(t.Context(), n.Segments(), nil)
	if n.Release(); err != nil {
		t.Fatal(err)
	}
	want := totals(t, h.store)
	m := h.create(true)
	if m.Format != 2 || m.MinReader != 2 {
		t.Errorf("a store of format 2 gives a backup of format %d for readers of %d", m.Format, m.MinReader)
	}
	h.whole(m.ID)
	back, _ := h.restore(m.ID)
	if got := totals(t, back); got != want {
		t.Errorf("restored\n%s\nwant\n%s", got, want)
	}
}
