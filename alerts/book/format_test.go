package book

import (
	"strings"
	"testing"

	"analytics/engine/fault"
	"analytics/engine/store"
)

// The rows as they were before they had a format, as a store has them.
const (
	oldRule = `{"name":"errors","metric":"error_rate","by":["model"],"operator":">","threshold":0.05,"window":"15m0s",` +
		`"severity":"high","groups":20,"enabled":true,"source":"set","version":3,"changed":"2026-11-20T09:00:00Z",` +
		`"changed_by":"ann"}`
	oldSilence = `{"id":"s7","rule":"errors","from":"2026-11-20T09:00:00Z","until":"2026-11-20T12:00:00Z","who":"ann",` +
		`"why":"known","created":"2026-11-20T09:00:00Z"}`
)

// TestRowsOfBeforeThereWasAFormatAreRead and get one when they are written again.
func TestRowsOfBeforeThereWasAFormatAreRead(t *testing.T) {
	d := newDesk(t)
	shelf := d.store.Shelf(store.Default, "alerts")
	for key, value := range map[string]string{rulePrefix + "errors": oldRule, silencePrefix + "s7": oldSilence} {
		if err := shelf.Put(t.Context(), key, []byte(value)); err != nil {
			t.Fatal(err)
		}
	}
	d.restart()
	r, err := d.Rule("errors")
	if err != nil || r.Version != 3 || *r.Threshold != 0.05 || r.Who != "ann" || !r.On() {
		t.Errorf("got %+v, %v", r, err)
	}
	if got := d.Quiet("errors", nil, d.now); got != "silence s7" {
		t.Errorf("got %q", got)
	}
	r.Severity = "low"
	d.set(r)
	value, _, err := shelf.Get(rulePrefix + "errors")
	if err != nil || !strings.HasPrefix(string(value), `{"format":1,"name":"errors",`) {
		t.Errorf("written again as %s, %v", value, err)
	}
	d.restart()
	if r, err := d.Rule("errors"); err != nil || r.Version != 4 || r.Severity != "low" {
		t.Errorf("got %+v, %v", r, err)
	}
}

// TestANewerRowIsRefusedAndStays: it is no damage.
func TestANewerRowIsRefusedAndStays(t *testing.T) {
	for _, key := range []string{rulePrefix + "a", versionPrefix + "a", silencePrefix + "s1"} {
		d := newDesk(t)
		const newer = `{"format":2,"name":["a"]}`
		shelf := d.store.Shelf(store.Default, "alerts")
		if err := shelf.Put(t.Context(), key, []byte(newer)); err != nil {
			t.Fatal(err)
		}
		_, err := Open(House{Shelf: shelf, Zone: d.now.Location(), Now: d.clock})
		if fault.Of(err).Kind != fault.Newer || !strings.Contains(err.Error(), "start a newer version") {
			t.Errorf("%s: %v", key, err)
		}
		if value, _, _ := shelf.Get(key); string(value) != newer {
			t.Errorf("%s became %s", newer, value)
		}
	}
}
