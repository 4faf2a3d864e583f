package rollup

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/ingest/pricing"
	"analytics/ingest/pricing/register"
	"analytics/rollup/cube"
)

// TestCubesEqualEventsAfterRepricing reprices history with day cells, sealed and unsealed hours: in
// each cube every hour is what its events give, and costs what the new prices say.
func TestCubesEqualEventsAfterRepricing(t *testing.T) {
	h := newHouse(t, "Asia/Kolkata")
	for day := range 4 {
		from := noon.AddDate(0, 0, -4+day)
		h.put(event.AIRequest, 400, from, from.Add(20*time.Hour))
		check(t, h.mill.Seal(t.Context(), true))
	}
	check(t, h.mill.Daily(t.Context()))
	h.put(event.AIRequest, 100, noon.Add(-2*time.Hour), noon)
	reg, err := register.Open(register.House{Store: h.store, Zone: h.zone, Now: h.cfg.Now,
		Log: slog.New(slog.DiscardHandler), Use: func(*pricing.Book) {},
		Record: func(context.Context, store.Tenant, []byte) error { return nil }}, register.Config{})
	check(t, err)
	check(t, reg.Set(t.Context(), "*", pricing.Custom{InputPer1M: "123", OutputPer1M: "456"}))
	low, high := noon.AddDate(0, 0, -5), noon.AddDate(0, 0, 1)
	before := h.total(low, high)
	report, err := reg.Reprice(t.Context(), register.Scope{Tenant: store.Default, From: low, To: high},
		func(int, int) {})
	check(t, err)
	for _, c := range cube.Cubes(event.AIRequest) {
		h.same(c, low, high)
	}
	r, err := h.mill.Check(t.Context(), Scope{Tenant: store.Default, From: 0, To: latest})
	check(t, err)
	check(t, r.Err())
	if got := h.total(low, high); got-before != int64(report.Delta) || report.Changed < 1000 {
		t.Errorf("cubes say %d nano-USD more, the report %s for %d requests", got-before, report.Delta,
			report.Changed)
	}
}

// total is the cost of a range, from cells where there are some.
func (h *house) total(from, to time.Time) int64 {
	h.t.Helper()
	c, _ := cube.ByID(cube.AIUsage)
	spec := cube.Spec{Kind: c.Kind, Measures: []string{"sum(cost)"}}
	f, err := h.mill.Fill(h.t.Context(), store.Default, c, spec, event.MicrosOf(from), event.MicrosOf(to))
	check(h.t, err)
	n, _ := f.Table.Int(f.Table.Measure("sum(cost)"), 0)
	return n
}
