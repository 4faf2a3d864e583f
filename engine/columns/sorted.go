package columns

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"analytics/engine/event"
)

// rowRef is where a row is and what it is sorted by.
type rowRef struct {
	time int64
	part int32
	at   int32 // where the row begins in its part
	end  int32
	id   int32 // where the bytes of its id begin, and how many they are
	idN  int32
}

// Sorted makes one record of all rows of the slices, each of which holds rows one after another,
// ordered by timestamp and, where that is equal, by the bytes of the id in compact form. The order
// does not depend on how the rows were split or in which order they came, so a segment is the same
// bytes whoever seals it.
func Sorted(kind event.Kind, rows [][]byte) (arrow.Record, error) {
	refs, sorted, err := index(rows)
	if err != nil {
		return nil, err
	}
	b := NewBuilder(kind)
	b.expect(len(refs))
	if sorted {
		for _, part := range rows {
			if err := b.AppendRows(part); err != nil {
				return nil, err
			}
		}
		return b.Record(nil), nil
	}
	for _, r := range inOrder(rows, refs) {
		if err := b.AppendRows(rows[r.part][r.at:r.end]); err != nil {
			return nil, err
		}
	}
	return b.Record(nil), nil
}

// inOrder sorts the rows. Sorting numbers made of time and place is three times as fast as sorting
// the references by comparing them; few rows have a time in common and need that as well.
func inOrder(rows [][]byte, refs []rowRef) []rowRef {
	const placeBits = 24
	compare := func(x, y rowRef) int { return compareRows(rows, x, y) }
	first, last := refs[0].time, refs[0].time
	for i := range refs {
		first, last = min(first, refs[i].time), max(last, refs[i].time)
	}
	if uint64(last)-uint64(first) >= 1<<(64-placeBits) || len(refs) > 1<<placeBits {
		slices.SortFunc(refs, compare)
		return refs
	}
	keys := make([]uint64, len(refs))
	for i := range refs {
		keys[i] = uint64(refs[i].time-first)<<placeBits | uint64(i)
	}
	slices.Sort(keys)
	sorted := make([]rowRef, len(refs))
	same := 0 // where the rows with the time of this one begin
	for i, k := range keys {
		sorted[i] = refs[k&(1<<placeBits-1)]
		if sorted[i].time != sorted[same].time {
			if i-same > 1 {
				slices.SortFunc(sorted[same:i], compare)
			}
			same = i
		}
	}
	slices.SortFunc(sorted[same:], compare)
	return sorted
}

// index finds the rows and says whether they are in order already.
func index(rows [][]byte) (refs []rowRef, sorted bool, err error) {
	size := 0
	for _, part := range rows {
		size += len(part)
	}
	refs = make([]rowRef, 0, size/128+1)
	sorted = true
	for p, part := range rows {
		for at := 0; at < len(part); {
			r, err := refOf(part, at)
			if err != nil {
				return nil, false, err
			}
			r.part = int32(p)
			if n := len(refs); sorted && n > 0 && compareRows(rows, refs[n-1], r) > 0 {
				sorted = false
			}
			refs = append(refs, r)
			at = int(r.end)
		}
	}
	return refs, sorted, nil
}

// refOf reads the two fields every row begins with.
func refOf(part []byte, at int) (rowRef, error) {
	n, size := binary.Uvarint(part[at:])
	if size <= 0 || n > uint64(len(part)-at-size) {
		return rowRef{}, event.ErrRow
	}
	end := at + size + int(n)
	row := part[at+size : end]
	if len(row) == 0 || row[0] != event.Timestamp {
		return rowRef{}, event.ErrRow
	}
	t, tn := binary.Varint(row[1:])
	if tn <= 0 || len(row) < tn+2 || row[tn+1] != event.EventID {
		return rowRef{}, event.ErrRow
	}
	idN, sizeN := binary.Uvarint(row[tn+2:])
	if sizeN <= 0 || idN > uint64(len(row)-tn-2-sizeN) {
		return rowRef{}, event.ErrRow
	}
	return rowRef{
		time: t, at: int32(at), end: int32(end),
		id: int32(at + size + tn + 2 + sizeN), idN: int32(idN),
	}, nil
}

func compareRows(rows [][]byte, x, y rowRef) int {
	if c := cmp.Compare(x.time, y.time); c != 0 {
		return c
	}
	idX := rows[x.part][x.id : x.id+x.idN]
	idY := rows[y.part][y.id : y.id+y.idN]
	if c := bytes.Compare(idX, idY); c != 0 {
		return c
	}
	// The same id twice at one moment is refused at intake; should it happen, the rows decide.
	return bytes.Compare(rows[x.part][x.at:x.end], rows[y.part][y.at:y.end])
}
