package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"analytics/engine/fault"
)

// Save writes an answer into the file that a flag names, under another name first, so that a file of
// that name is whole or is what it was. It gives the number of bytes.
func Save(ctx context.Context, flag, path string, answer io.Reader) (n int64, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".analytics-*.part")
	if err != nil {
		if p, ok := errors.AsType[*fs.PathError](err); ok { // which names the other name
			err = p.Err
		}
		return 0, fault.At(fault.Invalid, "cannot_write", flag, "%s cannot be written: %v", path, err)
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	n, err = io.Copy(f, answer)
	if ctx.Err() != nil { // an answer that was left may look as if it had ended
		return 0, fault.New(fault.Internal, "stopped", "stopped; nothing was written").Wrap(ctx.Err())
	}
	if err != nil {
		return 0, fmt.Errorf("%s broke off after %d bytes: %w", path, n, err)
	}
	if err = f.Sync(); err != nil {
		return 0, err
	}
	if err = f.Close(); err != nil {
		return 0, err
	}
	return n, os.Rename(f.Name(), path)
}
