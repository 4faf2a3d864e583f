package store

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/dgraph-io/badger/v4"

	"analytics/engine/event"
	"analytics/engine/fault"
)

// sealedStore is a store of two sealed hours and one in the head, closed.
func sealedStore(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	s := openAt(t, dir, midday)
	appendAll(t, s, toolCalls("a", midday.Add(-4*time.Hour), 60), 60, 0)
	if _, err := s.Seal(context.Background(), 0, true); err != nil {
		t.Fatal(err)
	}
	appendAll(t, s, toolCalls("b", midday.Add(-time.Hour), 20), 20, 0)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// alter changes the first value of a space, or deletes it where change gives nil.
func alter(t *testing.T, s *Store, sp space, change func(key, value []byte) []byte) {
	t.Helper()
	var key, value []byte
	err := s.scan([]byte{byte(sp)}, true, func(k, v []byte) error {
		if key == nil {
			key, value = bytes.Clone(k), bytes.Clone(v)
		}
		return nil
	})
	if err != nil || key == nil {
		t.Fatalf("nothing in space %c: %v", sp, err)
	}
	value = change(key, value)
	err = s.update(func(txn *badger.Txn) error {
		if value == nil {
			return txn.Delete(key)
		}
		return txn.Set(key, value)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func bend(_, v []byte) []byte {
	v[len(v)/2] ^= 4
	return v
}

func lose(_, _ []byte) []byte { return nil }

// damage is one alteration and what comes of it.
type damage struct {
	name   string
	space  space
	change func(key, value []byte) []byte
	opens  bool   // the store opens in spite of it
	read   string // what reading everything fails with
	hour   string // what verification names
}

// verify wants one problem, in the right hour, with advice.
func (c damage) verify(t *testing.T, s *Store) {
	t.Helper()
	problems, err := s.Verify(context.Background(), nil)
	if err != nil || len(problems) == 0 {
		t.Fatalf("verify: %v, %d problems", err, len(problems))
	}
	for _, p := range problems {
		if p.Tenant != "default" || p.Kind != "tool_call" || p.Hour != c.hour ||
			p.What == "" || p.Advice == "" {
			t.Errorf("problem %+v, want one of default, tool_call, %s", p, c.hour)
		}
	}
}

// readEverything reads all rows and blocks.
func readEverything(s *Store) error {
	ctx := context.Background()
	n := s.Snapshot(always(event.ToolCall))
	defer n.Release()
	for _, c := range n.Chunks() {
		if _, err := c.Read(ctx, nil); err != nil {
			return err
		}
	}
	for _, seg := range n.Segments() {
		if _, err := n.Block(ctx, &seg, 1); err != nil {
			return err
		}
	}
	return nil
}

// TestDamageIsFoundAndNamed alters one value at a time, behind the back of the store.
func TestDamageIsFoundAndNamed(t *testing.T) {
	for _, c := range []damage{
		{"piece altered", spacePiece, bend, true, "is damaged", "2026-11-18T08:00:00Z"},
		{"piece gone", spacePiece, lose, true, "is damaged", "2026-11-18T08:00:00Z"},
		{"piece cut", spacePiece, func(_, v []byte) []byte { return v[:len(v)-1] }, true,
			"is damaged", "2026-11-18T08:00:00Z"},
		{"block altered", spaceBlock, bend, true, "is damaged", "2026-11-18T08:00:00Z"},
		{"block gone", spaceBlock, lose, true, "is damaged", "2026-11-18T08:00:00Z"},
		{"entry altered", spaceCatalog, bend, false, "", ""},
		{"entry gone", spaceCatalog, lose, false, "", "2026-11-18T08:00:00Z"},
		{"batch altered", spaceJournal, bend, false, "", ""},
		{"batch gone", spaceJournal, lose, false, "", "2026-11-18T11:00:00Z"},
		{"ledger altered", spaceLedger, bend, true, "", "2026-11-18T08:00:00Z"},
		{"ledger of more rows", spaceLedger, func(k, _ []byte) []byte {
			return ledgerRow{rows: 31, sum: 5}.bytes(k)
		}, false, "", "2026-11-18T08:00:00Z"},
		{"ledger gone", spaceLedger, lose, true, "", "2026-11-18T08:00:00Z"},
		{"ledger of other numbers", spaceLedger, func(k, _ []byte) []byte {
			return ledgerRow{rows: 29, sum: 5}.bytes(k)
		}, true, "", "2026-11-18T08:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := sealedStore(t)
			s := openAt(t, dir, midday)
			alter(t, s, c.space, c.change)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			cfg := small(dir)
			cfg.Derive = s.cfg.Derive
			s, err := Open(context.Background(), cfg)
			if !c.opens {
				if err == nil || fault.Of(err).Kind != fault.Damaged {
					t.Fatalf("opening: %v, want Damaged", err)
				}
				if c.hour == "" {
					return
				}
				cfg.Salvage = true
				c.verify(t, open(t, cfg))
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			err = readEverything(s)
			switch {
			case c.read == "" && err != nil:
				t.Fatalf("reading: %v", err)
			case c.read != "" && (err == nil || fault.Of(err).Kind != fault.Damaged ||
				!strings.Contains(err.Error(), c.read)):
				t.Fatalf("reading: %v, want Damaged, %q", err, c.read)
			}
			c.verify(t, s)
		})
	}
}

// TestBlockOfOtherEventsIsFound: a block whose checksums are right can still be wrong.
func TestBlockOfOtherEventsIsFound(t *testing.T) {
	s := openAt(t, sealedStore(t), midday)
	derive := s.cfg.Derive
	s.cfg.Derive = func(k event.Kind, recs []arrow.Record) ([]Block, error) {
		blocks, err := derive(k, recs)
		blocks[0].Data = append(blocks[0].Data, '!')
		return blocks, err
	}
	problems, err := s.Verify(context.Background(), nil)
	if err != nil || len(problems) != 2 || !strings.Contains(problems[0].What, "cube 1") {
		t.Fatalf("verify: %v, %v", err, problems)
	}
	if _, err := s.ReDerive(context.Background(), Default, event.ToolCall, 0, 1<<31); err != nil {
		t.Fatal(err)
	}
	wantSound(t, s)
}
