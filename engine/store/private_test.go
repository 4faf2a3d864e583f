package store

import (
	"io/fs"
	"math"
	"path/filepath"
	"testing"
)

// TestNobodyElseMayReadTheFiles looks at the mode of every file of a store that was written to.
func TestNobodyElseMayReadTheFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	s := openAt(t, dir, midday)
	appendAll(t, s, toolCalls("a", midday.AddDate(0, 0, -1), 300), 300, 0)
	if _, err := s.Seal(t.Context(), math.MaxUint32, true); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode()&0o077 != 0 {
			t.Errorf("%s has the mode %s", path, info.Mode())
		}
		files++
		return err
	})
	if err != nil || files < 6 {
		t.Errorf("%d files, %v", files, err)
	}
}
