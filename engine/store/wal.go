package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"

	"github.com/dgraph-io/ristretto/v2/z"
)

// Badger's memtable log, as much of it as shows whether Badger will read all of it back. At the
// first record it cannot read, Badger takes the log for ended and cuts off the rest. After a crash
// that is right: the last transaction may be half written, and nobody was told it was stored. But
// each transaction is synced before the next is written, so a good record of a later transaction
// behind a bad one means that the bad one was good once.
//
//	20 bytes header, then records:
//	meta1 usermeta1 uvarint(key) uvarint(value) uvarint(expires) key value crc4
//	the key ends with 8 bytes: MaxUint64 minus the transaction's number
const (
	walHeader    = 20
	walMaxKey    = 1 << 16
	walMaxValue  = 64 << 20
	walEndTxn    = 1 << 7 // in meta: the record ends its transaction
	walKeySuffix = 8
)

// walState is what a log holds.
type walState struct {
	seq uint64 // newest sequence number in a whole transaction
	cut int64  // where Badger would cut off transactions that were whole once; 0 if nowhere
}

// walRecord is one record.
type walRecord struct {
	meta       byte
	key, value []byte
	txn        uint64
	size       int
	good       bool // the checksum fits
}

// readRecord reads the record at the start of b; ok is false when no record can be told.
func readRecord(b []byte) (r walRecord, ok bool) {
	if len(b) < 8 {
		return r, false
	}
	r.meta = b[0]
	at := 2
	var n [3]uint64
	for i := range n {
		v, size := binary.Uvarint(b[at:])
		if size <= 0 {
			return r, false
		}
		n[i] = v
		at += size
	}
	if n[0] < walKeySuffix || n[0] > walMaxKey || n[1] > walMaxValue {
		return r, false
	}
	end := at + int(n[0]) + int(n[1])
	if end+crc32.Size > len(b) {
		return r, false
	}
	key := b[at : at+int(n[0])]
	suffix := len(key) - walKeySuffix
	r.key, r.value = key[:suffix], b[at+len(key):end]
	r.txn = ^binary.BigEndian.Uint64(key[suffix:])
	r.size = end + crc32.Size
	r.good = crc32.Checksum(b[:end], castagnoli) == binary.BigEndian.Uint32(b[end:])
	return r, true
}

// scanLog reads the log in b.
func scanLog(b []byte) (st walState) {
	var broken int64 // where Badger stops
	var txns [2]uint64
	seen := 0 // different transactions at and after the broken record, 2 means two or more
	see := func(txn uint64) {
		if seen < 2 && (seen == 0 || txns[0] != txn) {
			txns[seen] = txn
			seen++
		}
	}
	var pending, seq uint64
	for at := walHeader; at < len(b); {
		r, ok := readRecord(b[at:])
		if !ok {
			break
		}
		switch {
		case broken != 0:
			if r.good {
				see(r.txn)
			}
		case !r.good:
			broken = int64(at)
			if pending != 0 {
				see(pending)
			}
		case r.meta&walEndTxn != 0:
			st.seq = max(st.seq, seq)
			pending = 0
		default:
			pending = r.txn
			if bytes.Equal(r.key, sequenceKey()) && len(r.value) == 8 {
				seq = binary.BigEndian.Uint64(r.value)
			}
		}
		at += r.size
	}
	if seen == 2 {
		st.cut = broken
	}
	return st
}

// checkLogs looks at the logs that a crash left. It refuses them if Badger would throw away what
// was acknowledged; acked is what HEAD knows of that.
func checkLogs(paths []string, acked uint64) error {
	newest := uint64(0)
	for _, path := range paths {
		st, err := scanFile(path)
		if err != nil {
			return err
		}
		if st.cut != 0 {
			return errDamagedFile(path, fmt.Sprintf("the log is damaged at byte %d and goes on "+
				"behind it; opening would throw the rest away, which removing HEAD allows", st.cut))
		}
		newest = max(newest, st.seq)
	}
	if newest > 0 && newest < acked {
		return errLost(acked, newest)
	}
	return nil
}

func scanFile(path string) (st walState, err error) {
	f, err := os.Open(path)
	if err != nil {
		return st, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() <= walHeader {
		return st, err
	}
	b, err := z.Mmap(f, false, info.Size())
	if err != nil {
		return st, err
	}
	st = scanLog(b)
	return st, z.Munmap(b)
}
