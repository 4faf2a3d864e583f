package query

import (
	"sync"
	"time"

	"analytics/engine/store"
	"analytics/rollup/cube"
)

// The limits of blocks that are kept. A panel over 13 months reads 3 to 13 MB of the cells of a million
// events, and panels of one subject mostly the same.
const (
	mostBlockBytes = 32 << 20
	// blockShare is the part of it that one block may take: of days of millions of events a few would fit.
	blockShare = 8
	// blocksStay is how long at least what nobody asks for any more is kept, and twice that at most.
	blocksStay = 30 * time.Second
)

// blocks keeps what questions read of the cells of past days and hours: the panels of a dashboard, and
// the clicks of who looks into one, read the same again and again. To get it from the store, which
// copies all around it, to check it and to find its texts takes longer than to count it: costs by user
// over 13 months, a million cells, 90 ms of a processor, and 32 with it. It is filled by questions
// alone, and let go when there are none.
type blocks struct {
	most int64 // bytes

	mu    sync.Mutex
	each  map[blockKey]*keptBlock // guarded by mu
	bytes int64                   // guarded by mu; of all
	words *cube.Words             // guarded by mu; of all
	timer *time.Timer             // guarded by mu; runs while there are any
}

// blockKey names the block of a cube: of a segment by the number of its blocks, of a day by its own.
type blockKey struct {
	day     uint64
	segment store.SegmentID
	cube    uint8
}

type keptBlock struct {
	sections *cube.Sections
	bytes    int64
	used     bool // since the last sweep
}

// open opens a block, or gives the one that is kept, with what is not read yet at source.
func (all *blocks) open(key blockKey, source cube.Source) (*cube.Block, error) {
	all.mu.Lock()
	if kept := all.each[key]; kept != nil {
		kept.used = true
		all.mu.Unlock()
		return kept.sections.From(source), nil
	}
	if all.words == nil {
		all.words = &cube.Words{}
	}
	words := all.words
	all.mu.Unlock()
	return cube.OpenNumbered(source, words)
}

// keep keeps a block that was read from. Any other is let go to make room for it: if questions read more
// than there is room for in turn, what was used longest ago would be just what they read next.
func (all *blocks) keep(key blockKey, b *cube.Block) {
	all.mu.Lock()
	defer all.mu.Unlock()
	kept := all.each[key]
	if kept == nil {
		if all.each == nil {
			all.each = map[blockKey]*keptBlock{}
			all.timer = time.AfterFunc(blocksStay, all.sweep)
		}
		kept = &keptBlock{sections: b.Sections}
		all.each[key] = kept
	}
	kept.used = true
	bytes := kept.sections.Size()
	all.bytes += bytes - kept.bytes
	kept.bytes = bytes
	if bytes > all.most/blockShare {
		all.forget(key, kept)
	}
	for other, k := range all.each {
		if all.bytes <= all.most {
			return
		}
		if other != key {
			all.forget(other, k)
		}
	}
}

// forget lets a block go. The caller holds mu.
func (all *blocks) forget(key blockKey, k *keptBlock) {
	delete(all.each, key)
	all.bytes -= k.bytes
}

// sweep lets go what nobody used since the last time; when nothing is left, the words as well.
func (all *blocks) sweep() {
	all.mu.Lock()
	defer all.mu.Unlock()
	full := all.words != nil && all.words.Full()
	for key, k := range all.each {
		if full || !k.used {
			all.forget(key, k)
		}
		k.used = false
	}
	if len(all.each) > 0 {
		all.timer.Reset(blocksStay)
		return
	}
	all.each, all.words = nil, nil
}
