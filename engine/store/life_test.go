package store

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"analytics/engine/event"
)

var lifeSeed = flag.Uint64("life.seed", 0, "the one seed to run TestAnyLife with")

// world is a store beside a model of it: which events it must hold.
type world struct {
	t    *testing.T
	rng  *rand.Rand
	s    *Store
	dir  string
	has  map[string]map[time.Duration]bool // by id: offsets from testClock
	done []string
}

// TestAnyLife does random things to a store - events that come in order, late and twice, sealing,
// merging, re-deriving, restarts and crashes - and compares it with the model after each.
func TestAnyLife(t *testing.T) {
	first := uint64(time.Now().UnixNano() % 1_000_000)
	lives := uint64(3)
	if *lifeSeed != 0 {
		first, lives = *lifeSeed, 1
	}
	for seed := first; seed < first+lives; seed++ {
		w := &world{
			t: t, rng: rand.New(rand.NewPCG(seed, 1)), dir: t.TempDir(),
			has: map[string]map[time.Duration]bool{},
		}
		w.s = open(t, w.config())
		for range 25 {
			w.step()
			if err := w.check(); err != nil {
				t.Fatalf("-life.seed=%d: after %v: %v", seed, w.done, err)
			}
		}
		if problems, err := w.s.Verify(context.Background(), nil); err != nil || len(problems) > 0 {
			t.Fatalf("-life.seed=%d: %v: verify: %v, %v", seed, w.done, err, problems)
		}
		if err := w.s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func (w *world) config() Config {
	cfg := small(w.dir)
	cfg.MaxHeadBytes = minHead
	return cfg
}

// must fails the test on an error of a maintenance verb.
func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%v: %v", w.done, err)
	}
}

func (w *world) step() {
	ctx := context.Background()
	now := event.MicrosOf(testClock).Hour()
	var err error
	switch what := w.rng.IntN(15); what {
	case 0, 1:
		w.did("seal")
		_, err = w.s.Seal(ctx, now-event.Hour(w.rng.IntN(30)), false)
	case 2:
		w.did("seal all")
		_, err = w.s.Seal(ctx, 0, true)
	case 3:
		w.did("relieve")
		_, err = w.s.Relieve(ctx)
	case 4:
		w.did("merge")
		day := dayOf(testClock.Add(-time.Duration(w.rng.IntN(2)) * 24 * time.Hour))
		_, err = w.s.Merge(ctx, Default, event.PageView, day)
	case 5:
		w.did("re-derive")
		_, err = w.s.ReDerive(ctx, Default, event.PageView, 0, 1<<31)
	case 6:
		w.did("restart")
		w.must(w.s.Close())
		w.s = open(w.t, w.config())
	case 7:
		w.did("crash")
		w.dir = copyStore(w.t, w.dir)
		w.must(w.s.Close())
		w.s = open(w.t, w.config())
	case 8:
		w.crashIn()
	case 9:
		w.did("rewrite")
		language := []byte(fmt.Sprint(w.rng.IntN(3)))
		_, err = w.s.Rewrite(ctx, Default, event.PageView, dayOf(testClock), func(e *event.Event) bool {
			same := bytes.Equal(e.Text(event.PageLanguage), language)
			e.SetText(event.PageLanguage, language)
			return !same
		})
	default:
		w.append()
	}
	w.must(err)
}

// crashIn crashes at some edge of a sealing, a merge and a rewrite.
func (w *world) crashIn() {
	left, to := w.rng.IntN(18), ""
	w.did(fmt.Sprintf("crash at edge %d", left))
	w.s.cfg.Failpoint = func(string) {
		if left--; left == -1 {
			to = copyStore(w.t, w.dir)
		}
	}
	ctx := context.Background()
	_, err := w.s.Seal(ctx, 0, true)
	w.must(err)
	_, err = w.s.Merge(ctx, Default, event.PageView, dayOf(testClock))
	w.must(err)
	_, err = w.s.Rewrite(ctx, Default, event.PageView, dayOf(testClock), func(e *event.Event) bool {
		e.SetText(event.PageLanguage, []byte("crashed"))
		return true
	})
	w.must(err)
	w.must(w.s.Close())
	if to != "" {
		w.dir = to
	}
	w.s = open(w.t, w.config())
}

func (w *world) did(what string) { w.done = append(w.done, what) }

// append sends a batch and compares the receipt with the rules of duplicates.
func (w *world) append() {
	var puts []put
	want := Receipt{}
	// Each id once: rows of a batch are stored hour by hour, so which of two comes first is open.
	for _, id := range w.rng.Perm(60)[:1+w.rng.IntN(40)] {
		p := put{
			id:      fmt.Sprint(id),
			at:      -time.Duration(w.rng.IntN(60)) * 30 * time.Minute,
			untimed: w.rng.IntN(4) == 0,
		}
		puts = append(puts, p)
		if w.known(p) {
			want.Duplicates++
			continue
		}
		want.Accepted++
		if w.has[p.id] == nil {
			w.has[p.id] = map[time.Duration]bool{}
		}
		w.has[p.id][p.at] = true
	}
	w.did(fmt.Sprintf("append %d+%d", want.Accepted, want.Duplicates))
	got, err := w.s.Append(context.Background(), Default, views(puts...))
	w.must(err)
	if got != want {
		w.t.Fatalf("%v: receipt %+v, want %+v", w.done, got, want)
	}
}

// known is the rule: with a timestamp the same id at the same moment, without one the same id in
// the 24 hours before, or later but not beyond the next hour.
func (w *world) known(p put) bool {
	if !p.untimed {
		return w.has[p.id][p.at]
	}
	last := event.MicrosOf(testClock.Add(p.at)).Hour() + 1
	for at := range w.has[p.id] {
		if at > p.at-24*time.Hour && event.MicrosOf(testClock.Add(at)).Hour() <= last {
			return true
		}
	}
	return false
}

// check compares the ids in the store with the model.
func (w *world) check() error {
	want := map[string]int{}
	for id, times := range w.has {
		want[id] = len(times)
	}
	if got := idsIn(w.t, w.s, always(event.PageView)); !maps.Equal(got, want) {
		return fmt.Errorf("the store has %v, want %v", got, want)
	}
	return nil
}
