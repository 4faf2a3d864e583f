package lake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"path"
	"slices"
	"strings"

	"analytics/engine/fault"
	"analytics/engine/store"
)

// claim writes down which files a run may leave in a partition, and refuses one with files of another
// store. A store that was restored from a backup is another than it was: what it archived after that
// backup is in the archive and nowhere else, and would be removed as what no row names.
func (l *Lake) claim(ctx context.Context, w *work, n *store.Snapshot) error {
	live := map[store.SegmentID]*store.Segment{}
	for _, g := range n.Segments() { // not those of the list of work: some may have been merged since
		if g.From/hoursPerDay*hoursPerDay != w.day {
			continue
		}
		w.known[g.ID] = true
		if !g.RawDropped && !g.Archived() {
			live[g.ID] = &g
		}
	}
	names, err := l.parquet(ctx, w.partition)
	if err != nil {
		return err
	}
	for _, name := range names {
		id, ours := w.wrote(name)
		if g := live[id]; !ours && g != nil {
			if ours, err = l.same(ctx, n, w, g); err != nil {
				return err
			}
		}
		if !ours {
			return fault.New(fault.Conflict, "archive_foreign", "the archive has %s, which this store did not write; "+
				"its events may be nowhere else. If the store was restored, `analytics archive adopt` takes them over; "+
				"or else move the file away, or name another place for the archive. The day stays in the store until then",
				path.Join(w.dir(), name))
		}
	}
	known := len(w.row.Planned)
	for id := range live {
		if _, ok := w.row.find(id); !ok && !slices.Contains(w.row.Planned, id) {
			w.row.Planned = append(w.row.Planned, id)
		}
	}
	if len(w.row.Planned) == known {
		return nil
	}
	return l.put(ctx, w.partition, w.row)
}

// same reports whether the file with the name of a segment is that segment's: a store that was restored archives
// again what it had archived before.
func (l *Lake) same(ctx context.Context, n *store.Snapshot, w *work, g *store.Segment) (bool, error) {
	size, sum, err := l.digest(ctx, w.file(g.ID))
	if err != nil || size != g.Size() {
		return false, err
	}
	h := sha256.New()
	err = n.Copy(ctx, g, h)
	return hex.EncodeToString(h.Sum(nil)) == sum, err
}

// wrote reports whether this store wrote a file: one that its row names, or that a run may have left.
func (w *work) wrote(name string) (id store.SegmentID, ours bool) {
	id, ok := w.segment(name)
	_, committed := w.row.find(id)
	return id, ok && (committed || slices.Contains(w.row.Planned, id))
}

// parquet lists the Parquet files of a partition.
func (l *Lake) parquet(ctx context.Context, p partition) ([]string, error) {
	names, _, err := l.target.List(ctx, p.dir())
	return slices.DeleteFunc(names, func(name string) bool { return !strings.HasSuffix(name, ".parquet") }), err
}
