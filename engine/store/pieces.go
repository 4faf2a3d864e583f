package store

import (
	"errors"
	"hash/crc32"
	"io"

	"github.com/dgraph-io/badger/v4"

	"analytics/engine/archive"
)

// pieceSize is the length of a piece. Badger copies a value three times to hand it out, so pieces
// much larger than what is wanted of them cost more than the reading: with 768 KiB a question took
// twice as long, and a look at a bloom filter five times. Smaller ones make more keys. A piece fits
// into a block of Badger's, see blockSize, and is far below its value threshold.
const pieceSize = 64 << 10

// pieceCount is how many pieces a file or block of a size has.
func pieceCount(size uint64) int { return int((size + pieceSize - 1) / pieceSize) }

// errPiece says that a piece is missing or not as it was written.
var errPiece = errors.New("store: damaged piece")

// piecesOf cuts data into pairs for Badger and sums up each piece.
func piecesOf(data []byte, key func(piece uint32) []byte) (pairs []pair, crcs []uint32) {
	for n := uint32(0); len(data) > 0; n++ {
		p := data[:min(len(data), pieceSize)]
		data = data[len(p):]
		pairs = append(pairs, pair{key(n), p})
		crcs = append(crcs, crc32.Checksum(p, castagnoli))
	}
	return pairs, crcs
}

// writePieces writes pairs that nobody sees yet, in as many synced transactions as they need.
func (s *Store) writePieces(pairs []pair) error {
	limit := int(s.db.MaxBatchSize() * 7 / 10)
	var group []pair
	size := 0
	for _, p := range pairs {
		n := len(p.value) + pairOverhead
		if size > 0 && size+n > limit {
			if err := s.write(group); err != nil {
				return err
			}
			group, size = group[:0], 0
		}
		group = append(group, p)
		size += n
	}
	if len(group) == 0 {
		return nil
	}
	return s.write(group)
}

// pieceReader reads a segment's Parquet file from its pieces. Each piece is checked the first time
// it is read.
type pieceReader struct {
	s *Store
	e *entry
}

// ReadAt implements io.ReaderAt.
func (r pieceReader) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	for n < len(p) {
		at := off + int64(n)
		if at >= int64(r.e.size) {
			return n, io.EOF
		}
		i, within := int(at/pieceSize), int(at%pieceSize)
		if v := r.s.segments.recent.get(pieceID{r.e, i}); v != nil {
			n += copy(p[n:], v[within:])
			continue
		}
		err := r.read(i, func(v []byte) {
			took := copy(p[n:], v[within:])
			n += took
			if took < pieceSize/2 {
				r.s.segments.recent.put(pieceID{r.e, i}, v)
			}
		})
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// read gets one piece, from Badger or from where the segment was archived, and hands it to use, for
// as long as use takes.
func (r pieceReader) read(i int, use func(v []byte)) error {
	if r.e.dropped {
		return r.readArchived(i, use)
	}
	return r.s.db.View(func(txn *badger.Txn) error {
		item, err := txn.Get(pieceKey(r.e.place, r.e.id, uint32(i)))
		if errors.Is(err, badger.ErrKeyNotFound) {
			return errPiece
		}
		if err != nil {
			return err
		}
		return item.Value(func(v []byte) error {
			if err := r.check(i, v); err != nil {
				return err
			}
			use(v)
			return nil
		})
	})
}

// check compares a piece with its checksum in the catalog, once.
func (r pieceReader) check(i int, v []byte) error {
	if i >= len(r.e.pieces) {
		return errPiece
	}
	want := pieceSize
	if i == len(r.e.pieces)-1 {
		want = int(r.e.size) - i*pieceSize
	}
	if len(v) != want {
		return errPiece
	}
	if r.e.verified[i].Load() {
		return nil
	}
	if crc32.Checksum(v, castagnoli) != r.e.pieces[i] {
		return errPiece
	}
	r.e.verified[i].Store(true)
	return nil
}

// file opens a segment's Parquet file, or gives the one that is open.
func (g *segments) file(s *Store, e *entry) (*archive.File, error) {
	g.mu.Lock()
	f := g.files[e]
	g.mu.Unlock()
	if f != nil {
		return f, nil
	}
	f, err := archive.Open(pieceReader{s, e}, int64(e.size))
	if err == nil {
		err = e.matches(f)
	}
	if err != nil {
		return nil, errReading(e, err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.files) >= openFiles { // any one: a question opens neighbours, in no useful order
		for old := range g.files {
			delete(g.files, old)
			break
		}
	}
	g.files[e] = f
	return f, nil
}

// matches compares the file with what the catalog says of it.
func (e *entry) matches(f *archive.File) error {
	if f.Kind() != e.place.kind || f.Rows() != int64(e.rows) || f.RowGroups() != len(e.groups) {
		return errPiece
	}
	for g := range e.groups {
		first, last := f.GroupTime(g)
		if e.groups[g] != (groupInfo{uint64(f.GroupRows(g)), first, last}) {
			return errPiece
		}
	}
	return nil
}

// forget drops what is kept in memory of a segment.
func (g *segments) forget(e *entry) {
	g.mu.Lock()
	delete(g.files, e)
	g.mu.Unlock()
	g.ids.forget(e)
}

// nextSegment gives a segment id that was never given before: a moment in microseconds, so that ids
// grow over restarts without being written down, and one more than the last if that is not later.
func (s *Store) nextSegment() SegmentID {
	for {
		last := s.segments.newest.Load()
		id := max(last+1, uint64(s.cfg.Now().UnixMicro()))
		if s.segments.newest.CompareAndSwap(last, id) {
			return SegmentID(id)
		}
	}
}

// seen keeps an id found on disk from being given again, be it only that of an orphan: it will be
// swept, and would take a new segment of the same id with it.
func (g *segments) seen(id SegmentID) {
	g.newest.Store(max(g.newest.Load(), uint64(id)))
}

func newSegments() *segments {
	return &segments{files: map[*entry]*archive.File{}, ids: newIDCache(), recent: newPieceCache()}
}
