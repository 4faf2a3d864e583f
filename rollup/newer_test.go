package rollup

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/rollup/cube"
)

// TestDayCellsOfANewerProgramAreNeitherUsedNorTouched: the hours answer in their place.
func TestDayCellsOfANewerProgramAreNeitherUsedNorTouched(t *testing.T) {
	h := newHouse(t, "UTC")
	ctx := t.Context()
	usage := cube.Cubes(event.AIRequest)[0]
	to := noon.Truncate(24 * time.Hour)
	from := to.AddDate(0, 0, -2)
	h.put(event.AIRequest, 500, from, to)
	check(t, h.mill.Seal(ctx, true))
	check(t, h.mill.Daily(ctx))
	shelf := h.store.Shelf(store.Default, "days")
	key := headerKey(event.AIRequest, from.Format(time.DateOnly))
	v, _, err := shelf.Get(key)
	check(t, err)
	var header dayHeader
	check(t, json.Unmarshal(v, &header))
	header.Version = daysVersion + 1
	newer, err := json.Marshal(header)
	check(t, err)
	check(t, shelf.Put(ctx, key, newer))
	h.reopen()
	shelf = h.store.Shelf(store.Default, "days")
	if f := h.same(usage, from, to); f.Days != 1 {
		t.Errorf("%d days from day cells, want the one that is ours", f.Days)
	}
	h.put(event.AIRequest, 5, from, from.Add(time.Hour)) // late: its cells would be made again
	check(t, h.mill.Seal(ctx, true))
	check(t, h.mill.Daily(ctx))
	h.same(usage, from, to)
	if got, _, err := shelf.Get(key); err != nil || !bytes.Equal(got, newer) {
		t.Errorf("the newer header is %s, %v", got, err)
	}
}

func TestSessionsOfANewerProgramAreNotMadeAgain(t *testing.T) {
	h := newHouse(t, "UTC")
	ctx := t.Context()
	h.put(event.PageView, 50, noon.Add(-5*time.Hour), noon.Add(-4*time.Hour))
	newer, err := json.Marshal(sessionState{Version: stateVersion + 1})
	check(t, err)
	shelf := h.store.Shelf(store.Default, "sessions")
	check(t, shelf.Put(ctx, stateKey, newer))
	if err := h.mill.CloseSessions(ctx); fault.Of(err).Kind != fault.Newer {
		t.Errorf("sessions of a newer program: %v", err)
	}
	if got, _, err := shelf.Get(stateKey); err != nil || !bytes.Equal(got, newer) ||
		h.store.Stats().Events[event.Session] != 0 {
		t.Errorf("the state is %s, %v; %d sessions", got, err, h.store.Stats().Events[event.Session])
	}
}
