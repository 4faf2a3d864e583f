package query

import (
	"context"
	"strings"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
)

// TestSessionsComeFromCellsAndTheNewestFromEvents: a range that is stored costs no look at events,
// the newest event counts at once, and both stand in one answer.
func TestSessionsComeFromCellsAndTheNewestFromEvents(t *testing.T) {
	w := newWorld(t, Config{})
	ctx := context.Background()
	view := func(visitor string, at time.Time) {
		e := w.begin(event.PageView, at)
		e.SetText(event.PageSite, []byte("a.example"))
		e.SetText(event.PageSource, []byte("mail"))
		e.SetID(event.PageVisitorID, []byte(visitor))
		w.add()
		w.commit()
	}
	ask := func(from, to time.Time) *Answer {
		t.Helper()
		a, err := w.desk.Answer(ctx, store.Default, Question{
			Metrics: []string{"sessions", "bounce_rate", "pages_per_session", "visitors"},
			By:      []string{"source"}, Interval: "day", From: from, To: to,
		})
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	midnight := noon.Truncate(24 * time.Hour)
	view("v1", midnight.AddDate(0, 0, -1).Add(8*time.Hour))
	view("v2", midnight.AddDate(0, 0, -1).Add(9*time.Hour))
	view("v2", midnight.AddDate(0, 0, -1).Add(9*time.Hour+time.Minute))
	w.seal(midnight)
	w.daily()
	view("v3", noon.Add(-time.Second))

	a := ask(midnight.AddDate(0, 0, -1), midnight)
	if n := a.Totals; n["sessions"] != int64(2) || n["bounce_rate"] != 0.5 ||
		n["pages_per_session"] != 1.5 || n["visitors"] != int64(2) {
		t.Errorf("yesterday is %v", n)
	}
	if s := a.Meta.Sources; s.RawRows+s.HeadRows != 0 || !strings.HasPrefix(strings.Join(s.Cubes, " "), "sessions_") {
		t.Errorf("yesterday came from %+v, want cells alone", s)
	}
	a = ask(midnight.AddDate(0, 0, -1), noon)
	if a.Totals["sessions"] != int64(3) || len(a.Rows) != 2 || a.Rows[1][2] != int64(1) {
		t.Errorf("with a view a second ago: %v of %v", a.Totals, a.Rows)
	}
	view("v3", noon)
	if a = ask(midnight, noon.Add(time.Second)); a.Totals["sessions"] != int64(1) ||
		a.Totals["bounce_rate"] != 0.0 {
		t.Errorf("after another view: %v", a.Totals)
	}
}

// TestWhoAsksHearsOfLateEvents: sessions of a past day do not count them until they are made again, and an
// answer says so; of other days it says nothing.
func TestWhoAsksHearsOfLateEvents(t *testing.T) {
	w := newWorld(t, Config{})
	view := func(visitor string, at time.Time) {
		e := w.begin(event.PageView, at)
		e.SetText(event.PageSite, []byte("a.example"))
		e.SetID(event.PageVisitorID, []byte(visitor))
		w.add()
		w.commit()
	}
	midnight := noon.Truncate(24 * time.Hour)
	ask := func(day int, sessions int64, told bool) {
		t.Helper()
		from := midnight.AddDate(0, 0, day)
		a, err := w.desk.Answer(context.Background(), store.Default,
			Question{Metrics: []string{"sessions"}, From: from, To: from.AddDate(0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		if n := a.Totals["sessions"]; n != sessions {
			t.Errorf("%v sessions on day %d, want %d", n, day, sessions)
		}
		if strings.Contains(strings.Join(a.Meta.Notes, " "), "came late") != told || a.Meta.Exact == told {
			t.Errorf("day %d: notes %q, exact %v", day, a.Meta.Notes, a.Meta.Exact)
		}
	}
	yesterday := midnight.AddDate(0, 0, -1).Add(8 * time.Hour)
	view("v1", yesterday.AddDate(0, 0, -5))
	view("v1", yesterday)
	w.seal(midnight)
	w.daily()
	view("v2", yesterday.Add(time.Hour))
	ask(-1, 1, true)
	ask(-6, 1, false)
	w.daily()
	ask(-1, 2, false)
}
