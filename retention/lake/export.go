package lake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"

	"analytics/engine/fault"
	"analytics/engine/store"
)

// archive brings the archive of a day up to date: files first, then the manifest, then the row that
// commits them. Only what is committed is ever taken for archived.
func (l *Lake) archive(ctx context.Context, w *work) error {
	n := l.store.Snapshot(w.span())
	defer n.Release()
	l.cfg.Failpoint("archive.begin")
	old, err := l.oldManifest(ctx, w.partition)
	if err != nil {
		return err
	}
	if err := l.claim(ctx, w, n); err != nil {
		return err
	}
	next := manifest{Version: manifestVersion, Type: w.kind.String(), Tenant: tenantName(w.tenant), Date: w.date(),
		At: l.cfg.Now().UTC()}
	var fresh row
	for _, g := range n.Segments() {
		if g.From/hoursPerDay*hoursPerDay != w.day {
			continue
		}
		c, err := l.contents(ctx, n, w, old, &g)
		if err != nil {
			return err
		}
		if c.Name == "" {
			continue
		}
		next.Files = append(next.Files, c)
		next.Rows += c.Rows
		fresh.Files = append(fresh.Files, c.file)
	}
	w.Files, w.Rows, w.Bytes = len(fresh.Files), next.Rows, 0
	for _, f := range fresh.Files {
		w.Bytes += f.Bytes
	}
	return l.commit(ctx, w, next, fresh)
}

// contents gives a segment's file: the one that is committed, or a new one. It has no name if the
// segment's events are gone and never were archived.
func (l *Lake) contents(
	ctx context.Context, n *store.Snapshot, w *work, old manifest, g *store.Segment,
) (contents, error) {
	name := w.file(g.ID)
	if f, ok := w.row.find(g.ID); ok {
		for _, c := range old.Files {
			if c.file == f {
				return c, nil
			}
		}
		// The manifest was lost; the file is measured again, if it is what was committed.
		if size, sum, err := l.digest(ctx, name); err == nil && size == f.Bytes && sum == f.SHA256 {
			return l.measured(ctx, name, f)
		} else if g.RawDropped || g.Archived() {
			return contents{}, fault.New(fault.Damaged, "archive_damaged",
				"%s is not what was archived; put it back from a copy", name).Wrap(err)
		}
	}
	if g.RawDropped || g.Archived() {
		return contents{}, nil
	}
	return l.export(ctx, n, w, g)
}

func (l *Lake) measured(ctx context.Context, name string, f file) (contents, error) {
	r, err := l.target.Open(name)
	if err != nil {
		return contents{}, err
	}
	c, err := measure(ctx, r, f.Bytes)
	c.file, c.Name = f, path.Base(name)
	return c, err
}

// export writes a segment's file: staged, synced, read back and proved, then put in its place.
func (l *Lake) export(ctx context.Context, n *store.Snapshot, w *work, g *store.Segment) (
	c contents, err error) {
	name := w.file(g.ID)
	dir, err := l.target.Staging()
	if err != nil {
		return c, err
	}
	staged := filepath.Join(dir, w.kind.String()+"-"+path.Base(name))
	f, err := os.OpenFile(staged, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return c, err
	}
	defer func() {
		_ = f.Close()
		if err != nil {
			_ = os.Remove(staged)
		}
	}()
	sum := sha256.New()
	if err := n.Copy(ctx, g, io.MultiWriter(f, sum)); err != nil {
		return c, err
	}
	l.cfg.Failpoint("archive.written")
	if err := f.Sync(); err != nil {
		return c, err
	}
	l.cfg.Failpoint("archive.synced")
	if err := n.Prove(ctx, g, f); err != nil {
		return c, fmt.Errorf("the copy is not what the store has: %w", err)
	}
	if c, err = measure(ctx, f, g.Size()); err != nil {
		return c, err
	}
	c.file = file{g.ID, int64(g.Rows), g.Size(), hex.EncodeToString(sum.Sum(nil))}
	c.Name = path.Base(name)
	l.cfg.Failpoint("archive.verified")
	if err := l.target.Put(ctx, name, staged); err != nil {
		return c, err
	}
	l.cfg.Failpoint("archive.placed")
	return c, l.whole(ctx, name, c.file)
}

// whole reads a file in its place and compares it with what it must be.
func (l *Lake) whole(ctx context.Context, name string, want file) error {
	size, sum, err := l.digest(ctx, name)
	if err != nil {
		return err
	}
	if size != want.Bytes || sum != want.SHA256 {
		return fault.New(fault.Damaged, "archive_damaged",
			"%s has %d bytes with SHA-256 %.12s… instead of %d with %.12s…", name, size, sum,
			want.Bytes, want.SHA256)
	}
	return nil
}

// commit writes the manifest, then the row, then removes what neither names. A day of which nothing
// is left loses its files first and its row last.
func (l *Lake) commit(ctx context.Context, w *work, m manifest, fresh row) error {
	shelf := l.store.Shelf(w.tenant, "settings")
	var err error
	if fresh.Planned, err = l.superseded(ctx, w, fresh); err != nil {
		return err
	}
	if len(fresh.Files) == 0 {
		if err := l.clean(ctx, w, fresh.Planned); err != nil {
			return err
		}
		if err := l.target.Remove(ctx, w.manifest()); err != nil {
			return err
		}
		return shelf.Delete(ctx, w.key())
	}
	text, err := encode(m)
	if err != nil {
		return err
	}
	if err := l.putBytes(ctx, w.manifest(), text); err != nil {
		return err
	}
	l.cfg.Failpoint("archive.manifest")
	fresh.At = m.At
	value, err := json.Marshal(fresh)
	if err != nil {
		return err
	}
	if err := shelf.Put(ctx, w.key(), value); err != nil {
		return err
	}
	l.cfg.Failpoint("archive.committed")
	return l.clean(ctx, w, fresh.Planned)
}

// superseded are the store's own files of a partition that do not stay.
func (l *Lake) superseded(ctx context.Context, w *work, stay row) (ids []store.SegmentID, err error) {
	names, err := l.parquet(ctx, w.partition)
	for _, name := range names {
		id, ours := w.wrote(name)
		if _, stays := stay.find(id); ours && !stays {
			ids = append(ids, id)
		}
	}
	return ids, err
}

// clean removes files that were superseded.
func (l *Lake) clean(ctx context.Context, w *work, ids []store.SegmentID) error {
	for _, id := range ids {
		if err := l.target.Remove(ctx, w.file(id)); err != nil {
			return err
		}
	}
	return nil
}

// putBytes puts a small file in its place.
func (l *Lake) putBytes(ctx context.Context, name string, b []byte) error {
	dir, err := l.target.Staging()
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, manifestPrefix)
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return l.target.Put(ctx, name, f.Name())
}
