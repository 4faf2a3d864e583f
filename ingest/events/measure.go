package events

import (
	"analytics/engine/event"
	"analytics/engine/web"
)

// Measure adds what was taken in since the start to /metrics.
func (in *Intake) Measure(m *web.Metrics) {
	m.Func(web.Counter, "analytics_events_taken_total", "Events stored, or found stored.", []string{"type"},
		func(emit func(float64, ...string)) {
			for _, k := range event.Sent() {
				emit(float64(in.counts[k].Load()), k.String())
			}
		})
	m.Func(web.Counter, "analytics_events_duplicate_total", "Events found stored.", nil, one(in.repeated.Load))
	m.Func(web.Counter, "analytics_events_rejected_total", "Events with something wrong.", nil,
		one(in.rejected.Load))
	m.Func(web.Counter, "analytics_values_folded_total",
		"Paths, sources and the like that were too many for a site and day, and are counted as (other).", nil,
		one(in.variety.folded.Load))
}

func one(read func() int64) func(func(float64, ...string)) {
	return func(emit func(float64, ...string)) { emit(float64(read())) }
}
