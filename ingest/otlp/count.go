package otlp

import (
	"sync/atomic"

	"analytics/engine/web"
)

// tally is what became of the records of one signal since the start. Records that were sent again
// count again.
type tally struct {
	used     atomic.Int64 // became events
	ignored  atomic.Int64 // mean nothing here, or say that nothing changed
	rejected atomic.Int64
}

// count notes a request that was answered with success; others come again.
func (d *Door) count(s *signal, t *taking) {
	c := &d.counts[s.root-tracesData]
	rejected := min(t.rejected, t.count)
	c.rejected.Add(int64(rejected))
	c.ignored.Add(int64(t.ignored))
	c.used.Add(int64(max(0, t.count-rejected-t.ignored)))
}

// Measure adds the doors' numbers to /metrics.
func (d *Door) Measure(m *web.Metrics) {
	m.Func(web.Counter, "analytics_otlp_records_total",
		"Records of OpenTelemetry that came in, by what became of them.", []string{"signal", "fate"},
		func(emit func(float64, ...string)) {
			for i := range signals {
				c := &d.counts[i]
				emit(float64(c.used.Load()), signals[i].name, "used")
				emit(float64(c.ignored.Load()), signals[i].name, "ignored")
				emit(float64(c.rejected.Load()), signals[i].name, "rejected")
			}
		})
}
