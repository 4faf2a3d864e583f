package lake

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
)

// TestARestoredStoreRemovesNothingOfItsFormerSelf archives more of a day after a copy of the store was
// made, and goes on from the copy: what only the archive has stays there, and the copy's events stay in it.
func TestARestoredStoreRemovesNothingOfItsFormerSelf(t *testing.T) {
	h := newHouse(t, t.TempDir(), t.TempDir())
	h.put(event.ToolCall, 5, 40)
	if err := h.store.Close(); err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "copy")
	copyFolder(t, copied, h.dir)
	h = newHouse(t, h.dir, h.files)
	h.put(event.ToolCall, 7, 40)
	merge(t, h)
	h.run()
	before := h.onDisk()

	back := newHouse(t, copied, h.files)
	days, err := back.lake.Run(t.Context(), store.Default)
	if err == nil || !strings.Contains(err.Error(), "did not write") || days[0].State != "failed" {
		t.Errorf("%+v, %v", days, err)
	}
	back.want("on disk", back.onDisk(), before)
	if n := back.drop(event.ToolCall); n > 0 {
		t.Errorf("%d events were dropped", n)
	}
	// Once the file is away, the day is archived.
	moved, err := filepath.Glob(filepath.Join(h.files, "tool_call", "*", "*", "*.parquet"))
	if err != nil || len(moved) != 1 {
		t.Fatal(moved, err)
	}
	if err := os.Remove(moved[0]); err != nil {
		t.Fatal(err)
	}
	back.run()
	back.want("of the copy", back.onDisk(), back.asked())
}

// TestWhatACrashLeftIsRemovedAfterAMerge stops a run at each edge, and merges the segments that it wrote:
// their files are still known as the store's own.
func TestWhatACrashLeftIsRemovedAfterAMerge(t *testing.T) {
	h := newHouse(t, t.TempDir(), t.TempDir())
	h.put(event.ToolCall, 5, 40)
	h.run()
	h.put(event.ToolCall, 7, 40)
	merge(t, h) // the file of the first is superseded
	left := map[string][2]string{}
	h.edge = func(name string) {
		left[name] = [2]string{filepath.Join(t.TempDir(), "store"), filepath.Join(t.TempDir(), "archive")}
		copyFolder(t, left[name][0], h.dir)
		copyFolder(t, left[name][1], h.files)
	}
	h.run()
	if len(left) != len(Edges())-2 {
		t.Errorf("%d edges were met", len(left))
	}
	for name, at := range left {
		t.Run(name, func(t *testing.T) {
			again := newHouse(t, at[0], at[1])
			again.acked, again.seed = maps.Clone(h.acked), h.seed
			again.put(event.ToolCall, 3, 40)
			merge(t, again)
			again.run()
			again.want("on disk", again.onDisk(), again.acked)
			if err := again.store.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func merge(t *testing.T, h *house) {
	t.Helper()
	day := event.MicrosOf(noon.AddDate(0, 0, -40).Truncate(24 * time.Hour)).Hour()
	if _, err := h.store.Merge(t.Context(), store.Default, event.ToolCall, day); err != nil {
		t.Fatal(err)
	}
}
