package export

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"analytics/engine/whole"
)

// target is where an export goes: a file that appears when it is whole, or standard output.
type target struct {
	path string
	file *os.File // the temporary file beside path; nil for standard output
	out  io.Writer
}

// newTarget opens a temporary file in the folder of path, or takes out for "-".
func newTarget(path string, out io.Writer) (*target, error) {
	if path == "-" {
		return &target{out: out}, nil
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is there and is not a file; choose another name", path)
	}
	dir, name := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	f, err := os.CreateTemp(dir, "."+name+".*.partial")
	if err != nil {
		return nil, fmt.Errorf("cannot write beside %s: %w", path, err)
	}
	return &target{path: path, file: f, out: f}, nil
}

// commit puts the file in place: everything on disk, then the name, then the folder.
func (t *target) commit() error {
	if t.file == nil {
		return nil
	}
	if err := t.file.Sync(); err != nil {
		return err
	}
	if err := t.file.Close(); err != nil {
		return err
	}
	if err := os.Rename(t.file.Name(), t.path); err != nil {
		return err
	}
	t.file = nil
	return whole.SyncFolder(filepath.Dir(t.path))
}

// drop removes what is not committed.
func (t *target) drop() {
	if t.file != nil {
		_ = t.file.Close()
		_ = os.Remove(t.file.Name())
	}
}
