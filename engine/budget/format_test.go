package budget

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"analytics/engine/fault"
	"analytics/engine/store"
)

// The rows as they were before they had a format, as a store has them.
const (
	oldBudget = `{"name":"team","limit":1.5,"period":"day","action":"pause_requests","scope":{"model":"gpt-*"},` +
		`"by":["api_key_id"],"at":[50,100],"timezone":"Europe/Berlin","source":"set"}`
	oldSwitch = `{"lifted":true,"until":"2026-11-22T00:00:00Z","by":"ann","at":"2026-11-21T11:00:00Z"}`
)

// TestRowsOfBeforeThereWasAFormatAreRead and get one when they are written again.
func TestRowsOfBeforeThereWasAFormatAreRead(t *testing.T) {
	w := newWorld(t)
	shelf := w.store.Shelf(store.Default, "budgets")
	at := place{store.Default, "team"}
	for key, value := range map[string]string{at.key(defPrefix): oldBudget, at.key(switchPrefix): oldSwitch} {
		if err := shelf.Put(t.Context(), key, []byte(value)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	w.open()
	all, err := w.Standings(t.Context(), store.Default, "team")
	if err != nil || len(all) != 1 {
		t.Fatalf("got %+v, %v", all, err)
	}
	d := all[0].Definition
	if d.Limit != 1_500_000_000 || d.Scope["model"] != "gpt-*" || all[0].State != Lifted || all[0].Switch.By != "ann" {
		t.Errorf("got %+v", all[0])
	}
	if err := w.Set(t.Context(), store.Default, d, "ann"); err != nil {
		t.Fatal(err)
	}
	value, _, err := w.store.Shelf(store.Default, "budgets").Get(at.key(defPrefix))
	if err != nil || string(value) != `{"format":1,`+oldBudget[1:] {
		t.Errorf("written again as %s, %v", value, err)
	}
}

// TestANewerRowIsRefusedAndStays: it is no damage.
func TestANewerRowIsRefusedAndStays(t *testing.T) {
	at := place{store.Default, "team"}
	for _, key := range []string{at.key(defPrefix), at.key(switchPrefix)} {
		w := newWorld(t)
		const newer = `{"format":2,"name":["team"]}`
		shelf := w.store.Shelf(store.Default, "budgets")
		if err := shelf.Put(t.Context(), key, []byte(newer)); err != nil {
			t.Fatal(err)
		}
		_, err := Open(House{Store: w.store, Zone: time.UTC, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
		if fault.Of(err).Kind != fault.Newer || !strings.Contains(err.Error(), "start a newer version") {
			t.Errorf("%s: %v", key, err)
		}
		if value, _, _ := shelf.Get(key); string(value) != newer {
			t.Errorf("%s became %s", newer, value)
		}
	}
}
