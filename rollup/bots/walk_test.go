package bots

import (
	"slices"
	"testing"

	"analytics/engine/event"
)

// walked is the facts of page views with so many seconds between them, of pages that come again after
// period views, of other ones for 0. The first number is when it began.
func walked(period int, seconds ...float64) (f Facts) {
	at := event.Micros(0)
	for i, s := range seconds {
		at += event.Micros(s * 1e6)
		page := i
		if period > 0 {
			page = i % period
		}
		hash := uint64(page+1) * 0x9e3779b97f4a7c15
		f.Walk.Add(hash, at+1) // not by the second
		f.Times, f.Pages = append(f.Times, at+1), append(f.Pages, uint32(hash))
		f.Paths = max(f.Paths, page+1)
	}
	f.Views, f.Steps = len(f.Times), len(f.Times)-1
	return f
}

func copies(f Facts, walkers, copies int) Facts {
	f.Walkers, f.Copies = walkers, copies
	return f
}

// TestTheSameWayAgain with the same pauses is no person's; with others it is, and so is what goes by a clock.
func TestTheSameWayAgain(t *testing.T) {
	f := func(want bool, period int, seconds ...float64) {
		t.Helper()
		facts := walked(period, seconds...)
		if got := (&measured{Facts: &facts}).replayed(); got != want {
			t.Errorf("%d pages, %v: %v, want %v", period, seconds, got, want)
		}
	}
	f(true, 3, 0, 20, 6, 11, 20.2, 6.1, 11)
	f(true, 4, 0, 20, 6, 11, 9, 20.2, 6.1, 11)
	f(false, 3, 0, 20, 6, 11, 20.2, 6.1)
	f(true, 5, 0, 3, 9, 4, 30, 2, 3.1, 9.2, 4, 29, 2)
	f(false, 3, 0, 20, 6, 11, 25, 6.1, 11)                   // one of the pauses is another
	f(false, 3, 0, 20, 6, 11, 20.2, 9, 11, 14, 6, 11, 20, 3) // some are
	f(false, 3, 0, 20, 6, 11, 20)                            // one of them says little
	f(false, 2, 0, 20, 6, 20, 6, 20, 6)                      // two pages, back and forth by a clock
	f(false, 3, 0, 30, 30, 30, 30, 30, 30)                   // screens that change each half a minute
	f(false, 3, 0, 1, 0.5, 300, 1, 0.5, 300, 1, 0.5, 300)
	f(false, 0, 0, 20, 6, 11, 20, 6, 11) // other pages
	facts := walked(5, 0, 3, 9, 4, 30, 2, 3, 9, 4, 30, 2, 3, 9, 4, 30, 2, 3)
	facts.Times, facts.Pages = slices.Delete(facts.Times, 7, 8), slices.Delete(facts.Pages, 7, 8)
	if !(&measured{Facts: &facts}).replayed() {
		t.Error("a view that nobody told of hides a recording")
	}
}

// TestPausesByTheSecond say less, since each end of a pause is cut.
func TestPausesByTheSecond(t *testing.T) {
	pauses := func(whole bool, ms ...uint32) Pauses {
		p := Pauses{N: uint8(len(ms)), Whole: whole}
		copy(p.Between[:], ms)
		return p
	}
	exact, same, other := pauses(false, 5000, 9000), pauses(false, 5600, 8100), pauses(false, 6000, 9000)
	byLog := pauses(true, 6000, 8000)
	if !exact.Alike(&same) || exact.Alike(&other) || !exact.Alike(&byLog) || !byLog.Alike(&exact) {
		t.Error("pauses are alike within a tenth and a quarter of a second, or 1.25 s by a log")
	}
	if short := pauses(false, 5000); exact.Alike(&short) {
		t.Error("two pauses are alike to one")
	}
	exact.Whole = true
	if got, want := exact.chance(), 0.75*0.35*0.75*(0.1+1.25/9); got < want-1e-9 || got > want+1e-9 {
		t.Errorf("5 and 9 s by a log are had by chance by %v of others, want %v", got, want)
	}
	clock := pauses(false, 1000, 5000, 5100, 900, 5000)
	if got, want := clock.chance(), 0.75*(0.1+0.05); got < want-1e-9 || got > want+1e-9 {
		t.Errorf("what repeats itself is had by %v, want %v", got, want)
	}
}

// TestWalksAreComparedAtThreeFourAndSixPages, whichever come later, and of three different pages.
func TestWalksAreComparedAtThreeFourAndSixPages(t *testing.T) {
	f := func(want string, pages ...uint64) {
		t.Helper()
		var w Walk
		got := ""
		for i, page := range pages {
			if w.Add(page<<58, event.Micros(i+1)*7e6) {
				got += string(rune('0' + w.Pauses.N))
			}
		}
		if got != want {
			t.Errorf("%v: new after %q pauses, want %q", pages, got, want)
		}
	}
	f("235", 1, 2, 3, 4, 5, 6, 7, 8)
	f("35", 1, 2, 1, 3, 2, 1)
	f("", 1, 2, 1, 2, 1, 2, 1)
	f("2", 1, 1, 1, 2, 2, 3, 3)
}

// TestCopiesMustBeMoreThanChance: among many who take the same three pages some stay as long on each.
func TestCopiesMustBeMoreThanChance(t *testing.T) {
	f := func(want bool, walkers, n int, seconds ...float64) {
		t.Helper()
		facts := copies(walked(0, seconds...), walkers, n)
		if got := facts.copied(); got != want {
			t.Errorf("%d of %d, %v: %v, want %v", n, walkers, seconds, got, want)
		}
	}
	f(false, 1, 1, 0, 9, 20)
	f(true, 2, 2, 0, 9, 20)
	f(true, 1, 1, 0, 9, 20, 5)
	f(false, 200, 2, 0, 9, 20, 5)
	f(true, 200, 5, 0, 9, 20, 5)
	f(true, 5, 1, 0, 9, 20, 5, 60, 14)
	f(false, 1, 1, 0, 9, 9, 9, 9, 9) // by a clock
	f(false, 0, 0, 0, 9, 20, 5, 60, 14)
}
