package store

import (
	"encoding/binary"
	"errors"
	"hash/crc32"

	"analytics/engine/event"
)

// A ledger row says what an hour must hold: how many rows were ever accepted into it and the sum of
// their hashes. It is written in the transaction that writes the rows, or writes them anew, so
// whatever is missing later shows. Numbers are little-endian.
//
//	0  1 version 1
//	1  8 rows
//	9  8 sum     see rowHash
//	17 4 crc     CRC-32C of the key and the 17 bytes before
const (
	ledgerVersion = 1
	ledgerSize    = 21
)

var errLedger = errors.New("store: damaged ledger row")

// ledgerRow is the ledger of one hour.
type ledgerRow struct {
	rows uint64
	sum  uint64
}

func (l ledgerRow) bytes(key []byte) []byte {
	b := make([]byte, 0, ledgerSize)
	b = append(b, ledgerVersion)
	b = binary.LittleEndian.AppendUint64(b, l.rows)
	b = binary.LittleEndian.AppendUint64(b, l.sum)
	crc := crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, b)
	return binary.LittleEndian.AppendUint32(b, crc)
}

func parseLedger(key, b []byte) (l ledgerRow, err error) {
	end := len(b) - 4 // of every version
	if end < 1 {
		return l, errLedger
	}
	crc := crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, b[:end])
	if crc != binary.LittleEndian.Uint32(b[end:]) {
		return l, errLedger
	}
	if b[0] > ledgerVersion {
		return l, errNewer("ledger row", b[0])
	}
	if len(b) != ledgerSize || b[0] != ledgerVersion {
		return l, errLedger
	}
	l.rows = binary.LittleEndian.Uint64(b[1:])
	l.sum = binary.LittleEndian.Uint64(b[9:])
	return l, nil
}

// HourLedger is one hour of the ledger, beside what is there.
type HourLedger struct {
	Hour event.Hour
	// Rows were accepted in all; Sum is the sum of their hashes.
	Rows, Sum uint64
	// Sealed rows are in segments, Head rows in the journal. Rows = Sealed + Head, unless raw
	// events were dropped or something is wrong.
	Sealed, Head uint64
	// Dropped says that retention removed raw events of the hour.
	Dropped bool
}
