package depot

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"analytics/engine/fault"
	"analytics/engine/whole"
)

// Folder is a depot on a disk.
type Folder struct{ root string }

// NewFolder is the depot in a folder, which is made when something is put there.
func NewFolder(root string) Folder { return Folder{filepath.Clean(root)} }

// String is the folder.
func (f Folder) String() string { return f.root }

func (f Folder) path(name string) string { return filepath.Join(f.root, filepath.FromSlash(name)) }

// Staging is on the same volume, so that Put is a rename.
func (f Folder) Staging() (string, error) {
	dir := filepath.Join(f.root, ".staging")
	return dir, f.unusable(os.MkdirAll(dir, 0o700))
}

// unusable words what keeps the folder from being used at all: no permission, a file in its place, a
// volume that is not there or only to be read.
func (f Folder) unusable(err error) error {
	err = Full(f.root, err)
	if err == nil || fault.Of(err).Kind == fault.Full {
		return err
	}
	return fault.New(fault.Invalid, "bad_place", "%s cannot be used: %v", f.root, err)
}

// Put renames, and syncs every folder up to the root: new folders are names, too.
func (f Folder) Put(_ context.Context, name, staged string) error {
	path := f.path(name)
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := os.Rename(staged, path); err != nil {
		return err
	}
	return f.syncUp(dir)
}

// syncUp syncs a folder and those above it up to the root.
func (f Folder) syncUp(dir string) error {
	for ; len(dir) >= len(f.root); dir = filepath.Dir(dir) {
		if err := whole.SyncFolder(dir); err != nil {
			return err
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	return nil
}

// Open opens the file anew for each range: no descriptor stays open for files that are read once a
// month, and it costs 5 µs for 64 KiB.
func (f Folder) Open(name string) (io.ReaderAt, error) { return fileRanges(f.path(name)), nil }

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

// Read opens the file.
func (f Folder) Read(_ context.Context, name string) (io.ReadCloser, error) {
	return os.Open(f.path(name))
}

// Size asks the file system.
func (f Folder) Size(_ context.Context, name string) (int64, bool, error) {
	info, err := os.Stat(f.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	return info.Size(), true, nil
}

// List reads the folder, which need not be there.
func (f Folder) List(_ context.Context, dir string) (files, folders []string, err error) {
	entries, err := os.ReadDir(f.path(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, f.unusable(err)
	}
	for _, e := range entries {
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case e.IsDir():
			folders = append(folders, e.Name())
		default:
			files = append(files, e.Name())
		}
	}
	return files, folders, nil
}

// Remove removes the file, and its folder if that is empty then.
func (f Folder) Remove(_ context.Context, name string) error {
	path := f.path(name)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	// A folder that is empty goes with its last file; one that is not stays, which is no error.
	_ = os.Remove(filepath.Dir(path))
	return nil
}

// RemoveAll removes the folder.
func (f Folder) RemoveAll(_ context.Context, dir string) error { return os.RemoveAll(f.path(dir)) }

// partial ends the name of a folder that is being made.
const partial = ".partial"

// Draft is a name that nobody takes for the folder's.
func (f Folder) Draft(dir string) string { return dir + partial }

// Publish renames the draft. What is there under the name already is not replaced.
func (f Folder) Publish(_ context.Context, dir string) error {
	from, to := f.path(f.Draft(dir)), f.path(dir)
	if err := whole.SyncFolder(from); err != nil {
		return err
	}
	if _, err := os.Lstat(to); err == nil {
		return &fs.PathError{Op: "publish", Path: to, Err: fs.ErrExist}
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return f.syncUp(filepath.Dir(to))
}
