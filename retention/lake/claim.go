package lake

import (
	"context"
	"encoding/json"
	"path"
	"slices"
	"strconv"
	"strings"

	"analytics/engine/fault"
	"analytics/engine/store"
)

// claim writes down which files a run may leave in a partition, and refuses one with files of another
// store. A store that was restored from a backup is another than it was: what it archived after that
// backup is in the archive and nowhere else, and would be removed as what no row names.
func (l *Lake) claim(ctx context.Context, w *work, n *store.Snapshot) error {
	known := len(w.row.Planned)
	for _, g := range n.Segments() { // not those of the list of work: some may have been merged since
		if g.From/hoursPerDay*hoursPerDay != w.day {
			continue
		}
		w.known[g.ID] = true
		if _, ok := w.row.find(g.ID); !ok && !g.RawDropped && !g.Archived() && !slices.Contains(w.row.Planned, g.ID) {
			w.row.Planned = append(w.row.Planned, g.ID)
		}
	}
	names, err := l.parquet(ctx, w.partition)
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, ours := w.wrote(name); !ours {
			return fault.New(fault.Conflict, "archive_foreign", "the archive has %s, which this store did not write; "+
				"if the store was restored, its events may be nowhere else. The day stays in the store until you move "+
				"the file away, or name another place for the archive", path.Join(w.dir(), name))
		}
	}
	if len(w.row.Planned) == known {
		return nil
	}
	value, err := json.Marshal(w.row)
	if err != nil {
		return err
	}
	return l.store.Shelf(w.tenant, "settings").Put(ctx, w.key(), value)
}

// wrote reports whether this store wrote a file: of a segment that it has, or that its row names.
func (w *work) wrote(name string) (id store.SegmentID, ours bool) {
	n, err := strconv.ParseUint(strings.TrimSuffix(name, ".parquet"), 16, 64)
	id = store.SegmentID(n)
	if err != nil || path.Base(w.file(id)) != name {
		return 0, false
	}
	_, committed := w.row.find(id)
	return id, committed || w.known[id] || slices.Contains(w.row.Planned, id)
}

// parquet lists the Parquet files of a partition.
func (l *Lake) parquet(ctx context.Context, p partition) ([]string, error) {
	names, _, err := l.target.List(ctx, p.dir())
	return slices.DeleteFunc(names, func(name string) bool { return !strings.HasSuffix(name, ".parquet") }), err
}
