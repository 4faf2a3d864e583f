package cube_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"analytics/engine/event"
	"analytics/rollup/cube"
)

// TestWeightIsThatManyEvents: an event of weight n gives the same cells as n events like it, but for
// what tells of the sample.
func TestWeightIsThatManyEvents(t *testing.T) {
	kinds := []event.Kind{event.ToolCall, event.AgentTask, event.PageView, event.Engagement, event.Custom}
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom(kinds).Draw(t, "kind")
		weight, _ := kind.Weight()
		events := drawEvents(t, kind)
		var each []*event.Event
		for _, e := range events {
			plain := *e
			plain.Clear(weight)
			n := rapid.IntRange(1, 12).Draw(t, "weight")
			for range n {
				each = append(each, &plain)
			}
			if e.Clear(weight); n > 1 {
				e.SetInt(weight, int64(n))
			}
		}
		for _, c := range cube.Cubes(kind) {
			spec := cube.Maker{}.Spec(c)
			spec.Measures = nil
			for _, m := range c.Measures {
				if m != "count(session_id)" && m != cube.Kept && m != cube.StoodFor {
					spec.Measures = append(spec.Measures, m)
				}
			}
			light, heavy := table(t, spec), table(t, spec)
			for _, rec := range records(kind, each, split(t, len(each))) {
				check(t, light.Add(rec, cube.Always, cube.Never))
			}
			for _, rec := range records(kind, events, split(t, len(events))) {
				check(t, heavy.Add(rec, cube.Always, cube.Never))
			}
			if !bytes.Equal(light.Encode(), heavy.Encode()) {
				t.Fatalf("cube %s of weighted events is not that of as many events", c.Name)
			}
		}
	})
}

// TestBlocksFromBeforeWeightsAreRead: their events stand for themselves.
func TestBlocksFromBeforeWeightsAreRead(t *testing.T) {
	for _, id := range []uint8{cube.Tools, cube.Pages} {
		c, _ := cube.ByID(id)
		old, err := os.ReadFile(filepath.Join("testdata", "unweighted", c.Name+".block"))
		check(t, err)
		now, err := os.ReadFile(filepath.Join("testdata", c.Name+".block"))
		check(t, err)
		tab := table(t, cube.Maker{}.Spec(c))
		check(t, tab.AddBlock(old, cube.Always, cube.Never))
		if !bytes.Equal(tab.Encode(), now) {
			t.Errorf("%s: the old block is not read as the new one of the same events", c.Name)
		}
	}
}

// Sums of floats know no weights, and so the kinds that have weights have no floats.
func TestNoFloatIsSampled(t *testing.T) {
	for _, kind := range event.Kinds() {
		if _, ok := kind.Weight(); !ok {
			continue
		}
		for _, f := range kind.Fields() {
			if f.Type == event.Float && !f.Transient {
				t.Errorf("%s.%s: sums of floats are not weighted; teach floats.add", kind, f.Name)
			}
		}
	}
}
