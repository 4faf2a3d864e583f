package rollup

import (
	"testing"

	"github.com/apache/arrow/go/v17/arrow"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/rollup/cube"
)

// lying derives the blocks of half the rows, and none at all of ai_keys, as a program that does not know it.
func lying(kind event.Kind, recs []arrow.Record) ([]store.Block, error) {
	half := recs[0].NewSlice(0, recs[0].NumRows()/2)
	blocks, err := Derive(noon.Location())(kind, []arrow.Record{half})
	var kept []store.Block
	for _, b := range blocks {
		if b.Cube != cube.AIKeys {
			kept = append(kept, b)
		}
	}
	return kept, err
}

// TestRebuildMakesWrongCubesRight: the check finds them, a dry run changes nothing, and after a
// rebuild everything is what events give, day cells included.
func TestRebuildMakesWrongCubesRight(t *testing.T) {
	h := newHouse(t, "UTC")
	ctx := t.Context()
	check(t, h.store.Close())
	right := h.cfg.Derive
	h.cfg.Derive = lying
	h.open()
	yesterday := noon.AddDate(0, 0, -1)
	h.put(event.AIRequest, 500, yesterday, yesterday.Add(3e9*3600*3))
	check(t, h.mill.Seal(ctx, true))
	check(t, h.mill.Daily(ctx))
	h.cfg.Derive = right
	h.reopen()

	r, err := h.mill.Rebuild(ctx, everything, true)
	check(t, err)
	if r.Found == 0 || r.Err() == nil || r.Segments != 0 || !r.DryRun {
		t.Fatalf("dry run: %+v, want differences and nothing rebuilt", r)
	}
	cubes := map[string]bool{}
	for _, d := range r.Differences {
		cubes[d.Cube] = true
	}
	if len(cubes) != len(cube.Cubes(event.AIRequest))-1 || cubes["ai_keys"] || r.Older == 0 {
		t.Errorf("differences in %v and %d older blocks, want all cubes but ai_keys", cubes, r.Older)
	}
	again, err := h.mill.Rebuild(ctx, everything, false)
	check(t, err)
	if again.Found != r.Found || again.Segments == 0 || again.Days != 1 {
		t.Errorf("rebuild: %+v, want %d differences, segments and one day", again, r.Found)
	}
	after, err := h.mill.Check(ctx, everything)
	check(t, err)
	if err := after.Err(); err != nil || after.Older != 0 || after.Hours == 0 || after.Cells == 0 {
		t.Errorf("after the rebuild: %v; %d hours and %d cells compared", err, after.Hours, after.Cells)
	}
	check(t, h.mill.Daily(ctx))
	midnight := yesterday.Add(-12 * 3600e9)
	for _, c := range cube.Cubes(event.AIRequest) {
		if f := h.same(c, midnight, midnight.AddDate(0, 0, 1)); f.Days != 1 {
			t.Errorf("%s: the day's cells are not used", c.Name)
		}
	}
}

// TestCheckOfFoldedCubesComparesSums: which cells are small differs from segment to segment.
func TestCheckOfFoldedCubesComparesSums(t *testing.T) {
	h := newHouse(t, "UTC")
	check(t, h.store.Close())
	h.cfg.Derive = func(kind event.Kind, recs []arrow.Record) (blocks []store.Block, err error) {
		cells, err := cube.Maker{MaxCells: 10}.Derive(kind, recs)
		for _, c := range cells {
			blocks = append(blocks, store.Block{Cube: c.Cube, Data: c.Data})
		}
		return blocks, err
	}
	h.open()
	h.turn(noon.Add(grace))
	for range 3 {
		h.put(event.AIRequest, 300, noon.Add(-3*3600e9), noon)
		check(t, h.mill.Seal(t.Context(), true))
	}
	r, err := h.mill.Check(t.Context(), everything)
	check(t, err)
	check(t, r.Err())
	if r.Hours != 3 {
		t.Errorf("%d hours compared, want 3", r.Hours)
	}
}

// TestCheckCountsHoursWithoutEvents instead of comparing them.
func TestCheckCountsHoursWithoutEvents(t *testing.T) {
	h := newHouse(t, "UTC")
	h.put(event.PageView, 100, noon.Add(-5*3600e9), noon.Add(-4*3600e9))
	h.put(event.PageView, 100, noon.Add(-2*3600e9), noon.Add(-1*3600e9))
	check(t, h.mill.Seal(t.Context(), true))
	from := event.MicrosOf(noon).Hour() - 5
	_, err := h.store.Drop(t.Context(), store.Default, event.PageView, from, from+1)
	check(t, err)
	r, err := h.mill.Rebuild(t.Context(), everything, false)
	check(t, err)
	check(t, r.Err())
	if r.Unproven != 1 || r.Hours != 1 || r.Segments != 1 {
		t.Errorf("%d hours without events, %d compared, %d segments; want 1 each", r.Unproven,
			r.Hours, r.Segments)
	}
}
