package reading

import (
	"math"
	"testing"
)

// TestPatternsAreWhatTheTableSays walks over every field of the table in doc.go, from one edge of
// it to the other.
func TestPatternsAreWhatTheTableSays(t *testing.T) {
	under := func(x float64) float64 { return math.Nextafter(x, 0) }
	over := func(x float64) float64 { return math.Nextafter(x, math.MaxFloat64) }
	columns := [][]float64{
		{0, 5, under(10)}, {10, 12, 15}, {over(15), 17, under(20)}, {20, 25, 30},
		{over(30), 60, math.MaxFloat64},
	}
	rows := [][]int{{0, 10, 24}, {25, 27, 30}, {31, 40, 50}, {51, 60, 75}, {76, 90, 100}}
	want := [5][5]string{
		{Bounce, Skimmer, Skimmer, Skimmer, Skimmer},
		{Skimmer, Skimmer, Skimmer, Skimmer, Skimmer},
		{Scanner, Scanner, Scanner, Skimmer, Skimmer},
		{Scanner, Scanner, Reader, Reader, Reader},
		{Scanner, Scanner, Reader, Reader, Engaged},
	}
	for r, scrolls := range rows {
		for c, times := range columns {
			for _, scroll := range scrolls {
				for _, seconds := range times {
					if got := Pattern(seconds, scroll); got != want[r][c] {
						t.Errorf("%v s, %d %%: %s; want %s", seconds, scroll, got, want[r][c])
					}
				}
			}
		}
	}
}

// TestPrecedence: where several criteria hold, the more attentive one wins.
func TestPrecedence(t *testing.T) {
	f := func(seconds float64, scroll int, want string) {
		t.Helper()
		if got := Pattern(seconds, scroll); got != want {
			t.Errorf("%v s, %d %%: %s; want %s", seconds, scroll, got, want)
		}
	}
	f(40, 80, Engaged) // a reader, too
	f(18, 60, Reader)  // a scanner, too
	f(5, 40, Scanner)  // not long, but far
	f(5, 24, Bounce)
	f(3600, 0, Skimmer) // a tab left open
}
