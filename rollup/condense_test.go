package rollup

import (
	"bytes"
	"io"
	"math"
	"slices"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/rollup/cube"
)

// drop removes the events of a kind; condense does with what is left what a night of retention does.
func (h *house) drop(kind event.Kind) {
	h.t.Helper()
	_, err := h.store.Drop(h.t.Context(), store.Default, kind, 0, math.MaxUint32)
	check(h.t, err)
}

func (h *house) condense(kind event.Kind) (total store.CellReport) {
	h.t.Helper()
	n := h.store.Snapshot(store.Range{Tenant: store.Default, Kind: kind, From: cube.Always, To: cube.Never})
	defer n.Release()
	days := map[event.Hour][]store.Segment{}
	for _, g := range n.Segments() {
		if g.RawDropped || g.Archived() {
			days[g.From/24] = append(days[g.From/24], g)
		}
	}
	for _, segs := range days {
		done, err := Condense(h.t.Context(), h.store, n, segs, h.zone)
		check(h.t, err)
		total = sum(total, done)
	}
	return total
}

// days counts a cube by days of a zone, as it was when its events were all there.
func (h *house) days(c cube.Cube, zone *time.Location, from time.Time, n int) []byte {
	h.t.Helper()
	f := h.filled(c, zone, from, n)
	return f.Table.Encode()
}

func (h *house) filled(c cube.Cube, zone *time.Location, from time.Time, n int) Filled {
	h.t.Helper()
	y, month, d := from.In(zone).Date()
	spec := cube.Spec{Kind: c.Kind, Dims: c.Dims, Measures: c.Measures}
	for i := range n + 1 {
		spec.Edges = append(spec.Edges, event.MicrosOf(time.Date(y, month, d+i, 0, 0, 0, 0, zone)))
	}
	f, err := h.mill.Fill(h.t.Context(), store.Default, c, spec, spec.Edges[0], spec.Edges[n])
	check(h.t, err)
	return f
}

// TestCondensedDaysCountAsTheirHoursDid drops events and hours of two days in zones whose days are not
// UTC's, with late events in between: every cube gives for each day what it gave.
func TestCondensedDaysCountAsTheirHoursDid(t *testing.T) {
	for _, zone := range []string{"UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"} {
		t.Run(zone, func(t *testing.T) {
			h := newHouse(t, zone)
			ctx := t.Context()
			from := noon.AddDate(0, 0, -4)
			kinds := []event.Kind{event.AIRequest, event.PageView}
			for _, kind := range kinds {
				h.put(kind, 300, from, from.AddDate(0, 0, 2))
			}
			check(t, h.mill.Seal(ctx, true))
			for _, kind := range kinds { // some of the day late, so that it has two segments
				h.put(kind, 40, from.Add(6*time.Hour), from.Add(9*time.Hour))
			}
			check(t, h.mill.Seal(ctx, true))
			check(t, h.mill.Daily(ctx))
			for _, kind := range kinds {
				want := map[uint8][]byte{}
				for _, c := range cube.Cubes(kind) {
					want[c.ID] = h.days(c, h.zone, from, 4)
				}
				same := func(what string) {
					t.Helper()
					for _, c := range cube.Cubes(kind) {
						if f := h.filled(c, h.zone, from, 4); f.Lost > 0 || !bytes.Equal(f.Table.Encode(), want[c.ID]) {
							t.Errorf("%s: %s has %d groups, %d segments lost", what, c.Name, f.Table.Len(), f.Lost)
						}
					}
				}
				h.drop(kind)
				done := h.condense(kind)
				if same("condensed"); done.Segments < 3 || done.After >= done.Before {
					t.Errorf("%+v", done)
				}
				if again := h.condense(kind); again.Segments > 0 {
					t.Errorf("again: %+v", again)
				}
				check(t, h.mill.Daily(ctx))
				same("after the daily job")
				if s, err := h.mill.typeStatus(store.Default, kind); err != nil || s.Days != 0 || s.Stale != 0 {
					t.Errorf("%d days on the shelf, %d stale, %v: their cells are in the segments", s.Days, s.Stale, err)
				}
				h.reopen()
				same("after a start")
			}
			r, err := h.mill.Check(ctx, Scope{Tenant: store.Default, To: latest})
			if err != nil || r.Found > 0 || r.Unproven == 0 {
				t.Errorf("check: %+v, %v", r, err)
			}
			_, err = h.mill.Rebuild(ctx, Scope{Tenant: store.Default, To: latest}, false)
			check(t, err)
			if problems, err := h.store.Verify(ctx, nil); err != nil || len(problems) > 0 {
				t.Errorf("doctor: %v, %v", problems, err)
			}
		})
	}
}

// TestLateEventsOfACondensedDayCount: they are one more segment, whose hours count beside the day, and
// become one with it.
func TestLateEventsOfACondensedDayCount(t *testing.T) {
	h := newHouse(t, "UTC")
	ctx := t.Context()
	from := noon.AddDate(0, 0, -3).Truncate(24 * time.Hour)
	c := cube.Cubes(event.AIRequest)[0]
	rows := func() (n int64) {
		f := h.filled(c, h.zone, from, 1)
		for g := range f.Table.Len() {
			v, _ := f.Table.Int(f.Table.Measure("rows"), g)
			n += v
		}
		return n
	}
	want := int64(0)
	for range 3 {
		h.put(event.AIRequest, 70, from, from.Add(20*time.Hour))
		if want += 70; rows() != want {
			t.Errorf("%d events before sealing, want %d", rows(), want)
		}
		check(t, h.mill.Seal(ctx, true))
		check(t, h.mill.Daily(ctx))
		if rows() != want {
			t.Errorf("%d events with their hours, want %d", rows(), want)
		}
		h.drop(event.AIRequest)
		h.condense(event.AIRequest)
		check(t, h.mill.Daily(ctx))
		if rows() != want {
			t.Errorf("%d events condensed, want %d", rows(), want)
		}
		n := h.store.Snapshot(store.Range{Tenant: store.Default, Kind: event.AIRequest, To: cube.Never})
		if len(n.Segments()) != 1 || n.Segments()[0].Rows != int(want) {
			t.Errorf("%d segments, want the day to be one", len(n.Segments()))
		}
		n.Release()
	}
}

// TestAPersonIsTakenOutOfCondensedDays as out of any other block, and days are right afterwards.
func TestAPersonIsTakenOutOfCondensedDays(t *testing.T) {
	h := newHouse(t, "Europe/Berlin")
	from := noon.AddDate(0, 0, -3)
	h.put(event.AIRequest, 300, from, from.AddDate(0, 0, 1))
	check(t, h.mill.Seal(t.Context(), true))
	var c cube.Cube
	for _, c = range cube.Cubes(event.AIRequest) {
		if slices.Contains(c.Dims, "user_id") {
			break
		}
	}
	before := h.filled(c, h.zone, from, 2).Table
	at := slices.Index(c.Dims, "user_id")
	who := ""
	for g := 0; who == ""; g++ {
		who = before.Dim(at, g)
	}
	spec := before.Spec()
	spec.Filter = []cube.Predicate{{Field: "user_id", Compare: cube.Ne, Values: []string{who}}}
	want, err := cube.NewTable(spec)
	check(t, err)
	check(t, want.AddBlock(before.Encode(), spec.Edges[0], spec.Edges[2]))
	h.drop(event.AIRequest)
	h.condense(event.AIRequest)
	for day := range event.Hour(2) {
		at := event.MicrosOf(from).Hour() + 24*day
		_, err := h.store.Purge(t.Context(), store.Default, event.AIRequest, at, store.Purge{
			Match: func(*event.Event) bool { return false },
			Prune: func(_ uint8, b []byte) ([]byte, error) {
				return cube.Without(b, "user_id", func(v string) bool { return v == who })
			}})
		check(t, err)
	}
	got := h.filled(c, h.zone, from, 2).Table
	if !bytes.Equal(got.Encode(), want.Encode()) || got.Len() == before.Len() {
		t.Errorf("%d cells, want the %d of the others out of %d", got.Len(), want.Len(), before.Len())
	}
}

// TestACondensedDayOfTheArchiveIsCheckedAgainstItsEvents, and found when it is not what they give.
func TestACondensedDayOfTheArchiveIsCheckedAgainstItsEvents(t *testing.T) {
	h := newHouse(t, "UTC")
	ctx := t.Context()
	from := noon.AddDate(0, 0, -3).Truncate(24 * time.Hour)
	h.put(event.AIRequest, 90, from, from.Add(time.Duration(23)*time.Hour))
	check(t, h.mill.Seal(ctx, true))
	h.put(event.AIRequest, 30, from, from.Add(time.Duration(23)*time.Hour))
	check(t, h.mill.Seal(ctx, true))
	files := map[store.SegmentID][]byte{}
	h.store.ReadArchive(func(_ store.Tenant, _ event.Kind, _ event.Hour, id store.SegmentID) (io.ReaderAt, error) {
		return bytes.NewReader(files[id]), nil
	})
	n := h.store.Snapshot(store.Range{Tenant: store.Default, Kind: event.AIRequest, To: cube.Never})
	var ids []store.SegmentID
	for _, g := range n.Segments() {
		var b bytes.Buffer
		check(t, n.Copy(ctx, &g, &b))
		files[g.ID], ids = b.Bytes(), append(ids, g.ID)
	}
	n.Release()
	c := cube.Cubes(event.AIRequest)[0]
	want := h.days(c, h.zone, from, 1)
	_, err := h.store.DropSegments(ctx, store.Default, event.AIRequest, ids)
	check(t, err)
	if done := h.condense(event.AIRequest); done.Segments != 2 {
		t.Errorf("%+v", done)
	}
	if got := h.days(c, h.zone, from, 1); !bytes.Equal(got, want) {
		t.Error("the day is another one")
	}
	all := Scope{Tenant: store.Default, Kinds: []event.Kind{event.AIRequest}, To: latest}
	if r, err := h.mill.Check(ctx, all); err != nil || r.Found > 0 || r.Cells == 0 || r.Unproven > 0 {
		t.Errorf("check: %+v, %v", r, err)
	}
	n = h.store.Snapshot(store.Range{Tenant: store.Default, Kind: event.AIRequest, To: cube.Never})
	defer n.Release()
	segs := n.Segments()
	other, err := n.Block(ctx, &segs[1], c.ID)
	check(t, err)
	_, err = h.store.Condense(ctx, segs[:1], []store.Block{{Cube: c.ID, Data: other}})
	check(t, err)
	if r, err := h.mill.Check(ctx, all); err != nil || r.Found != 1 {
		t.Errorf("check of the wrong cells: %+v, %v", r, err)
	}
}
