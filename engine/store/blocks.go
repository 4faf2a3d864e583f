package store

import (
	"context"
	"hash/crc32"

	"github.com/apache/arrow/go/v17/arrow"

	"analytics/engine/event"
	"analytics/engine/fault"
)

// derive makes the blocks of records; none if nobody said how.
func (s *Store) derive(kind event.Kind, recs []arrow.Record) ([]Block, error) {
	if s.cfg.Derive == nil {
		return nil, nil
	}
	blocks, err := s.cfg.Derive(kind, recs)
	if err != nil {
		return nil, fault.New(fault.Internal, "derive", "cannot derive the cubes").Wrap(err)
	}
	return blocks, nil
}

// blockPairs makes the pairs that keep the blocks of a segment under an id.
func blockPairs(at place, id SegmentID, blocks []Block) (refs []blockRef, pairs []pair) {
	for _, b := range blocks {
		more, crcs := piecesOf(b.Data, func(n uint32) []byte { return blockKey(at, id, b.Cube, n) })
		pairs = append(pairs, more...)
		refs = append(refs, blockRef{cube: b.Cube, size: uint64(len(b.Data)), pieces: crcs})
	}
	return refs, pairs
}

// readBlock reads a segment's block of one cube, nil if it has none.
func (s *Store) readBlock(ctx context.Context, e *entry, cube uint8) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for i := range e.blocks {
		if e.blocks[i].cube == cube {
			data, err := s.readBlockRef(e, &e.blocks[i])
			if err != nil {
				return nil, errReading(e, err)
			}
			return data, nil
		}
	}
	return nil, nil
}

func (s *Store) readBlockRef(e *entry, b *blockRef) ([]byte, error) {
	data := make([]byte, 0, b.size)
	for n, want := range b.pieces {
		v, ok, err := s.get(blockKey(e.place, e.blocksAt, b.cube, uint32(n)))
		if err != nil {
			return nil, err
		}
		if !ok || crc32.Checksum(v, castagnoli) != want {
			return nil, errPiece
		}
		if len(b.pieces) == 1 {
			data = v
		} else {
			data = append(data, v...)
		}
	}
	if uint64(len(data)) != b.size {
		return nil, errPiece
	}
	return data, nil
}

// OpenBlock opens a segment's block of one cube, of which only what is wanted is read then; nil if
// it has none. It is used until the snapshot is released.
func (n *Snapshot) OpenBlock(seg *Segment, cube uint8) *Pieces {
	e := seg.entry
	for i := range e.blocks {
		if e.blocks[i].cube != cube {
			continue
		}
		b := &e.blocks[i]
		return NewPieces(int64(b.size), pieceSize, func(at int) ([]byte, error) {
			v, ok, err := n.store.get(blockKey(e.place, e.blocksAt, cube, uint32(at)))
			if err == nil && (!ok || crc32.Checksum(v, castagnoli) != b.pieces[at]) {
				err = errPiece
			}
			if err != nil {
				return nil, errReading(e, err)
			}
			return v, nil
		})
	}
	return nil
}
