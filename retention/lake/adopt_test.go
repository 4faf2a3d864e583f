package lake

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
)

// past is a store that went on after a backup, and what the backup and everything must have.
type past struct {
	*house
	backup string         // a copy of the store at some moment
	had    map[string]int // what the backup has
	gone   map[string]bool
}

// copied makes a backup.
func (p *past) copied() {
	p.t.Helper()
	if _, err := Identify(p.t.Context(), p.store); err != nil {
		p.t.Fatal(err)
	}
	p.backup = filepath.Join(p.t.TempDir(), "backup")
	copyFolder(p.t, p.backup, p.dir)
	p.had = p.asked()
}

// erase erases a part of all events, as an erasure does: it is known of before.
func (p *past) erase(part, of int) {
	p.t.Helper()
	i := 0
	for id := range p.acked {
		if i++; i%of == part {
			p.gone[id] = true
		}
	}
	p.purge(p.goes)
	for id := range p.gone {
		delete(p.acked, id)
	}
}

// purge erases events.
func (h *house) purge(match func(*event.Event) bool) {
	h.t.Helper()
	for _, kind := range event.Kinds() {
		hours, err := h.store.Ledger(store.Default, kind, 0, 1<<31)
		if err != nil {
			h.t.Fatal(err)
		}
		for i, at := range hours {
			if i > 0 && hours[i-1].Hour/24 == at.Hour/24 {
				continue
			}
			_, err := h.store.Purge(h.t.Context(), store.Default, kind, at.Hour, store.Purge{Match: match})
			if err != nil {
				h.t.Fatal(err)
			}
		}
	}
}

func (p *past) goes(ev *event.Event) bool { return p.gone[event.IDText(ev.Text(event.EventID))] }

// adoption is what is known of erasures.
func (p *past) adoption() Adoption {
	if len(p.gone) == 0 {
		return Adoption{}
	}
	return Adoption{Erased: Erased{
		Gone:  func(event.Kind) func(*event.Event) bool { return p.goes },
		Fewer: func(event.Kind, event.Hour) bool { return true },
	}}
}

// after is what a store restored from the backup must have in the end: all that the backup and the archive have,
// once each, but what was erased.
func (p *past) after() map[string]int {
	want := p.onDisk()
	maps.Copy(want, p.had)
	maps.DeleteFunc(want, func(id string, _ int) bool { return p.gone[id] })
	for id := range want {
		want[id] = 1
	}
	return want
}

// takeOver adopts, and wants no day to be in trouble.
func (h *house) takeOver(a Adoption) *Adopted {
	h.t.Helper()
	done, err := h.lake.Adopt(h.t.Context(), store.Default, a)
	if err != nil || done.Count("failed", "refused") > 0 {
		h.t.Fatalf("%+v, %v", done, err)
	}
	return done
}

// wantWhole wants the events once each: as they are asked for, after archiving and letting go, and in the archive.
func (h *house) wantWhole(want map[string]int) {
	h.t.Helper()
	h.want("asked", h.asked(), want)
	for range 2 {
		h.run()
		for _, kind := range event.Kinds() {
			h.drop(kind)
		}
	}
	h.want("asked after archiving", h.asked(), want)
	h.want("on disk", h.onDisk(), want)
	files, bad, err := h.lake.Verify(h.t.Context(), store.Default)
	if err != nil || len(bad) > 0 || (files == 0) != (len(want) == 0) {
		h.t.Errorf("the archive: %d files, %v, %v", files, bad, err)
	}
	if problems, err := h.store.Verify(h.t.Context(), nil); err != nil || len(problems) > 0 {
		h.t.Errorf("the store: %v, %v", problems, err)
	}
	done, err := h.lake.Adopt(h.t.Context(), store.Default, Adoption{})
	if err != nil || len(done.Days) > 0 {
		h.t.Errorf("there is more to take over: %+v, %v", done, err)
	}
}

// live lets a store live for some steps.
func (p *past) live(r *rand.Rand, steps int) {
	kinds := []event.Kind{event.ToolCall, event.AIRequest}
	for range steps {
		kind, ago := kinds[r.IntN(2)], 38+r.IntN(3)
		switch r.IntN(7) {
		case 0, 1, 2:
			p.put(kind, 1+r.IntN(30), ago)
		case 3:
			p.run()
		case 4:
			p.run()
			p.drop(kind)
		case 5:
			day := event.MicrosOf(noon.AddDate(0, 0, -ago).Truncate(24 * time.Hour)).Hour()
			if _, err := p.store.Merge(p.t.Context(), store.Default, kind, day); err != nil {
				p.t.Fatal(err)
			}
		case 6:
			if r.IntN(2) == 0 {
				p.erase(r.IntN(9), 9)
				p.run()
			}
		}
	}
}

// TestAStoreTakesOverWhatItsFormerSelfArchived lets a store live, makes a backup, lets it go on, restores the
// backup, which may get events of its own, and takes over. In the end there is what either of them had, each
// event once, but for what was erased. -run .../seed=7 makes one of them again.
func TestAStoreTakesOverWhatItsFormerSelfArchived(t *testing.T) {
	seeds := uint64(8)
	if os.Getenv("ANALYTICS_TEST_STRICT") != "" { // the gate
		seeds = 60
	}
	for seed := range seeds {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 7))
			p := &past{house: newHouse(t, t.TempDir(), t.TempDir()), gone: map[string]bool{}}
			p.seed = seed << 32
			p.live(r, 4+r.IntN(6))
			p.copied()
			p.live(r, 4+r.IntN(8))
			want := p.after()

			back := newHouse(t, p.backup, p.files)
			back.seed = p.seed + 1<<16
			if r.IntN(2) == 0 {
				back.put(event.ToolCall, 5, 39)
				maps.Copy(want, back.acked)
			}
			if r.IntN(2) == 0 {
				_, _ = back.lake.Run(t.Context(), store.Default) // refuses what it did not write
			}
			before := r.IntN(2) == 0
			if before { // as a restore does
				back.purge(p.goes)
			}
			back.takeOver(p.adoption())
			if !before {
				back.purge(p.goes)
			}
			back.wantWhole(want)
		})
	}
}
