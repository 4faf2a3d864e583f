package store

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// rowsOf is a shelf as it is read.
func rowsOf(t testing.TB, h *Shelf) map[string]string {
	t.Helper()
	rows := map[string]string{}
	err := h.Each("", func(key string, value []byte) error {
		rows[key] = string(value)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// wantNoByte looks for a text in every file of a folder.
func wantNoByte(t testing.TB, dir, text string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(text)) {
			t.Errorf("%s has %s", path, text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestScrubLeavesNoByteAndSurvivesACrashAtEachEdge has values that were replaced and deleted before, in
// tables and in the log, and rows that are larger than one transaction takes.
func TestScrubLeavesNoByteAndSurvivesACrashAtEachEdge(t *testing.T) {
	dir := t.TempDir()
	s := open(t, small(dir))
	h, other := s.Shelf(Default, "outbox"), s.Shelf(Tenant{'x'}, "outbox")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	put := func(on *Shelf, key, value string) { must(on.Put(t.Context(), key, []byte(value))) }
	before, after := map[string]string{}, map[string]string{}
	for i := range 20 {
		key := fmt.Sprint("row/", i)
		put(h, key, "canary-old")
		put(h, key, fmt.Sprint("canary-", i))
		before[key] = fmt.Sprint("canary-", i)
		if i%2 == 0 {
			after[key] = fmt.Sprint("kept-", i)
		}
	}
	put(h, "gone", "canary-gone")
	must(h.Delete(t.Context(), "gone"))
	big := strings.Repeat("b", maxShelfValue)
	for _, key := range []string{"", "z1", "z2"} {
		put(h, key, big)
		before[key], after[key] = big, big
	}
	put(other, "row/1", "of another")
	must(s.Shelf(Default, "days").Clear(t.Context())) // has Badger write tables
	put(h, "row/1", "canary-1")

	copies := map[string]string{}
	s.cfg.Failpoint = func(edge string) {
		if strings.HasPrefix(edge, "scrub.") && copies[edge] == "" {
			copies[edge] = copyStore(t, dir)
		}
	}
	half := func(key string, value []byte) ([]byte, bool, error) {
		number, is := strings.CutPrefix(string(value), "canary-")
		if !is {
			return value, true, nil
		}
		next, keep := after[key]
		if keep && next != "kept-"+number {
			return nil, false, fmt.Errorf("%s is %s", key, value)
		}
		return []byte(next), keep, nil
	}
	must(h.Scrub(t.Context(), half))
	if got := rowsOf(t, h); !maps.Equal(got, after) {
		t.Errorf("got %d rows, want %d", len(got), len(after))
	}
	if got := rowsOf(t, other); got["row/1"] != "of another" || len(got) != 1 {
		t.Errorf("of another tenant: %v", got)
	}
	must(s.Close())
	wantNoByte(t, dir, "canary")
	for edge, dir := range copies {
		want := after
		if edge == "scrub.copied" {
			want = before
		}
		wantScrubbed(t, edge, dir, want, after)
	}
	if len(copies) != 3 {
		t.Errorf("the test came to %d edges of 3", len(copies))
	}
}

// wantScrubbed opens a store as a crash left it, and scrubs it again.
func wantScrubbed(t *testing.T, edge, dir string, want, after map[string]string) {
	s := open(t, small(dir))
	if got := rowsOf(t, s.Shelf(Default, "outbox")); !maps.Equal(got, want) {
		t.Errorf("%s: got %d rows, want %d", edge, len(got), len(want))
	}
	err := s.Shelf(Default, "outbox").Scrub(t.Context(), func(key string, value []byte) ([]byte, bool, error) {
		return []byte(after[key]), after[key] != "", nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = s.scan(shelfKey(Default, scrubShelf, ""), false, func(k, _ []byte) error {
		t.Errorf("%s: %q of the copy is left", edge, k)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	wantNoByte(t, dir, "canary")
}

// TestAScrubThatFailsChangesNothing: f says no, in the middle.
func TestAScrubThatFailsChangesNothing(t *testing.T) {
	s := open(t, small(t.TempDir()))
	h := s.Shelf(Default, "outbox")
	for _, key := range []string{"a", "b"} {
		if err := h.Put(t.Context(), key, []byte(key)); err != nil {
			t.Fatal(err)
		}
	}
	err := h.Scrub(t.Context(), func(key string, value []byte) ([]byte, bool, error) {
		if key == "b" {
			return nil, false, fmt.Errorf("not this one")
		}
		return value, true, nil
	})
	if err == nil || !maps.Equal(rowsOf(t, h), map[string]string{"a": "a", "b": "b"}) {
		t.Errorf("%v, %v", err, rowsOf(t, h))
	}
}

// TestAShelfWithoutRowsIsClearedOfWhatWasThere: of deleted rows Badger sees nothing to drop.
func TestAShelfWithoutRowsIsClearedOfWhatWasThere(t *testing.T) {
	dir := t.TempDir()
	s := open(t, small(dir))
	h := s.Shelf(Default, "days")
	for range 2 {
		if err := h.Put(t.Context(), "a", []byte("canary")); err != nil {
			t.Fatal(err)
		}
		if err := h.Delete(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Clear(t.Context()); err != nil || len(rowsOf(t, h)) > 0 {
		t.Fatal(err, rowsOf(t, h))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	wantNoByte(t, dir, "canary")
}

// TestADroppedPrefixIsGoneAndItsNeighboursAreNot, on disk, too, and while others write, clear and sweep:
// Badger lets one of those who drop begin and refuses the others.
func TestADroppedPrefixIsGoneAndItsNeighboursAreNot(t *testing.T) {
	dir := t.TempDir()
	s := open(t, small(dir))
	h, others := s.Shelf(Default, "days"), []*Shelf{s.Shelf(Default, "bots"), s.Shelf(Tenant{'x'}, "days")}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
	var prefixes []string
	for i := range maxDropPrefixes + 8 {
		prefixes = append(prefixes, fmt.Sprintf("c/%02d/", i))
		for part := range 3 {
			must(h.Put(t.Context(), fmt.Sprintf("c/%02d/%d", i, part), []byte("canary")))
		}
	}
	kept := map[string]string{"c/00": "kept", "c/000": "kept", "d": "kept"}
	for key, value := range kept {
		must(h.Put(t.Context(), key, []byte(value)))
	}
	for _, other := range others {
		must(other.Put(t.Context(), "c/00/0", []byte("kept")))
	}
	var beside sync.WaitGroup
	beside.Go(func() {
		for i := range 20 {
			must(s.Shelf(Default, "jobs").Put(t.Context(), fmt.Sprint(i), []byte("kept")))
			must(s.Shelf(Default, "pending").Clear(t.Context()))
		}
	})
	beside.Go(func() { must(h.Drop(t.Context(), prefixes...)) })
	for range 3 {
		must(h.Drop(t.Context(), prefixes...))
	}
	beside.Wait()
	if got := rowsOf(t, h); !maps.Equal(got, kept) {
		t.Errorf("got %v, want %v", got, kept)
	}
	for _, other := range others {
		if got := rowsOf(t, other); len(got) != 1 {
			t.Errorf("another shelf has %v", got)
		}
	}
	if got := rowsOf(t, s.Shelf(Default, "jobs")); len(got) != 20 {
		t.Errorf("%d of the 20 rows written meanwhile are there", len(got))
	}
	must(s.Close())
	wantNoByte(t, dir, "canary")
}
