package query

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
	"analytics/rollup"
)

// noon is when most tests ask: 2026-11-20 12:00 UTC, a Friday.
var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// world is a real store and a desk over it.
type world struct {
	t     testing.TB
	store *store.Store
	desk  *Desk
	batch event.Batch
	e     event.Event
	n     int
}

func newWorld(t testing.TB, cfg Config) *world {
	t.Helper()
	return worldIn(t, cfg, t.TempDir())
}

// worldIn is a world in a folder.
func worldIn(t testing.TB, cfg Config, dir string) *world {
	t.Helper()
	zone, err := time.LoadLocation(cfg.Timezone)
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	s, err := store.Open(context.Background(), store.Config{
		Space: storetest.Room,
		Dir:   dir, MemTableSize: 8 << 20, Now: func() time.Time { return noon }, Log: quiet,
		Derive: rollup.Derive(zone),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	now := func() time.Time { return noon }
	cfg.Mill = rollup.New(rollup.Config{Store: s, Zone: zone, Now: now})
	d, err := New(s, cfg, now, quiet)
	if err != nil {
		t.Fatal(err)
	}
	return &world{t: t, store: s, desk: d}
}

// daily stores sessions and makes the cells of days, and those of months of them.
func (w *world) daily() {
	w.t.Helper()
	if err := w.desk.cfg.Mill.CloseSessions(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	for range 2 {
		if err := w.desk.cfg.Mill.Daily(context.Background()); err != nil {
			w.t.Fatal(err)
		}
	}
}

// begin starts an event; add ends it.
func (w *world) begin(kind event.Kind, at time.Time) *event.Event {
	w.n++
	w.e.Reset(kind)
	w.e.SetInt(event.Timestamp, int64(event.MicrosOf(at)))
	w.e.SetID(event.EventID, []byte(fmt.Sprintf("event-%08d", w.n)))
	return &w.e
}

func (w *world) add() { w.batch.Add(&w.e) }

// commit appends what was added.
func (w *world) commit() {
	w.t.Helper()
	if _, err := w.store.Append(context.Background(), store.Default, &w.batch); err != nil {
		w.t.Fatal(err)
	}
	w.batch.Reset()
}

// seal seals the hours before t.
func (w *world) seal(before time.Time) {
	w.t.Helper()
	_, err := w.store.Seal(context.Background(), event.MicrosOf(before).Hour(), false)
	if err != nil {
		w.t.Fatal(err)
	}
}

func pick(r *rand.Rand, words ...string) []byte { return []byte(words[r.IntN(len(words))]) }

// random adds an event of any kind, with fields that are there or not.
func (w *world) random(r *rand.Rand, at time.Time) {
	kinds := []event.Kind{
		event.AIRequest, event.AIRequest, event.AIRequest, event.ToolCall, event.AgentTask,
		event.PageView, event.PageView, event.Engagement, event.Custom, event.Activity,
		event.Metric,
	}
	kind := kinds[r.IntN(len(kinds))]
	e := w.begin(kind, at)
	maybe := func() bool { return r.IntN(3) > 0 }
	for i, f := range kind.Fields() {
		if i <= event.EventID || f.Transient || f.Type == event.Properties ||
			!f.Required && !maybe() {
			continue
		}
		switch f.Type {
		case event.Bool:
			e.SetBool(i, r.IntN(2) == 0)
		case event.Int:
			e.SetInt(i, r.Int64N(5)*100)
		case event.Money:
			e.SetInt(i, r.Int64N(1e9))
		case event.Millis:
			e.SetInt(i, r.Int64N(5e6))
		case event.Float:
			e.SetFloat(i, float64(r.IntN(2000)-1000)/8)
		case event.ID:
			e.SetID(i, pick(r, "v1", "v2", "v3", "v4", "v5"))
		default:
			if f.Name == "bot_class" || f.Name == "bot_name" {
				e.SetText(i, pick(r, "crawler", "scanner"))
				continue
			}
			e.SetText(i, pick(r, "alpha", "beta", "gamma", "delta-1", "unpriced"))
		}
	}
	w.add()
}
