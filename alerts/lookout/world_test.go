package lookout

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
	"analytics/query"
)

// world is a real store, a desk and a lookout, at a moment.
type world struct {
	*Lookout
	t     testing.TB
	store *store.Store
	now   time.Time
	batch event.Batch
	e     event.Event
	n     int
	r     *rand.Rand
}

// friday is when tests look: 14:20 in Berlin.
var friday = time.Date(2026, 11, 20, 13, 20, 0, 0, time.UTC)

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, now: friday, r: rand.New(rand.NewPCG(1, 2))}
	quiet := slog.New(slog.DiscardHandler)
	clock := func() time.Time { return w.now }
	var err error
	w.store, err = store.Open(context.Background(), store.Config{
		Space: storetest.Room, Dir: t.TempDir(), MemTableSize: 8 << 20, Log: quiet,
		Now: func() time.Time { return friday }, // it asks in goroutines of its own
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.store.Close() })
	desk, err := query.New(w.store, query.Config{Timezone: "Europe/Berlin", Timeout: time.Minute}, clock, quiet)
	if err != nil {
		t.Fatal(err)
	}
	w.Lookout = New(desk)
	w.Use(DefaultConfig())
	return w
}

// call is what an event is made of.
type call struct {
	model, agent, key, conversation, tool, failed string
	cost, input, size                             int64
	took                                          time.Duration
}

func (w *world) add(at time.Time, c call) {
	kind := event.AIRequest
	if c.tool != "" {
		kind = event.ToolCall
	}
	w.n++
	e := &w.e
	e.Reset(kind)
	e.SetInt(event.Timestamp, int64(event.MicrosOf(at)))
	e.SetID(event.EventID, fmt.Appendf(nil, "event-%08d", w.n))
	set := func(name, v string) {
		if field, ok := kind.Field(name); ok && v != "" {
			if kind.Fields()[field].Type == event.ID {
				e.SetID(field, []byte(v))
				return
			}
			e.SetText(field, []byte(v))
		}
	}
	number := func(name string, v int64) {
		if field, ok := kind.Field(name); ok && v != 0 {
			e.SetInt(field, v)
		}
	}
	set("model", c.model)
	set("tool", c.tool)
	set("agent", c.agent)
	set("api_key_id", c.key)
	set("conversation_id", c.conversation)
	set("error_type", c.failed)
	number("cost", c.cost)
	number("input_uncached_tokens", c.input)
	number("result_bytes", c.size)
	number("duration_ms", c.took.Microseconds())
	if field, ok := kind.Field("success"); ok {
		e.SetBool(field, c.failed == "")
	}
	w.batch.Add(e)
	if w.batch.Len() == 2000 {
		w.commit()
	}
}

func (w *world) commit() {
	w.t.Helper()
	if w.batch.Len() == 0 {
		return
	}
	if _, err := w.store.Append(w.t.Context(), store.Default, &w.batch); err != nil {
		w.t.Fatal(err)
	}
	w.batch.Reset()
}

// work adds the usual work of an hour: the first part of it.
func (w *world) work(hour time.Time, part float64, perHour int) {
	for range int(float64(perHour) * part) {
		c := call{
			model: []string{"gpt-4o", "claude", "gemini"}[min(w.r.IntN(3), w.r.IntN(3))], key: "key-1",
			agent: []string{"support", "crawler"}[w.r.IntN(2)], cost: 5_000_000 + w.r.Int64N(10_000_000),
			input: 500 + w.r.Int64N(1000), took: time.Duration(300+w.r.IntN(900)) * time.Millisecond,
		}
		if w.r.IntN(100) == 0 {
			c.failed = "timeout"
		}
		w.add(hour.Add(time.Duration(w.r.Float64()*part*float64(time.Hour))), c)
	}
}

// weeks adds so many weeks of work up to now, with nights, and seals what is over.
func (w *world) weeks(n, perHour int) {
	w.t.Helper()
	at := w.now.Truncate(time.Hour).Add(-time.Duration(n) * 7 * 24 * time.Hour)
	for ; at.Before(w.now); at = at.Add(time.Hour) {
		rate := perHour
		if h := at.Hour(); h < 6 || h > 20 {
			rate /= 4
		}
		w.work(at, min(1, w.now.Sub(at).Hours()), rate)
	}
	w.seal()
}

func (w *world) seal() {
	w.t.Helper()
	w.commit()
	if _, err := w.store.Seal(w.t.Context(), event.MicrosOf(w.now.Add(-time.Hour)).Hour(), false); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) check() Result {
	w.t.Helper()
	w.commit()
	r, err := w.Check(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}
