package lake

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
)

// TestARunRemovesWhatACrashLeftInStaging and nothing of others: backups and the log of erasures stage there, too.
func TestARunRemovesWhatACrashLeftInStaging(t *testing.T) {
	dir := t.TempDir()
	h := newHouse(t, filepath.Join(dir, "data"), filepath.Join(dir, "archive"))
	h.put(event.ToolCall, 10, 5)
	staging, err := h.lake.target.Staging()
	if err != nil {
		t.Fatal(err)
	}
	stays := map[string]bool{"tool_call-00000001.parquet": false, "manifest-123": false, "backup-1": true,
		"erasures.jsonl": true, "notes-of-somebody": true}
	for name := range stays {
		if err := os.WriteFile(filepath.Join(staging, name), []byte("canary"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h.run()
	for name, want := range stays {
		if _, err := os.Stat(filepath.Join(staging, name)); (err == nil) != want {
			t.Errorf("%s: %v, want it to be there: %v", name, err, want)
		}
	}
}

// TestAManifestOfANewerProgramStays: the day is not archived anew, and says why.
func TestAManifestOfANewerProgramStays(t *testing.T) {
	h := newHouse(t, t.TempDir(), t.TempDir())
	h.put(event.ToolCall, 10, 5)
	h.run()
	all, err := filepath.Glob(filepath.Join(h.files, "tool_call/tenant=default/date=2026-11-15/"+manifestName))
	if err != nil || len(all) != 1 {
		t.Fatalf("%v, %v", all, err)
	}
	const newer = `{"version":2,"rows":"many"}`
	if err := os.WriteFile(all[0], []byte(newer), 0o600); err != nil {
		t.Fatal(err)
	}
	h.put(event.ToolCall, 5, 5) // late events: the day has to be archived again
	days, err := h.lake.Run(t.Context(), store.Default)
	if fault.Of(err).Kind != fault.Newer || len(days) != 1 || days[0].State != "failed" ||
		!strings.Contains(days[0].Reason, "newer than this program knows") {
		t.Errorf("%+v, %v", days, err)
	}
	if text, err := os.ReadFile(all[0]); err != nil || string(text) != newer {
		t.Errorf("%s, %v", text, err)
	}
}
