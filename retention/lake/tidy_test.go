package lake

import (
	"os"
	"path/filepath"
	"testing"

	"analytics/engine/event"
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
