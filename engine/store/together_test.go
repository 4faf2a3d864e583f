package store

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/fault"
)

// TestEveryEventOnceWhileSealing appends, sends again, seals, merges and reads at the same time.
// Whenever a reader looks, it sees every event acknowledged before exactly once.
func TestEveryEventOnceWhileSealing(t *testing.T) {
	cfg := small(t.TempDir())
	cfg.MaxHeadBytes = minHead
	s := open(t, cfg)
	const writers, requests, size = 4, 30, 40
	var acked atomic.Int64
	var writing, working sync.WaitGroup
	stop := make(chan struct{})
	for w := range writers {
		writing.Go(func() {
			for i := range requests {
				var puts []put
				for j := range size {
					puts = append(puts, put{
						id: fmt.Sprint(w, "-", i, "-", j), untimed: w == 0,
						at: -time.Duration(j%3) * time.Hour,
					})
				}
				add(t, s, size, 0, views(puts...))
				acked.Add(size)
				add(t, s, 0, size, views(puts...))
			}
		})
	}
	working.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			if _, err := s.Seal(context.Background(), 0, true); err != nil {
				t.Error(err)
			}
			for _, d := range s.Crowded() {
				if _, err := s.Merge(context.Background(), d.Tenant, d.Kind, d.First); err != nil {
					t.Error(err)
				}
			}
		}
	})
	working.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			least := int(acked.Load())
			seen := idsIn(t, s, always(event.PageView))
			if len(seen) < least {
				t.Errorf("a reader saw %d events after %d were acknowledged", len(seen), least)
			}
			for id, n := range seen {
				if n != 1 {
					t.Errorf("%s is there %d times", id, n)
				}
			}
		}
	})
	writing.Wait()
	close(stop)
	working.Wait()
	if got := len(idsIn(t, s, always(event.PageView))); got != writers*requests*size {
		t.Errorf("%d events, want %d", got, writers*requests*size)
	}
	if problems, err := s.Verify(context.Background(), nil); err != nil || len(problems) > 0 {
		t.Errorf("verify: %v %v", problems, err)
	}
}

// TestFullHeadHoldsBackUntilSealed fills the head to its bound.
func TestFullHeadHoldsBackUntilSealed(t *testing.T) {
	cfg := small(t.TempDir())
	cfg.MaxHeadBytes = minHead
	s := open(t, cfg)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-s.Pressure():
				_, err := s.Relieve(context.Background())
				if err != nil && fault.Of(err).Kind != fault.Unavailable { // or the store is closing
					t.Error(err)
				}
			case <-s.closing:
				return
			}
		}
	}()
	for i := range 60 {
		var puts []put
		for j := range 1000 {
			puts = append(puts, put{id: fmt.Sprint("some-longer-name-", i, "-", j)})
		}
		add(t, s, 1000, 0, views(puts...))
		if used := s.head.bytes.Load(); used > minHead+1<<17 {
			t.Errorf("the head has %d bytes", used)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	<-ended
}
