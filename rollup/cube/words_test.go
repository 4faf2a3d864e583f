package cube_test

import (
	"bytes"
	"fmt"
	"testing"

	"analytics/engine/event"
	"analytics/rollup/cube"
)

// TestWordsHaveABound: what comes when they are full is counted all the same, by its text.
func TestWordsHaveABound(t *testing.T) {
	var words cube.Words
	spec := cube.Spec{Kind: event.Activity, Dims: []string{"actor"}, Measures: []string{"rows"}}
	open := func(block, texts int) *cube.Block {
		var events []*event.Event
		for i := range texts {
			e := new(event.Event)
			e.Reset(event.Activity)
			e.SetInt(event.Timestamp, int64(hour.Start()))
			e.SetID(event.EventID, fmt.Appendf(nil, "event-%d", i))
			e.SetText(event.ActivityActor, fmt.Appendf(nil, "actor-%d-%d", block, i))
			events = append(events, e)
		}
		whole := table(t, spec)
		for _, rec := range records(event.Activity, events, []int{len(events)}) {
			check(t, whole.Add(rec, cube.Always, cube.Never))
		}
		b, err := cube.OpenNumbered(bytes.NewReader(whole.Encode()), &words)
		check(t, err)
		return b
	}
	all := table(t, spec)
	n := 0
	for block := 0; block < 10; block++ {
		check(t, all.AddCells(open(block, 20_000), cube.Always, cube.Never))
		if n += 20_000; all.Len() != n {
			t.Fatalf("%d groups of %d texts", all.Len(), n)
		}
	}
	if !words.Full() || words.Size() > 16<<20 {
		t.Errorf("after %d texts: full is %v, %d bytes", n, words.Full(), words.Size())
	}
}
