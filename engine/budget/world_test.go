package budget

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"analytics/engine/columns"
	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
)

// world is a ledger on a real store, at a moment.
type world struct {
	*Ledger
	t       testing.TB
	dir     string
	store   *store.Store
	now     time.Time
	n       int
	audited []string
	cfg     Config
}

func newWorld(t testing.TB, defs ...Definition) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), now: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC), cfg: DefaultConfig()}
	w.open()
	t.Cleanup(func() { _ = w.store.Close() })
	for _, d := range defs {
		if err := w.Set(t.Context(), store.Default, d, "ann"); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

func (w *world) open() {
	w.t.Helper()
	var err error
	w.store, err = store.Open(w.t.Context(), store.Config{
		Space: storetest.Room, Dir: w.dir, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return w.now },
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.Ledger, err = Open(House{
		Store: w.store, Zone: time.UTC, Now: func() time.Time { return w.now }, Log: slog.New(slog.DiscardHandler),
		Record: func(_ context.Context, _ store.Tenant, text []byte) error {
			w.audited = append(w.audited, string(text))
			return nil
		},
		Price: func(_, model string, in, out int64) (event.NanoUSD, bool) {
			return event.NanoUSD(in + 10*out), model != "mystery"
		},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.Use(w.cfg); err != nil {
		w.t.Fatal(err)
	}
}

// restart closes the store and opens all anew.
func (w *world) restart() {
	w.t.Helper()
	if err := w.store.Close(); err != nil {
		w.t.Fatal(err)
	}
	w.open()
	w.sum()
}

func (w *world) sum() {
	w.t.Helper()
	if err := w.Rebuild(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// row is an ai_request.
func row(id string, at time.Time, nano event.NanoUSD, model, key string) *event.Event {
	e := &event.Event{}
	e.Reset(event.AIRequest)
	e.Named, e.Timed = true, true
	e.SetInt(event.Timestamp, int64(event.MicrosOf(at)))
	e.SetID(event.EventID, []byte(id))
	e.SetText(event.AIModel, []byte(model))
	e.SetText(event.AIAPIKeyID, []byte(key))
	e.SetInt(event.AICost, int64(nano))
	return e
}

// take stores events as the intake does.
func (w *world) take(all ...*event.Event) {
	w.t.Helper()
	var batch event.Batch
	var b Body
	w.Begin(&b, store.Default)
	for _, e := range all {
		b.Note(e)
		batch.Add(e)
	}
	receipt, err := w.store.Append(w.t.Context(), store.Default, &batch)
	b.Settle(receipt, err)
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) spend(nano event.NanoUSD, ago time.Duration) {
	w.n++
	w.take(row(fmt.Sprintf("row-%06d", w.n), w.now.Add(-ago), nano, "gpt-4o", "k1"))
}

func (w *world) standing(name string) Standing {
	w.t.Helper()
	all, err := w.Standings(w.t.Context(), store.Default, name)
	if err != nil || len(all) == 0 {
		w.t.Fatalf("standings of %s: %v, %v", name, all, err)
	}
	return all[0]
}

// rows is the sum of the store's rows from a time on, read apart from the ledger.
func (w *world) rows(from time.Time) (sum event.NanoUSD) {
	w.t.Helper()
	snap := w.store.Snapshot(store.Range{Tenant: store.Default, Kind: event.AIRequest,
		From: event.MicrosOf(from), To: 1 << 60})
	defer snap.Release()
	chunks := snap.Chunks()
	for i := range chunks {
		rec, err := chunks[i].Read(w.t.Context(), nil)
		if err != nil {
			w.t.Fatal(err)
		}
		rows := columns.NewRows(event.AIRequest, rec)
		var e event.Event
		for i := range int(rec.NumRows()) {
			if rows.Event(&e, i); e.Time() >= event.MicrosOf(from) {
				sum += event.NanoUSD(e.Int(event.AICost))
			}
		}
	}
	return sum
}

func (w *world) ask(id string, cost event.NanoUSD) Verdict {
	return w.Reserve(w.t.Context(), Ask{Tenant: store.Default, ID: id, Cost: cost, Priced: true,
		Labels: LabelsOf("", "", "", "k1", "gpt-4o", "openai")})
}

const dollar = nanos

func daily(limit USD, action Action) Definition {
	return Definition{Name: "d", Limit: limit, Period: "day", Action: action}
}
