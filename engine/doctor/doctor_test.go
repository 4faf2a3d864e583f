package doctor

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
)

func TestACrashIsToldInALine(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		if got := crashOf(text); got != want {
			t.Errorf("crashOf(%q) = %q, want %q", text, got, want)
		}
	}
	f("", "")
	f("analytics: store is damaged\n", "")
	f("panic: index out of range\n\ngoroutine 1 [running]:\n", "panic: index out of range")
	f("unexpected fault address 0x7f\nfatal error: fault\n[signal SIGBUS]\ngoroutine 9\n",
		"unexpected fault address 0x7f")
	f("goroutine 1 [running]:\n", "it crashed")
}

func TestASoundStoreIsSaidToBeSound(t *testing.T) {
	ctx := context.Background()
	s, err := store.Open(ctx, store.Config{Space: storetest.Room, Dir: t.TempDir(), MemTableSize: 8 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var b event.Batch
	var e event.Event
	e.Reset(event.ToolCall)
	e.SetInt(event.Timestamp, int64(event.MicrosOf(time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC))))
	e.SetID(event.EventID, []byte("a"))
	e.SetText(event.ToolTool, []byte("search"))
	b.Add(&e)
	if _, err := s.Append(ctx, store.Default, &b); err != nil {
		t.Fatal(err)
	}
	r, err := Examine(ctx, s, time.Now, nil)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	r.Print(&out)
	if !r.Sound || r.Fault() != nil || r.Events["tool_call"] != 1 ||
		!strings.Contains(out.String(), "The store is sound.") {
		t.Errorf("report %+v\n%s", r, &out)
	}
}

func TestProblemsAreAFault(t *testing.T) {
	sound := Report{Sound: true, Warnings: []string{"nothing is sent to the channel ops"}}
	var warned bytes.Buffer
	sound.Print(&warned)
	if sound.Fault() != nil || !strings.Contains(warned.String(), "channel ops\nThe store is sound.") {
		t.Errorf("a warning: %v\n%s", sound.Fault(), &warned)
	}
	r := Report{Problems: []string{"default tool_call 2026-11-20T12:00:00Z: a piece is missing"}}
	var out bytes.Buffer
	r.Print(&out)
	if fault.ExitCode(r.Fault()) != 5 || !strings.Contains(out.String(), "a piece is missing") {
		t.Errorf("fault %v\n%s", r.Fault(), &out)
	}
}
