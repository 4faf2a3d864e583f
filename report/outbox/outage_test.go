package outbox_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"analytics/report/discord/double"
	"analytics/report/outbox"
)

// TestDayOfOutage keeps Discord broken for 24 hours, each hour in another way, while a letter an
// hour is put in. Afterwards each is in the channel once, and once more for each answer that was
// lost.
func TestDayOfOutage(t *testing.T) {
	b := newBench(t)
	start := b.now
	var mu sync.Mutex // guards now and lost: the double answers on another goroutine
	now, lost := start, map[string]int{}
	tick := func(t time.Time) {
		mu.Lock()
		defer mu.Unlock()
		b.now, now = t, t
	}
	b.d.Script(func(r double.Request) *double.Answer {
		mu.Lock()
		defer mu.Unlock()
		hour := int(now.Sub(start) / time.Hour)
		if hour >= 24 {
			return nil
		}
		switch hour % 5 {
		case 0:
			return &double.Answer{Status: 503}
		case 1:
			return &double.Answer{Status: 429, Body: `{"retry_after":61.5}`}
		case 2:
			return &double.Answer{Drop: true}
		case 3:
			return &double.Answer{Status: 502, Body: "<html>"}
		}
		if r.N%40 == 0 { // taken, but the answer never arrives
			lost[r.Message.Embeds[0].Description]++
			return &double.Answer{Keep: true, Drop: true}
		}
		return &double.Answer{Status: 500}
	})
	for hour := range 25 {
		for b.now.Before(start.Add(time.Duration(hour) * time.Hour)) {
			pass := b.Deliver(t.Context())
			tick(b.now.Add(time.Minute))
			if pass.Next.After(b.now) {
				tick(pass.Next)
			}
		}
		b.put("cost", fmt.Sprintf("hour-%02d", hour), fmt.Sprint("letter ", hour))
		if hour%7 == 3 {
			b.restart()
		}
	}
	for range 40 {
		b.Deliver(t.Context())
		tick(b.now.Add(time.Minute))
	}
	mu.Lock()
	defer mu.Unlock()
	count := map[string]int{}
	for _, m := range b.d.Messages() {
		count[m.Embeds[0].Description]++
	}
	for hour := range 25 {
		text := fmt.Sprint("letter ", hour)
		if n := count[text]; n != 1+lost[text] {
			t.Errorf("%s is %d times in the channel, %d answers were lost", text, n, lost[text])
		}
	}
	if s := b.Status(); s.Pending != 0 || s.Dead != 0 || s.Delivered != 25 {
		t.Errorf("status %+v", s)
	}
	// 25 letters, a day, at least 7.5 minutes apart once they back off.
	if n := len(b.d.Requests()); n > 2500 {
		t.Errorf("%d requests in a day of outage", n)
	}
}

func TestGivenUpAfterThreeDays(t *testing.T) {
	b := newBench(t)
	b.d.Script(status(500))
	b.put("cost", "2026-11-20", "one")
	start := b.now
	for b.now.Before(start.Add(72*time.Hour + time.Hour)) {
		pass := b.Deliver(t.Context())
		if pass.Next.IsZero() {
			break
		}
		b.now = pass.Next
	}
	e := b.state("cost", "2026-11-20", outbox.Dead)
	if age := b.now.Sub(start); age < 72*time.Hour {
		t.Errorf("given up after %v", age)
	}
	if e.Problem != "Discord answered 500: Internal Server Error" {
		t.Errorf("problem %q", e.Problem)
	}
	// The first ten attempts take 0.75 of 1, 2, 4 … 512 s, the rest 11.25 minutes each.
	if e.Attempts < 380 || e.Attempts > 400 {
		t.Errorf("%d attempts", e.Attempts)
	}
	b.d.Script(nil)
	b.restart()
	if n, err := b.Retry(t.Context()); n != 1 || err != nil {
		t.Errorf("retry: %d, %v", n, err)
	}
	b.Deliver(t.Context())
	b.shows("one")
}

func TestFullOutboxForgetsDeliveredFirst(t *testing.T) {
	if testing.Short() {
		t.Skip("fills an outbox")
	}
	b := newBench(t)
	b.put("old", "1", "delivered")
	b.Deliver(t.Context())
	b.d.Script(status(500))
	for i := range 9_999 {
		b.put("n", fmt.Sprint(i), "x")
	}
	b.put("n", "last", "x")
	if _, ok := b.Find("old", "1"); ok {
		t.Error("the delivered letter still takes room")
	}
	if _, err := b.Enqueue(t.Context(), letter("n", "too-many", "x")); err == nil {
		t.Error("a full outbox took one more")
	}
	if n := len(b.shelf.rows); n != 10_000 {
		t.Errorf("%d rows", n)
	}
}

func TestRunDeliversAtOnceAndEndsWithItsContext(t *testing.T) {
	d := double.New(t)
	c := place(t, d)
	done := make(chan struct{})
	shelf := &memory{rows: map[string]string{}}
	o, err := outbox.Open(shelf, time.Now, func() float64 { return 0 },
		slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	o.Use(c)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { o.Run(ctx); close(done) }()
	if _, err := o.Enqueue(ctx, letter("cost", "1", "now")); err != nil {
		t.Fatal(err)
	}
	deadline := time.After(3 * time.Second) // less than the loop's own 5 s would need
	for len(d.Messages()) == 0 {
		select {
		case <-deadline:
			t.Fatal("not delivered at once")
		case <-time.After(time.Millisecond):
		}
	}
	cancel()
	<-done
}

// TestRunWaitsWithoutSpinning counts the passes of an idle minute in fake time.
func TestRunWaitsWithoutSpinning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		now := func() time.Time { calls++; return time.Now() }
		o, err := outbox.Open(&memory{rows: map[string]string{}}, now,
			func() float64 { return 0 }, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		o.Run(ctx)
		if calls > 30 {
			t.Errorf("the clock was read %d times in an idle minute", calls)
		}
	})
}
