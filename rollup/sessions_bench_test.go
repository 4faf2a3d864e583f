package rollup

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"analytics/engine/columns/sample"
	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/rollup/sessions"
)

// crowd stores page views of visits spread over a day, ten views and engagements a visit.
func (h *house) crowd(visits int, from, to time.Time) {
	h.t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	source := sample.New(3)
	var batch event.Batch
	var e event.Event
	for v := range visits {
		at := from.Add(time.Duration(rng.Int64N(int64(to.Sub(from)))))
		visitor := fmt.Appendf(nil, "visitor-%d", v)
		for i := range 10 {
			kind := event.PageView
			if i%2 == 1 {
				kind = event.Engagement
			}
			source.Event(&e, kind, event.MicrosOf(at))
			e.Clear(event.SessionID)
			if kind == event.PageView {
				e.SetID(event.PageVisitorID, visitor)
				e.SetText(event.PageVia, []byte("tracker"))
			} else {
				e.SetText(event.EngagementSite, []byte("example.com"))
				e.SetID(event.EngagementVisitorID, visitor)
			}
			batch.Add(&e)
			if at = at.Add(time.Duration(rng.IntN(60)) * time.Second); at.After(to) {
				at = to
			}
		}
		if batch.Len() > 4000 || v == visits-1 {
			_, err := h.store.Append(h.t.Context(), store.Default, &batch)
			check(h.t, err)
			batch.Reset()
		}
		if v%6_000 == 5999 {
			check(h.t, h.mill.Seal(h.t.Context(), true))
		}
	}
}

// BenchmarkSessions makes and stores the sessions of a day with a million events, and makes the
// fresh ones of its last hours.
func BenchmarkSessions(b *testing.B) {
	const visits = 100_000
	h := newHouse(b, "UTC")
	h.turn(noon.Add(12 * time.Hour))
	h.crowd(visits, noon.Add(-12*time.Hour), h.now())
	check(b, h.mill.Seal(b.Context(), true))
	b.Run("make", func(b *testing.B) {
		for b.Loop() {
			n := 0
			h.eachMade(noon.AddDate(0, 0, -1), h.now(), func(*sessions.Session) { n++ })
			if n < visits {
				b.Fatalf("%d sessions", n)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(10*visits), "ns/event")
	})
	b.Run("store", func(b *testing.B) {
		for b.Loop() {
			check(b, h.store.Shelf(store.Default, "sessions").Delete(b.Context(), stateKey))
			check(b, h.mill.CloseSessions(b.Context()))
		}
	})
	b.Run("fresh", func(b *testing.B) {
		f := h.mill.fresh.of(store.Default, false)
		var n int64
		for b.Loop() {
			f.lastGood = false
			fresh, err := h.mill.FreshSessions(b.Context(), store.Default, false)
			check(b, err)
			n = fresh.Events
		}
		b.ReportMetric(float64(n), "events")
	})
}
