package lake

import (
	"context"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
)

// Holds says whether a segment is in the archive for certain: committed, and its file read again now,
// all of it. The reason is empty if it is.
func (l *Lake) Holds(
	ctx context.Context, t store.Tenant, kind event.Kind, from event.Hour, id store.SegmentID,
) (reason string, err error) {
	p := partition{t, kind, from / hoursPerDay * hoursPerDay}
	r, err := l.row(p)
	if err != nil {
		return "", err
	}
	f, ok := r.find(id)
	if !ok {
		return "not archived yet; the job archive does it, also by `analytics jobs run archive`", nil
	}
	if err := l.whole(ctx, p.file(id), f); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		l.cfg.Log.Error("archive: a file is not what was archived; its events stay in the store",
			"file", p.file(id), "error", err)
		if fault.Of(err).Code == "archive_damaged" {
			return "its archive file is damaged", nil
		}
		return "its archive file cannot be read", nil
	}
	return "", nil
}

// Drop lets the events of segments go that Holds vouched for; questions read them from the archive.
func (l *Lake) Drop(
	ctx context.Context, t store.Tenant, kind event.Kind, ids []store.SegmentID,
) (store.DropReport, error) {
	if len(ids) == 0 {
		return store.DropReport{}, nil
	}
	l.cfg.Failpoint("archive.rechecked")
	done, err := l.store.DropSegments(ctx, t, kind, ids)
	l.cfg.Failpoint("archive.dropped")
	return done, err
}

// Damage is a file of the archive that is not what was committed.
type Damage struct {
	File    string `json:"file"`
	Problem string `json:"problem"`
}

// Verify reads every file that is committed and lists those that are missing or damaged.
func (l *Lake) Verify(ctx context.Context, t store.Tenant) (files int, bad []Damage, err error) {
	for _, kind := range event.Kinds() {
		days, err := l.rows(t, kind)
		if err != nil {
			return files, bad, err
		}
		for _, p := range days {
			r, err := l.row(p)
			if err != nil {
				return files, bad, err
			}
			for _, f := range r.Files {
				if err := ctx.Err(); err != nil {
					return files, bad, err
				}
				files++
				if err := l.whole(ctx, p.file(f.Segment), f); err != nil {
					bad = append(bad, Damage{p.file(f.Segment), err.Error()})
				}
			}
		}
	}
	return files, bad, nil
}
