package depot_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"analytics/engine/fault"
	"analytics/retention/depot"
)

// stage writes a file to where files are made.
func stage(t *testing.T, d depot.Depot, text string) string {
	t.Helper()
	dir, err := d.Staging()
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.CreateTemp(dir, "x-")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
	return f.Name()
}

// keeps holds a depot to what every depot promises.
func keeps(t *testing.T, d depot.Depot) {
	t.Helper()
	ctx := t.Context()
	empty(t, d, "")
	draft := d.Draft("a")
	for name, text := range map[string]string{draft + "/x": "one", draft + "/b/y": "two two", "z": ""} {
		if err := d.Put(ctx, name, stage(t, d, text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Publish(ctx, "a"); err != nil {
		t.Fatal(err)
	}
	files, folders, err := d.List(ctx, "a")
	if err != nil || !slices.Equal(files, []string{"x"}) || !slices.Equal(folders, []string{"b"}) {
		t.Errorf("a has %v %v, %v", files, folders, err)
	}
	if _, folders, _ := d.List(ctx, ""); !slices.Equal(folders, []string{"a"}) {
		t.Errorf("the depot has the folders %v", folders)
	}
	at, err := d.Open("a/b/y")
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 5)
	if n, err := at.ReadAt(b, 2); n != 5 || string(b) != "o two" || err != nil && err != io.EOF {
		t.Errorf("range %q, %v", b[:n], err)
	}
	if n, err := at.ReadAt(b, 5); n != 2 || err != io.EOF {
		t.Errorf("range over the end: %d, %v; want 2 and EOF", n, err)
	}
	r, err := d.Read(ctx, "a/x")
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(r); string(text) != "one" || err != nil {
		t.Errorf("read %q, %v", text, err)
	}
	r.Close()
	if n, ok, err := d.Size(ctx, "a/b/y"); n != 7 || !ok || err != nil {
		t.Errorf("size %d %v %v", n, ok, err)
	}
	if _, ok, err := d.Size(ctx, "a/none"); ok || err != nil {
		t.Errorf("size of what is not there: %v %v", ok, err)
	}
	if _, err := d.Read(ctx, "a/none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("reading what is not there: %v", err)
	}
	for _, name := range []string{"z", "z", "none/x"} {
		if err := d.Remove(ctx, name); err != nil {
			t.Errorf("remove %s: %v", name, err)
		}
	}
	for range 2 {
		if err := d.RemoveAll(ctx, "a"); err != nil {
			t.Error(err)
		}
	}
	empty(t, d, "")
}

// empty wants no file anywhere. The test's S3 store lists folders of which all is gone.
func empty(t *testing.T, d depot.Depot, dir string) {
	t.Helper()
	files, folders, err := d.List(t.Context(), dir)
	if err != nil || len(files) > 0 {
		t.Errorf("there are %v in %q, %v", files, dir, err)
	}
	for _, name := range folders {
		empty(t, d, path.Join(dir, name))
	}
}

func TestFolderIsADepot(t *testing.T) {
	keeps(t, depot.NewFolder(filepath.Join(t.TempDir(), "new", "folder")))
}

func TestPublishReplacesNothing(t *testing.T) {
	d := depot.NewFolder(t.TempDir())
	var err error
	for range 2 {
		if err := d.Put(t.Context(), d.Draft("a")+"/x", stage(t, d, "one")); err != nil {
			t.Fatal(err)
		}
		err = d.Publish(t.Context(), "a")
	}
	if !errors.Is(err, fs.ErrExist) {
		t.Errorf("publish over what is there: %v", err)
	}
}

func TestAPlaceThatCannotBeUsedIsSaidToBeOne(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	d := depot.NewFolder(file)
	_, err := d.Staging()
	_, _, listed := d.List(t.Context(), "")
	for _, err := range []error{err, listed} {
		if f := fault.Of(err); f.Code != "bad_place" || !strings.Contains(f.Message, file) {
			t.Errorf("a file in the place of the folder: %v", err)
		}
	}
}

func TestAFullVolumeIsSaidToBeFull(t *testing.T) {
	err := depot.Full("/backups", &fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC})
	if fault.Of(err).Kind != fault.Full {
		t.Errorf("%v", err)
	}
	if err := depot.Full("/backups", io.EOF); err != io.EOF {
		t.Errorf("%v", err)
	}
}
