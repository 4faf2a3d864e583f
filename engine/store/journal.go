package store

import (
	"encoding/binary"
	"errors"
	"hash/crc32"

	"github.com/cespare/xxhash/v2"
	"github.com/klauspost/compress/s2"

	"analytics/engine/event"
)

// A journal batch is the value under a journal key: the rows that one group of commits added to one
// hour of one kind. Numbers are little-endian.
//
//	0  1 version   1
//	1  1 codec     0 the rows as they are, 1 as a block of S2
//	2  2 reserved  0
//	4  4 count     rows
//	8  8 sum       sum of the rows' hashes, modulo 2^64
//	16 8 min       smallest timestamp, microseconds
//	24 8 max       largest timestamp
//	32 4 size      bytes of rows, not compressed
//	36 4 crc       CRC-32C of the key, the 36 bytes before and what follows
//	40   rows      as event.AppendRow makes them, concatenated
//
// The checksum covers the key too: a batch that lies under another key is as damaged as one with a
// flipped bit. Compressing costs 0.1 us a row and halves what Badger copies, syncs, flushes and
// compacts, which saves 2 us.
const (
	batchVersion = 1
	batchHeader  = 40
	codecPlain   = 0
	codecS2      = 1

	// maxBatch bounds what is allocated for the rows of a batch.
	maxBatch = 16 << 20
)

// errBatch says that a value is not the journal batch its key says it is.
var errBatch = errors.New("store: damaged journal batch")

// castagnoli is the polynomial that processors have an instruction for.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// batchInfo is what a batch's header says of its rows.
type batchInfo struct {
	count    int
	sum      uint64
	min, max event.Micros
}

// add counts one row.
func (b *batchInfo) add(row []byte, at event.Micros) {
	if b.count == 0 {
		b.min, b.max = at, at
	} else {
		b.min, b.max = min(b.min, at), max(b.max, at)
	}
	b.count++
	b.sum += rowHash(row)
}

// rowHash is a row's share of an hour's sum. The sum does not depend on the order of rows, so that
// journal, segments and ledger can be compared however the rows were sorted since.
func rowHash(row []byte) uint64 { return xxhash.Sum64(row) }

// appendBatch makes the value of a batch in dst, whose memory is used again.
func appendBatch(dst, key, rows []byte, info batchInfo) []byte {
	room := batchHeader + s2.MaxEncodedLen(len(rows))
	if cap(dst) < room {
		dst = make([]byte, room)
	}
	dst = dst[:room]
	codec := byte(codecS2)
	n := len(s2.Encode(dst[batchHeader:], rows))
	if n >= len(rows) {
		codec = codecPlain
		n = copy(dst[batchHeader:], rows)
	}
	dst = dst[:batchHeader+n]
	dst[0], dst[1], dst[2], dst[3] = batchVersion, codec, 0, 0
	le := binary.LittleEndian
	le.PutUint32(dst[4:], uint32(info.count))
	le.PutUint64(dst[8:], info.sum)
	le.PutUint64(dst[16:], uint64(info.min))
	le.PutUint64(dst[24:], uint64(info.max))
	le.PutUint32(dst[32:], uint32(len(rows)))
	le.PutUint32(dst[36:], batchCRC(key, dst))
	return dst
}

func batchCRC(key, value []byte) uint32 {
	crc := crc32.Update(0, castagnoli, key)
	crc = crc32.Update(crc, castagnoli, value[:36])
	return crc32.Update(crc, castagnoli, value[batchHeader:])
}

// openBatch checks a batch and gives its rows, in memory of their own.
func openBatch(key, value []byte) (rows []byte, info batchInfo, err error) {
	le := binary.LittleEndian
	if len(value) < batchHeader || value[0] == 0 || le.Uint32(value[36:]) != batchCRC(key, value) {
		return nil, info, errBatch
	}
	if value[0] > batchVersion {
		return nil, info, errNewer("journal batch", value[0])
	}
	size, stored := int(le.Uint32(value[32:])), value[batchHeader:]
	switch value[1] {
	case codecPlain:
		rows = append([]byte(nil), stored...)
	case codecS2:
		if n, err := s2.DecodedLen(stored); err != nil || n != size || n > maxBatch {
			return nil, info, errBatch
		}
		if rows, err = s2.Decode(nil, stored); err != nil {
			return nil, info, errBatch
		}
	}
	if len(rows) != size {
		return nil, info, errBatch
	}
	info.count = int(le.Uint32(value[4:]))
	info.sum = le.Uint64(value[8:])
	info.min = event.Micros(le.Uint64(value[16:]))
	info.max = event.Micros(le.Uint64(value[24:]))
	return rows, info, nil
}

// rowIdentity reads the timestamp and the id of a row, its first two fields, without the rest.
func rowIdentity(row []byte) (at event.Micros, id []byte, err error) {
	_, size := binary.Uvarint(row)
	if size <= 0 || len(row) < size+2 || row[size] != event.Timestamp {
		return 0, nil, event.ErrRow
	}
	row = row[size+1:]
	v, size := binary.Varint(row)
	if size <= 0 || len(row) < size+2 || row[size] != event.EventID {
		return 0, nil, event.ErrRow
	}
	row = row[size+1:]
	n, size := binary.Uvarint(row)
	if size <= 0 || n > uint64(len(row)-size) {
		return 0, nil, event.ErrRow
	}
	return event.Micros(v), row[size : size+int(n)], nil
}
