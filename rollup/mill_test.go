package rollup

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/rollup/cube"
)

// TestCellsEqualEventsWhateverJobsDid puts events of all times in random order between the jobs,
// and asks after each step.
func TestCellsEqualEventsWhateverJobsDid(t *testing.T) {
	for _, zone := range []string{"UTC", "Asia/Kolkata", "America/New_York"} {
		seed := rand.Uint64()
		t.Logf("%s: seed %d", zone, seed)
		rng := rand.New(rand.NewPCG(seed, 1))
		h := newHouse(t, zone)
		ctx := t.Context()
		begin := h.now()
		kinds := []event.Kind{event.AIRequest, event.PageView}
		for range 20 {
			kind := kinds[rng.IntN(2)]
			switch rng.IntN(6) {
			case 0, 1:
				h.put(kind, 1+rng.IntN(300), h.now().Add(-time.Hour), h.now())
			case 2: // late
				h.put(kind, 1+rng.IntN(50), h.now().Add(-72*time.Hour), h.now())
			case 3:
				h.turn(h.now().Add(time.Duration(rng.IntN(20)) * time.Hour))
				check(t, h.mill.Seal(ctx, false))
			case 4:
				check(t, h.mill.Seal(ctx, true))
				check(t, h.mill.Merge(ctx))
			case 5:
				check(t, h.mill.Daily(ctx))
			}
			c := cube.Cubes(kind)[rng.IntN(len(cube.Cubes(kind)))]
			h.same(c, begin.Add(-100*time.Hour), h.now().Add(time.Hour))
		}
		r, err := h.mill.Check(ctx, everything)
		check(t, err)
		check(t, r.Err())
	}
}

var everything = Scope{Tenant: store.Default, To: event.MicrosOf(noon).Hour() + 10_000}

// TestDayCellsAreUsedUntilTheDayChanges by a late event, and again after the next run.
func TestDayCellsAreUsedUntilTheDayChanges(t *testing.T) {
	h := newHouse(t, "Europe/Berlin")
	ctx := t.Context()
	usage := cube.Cubes(event.AIRequest)[0]
	midnight := time.Date(2026, 11, 20, 0, 0, 0, 0, h.zone)
	from, to := midnight.AddDate(0, 0, -3), midnight.AddDate(0, 0, 2)
	days := func(want int, when string) {
		t.Helper()
		if f := h.same(usage, from, to); f.Days != want {
			t.Errorf("%s: %d days from day cells, want %d", when, f.Days, want)
		}
	}
	h.put(event.AIRequest, 3000, from, h.now())
	check(t, h.mill.Seal(ctx, true))
	check(t, h.mill.Merge(ctx))
	days(0, "before the job")
	check(t, h.mill.Daily(ctx))
	days(3, "after the job")
	h.reopen()
	days(3, "after a restart")
	h.put(event.AIRequest, 1, from.AddDate(0, 0, 1), from.AddDate(0, 0, 2))
	days(3, "a late event in the head")
	check(t, h.mill.Seal(ctx, true))
	days(2, "a late event sealed")
	check(t, h.mill.Daily(ctx))
	days(3, "after the next run")
	h.zone = time.UTC
	h.reopen()
	days(0, "in another zone")
	check(t, h.mill.Daily(ctx))
	s, err := h.mill.Status(store.Default)
	check(t, err)
	if s.Types[0].Days != 4 || s.Types[0].Stale != 0 { // the first hour is the evening before
		t.Errorf("in another zone: %d days and %d stale, want 4 and 0", s.Types[0].Days,
			s.Types[0].Stale)
	}
	check(t, h.store.Erase(ctx, store.Default))
	days(0, "after erasure")
}

// TestDroppedDaysLeaveNothingOnTheShelf, and a stop half way leaves days that are read from their hours
// and made anew.
func TestDroppedDaysLeaveNothingOnTheShelf(t *testing.T) {
	h := newHouse(t, "UTC")
	usage := cube.Cubes(event.AIRequest)[0]
	from, to := noon.AddDate(0, 0, -3).Truncate(24*time.Hour), noon.Truncate(24*time.Hour)
	key := seriesKey{store.Default, event.AIRequest}
	var stop context.CancelFunc
	h.cfg.Failpoint = func(edge string) {
		if edge == "shelf.after" && stop != nil {
			stop()
		}
	}
	h.reopen()
	h.put(event.AIRequest, 3000, from, to)
	check(t, h.mill.Seal(t.Context(), true))
	check(t, h.mill.Daily(t.Context()))
	days := func(want int, when string) {
		t.Helper()
		if f := h.same(usage, from, to); f.Days != want {
			t.Errorf("%s: %d days from day cells, want %d", when, f.Days, want)
		}
	}
	days(3, "made")
	var ctx context.Context
	ctx, stop = context.WithCancel(t.Context())
	_, err := h.mill.dropDays(ctx, key, event.MicrosOf(from), event.MicrosOf(to))
	if stop = nil; !errors.Is(err, context.Canceled) {
		t.Fatalf("dropping was stopped with %v", err)
	}
	days(0, "half dropped")
	h.reopen()
	days(0, "half dropped, after a restart")
	check(t, h.mill.Daily(t.Context()))
	days(3, "made anew")
	cells, before := int64(0), store.FolderSize(h.cfg.Dir)
	check(t, h.store.Shelf(store.Default, "days").Each("c/", func(_ string, v []byte) error {
		cells += int64(len(v))
		return nil
	}))
	n, err := h.mill.dropDays(t.Context(), key, event.MicrosOf(from), event.MicrosOf(to))
	if err != nil || n != 3 {
		t.Errorf("%d days were dropped, %v; want 3", n, err)
	}
	if back := before - store.FolderSize(h.cfg.Dir); back < cells*9/10 {
		t.Errorf("of %d bytes of cells %d came back", cells, back)
	}
	days(0, "dropped")
	check(t, h.store.Shelf(store.Default, "days").Each("", func(key string, _ []byte) error {
		t.Errorf("%s is left", key)
		return nil
	}))
}

// TestSealLeavesLateEventsForAWhile: an hour is sealed once it is over, and late events not each
// minute.
func TestSealLeavesLateEventsForAWhile(t *testing.T) {
	h := newHouse(t, "UTC")
	ctx := t.Context()
	segments := func(want int) {
		t.Helper()
		if got := h.store.Stats().Segments; got != want {
			t.Errorf("at %s: %d segments, want %d", h.now().Format("15:04"), got, want)
		}
	}
	h.turn(noon.Add(time.Minute))
	h.put(event.ToolCall, 10, noon.Add(-time.Hour), h.now())
	check(t, h.mill.Seal(ctx, false))
	segments(0)
	h.turn(noon.Add(grace))
	check(t, h.mill.Seal(ctx, false))
	segments(1)
	h.put(event.ToolCall, 10, noon.Add(-2*time.Hour), noon)
	h.turn(h.now().Add(lateEvery - time.Minute))
	check(t, h.mill.Seal(ctx, false))
	segments(1)
	h.turn(h.now().Add(time.Minute))
	check(t, h.mill.Seal(ctx, false))
	segments(3)
	s, err := h.mill.Status(store.Default)
	check(t, err)
	if !s.Watermark.Equal(h.now()) && !s.Watermark.Equal(noon) {
		t.Errorf("watermark is %s", s.Watermark)
	}
}

// TestWatchSealsUnderPressure until the head is small again, and ends with its context.
func TestWatchSealsUnderPressure(t *testing.T) {
	h := newHouse(t, "UTC")
	check(t, h.store.Close())
	h.cfg.MaxHeadBytes = 1 << 20
	h.open()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { h.mill.Watch(ctx); close(done) }()
	for range 10 { // each is more than half of the head; without sealing, Append would wait for ever
		h.put(event.AIRequest, 3000, noon.Add(-time.Hour), noon)
	}
	cancel()
	<-done
	if h.store.Stats().Segments == 0 {
		t.Error("nothing was sealed")
	}
}
