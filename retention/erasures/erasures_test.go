package erasures

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"analytics/engine/store"
	"analytics/engine/store/storetest"
	"analytics/retention/depot"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func TestAnErasureMatchesOnlyWhatItErased(t *testing.T) {
	e := New(store.Default, User, []byte("ada@example.com"), noon)
	f := func(value string, want bool) {
		t.Helper()
		if got := e.Matches([]byte(value)); got != want {
			t.Errorf("Matches(%q) = %v, want %v", value, got, want)
		}
	}
	f("ada@example.com", true)
	f("ada@example.co", false)
	f("", false)
	if text := string(Format([]Erasure{e})); strings.Contains(text, "ada") {
		t.Errorf("the log names who was erased: %s", text)
	}
	other := New(store.Default, User, []byte("ada@example.com"), noon)
	if other.Hash == e.Hash {
		t.Error("two erasures of one user have the same hash: they can be joined")
	}
	whole := New(store.Tenant{0xff, 1}, Tenant, nil, noon)
	if whole.Matches(nil) {
		t.Error("an erasure of a tenant matches a value")
	}
	if got, err := whole.Of(); err != nil || got != (store.Tenant{0xff, 1}) {
		t.Errorf("tenant %v, %v", got, err)
	}
}

func TestTheLogIsInThreePlaces(t *testing.T) {
	dir, lake := t.TempDir(), depot.NewFolder(t.TempDir())
	s, err := store.Open(t.Context(), store.Config{Space: storetest.Room, Dir: dir, MemTableSize: 8 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	a := New(store.Default, Visitor, []byte("v"), noon)
	b := New(store.Default, Tenant, nil, noon.Add(time.Hour))
	c := New(store.Default, User, []byte("u"), noon.Add(2*time.Hour))
	stale := Open(s, dir, nil) // without an archive: c is of a store that was here before
	if err := os.WriteFile(filepath.Join(lake.String(), ArchiveName), Format([]Erasure{c}), 0o600); err != nil {
		t.Fatal(err)
	}
	log := Open(s, dir, lake)
	for range 2 {
		if err := log.Append(t.Context(), b, a); err != nil {
			t.Fatal(err)
		}
	}
	f := func(name string, got []Erasure, err error, want ...Erasure) {
		t.Helper()
		if err != nil || !bytes.Equal(Format(got), Format(want)) {
			t.Errorf("%s: %v\n%s\nwant\n%s", name, err, Format(got), Format(want))
		}
	}
	got, err := stale.All()
	f("shelf", got, err, a, b)
	if err := stale.Done(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	got, err = stale.Pending()
	f("pending", got, err, b)
	got, err = stale.All()
	f("shelf with one done", got, err, a, b)
	got, err = Load(dir)
	f("data folder", got, err, a, b)
	got, err = InArchive(t.Context(), lake)
	f("archive", got, err, a, b, c)
	got, err = Load(lake.String())
	f("archive's folder", got, err, a, b, c)
	got, err = Load(t.TempDir())
	f("folder without one", got, err)
	f("difference", Without(Union([]Erasure{c, a}, []Erasure{a, b}), []Erasure{b}), nil, a, c)
}

func TestALogThatCannotBeReadIsRefused(t *testing.T) {
	good := string(Format([]Erasure{New(store.Default, User, []byte("u"), noon)}))
	for _, text := range []string{
		"{", "{}", good[:len(good)-9], strings.Replace(good, `"scope":"user"`, `"scope":""`, 1),
		strings.Replace(good, `"hash":"`, `"hash":"0`, 1), strings.Replace(good, "default", "much too long", 1),
	} {
		if all, err := Parse(strings.NewReader(good+text), "log"); err == nil {
			t.Errorf("%q was read as %v", text, all)
		}
	}
	if all, err := Parse(strings.NewReader(good+"\n"+good), "log"); err != nil || len(all) != 2 {
		t.Errorf("%v, %v; want two", all, err)
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a file that is not there was read")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(Format([]Erasure{New(store.Default, User, []byte("u"), noon), New(store.Default, Tenant, nil, noon)}))
	f.Fuzz(func(t *testing.T, text []byte) {
		all, err := Parse(bytes.NewReader(text), "log")
		if err != nil {
			return
		}
		again, err := Parse(bytes.NewReader(Format(all)), "log")
		if err != nil || !bytes.Equal(Format(again), Format(all)) {
			t.Errorf("%q was read as %v, and then as %v, %v", text, all, again, err)
		}
	})
}
