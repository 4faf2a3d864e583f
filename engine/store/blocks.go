package store

import (
	"context"
	"hash/crc32"

	"github.com/apache/arrow/go/v17/arrow"
)

// deriveBlocks makes the blocks of a segment and the pairs that keep them under the id.
func (s *Store) deriveBlocks(
	at place, id SegmentID, recs []arrow.Record,
) (refs []blockRef, pairs []pair, err error) {
	if s.cfg.Derive == nil {
		return nil, nil, nil
	}
	blocks, err := s.cfg.Derive(at.kind, recs)
	if err != nil {
		return nil, nil, err
	}
	for _, b := range blocks {
		more, crcs := piecesOf(b.Data, func(n uint32) []byte { return blockKey(at, id, b.Cube, n) })
		pairs = append(pairs, more...)
		refs = append(refs, blockRef{cube: b.Cube, size: uint64(len(b.Data)), pieces: crcs})
	}
	return refs, pairs, nil
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
