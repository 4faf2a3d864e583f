package rollup

import (
	"bytes"

	"github.com/apache/arrow/go/v17/arrow"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/rollup/cube"
)

// A block says in its header what it counts by what, and how long its buckets are. That is its definition:
// where it is not the program's own, an older program made the block, or one whose reporting zone needs
// other buckets. Of the same definition there is one block for the same events.

// Older says of a block that is not what Derive makes of the records whether it is what its own definition
// makes of them.
func Older(kind event.Kind, recs []arrow.Record, b store.Block) bool {
	block, err := cube.OpenBlock(b.Data)
	if err != nil || block.Kind != kind {
		return false
	}
	spec := block.Spec()
	t, err := cube.Maker{Grain: spec.Grain}.Table(
		cube.Cube{ID: b.Cube, Kind: kind, Dims: spec.Dims, Measures: spec.Measures}, recs)
	return err == nil && bytes.Equal(t.Encode(), b.Data)
}
