package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"

	"analytics/engine/event"
	"analytics/engine/fault"
)

func TestAppendedEventsAreThereAfterReopening(t *testing.T) {
	dir := t.TempDir()
	s := open(t, small(dir))
	add(t, s, 3, 0, views(put{id: "a"}, put{id: "b", at: -time.Hour}, put{id: "c"}))
	add(t, s, 1, 1, views(put{id: "a"}, put{id: "d"}))
	want := map[string]int{"a": 1, "b": 1, "c": 1, "d": 1}
	if got := idsIn(t, s, always(event.PageView)); !maps.Equal(got, want) {
		t.Errorf("snapshot has %v, want %v", got, want)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, small(dir))
	if got := idsIn(t, s, always(event.PageView)); !maps.Equal(got, want) {
		t.Errorf("after reopening snapshot has %v, want %v", got, want)
	}
	add(t, s, 0, 2, views(put{id: "a"}, put{id: "b", at: -time.Hour}))
	ledger, err := s.Ledger(Default, event.PageView, 0, 1<<31)
	if err != nil || len(ledger) != 2 || ledger[0].Rows != 1 || ledger[1].Rows != 3 ||
		ledger[1].Head != 3 {
		t.Errorf("ledger %+v, %v; want one row, then three", ledger, err)
	}
}

func TestUnclosedStoreKeepsEveryAcknowledgedEvent(t *testing.T) {
	dir := t.TempDir()
	s := open(t, small(dir))
	want := map[string]int{}
	for i := range 50 {
		id := fmt.Sprint("event-", i)
		add(t, s, 1, 0, views(put{id: id}))
		want[id] = 1
	}
	crashed := open(t, small(copyStore(t, dir)))
	if got := idsIn(t, crashed, always(event.PageView)); !maps.Equal(got, want) {
		t.Errorf("after the crash snapshot has %d ids, want %d", len(got), len(want))
	}
	add(t, crashed, 1, 1, views(put{id: "event-7"}, put{id: "new"}))
	if a, b := crashed.acked.Load(), s.acked.Load(); a != b+1 {
		t.Errorf("sequence went on at %d after %d", a, b)
	}
}

func TestDuplicates(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		name  string
		first put
		then  put
		dup   bool
	}{
		{"same id and timestamp", put{id: "x"}, put{id: "x"}, true},
		{"same id, other timestamp", put{id: "x"}, put{id: "x", at: time.Second}, false},
		{"same id, other hour", put{id: "x"}, put{id: "x", at: -2 * time.Hour}, false},
		{"other id", put{id: "x"}, put{id: "y"}, false},
		{"ids of the server", put{}, put{}, false},
		{"untimed again a second later", put{id: "x", untimed: true},
			put{id: "x", untimed: true, at: time.Second}, true},
		{"untimed again 23 hours later", put{id: "x", untimed: true},
			put{id: "x", untimed: true, at: 23 * time.Hour}, true},
		{"untimed again in the hour of 24 h, earlier", put{id: "x", at: time.Minute, untimed: true},
			put{id: "x", untimed: true, at: day}, true},
		{"untimed again a day later", put{id: "x", untimed: true},
			put{id: "x", untimed: true, at: day}, false},
		{"untimed after timed", put{id: "x"}, put{id: "x", untimed: true, at: time.Hour}, true},
		{"timed after untimed", put{id: "x", untimed: true}, put{id: "x", at: time.Second}, false},
		{"clock set back into the hour before", put{id: "x", untimed: true},
			put{id: "x", untimed: true, at: -time.Minute}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			accepted, dups := 2, 0
			if c.dup {
				accepted, dups = 1, 1
			}
			s := open(t, small(t.TempDir()))
			add(t, s, accepted, dups, views(c.first, c.then)) // inside one request
			if err := s.Erase(context.Background(), Default); err != nil {
				t.Fatal(err)
			}
			add(t, s, 1, 0, views(c.first))
			add(t, s, accepted-1, dups, views(c.then)) // between requests
		})
	}
}

func TestSameIDWithManyTimestampsInOneHour(t *testing.T) {
	s := open(t, small(t.TempDir()))
	var puts []put
	for i := range 100 {
		puts = append(puts, put{id: "x", at: time.Duration(i*7%100) * time.Second})
	}
	add(t, s, 100, 0, views(puts...))
	add(t, s, 0, 100, views(puts...))
}

func TestLargeRequestIsDividedAndWhole(t *testing.T) {
	dir := t.TempDir()
	s := open(t, small(dir))
	var b event.Batch
	var e event.Event
	const n = 3000 // of 1 KiB: several transactions, several batches
	for i := range n {
		e.Reset(event.PageView)
		e.SetInt(event.Timestamp, int64(event.MicrosOf(testClock))+int64(i))
		e.SetID(event.EventID, fmt.Append(nil, "event-", i))
		e.SetText(event.PageTitle, make([]byte, 1<<10))
		e.Named, e.Timed = true, true
		b.Add(&e)
	}
	add(t, s, n, 0, &b)
	add(t, s, 0, n, &b)
	if got := len(idsIn(t, s, always(event.PageView))); got != n {
		t.Errorf("%d events, want %d", got, n)
	}
	crashed := open(t, small(copyStore(t, dir)))
	if got := len(idsIn(t, crashed, always(event.PageView))); got != n {
		t.Errorf("%d events after a crash, want %d", got, n)
	}
}

func TestManyWritersAndReaders(t *testing.T) {
	s := open(t, small(t.TempDir()))
	const writers, requests, size = 8, 20, 25
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range requests {
				var puts []put
				for j := range size {
					puts = append(puts, put{id: fmt.Sprint(w, "-", i, "-", j),
						at: -time.Duration(j%3) * time.Hour})
				}
				add(t, s, size, 0, views(puts...))
				if i%5 == 0 {
					add(t, s, 0, size, views(puts...))
				}
			}
		})
	}
	for range 4 {
		wg.Go(func() {
			for last := 0; last < writers*requests*size; {
				seen := idsIn(t, s, always(event.PageView))
				if len(seen) < last {
					t.Errorf("%d events after %d", len(seen), last)
					return
				}
				last = len(seen)
			}
		})
	}
	wg.Wait()
	for id, n := range idsIn(t, s, always(event.PageView)) {
		if n != 1 {
			t.Errorf("%s is there %d times", id, n)
		}
	}
	for _, p := range s.head.overlapping(always(event.PageView)) {
		if runs := len(p.live.cut()); runs > 15 {
			t.Errorf("%d runs", runs)
		}
	}
}

func TestFailedCommitEndsAcknowledging(t *testing.T) {
	s := open(t, small(t.TempDir()))
	add(t, s, 1, 0, views(put{id: "a"}))
	s.commit = func(txn *badger.Txn) error {
		txn.Discard()
		return errors.New("disk on fire")
	}
	for range 2 {
		_, err := s.Append(context.Background(), Default, views(put{id: "b"}))
		if f := fault.Of(err); f.Code != "store_stopped" {
			t.Fatalf("error %v, want store_stopped", err)
		}
		s.commit = (*badger.Txn).Commit // too late
	}
	select {
	case <-s.Fatal():
	default:
		t.Error("Fatal is not closed")
	}
	if err := s.Shelf(Default, "jobs").Put(context.Background(), "k", nil); err == nil {
		t.Error("a shelf took a value after the failure")
	}
	if got := idsIn(t, s, always(event.PageView)); len(got) != 1 {
		t.Errorf("reads see %v, want the one that was acknowledged", got)
	}
}

func TestBlockedWritesAreTriedAgain(t *testing.T) {
	s := open(t, small(t.TempDir()))
	left := 3
	s.commit = func(txn *badger.Txn) error {
		if left--; left > 0 {
			txn.Discard()
			return badger.ErrBlockedWrites
		}
		return txn.Commit()
	}
	add(t, s, 1, 0, views(put{id: "a"}))
}

func TestDamagedLedgerRowHoldsUpItsHourAlone(t *testing.T) {
	dir := t.TempDir()
	s := open(t, small(dir))
	add(t, s, 1, 0, views(put{id: "a"}))
	key := placeKey(spaceLedger, placeOf(Default, event.PageView, event.MicrosOf(testClock).Hour()))
	if err := s.write([]pair{{key, []byte("nonsense")}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, small(dir))
	_, err := s.Append(context.Background(), Default, views(put{id: "b"}))
	if fault.Of(err).Kind != fault.Damaged {
		t.Errorf("the damaged hour took an event: %v", err)
	}
	add(t, s, 1, 0, views(put{id: "c", at: time.Hour}))
}

// TestGivenUpRequestLeavesItsBatchAlone gives requests up while the committer is busy, and uses
// their batches for others at once; the race detector watches.
func TestGivenUpRequestLeavesItsBatchAlone(t *testing.T) {
	s := open(t, small(t.TempDir()))
	busy, hold := make(chan struct{}), make(chan struct{})
	var held sync.WaitGroup
	held.Go(func() {
		_ = s.exclusive(context.Background(), func() error { close(busy); <-hold; return nil })
	})
	<-busy
	ctx, cancel := context.WithCancel(context.Background())
	given := views(put{id: "given-up"})
	var gone sync.WaitGroup
	gone.Go(func() {
		if _, err := s.Append(ctx, Default, given); fault.Of(err).Code != "canceled" {
			t.Errorf("error %v, want canceled", err)
		}
		given.Reset()
	})
	for { // until it waits
		s.queue.mu.Lock()
		n := len(s.queue.waiting)
		s.queue.mu.Unlock()
		if n == 1 {
			break
		}
		runtime.Gosched()
	}
	cancel()
	gone.Wait()
	close(hold)
	held.Wait()
	add(t, s, 1, 0, views(put{id: "next"}))
	if got := idsIn(t, s, always(event.PageView)); len(got) != 1 {
		t.Errorf("snapshot has %v, want the one that was not given up", got)
	}
}

func TestRecordsOfTheHeadStayInTheirBudget(t *testing.T) {
	cfg := small(t.TempDir())
	s := open(t, cfg)
	s.head.records.most = 10
	add(t, s, 2, 0, views(put{id: "a"}, put{id: "b"}))
	for range 2 {
		if got := idsIn(t, s, always(event.PageView)); len(got) != 2 {
			t.Errorf("snapshot has %v", got)
		}
	}
	if used := s.head.records.used.Load(); used != 0 {
		t.Errorf("%d bytes are kept", used)
	}
	s.head.records.most = 1 << 20
	idsIn(t, s, always(event.PageView))
	if used := s.head.records.used.Load(); used == 0 {
		t.Error("nothing is kept")
	}
	if _, err := s.Seal(context.Background(), 0, true); err != nil {
		t.Fatal(err)
	}
	if used := s.head.records.used.Load(); used != 0 {
		t.Errorf("%d bytes are kept of sealed events", used)
	}
}

func TestClosingStoresWhatWaitsAndRefusesMore(t *testing.T) {
	dir := t.TempDir()
	s := open(t, small(dir))
	var wg sync.WaitGroup
	acked := make(chan string, 200)
	for w := range 20 {
		wg.Go(func() {
			for i := range 10 {
				id := fmt.Sprint(w, "-", i)
				_, err := s.Append(context.Background(), Default, views(put{id: id}))
				if err == nil {
					acked <- id
				} else if fault.Of(err).Kind != fault.Unavailable {
					t.Error(err)
				}
			}
		})
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	wg.Wait()
	close(acked)
	got := idsIn(t, open(t, small(dir)), always(event.PageView))
	for id := range acked {
		if got[id] != 1 {
			t.Errorf("%s was acknowledged and is there %d times", id, got[id])
		}
	}
	if _, err := s.Append(context.Background(), Default, views(put{})); err == nil {
		t.Error("a closed store took an event")
	}
}
