package whole

import (
	"errors"
	"os"
	"path/filepath"
)

// Ending is what the name of a file ends in that is not whole yet.
const Ending = ".tmp"

// Write replaces a file, or makes it, readable by nobody else: it is written beside, synced, renamed, and its
// name synced.
func Write(path string, text []byte) error {
	f, err := os.OpenFile(path+Ending, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(path+Ending, path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(path+Ending))
	}
	return SyncFolder(filepath.Dir(path))
}

// SyncFolder makes the names in a folder durable: of files that were made, renamed or removed.
func SyncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
