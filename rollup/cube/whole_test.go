package cube_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/rollup/cube"
)

// dayBlock is a block with a cell for each of some days that begin at an hour of UTC: the first day has
// one request, the next two, and so on.
func dayBlock(t *testing.T, first time.Time, days int) *cube.Block {
	t.Helper()
	spec := cube.Spec{Kind: event.AIRequest, Dims: []string{"model"}, Measures: []string{"rows"}}
	for i := range days + 1 {
		spec.Edges = append(spec.Edges, event.MicrosOf(first.AddDate(0, 0, i)))
	}
	table, err := cube.NewTable(spec)
	check(t, err)
	var events []*event.Event
	for i := range days {
		for range i + 1 {
			e := &event.Event{}
			e.Reset(event.AIRequest)
			e.SetInt(event.Timestamp, int64(event.MicrosOf(first.AddDate(0, 0, i).Add(7*time.Hour))))
			e.SetID(event.EventID, []byte(fmt.Sprint(i)))
			e.SetText(event.AIModel, []byte("some"))
			events = append(events, e)
		}
	}
	for _, rec := range records(event.AIRequest, events, []int{len(events)}) {
		check(t, table.Add(rec, cube.Always, cube.Never))
	}
	b, err := cube.OpenBlock(table.Encode())
	check(t, err)
	return b
}

var midnight = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// TestWholeDaysCountWhereMostOfThemIs has days of UTC asked for by hours, by days of other zones, and in
// ranges that cut them.
func TestWholeDaysCountWhereMostOfThemIs(t *testing.T) {
	b := dayBlock(t, midnight, 3)
	at := func(hours int) event.Micros { return event.MicrosOf(midnight.Add(time.Duration(hours) * time.Hour)) }
	every := func(from, step, to int) (edges []event.Micros) {
		for h := from; h <= to; h += step {
			edges = append(edges, at(h))
		}
		return edges
	}
	f := func(what string, edges []event.Micros, from, to int, moved bool, want string) {
		t.Helper()
		table, err := cube.NewTable(cube.Spec{Kind: event.AIRequest, Measures: []string{"rows"}, Edges: edges})
		if err != nil {
			t.Fatal(err)
		}
		got, err := table.AddWhole(b, at(from), at(to))
		if err != nil || got != moved {
			t.Errorf("%s: moved %v, %v", what, got, err)
		}
		table.Sort()
		text := ""
		for g := range table.Len() {
			n, _ := table.Int(0, g)
			text += fmt.Sprintf("%d:%d ", (table.Time(g)-at(0))/event.Micros(time.Hour/time.Microsecond), n)
		}
		if edges == nil {
			n, _ := table.Int(0, 0)
			text = fmt.Sprint(n)
		}
		if text != want {
			t.Errorf("%s: %q, want %q", what, text, want)
		}
	}
	f("days of UTC", every(0, 24, 72), 0, 72, false, "0:1 24:2 48:3 ")
	f("three days", every(0, 72, 72), 0, 72, false, "0:6 ")
	f("no buckets", nil, 0, 72, false, "6")
	f("days of Berlin", every(-1, 24, 71), -1, 71, true, "-1:1 23:2 47:3 ")
	f("days of New York", every(5, 24, 77), 5, 77, true, "5:1 29:2 53:3 ")
	f("days half a day off", every(-12, 24, 84), -12, 84, true, "-12:1 12:2 36:3 ")
	f("hours", every(0, 1, 72), 0, 72, true, "0:1 24:2 48:3 ")
	f("the last two and a bit", every(20, 52, 72), 20, 72, true, "20:5 ")
	f("without most of the last", nil, 0, 55, true, "3")
	f("with most of the last", nil, 0, 65, true, "6")
	f("up to noon and from noon on", nil, 0, 36, true, "3")
	f("from noon on", nil, 36, 72, true, "3")
	f("an hour", nil, 30, 31, true, "0")
	f("most of a day", nil, 26, 40, true, "2")
}

// TestNothingIsCountedTwiceWhereRangesMeet cuts time at any place: what is left of the cut and what is
// right of it are together all there is.
func TestNothingIsCountedTwiceWhereRangesMeet(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 3))
	b := dayBlock(t, midnight, 9)
	low, high := event.MicrosOf(midnight), event.MicrosOf(midnight.AddDate(0, 0, 9))
	count := func(from, to event.Micros) int64 {
		table, err := cube.NewTable(cube.Spec{Kind: event.AIRequest, Measures: []string{"rows"}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := table.AddWhole(b, from, to); err != nil {
			t.Fatal(err)
		}
		n, _ := table.Int(0, 0)
		return n
	}
	for range 500 {
		at := low + event.Micros(rng.Int64N(int64(high-low)))
		if n := count(low, at) + count(at, high); n != 45 {
			t.Fatalf("cut at %v there are %d, want 45", at.Time(), n)
		}
	}
}
