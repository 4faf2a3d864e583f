package lake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"

	"analytics/engine/event"
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
	self, err := Identify(ctx, l.store)
	if err != nil {
		return err
	}
	next := manifest{Version: manifestVersion, Store: self, Type: w.kind.String(), Tenant: tenantName(w.tenant),
		Date: w.date(), At: l.cfg.Now().UTC()}
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
// is left loses its files first and its row last. Its manifest stays, without files: a store that is restored
// learns from it that all of the day was erased. Where the tenant has nothing at all it goes, too.
func (l *Lake) commit(ctx context.Context, w *work, m manifest, fresh row) error {
	shelf := l.store.Shelf(w.tenant, "settings")
	var err error
	if fresh.Planned, err = l.superseded(ctx, w, fresh); err != nil {
		return err
	}
	if len(fresh.Files) == 0 {
		if err := l.clean(ctx, w.partition, fresh.Planned); err != nil {
			return err
		}
		if len(w.row.Files) == 0 || !l.any(w.tenant) {
			err = l.target.Remove(ctx, w.manifest())
		} else {
			err = l.putManifest(ctx, w.partition, m)
		}
		if err != nil {
			return err
		}
		return shelf.Delete(ctx, w.key())
	}
	if err := l.putManifest(ctx, w.partition, m); err != nil {
		return err
	}
	l.cfg.Failpoint("archive.manifest")
	fresh.At = m.At
	if err := l.put(ctx, w.partition, fresh); err != nil {
		return err
	}
	l.cfg.Failpoint("archive.committed")
	if len(fresh.Planned) == 0 {
		return nil
	}
	if err := l.clean(ctx, w.partition, fresh.Planned); err != nil {
		return err
	}
	fresh.Planned = nil // or else the next run would look for them
	return l.put(ctx, w.partition, fresh)
}

// any says that the store has, or had, events of a tenant.
func (l *Lake) any(t store.Tenant) bool {
	return slices.ContainsFunc(event.Kinds(), func(k event.Kind) bool {
		n := l.store.Snapshot(store.Range{Tenant: t, Kind: k, From: 0, To: math.MaxInt64})
		defer n.Release()
		return len(n.Segments()) > 0
	})
}

func (l *Lake) putManifest(ctx context.Context, p partition, m manifest) error {
	text, err := encode(m)
	if err != nil {
		return err
	}
	return l.putBytes(ctx, p.manifest(), text)
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
func (l *Lake) clean(ctx context.Context, p partition, ids []store.SegmentID) error {
	for _, id := range ids {
		if err := l.target.Remove(ctx, p.file(id)); err != nil {
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
