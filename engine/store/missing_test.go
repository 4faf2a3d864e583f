package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"analytics/engine/fault"
)

func TestAFolderWithoutAStoreIsMissedAndStaysAsItIs(t *testing.T) {
	dir := t.TempDir()
	nowhere, strange, damaged := filepath.Join(dir, "dta"), filepath.Join(dir, "b"), filepath.Join(dir, "c")
	for path, text := range map[string]string{
		filepath.Join(strange, "notes.txt"): "", filepath.Join(damaged, formatFile): "{",
	} {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, at := range []string{nowhere, strange} {
		err := Missing(at)
		if fault.Of(err).Code != "no_data" || fault.ExitCode(err) != 3 || !strings.Contains(err.Error(), at) {
			t.Errorf("%s: %v", at, err)
		}
	}
	if _, err := os.Stat(nowhere); err == nil {
		t.Error("looking made the folder")
	}
	if err := Missing(damaged); err != nil {
		t.Errorf("a store that is damaged is none: %v", err)
	}
	s := openAt(t, filepath.Join(dir, "d"), time.Now())
	if err := Missing(s.cfg.Dir); err != nil {
		t.Errorf("a store is none: %v", err)
	}
}
