package rollup

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
)

// TestWhoAsksDoesNotWaitForAYearOfSessions: they are told that sessions are being made, and these are
// stored at once and not only when the job comes.
func TestWhoAsksDoesNotWaitForAYearOfSessions(t *testing.T) {
	h := newHouse(t, "UTC")
	for i := range 50 {
		h.view(fmt.Sprintf("v%d", i), "/", "", h.now().Add(-time.Duration(5+i)*time.Hour))
	}
	h.mill.patience = time.Nanosecond
	for range 2 {
		f, err := h.mill.FreshSessions(t.Context(), store.Default, false)
		check(t, err)
		if !f.Late || f.Record != nil {
			t.Fatalf("got %+v, want none because they are late", f)
		}
	}
	if len(h.mill.hurried.asked) != 1 {
		t.Fatal("nobody asked for sessions to be stored")
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); h.mill.Watch(ctx) }()
	for until := event.Micros(0); until < event.MicrosOf(h.now().Add(-4*time.Hour)); runtime.Gosched() {
		var err error
		until, err = h.mill.SessionsUntil(store.Default)
		check(t, err)
	}
	stop()
	<-done
	h.mill.patience = patience
	h.wantSessions("after they were stored")
}

// TestAloneWhoAsksWaitsForSessions: where nothing goes on after an answer, the first one has them, those of
// late events, too.
func TestAloneWhoAsksWaitsForSessions(t *testing.T) {
	h := newHouse(t, "UTC")
	for i := range 50 {
		h.view(fmt.Sprintf("v%d", i), "/", "", h.now().Add(-time.Duration(5+i)*time.Hour))
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	watch := h.mill.Alone()
	go func() { defer close(done); watch(ctx) }()
	h.mill.patience = time.Nanosecond
	f, err := h.mill.FreshSessions(t.Context(), store.Default, false)
	check(t, err)
	if until, err := h.mill.SessionsUntil(store.Default); err != nil || f.Late || until == 0 {
		t.Errorf("sessions are stored until %d, %v, late: %v", until, err, f.Late)
	}
	h.mill.patience = patience
	h.wantSessions("after who asked has waited")
	h.view("late", "/", "", h.now().Add(-40*time.Hour))
	h.turn(h.now().Add(lookEvery))
	days, err := h.mill.LateDays(store.Default)
	check(t, err)
	if len(days) > 0 {
		t.Errorf("late days %v, want them made again", days)
	}
	h.wantSessions("after a late event")
	stop()
	<-done
	<-h.mill.hurry() // nobody waits for ever
}
