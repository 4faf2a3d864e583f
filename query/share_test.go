package query

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"
)

// clock is a desk's clock that tests turn by hand.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(t time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(t)
}

func TestSlowAnswersAreSharedForAMoment(t *testing.T) {
	c := &clock{at: noon}
	d := &Desk{now: c.now}
	made := 0
	ask := func(key string, takes time.Duration, want int) {
		t.Helper()
		a, err := d.shared(t.Context(), key, func() (document, error) {
			made++
			c.pass(takes)
			return &Answer{Rows: [][]any{{int64(made)}}}, nil
		})
		if err != nil || a.Flat().Rows[0][0] != int64(want) {
			t.Fatalf("%v, %v; want answer %d", a, err, want)
		}
	}
	for i := range 2 * sought {
		ask("cheap", slowAnswer, 1+i) // of the newest events
	}
	c.pass(2 * soughtIn)
	made = 0
	for i := range sought - 1 {
		ask("slow", slowAnswer+1, 1+i) // few ask: they see what they have just sent
	}
	ask("slow", slowAnswer+1, sought-1)
	ask("another", slowAnswer+1, sought)
	c.pass(sharedFor - 3*slowAnswer)
	ask("slow", slowAnswer+1, sought-1)
	c.pass(3 * slowAnswer)
	ask("slow", 0, sought+1) // a second after it was begun it has become cheap
	ask("slow", 0, sought+2)
	c.pass(2 * soughtIn)
	ask("slow", slowAnswer+1, sought+3)
	ask("slow", slowAnswer+1, sought+4) // few ask any more
}

func TestSharedAnswersAreThereOnceForAll(t *testing.T) {
	c := &clock{at: noon}
	d := &Desk{now: c.now}
	slow := func() (document, error) { c.pass(2 * slowAnswer); return &Answer{}, nil }
	for range sought {
		if _, err := d.shared(t.Context(), "q", slow); err != nil {
			t.Fatal(err)
		}
	}
	c.pass(sharedFor)
	begun, end := make(chan struct{}), make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() { // makes it
		_, _ = d.shared(t.Context(), "q", func() (document, error) {
			close(begun)
			c.pass(2 * slowAnswer)
			<-end
			return &Answer{}, nil
		})
	})
	<-begun
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := d.shared(gone, "q", slow); !errors.Is(err, context.Canceled) {
		t.Errorf("who leaves waits on: %v", err)
	}
	for range 5 {
		group.Go(func() {
			a, err := d.shared(t.Context(), "q", func() (document, error) {
				t.Error("it is made again")
				return &Answer{}, nil
			})
			if err != nil || a == nil {
				t.Error(a, err)
			}
		})
	}
	close(end)
	group.Wait()
}

// What goes wrong for one who asks is nobody else's.
func TestFailuresAreNotShared(t *testing.T) {
	c := &clock{at: noon}
	d := &Desk{now: c.now}
	for i := range 3 {
		fail := i < 2
		a, err := d.shared(t.Context(), "q", func() (document, error) {
			c.pass(2 * slowAnswer)
			if fail {
				return nil, context.Canceled
			}
			return &Answer{}, nil
		})
		if (err != nil) != fail || (a != nil) == fail {
			t.Errorf("%d: %v, %v", i, a, err)
		}
	}
	for i := range 3 * mostShared {
		_, _ = d.shared(t.Context(), string(rune(i)), func() (document, error) { return &Answer{}, nil })
	}
	if n := len(d.shares.each); n > mostShared {
		t.Errorf("%d answers are kept", n)
	}
}
