package cube_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"analytics/engine/columns"
	"analytics/engine/columns/sample"
	"analytics/engine/event"
	"analytics/rollup/cube"
)

// TestManyValuesOfCells: groups of thousands of values, over several blocks and workers, are what raw
// events give, whatever the cells are counted by and in which order they come.
func TestManyValuesOfCells(t *testing.T) {
	kind := event.AIRequest
	from, b, source := hour.Start(), columns.NewBuilder(kind), sample.New(4)
	usage, _ := cube.ByID(cube.AIUsage)
	var recs []arrow.Record
	var blocks [][]byte
	for i := range event.Micros(4) { // hours are in two blocks
		first := from + i*hourLong*2/3
		check(t, b.AppendRows(source.Rows(nil, kind, 6000, first, first+hourLong)))
		rec := b.Record(nil)
		whole, err := cube.Maker{}.Table(usage, []arrow.Record{rec})
		check(t, err)
		recs, blocks = append(recs, rec), append(blocks, whole.Encode())
	}
	model := []cube.Predicate{{Field: "provider", Compare: cube.Ne, Values: []string{"openai"}}}
	edges := []event.Micros{from, from + hourLong, from + 3*hourLong, from + 9*hourLong}
	for _, spec := range []cube.Spec{
		{}, {Filter: model}, {Dims: []string{"model"}}, {Grain: time.Hour}, {Edges: edges},
		{Dims: []string{"model"}, Grain: time.Hour}, {Dims: []string{"agent", "model"}, Filter: model, Edges: edges},
	} {
		spec.Kind = kind
		spec.Measures = []string{"rows", "distinct(user_id)", "distinct(session_id)", "distinct(conversation_id)",
			"sketch(duration_ms)", "distinct(model)"}
		one, other, raw := table(t, spec), table(t, spec), table(t, spec)
		for i, data := range blocks {
			to := one
			if i > 1 {
				to = other
			}
			check(t, to.AddBlock(data, cube.Always, cube.Never))
			check(t, raw.Add(recs[i], cube.Always, cube.Never))
		}
		check(t, one.Merge(other))
		again, err := one.Regroup(nil, true) // groups are found after a merge as well
		check(t, err)
		if want, err := raw.Regroup(nil, true); err != nil || !bytes.Equal(again.Encode(), want.Encode()) {
			t.Errorf("by %v: regrouped cells differ from regrouped events", spec.Dims)
		}
		for i := range blocks {
			check(t, one.AddBlock(blocks[i], cube.Always, cube.Never))
			check(t, raw.Add(recs[i], cube.Always, cube.Never))
		}
		if !bytes.Equal(one.Encode(), raw.Encode()) {
			t.Errorf("by %v, %v: cells differ from events", spec.Dims, spec.Grain)
		}
	}
}

const hourLong = event.Micros(time.Hour / time.Microsecond)
