package cube_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"pgregory.net/rapid"

	"analytics/engine/columns/sample"
	"analytics/engine/event"
	"analytics/rollup/cube"
)

// TestTablesThatAreKeptGiveWhatEventsDo: counting in parts by the hour and adding these to a table with
// other edges is counting there at once, and what was added can be added elsewhere as well.
func TestTablesThatAreKeptGiveWhatEventsDo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := sample.Kind(t)
		c := rapid.SampledFrom(cube.Cubes(kind)).Draw(t, "cube")
		spec := cube.Spec{Kind: kind, Dims: c.Dims[:min(len(c.Dims), 3)], Measures: c.Measures}
		grained := spec
		grained.Grain = time.Hour
		switch rapid.IntRange(0, 2).Draw(t, "edges") {
		case 1:
			spec.Edges = []event.Micros{(hour - 1).Start(), (hour + 1).Start(), (hour + 9).Start()}
		case 2:
			for h := hour - 1; h < hour+9; h++ {
				spec.Edges = append(spec.Edges, h.Start())
			}
		}
		first, last := cube.Never, cube.Always
		events := drawEvents(t, kind)
		for _, e := range events {
			first, last = min(first, e.Time()), max(last, e.Time())
		}
		want, kept := table(t, spec), table(t, grained)
		for _, rec := range records(kind, events, split(t, len(events))) {
			check(t, want.Add(rec, cube.Always, cube.Never))
			want.Lend(kept)
			check(t, kept.Add(rec, cube.Always, cube.Never))
			kept.Lend(want)
		}
		if len(events) > 0 && kept.Size() <= 0 {
			t.Fatal("a table with events has no size")
		}
		once, twice := table(t, spec), table(t, spec)
		before := kept.Encode()
		check(t, once.AddTable(kept, first, last))
		check(t, twice.AddTable(kept, first, last))
		check(t, twice.AddTable(kept, first, last))
		check(t, once.AddTable(table(t, grained), first, last)) // nothing is nothing
		if !bytes.Equal(once.Encode(), want.Encode()) {
			t.Fatalf("%s: parts give other cells than events", c.Name)
		}
		check(t, want.AddTable(kept, first, last))
		if !bytes.Equal(twice.Encode(), want.Encode()) || !bytes.Equal(kept.Encode(), before) {
			t.Fatalf("%s: what was added changed", c.Name)
		}
	})
}

// TestAnEdgeCutsOnlyWhereEventsAreOnBothSides, of tables and of blocks.
func TestAnEdgeCutsOnlyWhereEventsAreOnBothSides(t *testing.T) {
	rec := typical(t, event.AIRequest, 500, 1)
	spec := cube.Spec{Kind: event.AIRequest, Dims: []string{"model"}, Measures: []string{"rows", "sum(cost)"}}
	grained := spec
	grained.Grain = time.Hour
	kept := table(t, grained)
	check(t, kept.Add(rec, cube.Always, cube.Never))
	maker := cube.Maker{}
	c, _ := cube.ByID(cube.AIUsage)
	whole, err := maker.Table(c, []arrow.Record{rec})
	check(t, err)
	at := kept.Time(0)
	first, last := at+event.Micros(10*time.Minute.Microseconds()), at+event.Micros(50*time.Minute.Microseconds())
	f := func(from, to event.Micros, want error) {
		t.Helper()
		spec.Edges = []event.Micros{from, to}
		if err := table(t, spec).AddTable(kept, first, last); !errors.Is(err, want) {
			t.Errorf("a table, by edges at %d and %d: %v; want %v", from-at, to-at, err, want)
		}
		b, err := cube.OpenBlock(whole.Encode())
		check(t, err)
		b.Between(first, last)
		got := table(t, spec)
		if err := got.AddCells(b, max(from, first), min(to, last+1)); !errors.Is(err, want) {
			t.Errorf("a block, by edges at %d and %d: %v; want %v", from-at, to-at, err, want)
		}
		if want == nil && got.Len() == 0 {
			t.Errorf("nothing was counted from %d to %d", from-at, to-at)
		}
	}
	f(first, last+1, nil)
	f(at, last+1, nil)
	f(first, last+100, nil)
	f(first+1, last+1, cube.ErrLacks)
	f(first, last, cube.ErrLacks)
}
