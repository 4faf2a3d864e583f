package rollup

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/rollup/cube"
)

// monthsOf counts the cells of all months that are good, which must be what events give, and says how many
// months these are.
func (h *house) monthsOf(c cube.Cube) (n int) {
	h.t.Helper()
	spec := cube.Spec{Kind: c.Kind, Dims: c.Dims, Measures: c.Measures}
	snap := h.store.Snapshot(store.Range{Tenant: store.Default, Kind: c.Kind, From: cube.Always, To: cube.Never})
	defer snap.Release()
	months, err := h.mill.Months(snap, c.ID, cube.Always, cube.Never)
	check(h.t, err)
	for _, month := range months {
		t, err := cube.NewTable(spec)
		check(h.t, err)
		b, err := month.Open()
		check(h.t, err)
		check(h.t, t.AddCells(b, month.From, month.To))
		if !bytes.Equal(t.Encode(), h.raw(spec, month.From, month.To).Encode()) {
			h.t.Fatalf("%s: cells of %s are not what events give", c.Name, month.date)
		}
	}
	return len(months)
}

// TestMonthCellsAreUsedUntilTheMonthChanges: they are made of days that stand, go stale with a late event, and
// are made again once nothing more came.
func TestMonthCellsAreUsedUntilTheMonthChanges(t *testing.T) {
	h := newHouse(t, "Europe/Berlin")
	ctx := t.Context()
	calls := cube.Cubes(event.ToolCall)[0]
	months := func(want int, when string) {
		t.Helper()
		if n := h.monthsOf(calls); n != want {
			t.Errorf("%s: %d months, want %d", when, n, want)
		}
	}
	september := time.Date(2026, 9, 1, 0, 0, 0, 0, h.zone)
	h.put(event.ToolCall, 6000, september, h.now())
	check(t, h.mill.Seal(ctx, true))
	check(t, h.mill.Merge(ctx))
	check(t, h.mill.Daily(ctx))
	months(0, "days were just made")
	check(t, h.mill.Daily(ctx))
	months(2, "after the next run")
	h.reopen()
	months(2, "after a restart")
	s, err := h.mill.Status(store.Default)
	check(t, err)
	for _, kind := range s.Types {
		if kind.Stale != 0 {
			t.Errorf("%d days of %s are said to be stale", kind.Stale, kind.Type)
		}
	}
	h.put(event.ToolCall, 1, september.AddDate(0, 0, 3), september.AddDate(0, 0, 4))
	check(t, h.mill.Seal(ctx, true))
	months(1, "a late event")
	check(t, h.mill.Daily(ctx))
	months(1, "its day was just made")
	check(t, h.mill.Daily(ctx))
	months(2, "after the run after that")
	n, err := h.mill.dropDays(ctx, seriesKey{store.Default, event.ToolCall},
		event.MicrosOf(september.AddDate(0, 0, 5)), event.MicrosOf(september.AddDate(0, 0, 6)))
	if err != nil || n != 1 {
		t.Errorf("%d days were dropped, %v", n, err)
	}
	months(1, "a day was dropped")
	h.zone = time.UTC
	h.reopen()
	months(0, "in another zone")
	check(t, h.mill.Daily(ctx))
	check(t, h.mill.Daily(ctx))
	months(2, "made for the other zone")
	check(t, h.store.Erase(ctx, store.Default))
	months(0, "after erasure")
}

// TestAMonthThatSavesNothingIsNotKept: where each day has cells of its own, a month would be as many.
func TestAMonthThatSavesNothingIsNotKept(t *testing.T) {
	h := newHouse(t, "UTC")
	ctx := t.Context()
	var batch event.Batch
	var e event.Event
	for day := range 31 {
		for i := range 10 {
			e.Reset(event.ToolCall)
			e.SetInt(event.Timestamp, int64(event.MicrosOf(time.Date(2026, 10, day+1, 9, i, 0, 0, time.UTC))))
			e.SetText(event.ToolTool, []byte{'a' + byte(day%26), '0' + byte(i), 'a' + byte(day/26)})
			e.SetID(event.EventID, []byte{byte(day), byte(i)})
			batch.Add(&e)
		}
	}
	_, err := h.store.Append(ctx, store.Default, &batch)
	check(t, err)
	check(t, h.mill.Seal(ctx, true))
	check(t, h.mill.Daily(ctx))
	check(t, h.mill.Daily(ctx))
	if n := h.monthsOf(cube.Cubes(event.ToolCall)[0]); n != 0 {
		t.Error("a month of 310 cells is kept beside days of 310 cells")
	}
}

// TestADamagedDayKeepsNobodyFromTheRest: its month lacks what cannot be read, and the other months are made.
func TestADamagedDayKeepsNobodyFromTheRest(t *testing.T) {
	h := newHouse(t, "UTC")
	ctx := t.Context()
	calls := cube.Cubes(event.ToolCall)[0]
	h.put(event.ToolCall, 6000, time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC), h.now())
	check(t, h.mill.Seal(ctx, true))
	check(t, h.mill.Daily(ctx))
	shelf := h.store.Shelf(store.Default, "days")
	key := partKey(event.ToolCall, "2026-09-07", calls.ID, 0)
	part, _, err := shelf.Get(key)
	check(t, err)
	part[len(part)-3] ^= 1
	check(t, shelf.Put(ctx, key, part))
	check(t, h.mill.Daily(ctx))
	if n := h.monthsOf(calls); n != 1 {
		t.Errorf("%d months, want October's alone", n)
	}
}

// TestMonthCellsOfANewerProgramAreNeitherUsedNorTouched: the days answer in their place.
func TestMonthCellsOfANewerProgramAreNeitherUsedNorTouched(t *testing.T) {
	h := newHouse(t, "UTC")
	ctx := context.Background()
	calls := cube.Cubes(event.ToolCall)[0]
	h.put(event.ToolCall, 3000, time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), h.now())
	check(t, h.mill.Seal(ctx, true))
	check(t, h.mill.Daily(ctx))
	check(t, h.mill.Daily(ctx))
	if n := h.monthsOf(calls); n != 1 {
		t.Fatalf("%d months", n)
	}
	key := headerKey(event.ToolCall, "2026-10")
	newer, err := json.Marshal(dayHeader{Version: daysVersion + 1})
	check(t, err)
	check(t, h.store.Shelf(store.Default, "days").Put(ctx, key, newer))
	h.reopen()
	check(t, h.mill.Daily(ctx))
	if n := h.monthsOf(calls); n != 0 {
		t.Error("a month of a newer program is used")
	}
	if got, _, err := h.store.Shelf(store.Default, "days").Get(key); err != nil || !bytes.Equal(got, newer) {
		t.Errorf("the newer header is %s, %v", got, err)
	}
}
