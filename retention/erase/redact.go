package erase

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// redact takes a person's id out of the reports that were written to the data folder.
func redact(data, value string) error {
	if data == "" || value == "" {
		return nil
	}
	root, err := os.OpenRoot(filepath.Join(data, "reports"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer root.Close()
	return fs.WalkDir(root.FS(), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := root.ReadFile(path)
		if err != nil || !bytes.Contains(text, []byte(value)) {
			return err
		}
		return root.WriteFile(path, bytes.ReplaceAll(text, []byte(value), []byte("(erased)")), 0o600)
	})
}
