package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"analytics/engine/event"
)

// TestFootprintIsWhatStays: neither a table that is not in use nor a segment that only a reader still has.
func TestFootprintIsWhatStays(t *testing.T) {
	ctx := context.Background()
	s := openAt(t, t.TempDir(), midday)
	footprint := func() int64 {
		t.Helper()
		n, err := s.Footprint()
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	appendAll(t, s, longCalls(midday.Add(-40*time.Hour), 2000), 2000, 0)
	if _, err := s.Seal(ctx, 0, true); err != nil {
		t.Fatal(err)
	}
	whole := footprint()
	if size := FolderSize(s.cfg.Dir); whole != size {
		t.Errorf("a store at rest has a footprint of %d bytes, and its folder has %d", whole, size)
	}
	stray := filepath.Join(s.cfg.Dir, badgerFolder, "900000.sst")
	if err := os.WriteFile(stray, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	if n := footprint(); n != whole {
		t.Errorf("with a table that the manifest does not name it is %d, want %d", n, whole)
	}
	if err := os.Remove(stray); err != nil {
		t.Fatal(err)
	}
	reader := s.Snapshot(always(event.ToolCall))
	done, err := s.Drop(ctx, Default, event.ToolCall, 0, 1<<31)
	if err != nil || done.Bytes < 500_000 {
		t.Fatalf("drop: %+v, %v", done, err)
	}
	held, folder := footprint(), FolderSize(s.cfg.Dir)
	reader.Release()
	if n := footprint(); n != held {
		t.Errorf("before the sweep it is %d, and was %d while somebody was reading", n, held)
	}
	if err := s.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	const little = 64 << 10 // names, checksums and what a table takes beside its pairs
	after := footprint()
	if held > folder-done.Bytes || after > held+little || after < held-little {
		t.Errorf("it was %d of a folder of %d when %d bytes were to go, and is %d now", held, folder, done.Bytes, after)
	}
	if s.garbage.waste() != 0 {
		t.Errorf("%d bytes are said to be waiting after a sweep", s.garbage.waste())
	}
}

// longCalls are tool calls with a message of 400 bytes that nothing makes shorter.
func longCalls(start time.Time, n int) *event.Batch {
	var b event.Batch
	var e event.Event
	random := rand.NewChaCha8([32]byte{1})
	message := make([]byte, 400)
	for i := range n {
		e.Reset(event.ToolCall)
		e.Timed, e.Named = true, true
		e.SetInt(event.Timestamp, int64(event.MicrosOf(start.Add(time.Duration(i)*time.Minute))))
		e.SetID(event.EventID, fmt.Append(nil, i))
		e.SetText(event.ToolTool, []byte("long"))
		_, _ = random.Read(message)
		for j := range message {
			message[j] = '!' + message[j]%90
		}
		e.SetText(event.ToolErrorMessage, message)
		b.Add(&e)
	}
	return &b
}
