package store

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"analytics/engine/event"
)

// copied is what an image handed out.
type copied struct{ small, large []pair }

// copyImage copies an image and checks it on the way, as a backup does.
func copyImage(t *testing.T, n *Image) (c copied, totals []Total) {
	t.Helper()
	into := func(list *[]pair) func(k, v []byte) error {
		return func(k, v []byte) error {
			*list = append(*list, pair{bytes.Clone(k), bytes.Clone(v)})
			return nil
		}
	}
	if err := n.Small(t.Context(), into(&c.small)); err != nil {
		t.Fatal(err)
	}
	if err := n.Large(t.Context(), into(&c.large)); err != nil {
		t.Fatal(err)
	}
	totals, err := c.prove(t)
	if err != nil {
		t.Fatal(err)
	}
	return c, totals
}

// prove checks a copy.
func (c *copied) prove(t *testing.T) ([]Total, error) {
	p := NewProof()
	for _, x := range c.small {
		if err := p.Small(x.key, x.value); err != nil {
			return nil, err
		}
	}
	for i := 0; i < len(c.large); {
		common, segment := LargeFile(c.large[i].key)
		var file []byte
		first := i
		for ; i < len(c.large) && bytes.HasPrefix(c.large[i].key, common); i++ {
			if err := p.Large(c.large[i].key, c.large[i].value); err != nil {
				return nil, err
			}
			file = append(file, c.large[i].value...)
		}
		if segment {
			if err := p.Segment(t.Context(), c.large[first].key, bytes.NewReader(file)); err != nil {
				return nil, err
			}
		}
	}
	return p.Finish()
}

// fill makes a store of a copy and opens it.
func (c *copied) fill(t *testing.T) *Store {
	t.Helper()
	dir := t.TempDir()
	f, err := NewFiller(small(dir))
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range append(c.small, c.large...) {
		if err := f.Put(x.key, x.value); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return openAt(t, dir, midday)
}

// livedStore has merged, sealed, dropped and unsealed events of two tenants.
func livedStore(t *testing.T) *Store {
	t.Helper()
	ctx := context.Background()
	s := openAt(t, t.TempDir(), midday)
	for i, ago := range []time.Duration{100, 76, 75, 52, 51, 30} {
		b := toolCalls(string(rune('a'+i)), midday.Add(-ago*time.Hour), 100)
		appendAll(t, s, b, 100, 0)
		if _, err := s.Seal(ctx, 0, true); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Merge(ctx, Default, event.ToolCall, event.MicrosOf(midday).Hour()-24); err != nil {
		t.Fatal(err)
	}
	first := dayOf(midday.Add(-100 * time.Hour))
	if _, err := s.Drop(ctx, Default, event.ToolCall, first, first+24); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Append(ctx, Tenant{'o'}, toolCalls("o", midday.Add(-3*time.Hour), 40)); err != nil {
		t.Fatal(err)
	}
	appendAll(t, s, toolCalls("z", midday.Add(-2*time.Hour), 50), 50, 0)
	if err := s.Shelf(Default, "keys").Put(ctx, "k", []byte("kept")); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestImageIsOfOneMoment: whatever happens to the store while it is copied, erasing included.
func TestImageIsOfOneMoment(t *testing.T) {
	s := livedStore(t)
	want, _ := rowsSeen(t, s)
	n, err := s.Image(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	appendAll(t, s, toolCalls("late", midday.Add(-51*time.Hour), 80), 80, 0)
	if _, err := s.Seal(t.Context(), 0, true); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Merge(t.Context(), Default, event.ToolCall, event.MicrosOf(midday).Hour()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Drop(t.Context(), Default, event.ToolCall, 0, 1<<31); err != nil {
		t.Fatal(err)
	}
	if err := s.Erase(t.Context(), Default); err != nil {
		t.Fatal(err)
	}
	wantRows(t, s, 0, 0)
	c, totals := copyImage(t, n)
	if len(totals) != 2 || totals[0].Events != 650 || totals[0].Here != 550 || totals[1].Here != 40 {
		t.Errorf("totals %+v, want 650 events with 550 here, and 40 of the other tenant", totals)
	}
	back := c.fill(t)
	if got, _ := rowsSeen(t, back); got != want {
		t.Errorf("%d rows came back, want %d", got, want)
	}
	wantSound(t, back)
	if v, ok, err := back.Shelf(Default, "keys").Get("k"); !ok || err != nil || string(v) != "kept" {
		t.Errorf("shelf: %q, %v, %v", v, ok, err)
	}
	// What came back goes on: duplicates are known, new events are taken.
	appendAll(t, back, toolCalls("z", midday.Add(-2*time.Hour), 60), 10, 50)
	n2, err := back.Image(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer n2.Close()
	copyImage(t, n2)
}

// TestImageLeavesOutWhatIsErased: bytes that wait to be swept are in no backup.
func TestImageLeavesOutWhatIsErased(t *testing.T) {
	s := livedStore(t)
	hold := s.Snapshot(always(event.ToolCall)) // keeps the old segments from being swept
	defer hold.Release()
	before, err := s.Image(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	old, _ := copyImage(t, before)
	before.Close()
	if _, err := s.Drop(t.Context(), Default, event.ToolCall, 0, 1<<31); err != nil {
		t.Fatal(err)
	}
	n, err := s.Image(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	c, _ := copyImage(t, n)
	files := func(list []pair) (n int) {
		for _, x := range list {
			if _, segment := LargeFile(x.key); segment {
				n++
			}
		}
		return n
	}
	if files(old.large) == 0 || files(c.large) != 0 {
		t.Errorf("%d pieces of segments before, %d after; want some and none", files(old.large),
			files(c.large))
	}
}

// TestProofFindsDamage changes, leaves out and exchanges one pair after another.
func TestProofFindsDamage(t *testing.T) {
	s := livedStore(t)
	n, err := s.Image(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	whole, _ := copyImage(t, n)
	tried := 0
	for which, list := range [][]pair{whole.small, whole.large} {
		for i, x := range list {
			if space(x.key[0]) == spaceShelf || space(x.key[0]) == spaceSequence ||
				space(x.key[0]) == spaceMark {
				continue // opaque here; the SHA-256 of the backup's files is for them
			}
			damage := map[string]func(list *[]pair){
				"bit": func(list *[]pair) {
					v := bytes.Clone(x.value)
					v[len(v)/2] ^= 4
					(*list)[i].value = v
				},
				"gone": func(list *[]pair) { *list = slices.Delete(*list, i, i+1) },
				"key":  func(list *[]pair) { (*list)[i].key = append(bytes.Clone(x.key), 0) },
			}
			for name, change := range damage {
				c := copied{slices.Clone(whole.small), slices.Clone(whole.large)}
				change([]*[]pair{&c.small, &c.large}[which])
				if _, err := c.prove(t); err == nil {
					t.Errorf("%s of %q %x: not found", name, x.key[0], x.key)
				}
				tried++
			}
		}
	}
	if tried < 60 {
		t.Errorf("only %d damages were tried", tried)
	}
}

func TestFillerRefusesWhatIsNoKey(t *testing.T) {
	f, err := NewFiller(small(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Put([]byte("nonsense"), nil); !errors.Is(err, errKey) {
		t.Errorf("put: %v", err)
	}
	s := livedStore(t)
	if _, err := NewFiller(small(s.cfg.Dir)); err == nil {
		t.Error("a store that is open was filled")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := NewFiller(small(s.cfg.Dir)); err == nil {
		t.Error("a store that is there was filled")
	}
}
