package audit

import (
	"bytes"
	"context"
	"encoding/hex"
	"flag"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
)

var update = flag.Bool("update", false, "write golden files")

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// world is a real store with a trail.
type world struct {
	*testing.T
	store *store.Store
	trail *Trail
	next  int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	now := func() time.Time { return noon }
	s, err := store.Open(t.Context(), store.Config{Space: storetest.Room,
		Dir: t.TempDir(), MemTableSize: 8 << 20, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return &world{T: t, store: s, trail: Open(s, store.Default, now)}
}

// act takes in n activities of the hour that began so long ago.
func (w *world) act(ago time.Duration, n int) {
	w.Helper()
	var b event.Batch
	for range n {
		w.next++
		var e event.Event
		e.Reset(event.Activity)
		e.SetInt(event.Timestamp, int64(event.MicrosOf(noon.Add(-ago).Add(time.Duration(w.next)*time.Second))))
		e.SetID(event.EventID, []byte("a"+strconv.Itoa(w.next)))
		e.SetText(event.ActivityCategory, []byte("authentication"))
		e.SetText(event.ActivityAction, []byte("login"))
		b.Add(&e)
	}
	if _, err := w.store.Append(w.Context(), store.Default, &b); err != nil {
		w.Fatal(err)
	}
}

func (w *world) seal() {
	w.Helper()
	if _, err := w.store.Seal(w.Context(), event.MicrosOf(noon).Hour(), false); err != nil {
		w.Fatal(err)
	}
}

// chain links what is due and wants so many new links.
func (w *world) chain(want int) {
	w.Helper()
	if n, err := w.trail.Chain(w.Context()); err != nil || n != want {
		w.Errorf("%d links added, %v; want %d", n, err, want)
	}
}

// verify wants problems that begin so, and returns the report.
func (w *world) verify(want ...string) Report {
	w.Helper()
	r, err := w.trail.Verify(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	if len(r.Problems) != len(want) {
		w.Fatalf("problems %q, want %q", r.Problems, want)
	}
	for i := range want {
		if !strings.Contains(r.Problems[i], want[i]) {
			w.Errorf("problem %q, want %q", r.Problems[i], want[i])
		}
	}
	return r
}

func TestHoursAreLinkedOnceTheyAreSealed(t *testing.T) {
	w := newWorld(t)
	w.chain(0)
	if r := w.verify(); r.Links != 0 || r.Head != "" {
		t.Errorf("an empty trail is %+v", r)
	}
	w.act(3*time.Hour, 5)
	w.act(2*time.Hour, 4)
	w.chain(0)
	if r := w.verify(); r.Waiting != 2 {
		t.Errorf("%+v", r)
	}
	w.seal()
	w.chain(2)
	w.chain(0)
	if r := w.verify(); r.Links != 2 || r.Hours != 2 || r.Waiting != 0 || len(r.Head) != 64 {
		t.Errorf("%+v", r)
	}
	w.act(3*time.Hour, 1) // late
	w.seal()
	w.chain(1)
	day := event.MicrosOf(noon).Hour() / 24 * 24
	if _, err := w.store.Merge(w.Context(), store.Default, event.Activity, day); err != nil {
		t.Fatal(err)
	}
	w.chain(0)
	if r := w.verify(); r.Links != 3 || r.Hours != 2 {
		t.Errorf("%+v", r)
	}
}

func TestWhatGoesOpenlyIsLinked(t *testing.T) {
	w := newWorld(t)
	w.act(50*time.Hour, 5)
	w.act(2*time.Hour, 4)
	w.seal()
	w.chain(2)
	hour := event.MicrosOf(noon.Add(-49 * time.Hour)).Hour()
	if _, err := w.store.Drop(w.Context(), store.Default, event.Activity, 0, hour); err != nil {
		t.Fatal(err)
	}
	w.verify()
	w.chain(1)
	w.verify()
	if err := w.store.Erase(w.Context(), store.Default); err != nil {
		t.Fatal(err)
	}
	w.chain(2)
	w.verify()
	w.act(2*time.Hour, 1) // fewer than there were, and nothing is wrong
	w.seal()
	w.chain(1)
	w.verify()
}

// TestWhatIsErasedOpenlyIsLinked: a person's activities go, and the trail says of which hours; the same
// behind its back is found.
func TestWhatIsErasedOpenlyIsLinked(t *testing.T) {
	w := newWorld(t)
	w.act(3*time.Hour, 5)
	w.act(2*time.Hour, 4)
	w.seal()
	w.chain(2)
	n := 0
	second := time.Second
	purge := store.Purge{Match: func(e *event.Event) bool { return e.Time().Time().Sub(noon) == second-3*time.Hour }}
	erase := func(announce func(context.Context, []event.Hour) error) error {
		purge.Announce = announce
		r, err := w.store.Purge(w.Context(), store.Default, event.Activity, event.MicrosOf(noon).Hour(), purge)
		n += int(r.Erased)
		return err
	}
	if err := w.trail.Erase(w.Context(), erase); err != nil || n != 1 {
		t.Fatalf("%d erased, %v", n, err)
	}
	if r := w.verify(); r.Waiting != 1 || r.Hours != 1 || r.Links != 3 {
		t.Errorf("%+v", r)
	}
	w.chain(1)
	if r := w.verify(); r.Waiting != 0 || r.Hours != 2 || r.Links != 4 {
		t.Errorf("%+v", r)
	}
	second = 2 * time.Second
	if err := erase(nil); err != nil || n != 2 {
		t.Fatalf("%d erased, %v", n, err)
	}
	w.verify("has 3 activities, and 4 were linked")
}

func TestWhatIsDoneBehindItsBackIsFound(t *testing.T) {
	change := func(w *world, number uint64, f func([]byte) store.Change) {
		w.Helper()
		key := linkKey(number)
		v, ok, err := w.trail.shelf().Get(key)
		if err != nil || !ok {
			w.Fatal(ok, err)
		}
		c := f(bytes.Clone(v))
		c.Key = key
		if err := w.trail.shelf().Apply(w.Context(), c); err != nil {
			w.Fatal(err)
		}
	}
	linked := func(t *testing.T) *world {
		w := newWorld(t)
		w.act(5*time.Hour, 3)
		w.act(4*time.Hour, 3)
		w.act(3*time.Hour, 3)
		w.seal()
		w.chain(3)
		w.verify()
		return w
	}
	t.Run("a link is changed", func(t *testing.T) {
		w := linked(t)
		for at := range linkBytes {
			flip := func(v []byte) store.Change { v[at] ^= 1; return store.Change{Value: v} }
			change(w, 2, flip)
			if r, err := w.trail.Verify(w.Context()); err != nil || len(r.Problems) == 0 {
				t.Errorf("byte %d: %+v %v", at, r, err)
			}
			change(w, 2, flip)
		}
		w.verify()
	})
	t.Run("a link is made anew", func(t *testing.T) {
		w := linked(t)
		change(w, 2, func(v []byte) store.Change {
			l, err := parse(v)
			if err != nil {
				t.Fatal(err)
			}
			l.rows = 2
			return store.Change{Value: l.bytes()}
		})
		w.verify("audit link 3: it does not follow")
	})
	t.Run("a link is removed", func(t *testing.T) {
		w := linked(t)
		change(w, 1, func([]byte) store.Change { return store.Change{Delete: true} })
		w.verify("links before it are missing", "links before it are missing")
	})
}

// TestAChangedEventIsFound changes one as the house itself would: checksums and ledger fit.
func TestAChangedEventIsFound(t *testing.T) {
	w := newWorld(t)
	w.act(5*time.Hour, 3)
	w.act(4*time.Hour, 3)
	w.seal()
	w.chain(2)
	day, first := event.MicrosOf(noon).Hour()/24*24, true
	_, err := w.store.Rewrite(w.Context(), store.Default, event.Activity, day, func(e *event.Event) bool {
		change := first
		if first = false; change {
			e.SetText(event.ActivityActor, []byte("nobody"))
		}
		return change
	})
	if err != nil {
		t.Fatal(err)
	}
	w.verify("the activities of 2026-11-20T07:00:00Z are not those that were linked")
	w.chain(1)
	w.verify("audit link 3: the activities of 2026-11-20T07:00:00Z have changed")
}

// TestLinkBytes: the bytes of a link change only with its version.
func TestLinkBytes(t *testing.T) {
	l := link{what: linked, hour: 0x01020304, rows: 5, sum: 6, at: 7, digest: Hash{1: 8}, before: Hash{2: 9}}
	got := hex.EncodeToString(l.bytes()) + "\n"
	if *update {
		if err := os.WriteFile("testdata/link.hex", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/link.hex")
	if err != nil || got != string(want) {
		t.Errorf("got %s, want %s %v", got, want, err)
	}
}

// FuzzParse: what can be read is written as it was.
func FuzzParse(f *testing.F) {
	l := link{what: dropped, hour: 9}
	f.Add(l.bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		if l, err := parse(b); err == nil && !bytes.Equal(l.bytes(), b) {
			t.Errorf("%x is read and written as %x", b, l.bytes())
		}
	})
}
