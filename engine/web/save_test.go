package web

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"analytics/engine/fault"
)

// TestASavedFileIsWholeOrWhatItWas breaks the answer off in each way.
func TestASavedFileIsWholeOrWhatItWas(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "answer.csv")
	f := func(ctx context.Context, path string, answer io.Reader, code, left string) {
		t.Helper()
		_, err := Save(ctx, "export", path, answer)
		if (err == nil) != (code == "") || code != "" && code != "any" && fault.Of(err).Code != code {
			t.Errorf("got %v, want %q", err, code)
		}
		got, _ := os.ReadFile(filepath.Join(dir, "answer.csv"))
		names, _ := os.ReadDir(dir)
		if string(got) != left || len(names) != 1 {
			t.Errorf("%q is left of %q in %v", got, left, names)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	f(t.Context(), path, strings.NewReader("whole"), "", "whole")
	cut := io.MultiReader(strings.NewReader("ha"), iotest.ErrReader(io.ErrUnexpectedEOF))
	f(t.Context(), path, cut, "any", "whole")
	f(gone, path, strings.NewReader("left"), "stopped", "whole")
	f(t.Context(), filepath.Join(dir, "no", "folder"), strings.NewReader("x"), "cannot_write", "whole")
	f(t.Context(), path, strings.NewReader("next"), "", "next")
}

// TestAFileThatCannotBeWrittenIsNamed: as it was given, and not by the name it has until it is whole.
func TestAFileThatCannotBeWrittenIsNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nowhere", "costs.csv")
	_, err := Save(t.Context(), "export", path, strings.NewReader("a"))
	if err == nil || !strings.Contains(err.Error(), path+" cannot be written: ") || strings.Contains(err.Error(), ".part") {
		t.Errorf("%v", err)
	}
}
