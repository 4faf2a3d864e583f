package lake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"

	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/retention/depot"
)

// fetch copies the files of a day to this machine and proves those that the manifest names: their bytes by length
// and SHA-256, and then rows, ids, sums and times. What it copied goes with done.
func (l *Lake) fetch(ctx context.Context, d *found) (files []store.Outside, done func(), err error) {
	var open []*os.File
	done = func() {
		for _, f := range open {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}
	for _, name := range d.names {
		id, ok := d.segment(name)
		at := slices.IndexFunc(d.manifest.Files, func(c contents) bool { return c.Name == name })
		if !ok || at < 0 && d.known(id) {
			continue // not a segment's, or superseded by what the manifest names
		}
		f, size, sum, err := l.copy(ctx, d.partition, name)
		if f != nil {
			open = append(open, f)
		}
		if err != nil {
			return nil, done, err
		}
		l.cfg.Failpoint("adopt.staged")
		if at >= 0 {
			if err := prove(ctx, f, size, sum, d.file(id), d.manifest.Files[at]); err != nil {
				return nil, done, err
			}
		}
		files = append(files, store.Outside{ID: id, Size: size, File: f, Stray: at < 0})
	}
	return files, done, nil
}

// known says that the store wrote a file of this number itself, which the manifest does not name any more.
func (d *found) known(id store.SegmentID) bool {
	return d.listed && slices.Contains(d.row.Planned, id)
}

// copy copies a file to the staging folder, which tidy empties after a crash.
func (l *Lake) copy(ctx context.Context, p partition, name string) (f *os.File, size int64, sum string, err error) {
	dir, err := l.target.Staging()
	if err != nil {
		return nil, 0, "", err
	}
	r, err := l.target.Read(ctx, path.Join(p.dir(), name))
	if err != nil {
		return nil, 0, "", err
	}
	defer r.Close()
	staged := filepath.Join(dir, p.kind.String()+"-adopt-"+p.date()+"-"+name)
	if f, err = os.OpenFile(staged, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600); err != nil {
		return nil, 0, "", staging(dir, err)
	}
	h := sha256.New()
	size, err = io.Copy(io.MultiWriter(f, h), r)
	return f, size, hex.EncodeToString(h.Sum(nil)), depot.Full(dir, err)
}

// staging words why nothing can be written to the staging folder, such as on a volume that is only to be read.
func staging(dir string, err error) error {
	if err = depot.Full(dir, err); fault.Of(err).Kind == fault.Full {
		return err
	}
	return fault.New(fault.Invalid, "bad_place", "files of the archive are copied to %s to be proved, which cannot be "+
		"written to: %v", dir, err)
}

// prove compares a copy with what the manifest says of the file.
func prove(ctx context.Context, f *os.File, size int64, sum, name string, want contents) error {
	bad := func(what string) *fault.Error {
		return fault.New(fault.Damaged, "archive_damaged", "%s has other %s than its manifest says; put it back from a "+
			"copy", name, what)
	}
	if size != want.Bytes || sum != want.SHA256 {
		return bad("bytes")
	}
	got, err := measure(ctx, f, size)
	switch {
	case err != nil && ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return bad("contents").Wrap(err)
	case got.Rows != want.Rows || got.IDs != want.IDs || !maps.Equal(got.Sums, want.Sums):
		return bad("events")
	case !got.First.Equal(want.First) || !got.Last.Equal(want.Last):
		return bad("times")
	}
	return nil
}
