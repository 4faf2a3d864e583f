package rollup

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"analytics/engine/doctor"
	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/rollup/cube"
)

// deriveBefore is what a program gave that knew one cube of each kind less, and of the others neither the last
// dimension nor the last two measures.
func deriveBefore(kind event.Kind, recs []arrow.Record) (blocks []store.Block, err error) {
	all := cube.Cubes(kind)
	for _, c := range all[:len(all)-1] {
		c.Dims, c.Measures = c.Dims[:len(c.Dims)-1], c.Measures[:len(c.Measures)-2]
		t, err := cube.Maker{}.Table(c, recs)
		if err != nil {
			return nil, err
		}
		blocks = append(blocks, store.Block{Cube: c.ID, Data: t.Encode()})
	}
	return blocks, nil
}

// upgraded is a house with days of an older program, which this one goes on with.
func upgraded(t *testing.T, before store.Derive) *house {
	h := newHouse(t, "UTC")
	ctx := t.Context()
	check(t, h.store.Close())
	h.cfg.Derive = before
	h.open()
	today := noon.Truncate(24 * time.Hour)
	for day := -14; day < 0; day++ { // more than are made again at once, and a gap
		if day != -11 {
			h.put(event.AIRequest, 20, today.AddDate(0, 0, day), today.AddDate(0, 0, day+1))
		}
	}
	h.put(event.PageView, 100, today.AddDate(0, 0, -2), today)
	check(t, h.mill.Seal(ctx, true))
	check(t, h.mill.Daily(ctx))
	h.cfg.Derive, h.cfg.Older = Derive(h.zone), Older
	h.reopen()
	return h
}

// examined is what the doctor says.
func (h *house) examined() doctor.Report {
	h.t.Helper()
	r, err := doctor.Examine(h.t.Context(), h.store, h.now, nil)
	check(h.t, err)
	return r
}

// checked is what a check says of all that is sealed.
func (h *house) checked() *Report {
	h.t.Helper()
	r, err := h.mill.Check(h.t.Context(), Scope{Tenant: store.Default, To: event.MicrosOf(noon).Hour() + 1})
	check(h.t, err)
	return r
}

// blocks are the numbers of the blocks of all segments.
func (h *house) blocks() (all []store.SegmentID) {
	for _, kind := range event.Kinds() {
		n := h.store.Snapshot(store.Range{Tenant: store.Default, Kind: kind, From: cube.Always, To: cube.Never})
		for _, s := range n.Segments() {
			all = append(all, s.Blocks)
		}
		n.Release()
	}
	return all
}

// renewed wants cells that are those of this program, and answers that are made of them.
func (h *house) renewed() {
	h.t.Helper()
	ctx := h.t.Context()
	if r := h.examined(); !r.Sound || len(r.Warnings) != 0 {
		h.t.Errorf("the doctor says %q, %q", r.Problems, r.Warnings)
	}
	if r := h.checked(); r.Found != 0 || r.Older != 0 || r.Cells == 0 {
		h.t.Errorf("a check found %+v", r)
	}
	check(h.t, h.mill.Daily(ctx))
	days := 0
	for _, kind := range []event.Kind{event.AIRequest, event.PageView} {
		for _, c := range cube.Cubes(kind) {
			days += h.same(c, noon.AddDate(0, 0, -40), noon).Days
		}
	}
	if want := 13*len(cube.Cubes(event.AIRequest)) + 2*len(cube.Cubes(event.PageView)); days != want {
		h.t.Errorf("%d days of cubes were answered by cells of days, want %d", days, want)
	}
	was := h.blocks()
	check(h.t, h.mill.Renew(ctx))
	if now := h.blocks(); len(now) != len(was) || now[0] != was[0] || now[len(now)-1] != was[len(was)-1] {
		h.t.Errorf("blocks %v were made again: %v", was, now)
	}
}

// TestCellsOfAnOlderProgramAreNoDamage: they are told from wrong ones, answers are right, and they are made
// again, also after stops in between.
func TestCellsOfAnOlderProgramAreNoDamage(t *testing.T) {
	h := upgraded(t, deriveBefore)
	r := h.examined()
	if !r.Sound || len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "made by older definitions") {
		t.Errorf("the doctor says %q, %q", r.Problems, r.Warnings)
	}
	if r := h.checked(); r.Found != 0 || r.Older == 0 {
		t.Errorf("a check found %d differences and %d older blocks", r.Found, r.Older)
	}
	for _, c := range cube.Cubes(event.AIRequest) {
		h.same(c, noon.AddDate(0, 0, -40), noon)
	}
	for stops := 0; ; stops++ {
		ctx, stop := context.WithCancel(t.Context())
		left := 6
		h.cfg.Failpoint = func(name string) {
			if name == "rederive.before" {
				if left--; left == 0 {
					stop()
				}
			}
		}
		h.reopen()
		err := h.mill.Renew(ctx)
		stop()
		if err == nil {
			if stops == 0 {
				t.Error("nothing was cut short")
			}
			break
		}
		if !errors.Is(err, context.Canceled) || stops > 100 {
			t.Fatalf("after %d stops: %v", stops, err)
		}
	}
	h.renewed()
}

// TestCellsForAnotherZoneAreNoDamage: Kolkata's days begin at half hours.
func TestCellsForAnotherZoneAreNoDamage(t *testing.T) {
	h := upgraded(t, Derive(time.UTC))
	var err error
	h.zone, err = time.LoadLocation("Asia/Kolkata")
	check(t, err)
	h.cfg.Derive = Derive(h.zone)
	h.reopen()
	if r := h.examined(); !r.Sound || len(r.Warnings) != 1 {
		t.Errorf("the doctor says %q, %q", r.Problems, r.Warnings)
	}
	check(t, h.mill.Renew(t.Context()))
	if r := h.examined(); !r.Sound || len(r.Warnings) != 0 {
		t.Errorf("with new cells the doctor says %q, %q", r.Problems, r.Warnings)
	}
}

// TestWrongCellsOfAnOlderProgramAreDamage, whatever they count.
func TestWrongCellsOfAnOlderProgramAreDamage(t *testing.T) {
	h := upgraded(t, func(kind event.Kind, recs []arrow.Record) ([]store.Block, error) {
		return deriveBefore(kind, append(recs, recs...)) // all of it twice
	})
	r := h.examined()
	if r.Sound || !strings.Contains(strings.Join(r.Problems, " "), "it is not what the events give") {
		t.Errorf("the doctor says %q, %q", r.Problems, r.Warnings)
	}
	check(t, h.mill.Renew(t.Context()))
	h.renewed()
}
