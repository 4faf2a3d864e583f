package cube_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"pgregory.net/rapid"

	"analytics/engine/columns"
	"analytics/engine/columns/sample"
	"analytics/engine/event"
	"analytics/rollup/cube"
)

const hour event.Hour = 490_000

// drawEvents draws events of a kind over a few hours.
func drawEvents(t *rapid.T, kind event.Kind) []*event.Event {
	var events []*event.Event
	for range rapid.IntRange(0, 30).Draw(t, "events") {
		e := new(event.Event)
		sample.Any(t, e, kind, hour+event.Hour(rapid.IntRange(0, 2).Draw(t, "hour")))
		events = append(events, e)
	}
	return events
}

// split draws sizes of parts that make n together.
func split(t *rapid.T, n int) []int {
	var sizes []int
	for n > 0 {
		k := rapid.IntRange(1, n).Draw(t, "part")
		sizes, n = append(sizes, k), n-k
	}
	return sizes
}

// bounds is the first and last timestamp of a record.
func bounds(rec arrow.Record) (low, high event.Micros) {
	low, high = cube.Never, cube.Always
	col := rec.Column(columns.Index(rec, event.Metric)[event.Timestamp])
	for _, at := range col.(*array.Timestamp).TimestampValues() {
		low, high = min(low, event.Micros(at)), max(high, event.Micros(at))
	}
	return low, high
}

// TestTableEqualsOracle: whatever is counted by whatever, the kernel agrees with plain counting.
func TestTableEqualsOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := sample.Kind(t)
		events := drawEvents(t, kind)
		spec := cube.Spec{Kind: kind, Measures: allMeasures(kind)}
		for _, d := range cube.Dims(kind) {
			if rapid.IntRange(0, 3).Draw(t, "by "+d.Name) == 0 {
				spec.Dims = append(spec.Dims, d.Name)
			}
		}
		switch rapid.IntRange(0, 2).Draw(t, "buckets") {
		case 0:
			spec.Grain = 15 * time.Minute
		case 1:
			spec.Edges = []event.Micros{hour.Start(), hour.Start() + 1, (hour + 1).End(),
				(hour + 2).End()}
		}
		want := oracle{spec: spec}
		tab := table(t, spec)
		for _, rec := range records(kind, events, split(t, len(events))) {
			if low, high := bounds(rec); tab.Timeless(low, high, cube.Always, cube.Never) {
				check(t, tab.AddTimeless(rec, low, high))
				continue
			}
			check(t, tab.Add(rec, cube.Always, cube.Never))
		}
		for _, e := range events {
			want.add(e)
		}
		want.compare(t, tab)
		back, err := cube.Decode(tab.Encode())
		check(t, err)
		want.compare(t, back)
		if !bytes.Equal(back.Encode(), tab.Encode()) {
			t.Fatal("decode(encode(x)) is not x")
		}
	})
}

// TestCubesEqualRaw: events sealed in any segments, late ones included, give the cells that
// counting all raw events gives, for every cube, hour and measure.
func TestCubesEqualRaw(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := sample.Kind(t)
		events := drawEvents(t, kind)
		maker, words := cube.Maker{}, cube.Words{}
		merged := map[uint8]*cube.Table{}
		for _, c := range cube.Cubes(kind) {
			merged[c.ID] = table(t, maker.Spec(c))
		}
		for _, rec := range records(kind, events, split(t, len(events))) {
			blocks, err := maker.Derive(kind, []arrow.Record{rec})
			check(t, err)
			for _, b := range blocks {
				check(t, merged[b.Cube].AddBlock(b.Data, cube.Always, cube.Never))
			}
		}
		for _, c := range cube.Cubes(kind) {
			want := oracle{spec: maker.Spec(c)}
			for _, e := range events {
				want.add(e)
			}
			want.compare(t, merged[c.ID])
			raw, err := maker.Table(c, records(kind, events, split(t, len(events))))
			check(t, err)
			if !bytes.Equal(raw.Encode(), merged[c.ID].Encode()) {
				t.Fatalf("cube %s is not what raw events give", c.Name)
			}
			less(t, c, raw, events, &words)
		}
	})
}

// nowhere is where a block was that cannot be read any more.
type nowhere struct{}

func (nowhere) ReadAt([]byte, int64) (int, error) { return 0, errors.New("there is nothing") }
func (nowhere) Size() int64                       { return 0 }

// less asks a block a smaller question: some of its dimensions and measures, one hour, a filter. It is
// asked once more from what was kept of it, where texts have numbers.
func less(t *rapid.T, c cube.Cube, whole *cube.Table, events []*event.Event, words *cube.Words) {
	spec := cube.Spec{Kind: c.Kind, Dims: c.Dims[:rapid.IntRange(0, 2).Draw(t, "dims")],
		Measures: c.Measures[rapid.IntRange(0, 3).Draw(t, "skip"):]}
	for _, dim := range c.Dims { // which values there are is in the cells
		name := "distinct(" + dim + ")"
		if _, err := cube.ParseMeasure(c.Kind, name); err == nil && !slices.Contains(spec.Measures, name) {
			spec.Measures = append(slices.Clip(spec.Measures), name)
		}
	}
	spec.Filter = []cube.Predicate{{Field: c.Dims[0], Compare: cube.Ne, Values: []string{"a"}}}
	cells, raw := table(t, spec), table(t, spec)
	from, to := (hour + 1).Start(), (hour + 1).End()
	check(t, cells.AddBlock(whole.Encode(), from, to))
	for _, rec := range records(c.Kind, events, split(t, len(events))) {
		part := table(t, spec)
		check(t, part.Add(rec, from, to))
		check(t, raw.Merge(part))
	}
	if !bytes.Equal(cells.Encode(), raw.Encode()) {
		t.Fatalf("%s by %v: the block's answer is not the raw one", c.Name, spec.Dims)
	}
	numbered, again := table(t, spec), table(t, spec)
	b, err := cube.OpenNumbered(bytes.NewReader(whole.Encode()), words)
	check(t, err)
	check(t, numbered.AddCells(b, from, to))
	check(t, again.AddCells(b.Sections.From(nowhere{}), from, to))
	if !bytes.Equal(numbered.Encode(), cells.Encode()) || !bytes.Equal(again.Encode(), cells.Encode()) {
		t.Fatalf("%s by %v: sections that were kept answer something else", c.Name, spec.Dims)
	}
	one, err := raw.Regroup(nil, false)
	check(t, err)
	spec.Dims = nil
	all := table(t, spec)
	check(t, all.AddBlock(whole.Encode(), from, to))
	if !bytes.Equal(one.Encode(), all.Encode()) {
		t.Fatalf("%s: regrouped totals are not the totals", c.Name)
	}
}

type fatal interface {
	Helper()
	Fatal(...any)
}

func table(t fatal, spec cube.Spec) *cube.Table {
	t.Helper()
	tab, err := cube.NewTable(spec)
	check(t, err)
	return tab
}

func check(t fatal, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
