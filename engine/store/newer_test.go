package store

import (
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"maps"
	"strings"
	"testing"

	"github.com/dgraph-io/badger/v4"

	"analytics/engine/fault"
)

// TestWhatIsNewerIsRefusedAndStaysAsItIs has a value of a format to come in a store whose FORMAT lets us in.
func TestWhatIsNewerIsRefusedAndStaysAsItIs(t *testing.T) {
	for what, c := range map[string]struct {
		space space
		write func(key, value []byte) []byte
	}{
		"catalog entry": {spaceCatalog, func(k, v []byte) []byte {
			v[0] = entryVersion + 1
			crc := crc32.Update(crc32.Checksum(k, castagnoli), castagnoli, v[:len(v)-4])
			binary.LittleEndian.PutUint32(v[len(v)-4:], crc)
			return v
		}},
		"ledger row": {spaceLedger, func(k, v []byte) []byte {
			v = append(v, 0, 0, 0) // whatever it has more
			v[0] = ledgerVersion + 1
			crc := crc32.Update(crc32.Checksum(k, castagnoli), castagnoli, v[:len(v)-4])
			binary.LittleEndian.PutUint32(v[len(v)-4:], crc)
			return v
		}},
		"journal batch": {spaceJournal, func(k, v []byte) []byte {
			v[0] = batchVersion + 1
			binary.LittleEndian.PutUint32(v[36:], batchCRC(k, v))
			return v
		}},
	} {
		dir := sealedStore(t)
		s := openAt(t, dir, midday)
		alter(t, s, c.space, c.write)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		before := pairs(t, dir)
		for range 2 {
			_, err := Open(t.Context(), small(dir))
			if f := fault.Of(err); f.Kind != fault.Newer || !strings.Contains(f.Message, what) ||
				!strings.Contains(f.Message, "start a newer version") {
				t.Fatalf("a newer %s: %v", what, err)
			}
		}
		if !maps.Equal(before, pairs(t, dir)) {
			t.Errorf("a newer %s was refused, and the store changed all the same", what)
		}
	}
}

// pairs is all that lies in a store that is closed.
func pairs(t *testing.T, dir string) map[string]string {
	t.Helper()
	db, err := badger.Open(badgerOptions(small(dir).filled()))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	all := map[string]string{}
	err = db.View(func(txn *badger.Txn) error {
		it := txn.NewIterator(badger.DefaultIteratorOptions)
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			v, err := it.Item().ValueCopy(nil)
			if err != nil {
				return err
			}
			all[hex.EncodeToString(it.Item().Key())] = hex.EncodeToString(v)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestAStoreOfANewerFormatThatWeMayReadKeepsItsFormat: min_reader decides, and FORMAT is not written back.
func TestAStoreOfANewerFormatThatWeMayReadKeepsItsFormat(t *testing.T) {
	dir := sealedStore(t)
	f, _, err := readFormat(dir)
	if err != nil {
		t.Fatal(err)
	}
	f.Format = formatVersion + 1
	if err := f.write(dir); err != nil {
		t.Fatal(err)
	}
	s := openAt(t, dir, midday)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got, _, err := readFormat(dir); err != nil || got != f {
		t.Errorf("FORMAT is %+v, %v; want %+v", got, err, f)
	}
}
