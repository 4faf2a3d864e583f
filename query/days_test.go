package query

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/rollup"
	"analytics/rollup/cube"
)

// condense puts cells of days in the place of those of hours, where events are gone.
func (w *world) condense(kind event.Kind) {
	w.t.Helper()
	w.eachOld(kind, func(n *store.Snapshot, segs []store.Segment) error {
		_, err := rollup.Condense(context.Background(), w.store, n, segs, w.desk.zone)
		return err
	})
}

// eachOld calls f with the segments of each UTC day that have no events in the store.
func (w *world) eachOld(kind event.Kind, f func(n *store.Snapshot, segs []store.Segment) error) {
	w.t.Helper()
	n := w.store.Snapshot(store.Range{Tenant: store.Default, Kind: kind, From: cube.Always, To: cube.Never})
	defer n.Release()
	days := map[event.Hour][]store.Segment{}
	for _, g := range n.Segments() {
		if g.RawDropped || g.Archived() {
			days[g.From/24] = append(days[g.From/24], g)
		}
	}
	for _, segs := range days {
		if err := f(n, segs); err != nil {
			w.t.Fatal(err)
		}
	}
}

// timed answers a question, and says of which time and with how many requests its rows are.
func (w *world) timed(q Question) (a *Answer, byTime map[string]int64) {
	w.t.Helper()
	a, err := w.desk.Answer(context.Background(), store.Default, q)
	if err != nil {
		w.t.Fatal(err)
	}
	byTime = map[string]int64{}
	for _, row := range a.Rows {
		if at, ok := row[0].(time.Time); ok {
			if n := row[a.Column("requests")].(int64); n > 0 {
				byTime[at.UTC().Format("02 15:04")] += n
			}
		}
	}
	return a, byTime
}

// oldDaysOnly is a world with five days of requests, months ago: 10 of the first day, 20 of the next
// and so on, at all hours, of which the events are gone.
func oldDaysOnly(t *testing.T, archive bool) (w *world, first time.Time) {
	w = newWorld(t, Config{Timezone: "UTC"})
	first = noon.Truncate(24*time.Hour).AddDate(0, 0, -100)
	r := rand.New(rand.NewPCG(5, 6))
	for day := range 5 {
		for i := range 10 * (day + 1) {
			at := first.AddDate(0, 0, day).Add(time.Duration(i*24) * time.Hour / time.Duration(10*(day+1)))
			e := w.begin(event.AIRequest, at)
			e.SetText(event.AIModel, pick(r, "a", "b"))
			e.SetInt(event.AICost, r.Int64N(1e9))
			e.SetInt(event.AIDurationMS, r.Int64N(1e6))
			w.add()
		}
	}
	w.commit()
	w.seal(noon)
	w.daily()
	if !archive {
		now := event.MicrosOf(noon).Hour()
		if _, err := w.store.Drop(t.Context(), store.Default, event.AIRequest, 0, now); err != nil {
			t.Fatal(err)
		}
		return w, first
	}
	files := map[store.SegmentID][]byte{}
	w.store.ReadArchive(func(_ store.Tenant, _ event.Kind, _ event.Hour, id store.SegmentID) (io.ReaderAt, error) {
		return bytes.NewReader(files[id]), nil
	})
	n := w.store.Snapshot(store.Range{Tenant: store.Default, Kind: event.AIRequest, To: cube.Never})
	defer n.Release()
	var ids []store.SegmentID
	for _, g := range n.Segments() {
		var b bytes.Buffer
		if err := n.Copy(t.Context(), &g, &b); err != nil {
			t.Fatal(err)
		}
		files[g.ID], ids = b.Bytes(), append(ids, g.ID)
	}
	if _, err := w.store.DropSegments(t.Context(), store.Default, event.AIRequest, ids); err != nil {
		t.Fatal(err)
	}
	return w, first
}

// TestDaysWithoutTheirHoursAnswerAsBefore: of whole days nothing changes, and what cuts days says so.
func TestDaysWithoutTheirHoursAnswerAsBefore(t *testing.T) {
	w, first := oldDaysOnly(t, false)
	all := Question{Metrics: []string{"requests", "cost", "p95_duration_ms"}, From: first, To: first.AddDate(0, 0, 5)}
	exact := []Question{all}
	for _, interval := range []string{"day", "week", "month"} {
		q := all
		q.Interval = interval
		exact = append(exact, q)
		q.By, q.Filter = []string{"model"}, "model!=c"
		exact = append(exact, q)
	}
	var want []*Answer
	for _, q := range exact {
		a, _ := w.timed(q)
		want = append(want, a)
	}
	w.condense(event.AIRequest)
	w.daily()
	for i, q := range exact {
		a, _ := w.timed(q)
		if !reflect.DeepEqual(a.Rows, want[i].Rows) || !reflect.DeepEqual(a.Totals, want[i].Totals) ||
			a.Meta.Resolution != "" || len(a.Meta.Notes) > 0 {
			t.Errorf("%+v:\ngot  %v %v %q\nwant %v %v", q, a.Rows, a.Totals, a.Meta.Notes, want[i].Rows, want[i].Totals)
		}
	}
	f := func(what string, q Question, wantTotal int64, wantRows map[string]int64) {
		t.Helper()
		q.Metrics = []string{"requests"}
		a, rows := w.timed(q)
		if a.Meta.Resolution != "day" || a.Meta.Exact || len(a.Meta.Notes) != 1 || a.Totals["requests"] != wantTotal ||
			wantRows != nil && !reflect.DeepEqual(rows, wantRows) {
			t.Errorf("%s: %v in %v, resolution %q, notes %q; want %d in %v", what, a.Totals["requests"], rows,
				a.Meta.Resolution, a.Meta.Notes, wantTotal, wantRows)
		}
	}
	day := func(n int, clock string) string { return first.AddDate(0, 0, n).Format("02") + " " + clock }
	hours := all
	hours.Interval = "hour"
	f("hours", hours, 150, map[string]int64{day(0, "00:00"): 10, day(1, "00:00"): 20, day(2, "00:00"): 30,
		day(3, "00:00"): 40, day(4, "00:00"): 50})
	berlin := all
	berlin.Interval, berlin.TZ = "day", "Europe/Berlin" // two hours before UTC
	f("days of Berlin", berlin, 150, map[string]int64{day(-1, "22:00"): 10, day(0, "22:00"): 20, day(1, "22:00"): 30,
		day(2, "22:00"): 40, day(3, "22:00"): 50})
	cut := all
	cut.From = first.Add(10 * time.Hour)
	f("most of the first day", cut, 150, nil)
	cut.From = first.Add(14 * time.Hour)
	f("little of the first day", cut, 140, nil)
	cut.To = first.Add(16 * time.Hour)
	f("two hours", cut, 0, nil)
	cut.TZ, cut.From, cut.To = "Asia/Kathmandu", first.Add(15*time.Minute), first.Add(17*time.Hour)
	f("a part that cuts an hour", cut, 10, nil)

	w.eachOld(event.AIRequest, func(n *store.Snapshot, segs []store.Segment) error {
		_, err := w.store.Condense(t.Context(), segs, nil)
		return err
	})
	a, _ := w.timed(all)
	if a.Totals["requests"] != int64(0) || a.Meta.Exact || len(a.Meta.Notes) != 1 {
		t.Errorf("without any cells: %v, notes %q", a.Totals, a.Meta.Notes)
	}
}

// TestLateEventsStandBesideDaysWithoutHours in their own hours.
func TestLateEventsStandBesideDaysWithoutHours(t *testing.T) {
	w, first := oldDaysOnly(t, false)
	w.condense(event.AIRequest)
	for i := range 6 {
		w.begin(event.AIRequest, first.Add(time.Duration(18*60+i)*time.Minute))
		w.add()
	}
	w.commit()
	q := Question{Metrics: []string{"requests"}, From: first, To: first.AddDate(0, 0, 2), Interval: "hour"}
	want := map[string]int64{first.Format("02") + " 00:00": 10, first.Format("02") + " 18:00": 6,
		first.AddDate(0, 0, 1).Format("02") + " 00:00": 20}
	for _, do := range []func(){func() {}, func() { w.seal(noon) }, w.daily} {
		do()
		if a, rows := w.timed(q); a.Totals["requests"] != int64(36) || !reflect.DeepEqual(rows, want) {
			t.Errorf("%v in %v, want %v", a.Totals, rows, want)
		}
	}
}

// TestHoursOfTheArchiveAreExact: cells of days are enough for days, and hours are counted from the files.
func TestHoursOfTheArchiveAreExact(t *testing.T) {
	w, first := oldDaysOnly(t, true)
	q := Question{Metrics: []string{"requests"}, From: first, To: first.AddDate(0, 0, 5)}
	for _, interval := range []string{"day", "hour"} {
		for _, tz := range []string{"UTC", "Europe/Berlin", "Asia/Kathmandu"} {
			q.Interval, q.TZ = interval, tz
			_, want := w.timed(q)
			w.condense(event.AIRequest)
			a, rows := w.timed(q)
			if !reflect.DeepEqual(rows, want) || len(a.Meta.Notes) > 0 || a.Meta.Resolution != "" {
				t.Errorf("%s in %s: %v, notes %q; want %v", interval, tz, rows, a.Meta.Notes, want)
			}
			if daily := slices.Contains(a.Meta.Sources.Cubes, "ai_usage_daily"); interval == "day" && tz == "UTC" &&
				a.Meta.Sources.RawRows > 0 {
				t.Errorf("days of UTC are counted from %d events, cells of days: %v", a.Meta.Sources.RawRows, daily)
			}
		}
	}
}
