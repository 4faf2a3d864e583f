package query

import (
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
)

// An end of the range that has events on one side alone cuts no cell.
func TestOnlyWhatAnEdgeCutsIsCountedFromEvents(t *testing.T) {
	w := newWorld(t, Config{})
	eleven := noon.Add(-time.Hour)
	for i := range 40 {
		w.begin(event.AIRequest, eleven.Add(time.Duration(10+i)*time.Minute))
		w.add()
	}
	w.commit()
	w.seal(noon)
	f := func(from, to time.Time, interval string, wantRows, wantEvents int64) {
		t.Helper()
		q := Question{From: from, To: to, Metrics: []string{"requests", "users"}, Interval: interval}
		for _, raw := range []bool{false, true} {
			q.Raw = raw
			a, err := w.desk.Answer(t.Context(), store.Default, q)
			if err != nil {
				t.Fatal(err)
			}
			if got := a.Totals["requests"]; got != wantRows {
				t.Errorf("%v requests from %s to %s, raw %v; want %d", got, from, to, raw, wantRows)
			}
			if got := a.Meta.Sources.RawRows; !raw && got != wantEvents {
				t.Errorf("%d events read from %s to %s; want %d", got, from, to, wantEvents)
			}
		}
	}
	at := func(minute int) time.Time { return eleven.Add(time.Duration(minute) * time.Minute) }
	day := noon.AddDate(0, 0, -1).Add(7 * time.Second)
	for _, interval := range []string{"", "hour", "day"} {
		f(day, noon.Add(time.Second), interval, 40, 0)
		f(day, at(50), interval, 40, 0) // the last event is at 49
		f(day, at(49), interval, 39, 40)
		f(day, at(10), interval, 0, 0)
		f(at(10), noon, interval, 40, 0) // the first is at 10
		f(at(11), noon, interval, 39, 40)
		f(at(20), at(30), interval, 10, 40)
		f(at(10), at(50), interval, 40, 0)
	}
}
