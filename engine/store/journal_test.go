package store

import (
	"bytes"
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"analytics/engine/event"
)

var update = flag.Bool("update", false, "write golden files")

// golden compares bytes with a file of hexadecimal lines.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	text := hex.Dump(got)
	if *update {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if text != string(want) {
		t.Errorf("%s is\n%s, want\n%s", name, text, want)
	}
}

// sampleBatch is a journal batch of two page views.
func sampleBatch() (key, value []byte) { return batchOfViews("a", "b") }

func batchOfViews(ids ...string) (key, value []byte) {
	var puts []put
	for i, id := range ids {
		puts = append(puts, put{id: id, at: time.Duration(i) * time.Microsecond})
	}
	p := views(puts...).Parts()[0]
	d := draft{}
	start := 0
	for _, m := range p.Marks {
		d.info.add(p.Rows[start:m.End], m.Time)
		start = m.End
	}
	d.parts, d.size = [][]byte{p.Rows}, len(p.Rows)
	key = journalKey(placeOf(Default, p.Kind, p.Hour), 7)
	d.compose(key)
	return key, d.value
}

// compressed is a journal batch of three page views, compressed.
const compressed = "0101000003000000666e149e3c18d05d0010cafbb36006000210cafbb3600600" +
	"98000000b4df652c980170290080c0d0bcffacb006010e006f6e652d6c6f6e672d6e616d650d0e2f321000083b00" +
	"82112a00171500062c2d616e642d6d6f72650d172f56190008310084113c001215000710746f6f0d12366a000c2d" +
	"746f6f"

func TestJournalBatchIsTheDocumentedBytes(t *testing.T) {
	key, value := sampleBatch()
	golden(t, "batch.hex", value)
	rows, info, err := openBatch(key, value)
	if err != nil || info.count != 2 || len(rows) != len(value)-batchHeader ||
		info.max-info.min != 1 {
		t.Errorf("read back %+v, %d bytes, %v", info, len(rows), err)
	}
	key, value = batchOfViews("one-long-name", "one-long-name-and-more", "one-long-name-too")
	want, info, err := openBatch(key, value)
	if err != nil || info.count != 3 || value[1] != codecS2 || len(want) <= len(value)-batchHeader {
		t.Errorf("read back %+v, %d bytes, %v", info, len(want), err)
	}
	// Encoders differ from machine to machine, so these bytes are only read.
	if value, err = hex.DecodeString(compressed); err != nil {
		t.Fatal(err)
	}
	if rows, _, err = openBatch(key, value); err != nil || !bytes.Equal(rows, want) {
		t.Errorf("the documented bytes are %x, %v; want %x", rows, err, want)
	}
}

func TestLedgerRowIsTheDocumentedBytes(t *testing.T) {
	key := placeKey(spaceLedger, placeOf(Default, event.PageView, 498504))
	row := ledgerRow{rows: 1000, sum: 0xfedcba9876543210}
	golden(t, "ledger.hex", row.bytes(key))
	if got, err := parseLedger(key, row.bytes(key)); err != nil || got != row {
		t.Errorf("read back %+v, %v", got, err)
	}
}

func TestEveryFlippedBitOfABatchIsNoticed(t *testing.T) {
	key, value := sampleBatch()
	row := ledgerRow{1000, 77}.bytes(key)
	for i := range len(value) * 8 {
		b := bytes.Clone(value)
		b[i/8] ^= 1 << (i % 8)
		if _, _, err := openBatch(key, b); err == nil {
			t.Errorf("bit %d of the batch flipped unnoticed", i)
		}
	}
	for i := range len(row) * 8 {
		b := bytes.Clone(row)
		b[i/8] ^= 1 << (i % 8)
		if _, err := parseLedger(key, b); err == nil {
			t.Errorf("bit %d of the ledger row flipped unnoticed", i)
		}
	}
	if _, _, err := openBatch(journalKey(placeOf(Default, event.PageView, 3), 7), value); err == nil {
		t.Error("a batch under another key went unnoticed")
	}
}

func FuzzOpenBatch(f *testing.F) {
	key, value := sampleBatch()
	f.Add(key, value)
	f.Add(key, value[:batchHeader])
	key, value = batchOfViews("one-long-name", "one-long-name-and-more", "one-long-name-too")
	f.Add(key, value)
	f.Add([]byte{}, []byte{1})
	f.Fuzz(func(t *testing.T, key, value []byte) {
		rows, info, err := openBatch(key, value)
		if err != nil {
			return
		}
		if again, same, err := openBatch(key, appendBatch(nil, key, rows, info)); err != nil ||
			!bytes.Equal(again, rows) || same != info {
			t.Errorf("%x became %x, %v", rows, again, err)
		}
	})
}

func FuzzRowIdentity(f *testing.F) {
	_, value := sampleBatch()
	f.Add(value[batchHeader:])
	f.Fuzz(func(t *testing.T, rows []byte) {
		row, _, err := event.NextRow(rows)
		if err != nil {
			return
		}
		var e event.Event
		decodes := e.DecodeRow(event.PageView, row) == nil
		at, id, err := rowIdentity(row)
		if decodes && (err != nil || at != e.Time() || !bytes.Equal(id, e.Text(event.EventID))) {
			t.Errorf("identity %d %x %v, want %d %x", at, id, err, e.Time(), e.Text(event.EventID))
		}
	})
}

func FuzzScanLog(f *testing.F) {
	f.Add(make([]byte, 100))
	f.Add([]byte(strings.Repeat("\x40\x00\x09\x08\x00q\xff\xff\xff\xff\xff\xff\xff\xff", 5)))
	f.Fuzz(func(t *testing.T, b []byte) { scanLog(b) })
}
