package rollup

import (
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/rollup/cube"
)

// BenchmarkPanel13Months asks panels over 396 days of 100 requests an hour, about 430,000 cells,
// from the store: from the blocks of days as sealed, and from day cells.
func BenchmarkPanel13Months(b *testing.B) {
	const days = 396
	h := newHouse(b, "UTC")
	midnight := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	for d := days; d > 0; d-- {
		from := midnight.AddDate(0, 0, -d)
		h.put(event.AIRequest, 2400, from, from.AddDate(0, 0, 1))
		if d%30 == 0 {
			check(b, h.mill.Seal(b.Context(), true))
		}
	}
	check(b, h.mill.Seal(b.Context(), true))
	edges := []event.Micros{}
	for d := days; d >= 0; d-- {
		edges = append(edges, event.MicrosOf(midnight.AddDate(0, 0, -d)))
	}
	usage := cube.Cubes(event.AIRequest)[0]
	ask := func(name string, want int, measures ...string) {
		b.Run(name, func(b *testing.B) {
			spec := cube.Spec{Kind: event.AIRequest, Dims: []string{"model"}, Measures: measures,
				Edges: edges}
			for b.Loop() {
				f, err := h.mill.Fill(b.Context(), store.Default, usage, spec, edges[0], edges[days])
				check(b, err)
				if f.Days != want {
					b.Fatalf("%d days from day cells, want %d", f.Days, want)
				}
			}
		})
	}
	panels := func(from string, want int) {
		ask(from+"/sums", want, "rows", "sum(cost)", "sum(duration_ms)", "count(duration_ms)")
		ask(from+"/quantiles", want, "sketch(duration_ms)")
		ask(from+"/users", want, "distinct(user_id)")
	}
	panels("hours", 0)
	start := time.Now()
	check(b, h.mill.Daily(b.Context()))
	b.Logf("%d days rolled up in %v", days, time.Since(start))
	panels("days", days)
}
