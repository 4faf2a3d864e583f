package process

import (
	"context"
	"time"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/engine/web"
)

// Measure adds the store's numbers to /metrics and its state to /readyz.
func Measure(m *web.Metrics, h *web.Health, s *store.Store) {
	h.Check("storage", func(context.Context) error {
		if err := s.Err(); err != nil {
			return err
		}
		if st := s.Stats(); st.Full {
			return fault.New(fault.Full, "disk_full", "the disk is full: no events are taken in")
		}
		return nil
	})
	m.Func(web.Gauge, "analytics_events", "Events that can be read.", []string{"type"},
		func(emit func(float64, ...string)) {
			rows := s.Stats().Events
			for _, k := range event.Kinds() {
				emit(float64(rows[k]), k.String())
			}
		})
	for _, g := range []struct {
		name, help string
		read       func(store.Stats) float64
	}{
		{"analytics_head_rows", "Events not sealed yet.",
			func(st store.Stats) float64 { return float64(st.HeadRows) }},
		{"analytics_head_bytes", "Memory of events not sealed yet.",
			func(st store.Stats) float64 { return float64(st.HeadBytes + st.RecordBytes) }},
		{"analytics_segments", "Sealed segments.",
			func(st store.Stats) float64 { return float64(st.Segments) }},
		{"analytics_disk_bytes", "Size of the data folder.",
			func(st store.Stats) float64 { return float64(st.DiskBytes) }},
		{"analytics_disk_free_bytes", "Free space on its disk.",
			func(st store.Stats) float64 { return float64(st.Free) }},
		{"analytics_queued_events", "Events that wait for a commit.",
			func(st store.Stats) float64 { return float64(st.Queued) }},
		{"analytics_last_commit_seconds", "When events were last committed, seconds since 1970.",
			func(st store.Stats) float64 { return seconds(st.LastCommit) }},
	} {
		m.Func(web.Gauge, g.name, g.help, nil, func(emit func(float64, ...string)) {
			emit(g.read(s.Stats()))
		})
	}
}

func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}
