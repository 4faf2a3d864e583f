package depot

import (
	"context"
	"errors"
	"io"
	"syscall"

	"analytics/engine/fault"
)

// Depot is where files are kept. Names have slashes and no leading one.
type Depot interface {
	// Put moves a staged file that is synced to its place, durably and all at once.
	Put(ctx context.Context, name, staged string) error
	// Open gives a file's bytes by range.
	Open(name string) (io.ReaderAt, error)
	// Read reads a file from its beginning.
	Read(ctx context.Context, name string) (io.ReadCloser, error)
	// Size is a file's length; ok is false if there is none.
	Size(ctx context.Context, name string) (n int64, ok bool, err error)
	// List names the files and the folders right in a folder, sorted; hidden ones are left out.
	List(ctx context.Context, dir string) (files, folders []string, err error)
	// Remove removes a file, whether it was there or not.
	Remove(ctx context.Context, name string) error
	// RemoveAll removes a folder with all that is in it, whether it was there or not.
	RemoveAll(ctx context.Context, dir string) error
	// Staging is a folder on a disk for files that are being made.
	Staging() (string, error)
	// Draft is the name under which a folder is to be made that Publish then gives its own. It is the
	// same name where folders cannot be renamed: there the file that is put last makes it whole.
	Draft(dir string) string
	// Publish gives a draft its name, durably and all at once.
	Publish(ctx context.Context, dir string) error
	// String is where it is, for people.
	String() string
}

// Full explains an error of writing to a volume that has no room left; others it gives back.
func Full(where string, err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fault.New(fault.Full, "disk_full",
			"there is no room left in %s; free some, or choose another place", where).Wrap(err)
	}
	return err
}
