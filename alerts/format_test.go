package alerts

import (
	"strings"
	"testing"

	"analytics/engine/fault"
	"analytics/engine/store"
)

// The rows as they were before they had a format, as a store has them.
const (
	oldIncident = `{"id":"daily_cost-1-notify-2026-11-20","rule":"daily_cost-1-notify","type":"daily_cost",` +
		`"action":"notify","threshold":1.0,"value":1.5,"period":"2026-11-20","from":"2026-11-20T00:00:00Z",` +
		`"to":"2026-11-21T00:00:00Z","state":"open","message":"$1.50 were spent","opened":"2026-11-20T10:00:00Z",` +
		`"severity":"high","history":[{"state":"open","at":"2026-11-20T10:00:00Z","by":"analytics"}],"notified":true}`
	oldState = `{"rule":{"name":"errors","metric":"error_rate","operator":">","threshold":0.05},` +
		`"state":{"seen":"2026-11-20T10:00:00Z","awake":"2026-11-20T09:00:00Z","groups":{"":{"firing":true}}}}`
)

// TestRowsOfBeforeThereWasAFormatAreRead and get one when they are written again.
func TestRowsOfBeforeThereWasAFormatAreRead(t *testing.T) {
	w := newWorld(t, "UTC", "2026-11-20T12:00:00")
	const id = "daily_cost-1-notify-2026-11-20"
	incidents := w.store.Shelf(store.Default, "incidents")
	if err := incidents.Put(t.Context(), id, []byte(oldIncident)); err != nil {
		t.Fatal(err)
	}
	if err := w.store.Shelf(store.Default, "alerts").Put(t.Context(), statePrefix+"errors", []byte(oldState)); err != nil {
		t.Fatal(err)
	}
	w.restart()
	i, err := w.Show(id)
	if err != nil || i.Value != 1_500_000_000 || i.State != Open || !i.Notified || len(i.History) != 1 {
		t.Fatalf("got %+v, %v", i, err)
	}
	if m := w.states["errors"]; m == nil || !m.State.Groups[""].Firing || m.Rule.Metric != "error_rate" {
		t.Errorf("got %+v", m)
	}
	if _, err := w.Acknowledge(t.Context(), id, "ann"); err != nil {
		t.Fatal(err)
	}
	value, _, err := incidents.Get(id)
	if err != nil || !strings.HasPrefix(string(value), `{"format":1,"id":"daily_cost-1-notify-2026-11-20",`) {
		t.Errorf("written again as %s, %v", value, err)
	}
	w.restart()
	if i, err = w.Show(id); err != nil || i.State != Acknowledged {
		t.Errorf("got %+v, %v", i, err)
	}
}

// TestANewerRowIsRefusedAndStays: it is no damage.
func TestANewerRowIsRefusedAndStays(t *testing.T) {
	for name, key := range map[string]string{"incidents": "a", "alerts": statePrefix + "a"} {
		w := newWorld(t, "UTC", "2026-11-20T12:00:00")
		const newer = `{"format":2,"id":["a"]}`
		shelf := w.store.Shelf(store.Default, name)
		if err := shelf.Put(t.Context(), key, []byte(newer)); err != nil {
			t.Fatal(err)
		}
		_, err := New(w.store, w.desk, w.outbox, w.Watch.log)
		if fault.Of(err).Kind != fault.Newer || !strings.Contains(err.Error(), "start a newer version") {
			t.Errorf("%s: %v", name, err)
		}
		if value, _, _ := shelf.Get(key); string(value) != newer {
			t.Errorf("%s became %s", newer, value)
		}
	}
}
