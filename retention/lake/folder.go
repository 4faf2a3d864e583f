package lake

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// target is where files are kept. Names have slashes and no leading one.
type target interface {
	// put moves a staged file that is synced to its place, durably and all at once.
	put(ctx context.Context, name, staged string) error
	// open gives a file's bytes by range.
	open(name string) (io.ReaderAt, error)
	// read reads a file from its beginning.
	read(ctx context.Context, name string) (io.ReadCloser, error)
	// size is a file's length; ok is false if there is none.
	size(ctx context.Context, name string) (n int64, ok bool, err error)
	// list names the files right in a folder.
	list(ctx context.Context, dir string) ([]string, error)
	// remove removes a file, whether it was there or not.
	remove(ctx context.Context, name string) error
	// staging is a folder for files that are being made.
	staging() (string, error)
}

// folder is a target on a disk.
type folder struct{ root string }

func (f folder) path(name string) string { return filepath.Join(f.root, filepath.FromSlash(name)) }

func (f folder) staging() (string, error) {
	dir := filepath.Join(f.root, ".staging")
	return dir, os.MkdirAll(dir, 0o700)
}

func (f folder) put(_ context.Context, name, staged string) error {
	path := f.path(name)
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := os.Rename(staged, path); err != nil {
		return err
	}
	for ; len(dir) >= len(filepath.Clean(f.root)); dir = filepath.Dir(dir) { // new folders are names, too
		if err := syncDir(dir); err != nil {
			return err
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	return nil
}

// open opens the file anew for each range: no descriptor stays open for files that are read once a
// month, and it costs 5 µs for 64 KiB.
func (f folder) open(name string) (io.ReaderAt, error) { return fileRanges(f.path(name)), nil }

type fileRanges string

// ReadAt implements io.ReaderAt.
func (p fileRanges) ReadAt(b []byte, at int64) (int, error) {
	f, err := os.Open(string(p))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	return f.ReadAt(b, at)
}

func (f folder) read(_ context.Context, name string) (io.ReadCloser, error) {
	return os.Open(f.path(name))
}

func (f folder) size(_ context.Context, name string) (int64, bool, error) {
	info, err := os.Stat(f.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	return info.Size(), true, nil
}

func (f folder) list(_ context.Context, dir string) (names []string, err error) {
	entries, err := os.ReadDir(f.path(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		if !e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	return names, err
}

func (f folder) remove(_ context.Context, name string) error {
	path := f.path(name)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	// A folder that is empty goes with its last file; one that is not stays, which is no error.
	_ = os.Remove(filepath.Dir(path))
	return nil
}

// syncDir makes the names in a folder durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
