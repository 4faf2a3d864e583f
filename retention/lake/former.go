package lake

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/plural"
	"analytics/engine/store"
)

// found is a day of the archive, beside what the store knows of it.
type found struct {
	partition
	row      row
	names    []string // of its Parquet files
	manifest manifest
	listed   bool // there is a manifest
}

// Tenants lists whose events the archive has. It fails if that is nobody, and the store says that there are some: a
// volume that is not mounted, or another place than that of before.
func (l *Lake) Tenants(ctx context.Context) ([]store.Tenant, error) {
	all, err := l.tenants(ctx)
	if err != nil || len(all) > 0 {
		return all, err
	}
	for _, t := range l.store.Tenants() {
		days, err := l.archived(t)
		if err != nil {
			return nil, err
		}
		if days > 0 && l.any(t) {
			return nil, fault.New(fault.Unavailable, "archive_missing", "%s has nothing at all, and the store says that "+
				"%s there; see that it is mounted, and the right place", l.target, plural.Of(days, "day is", "days are"))
		}
	}
	return nil, nil
}

// archived is how many days of a tenant the archive must have.
func (l *Lake) archived(t store.Tenant) (days int, err error) {
	for _, kind := range event.Kinds() {
		committed, err := l.rows(t, kind)
		if err != nil {
			return days, err
		}
		for _, p := range committed {
			r, err := l.row(p)
			if err != nil {
				return days, err
			}
			days += min(len(r.Files), 1)
		}
	}
	return days, nil
}

func (l *Lake) tenants(ctx context.Context) (all []store.Tenant, err error) {
	for _, kind := range event.Kinds() {
		_, folders, err := l.target.List(ctx, kind.String())
		if err != nil {
			return nil, err
		}
		for _, name := range folders {
			text, ok := strings.CutPrefix(name, "tenant=")
			if t, err := tenantOf(text); ok && err == nil && !slices.Contains(all, t) {
				all = append(all, t)
			}
		}
	}
	return all, nil
}

// survey lists the days of a tenant that the archive has, of one kind after the other.
func (l *Lake) survey(ctx context.Context, t store.Tenant) (days []*found, err error) {
	for _, kind := range event.Kinds() {
		_, folders, err := l.target.List(ctx, path.Join(kind.String(), "tenant="+tenantName(t)))
		if err != nil {
			return nil, err
		}
		for _, name := range folders {
			text, ok := strings.CutPrefix(name, "date=")
			if at, err := time.Parse(time.DateOnly, text); ok && err == nil { // or else it is somebody else's
				days = append(days, &found{partition: partition{t, kind, event.MicrosOf(at).Hour()}})
			}
		}
		committed, err := l.rows(t, kind)
		if err != nil {
			return nil, err
		}
		for _, p := range committed { // of which the archive may have nothing any more
			if !slices.Contains(folders, "date="+p.date()) {
				days = append(days, &found{partition: p})
			}
		}
	}
	return days, l.findAll(ctx, days)
}

// together is how many days are looked at at a time: of a bucket each takes two requests.
const together = 8

func (l *Lake) findAll(ctx context.Context, days []*found) error {
	var all sync.WaitGroup
	var next atomic.Int64
	problems := make([]error, together)
	for n := range together {
		all.Go(func() {
			for problems[n] == nil {
				i := int(next.Add(1)) - 1
				if i >= len(days) {
					return
				}
				problems[n] = l.find(ctx, days[i])
			}
		})
	}
	all.Wait()
	return errors.Join(problems...)
}

// find looks at what there is of a day.
func (l *Lake) find(ctx context.Context, d *found) (err error) {
	if d.row, err = l.row(d.partition); err != nil {
		return err
	}
	if d.names, err = l.parquet(ctx, d.partition); err != nil {
		return err
	}
	r, err := l.target.Read(ctx, d.partition.manifest())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, maxManifest))
	if err == nil {
		d.listed = json.Unmarshal(b, &d.manifest) == nil || d.manifest.Version > manifestVersion
	}
	return err
}

// settled reports whether the store knows all that is there, and nothing else.
func (d *found) settled() bool {
	files := func(m []contents) (out []file) {
		for _, c := range m {
			out = append(out, c.file)
		}
		return out
	}
	if d.listed && !sameFiles(files(d.manifest.Files), d.row.Files) || !d.listed && len(d.row.Files) > 0 {
		return false
	}
	return !slices.ContainsFunc(d.names, func(name string) bool {
		id, ok := d.segment(name)
		_, committed := d.row.find(id)
		return !ok || !committed && !slices.Contains(d.row.Planned, id)
	})
}

func sameFiles(a, b []file) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(f file) bool { return !slices.Contains(b, f) })
}

// shares reports whether a file of the manifest is one that this store put there.
func (d *found) shares() bool {
	return slices.ContainsFunc(d.manifest.Files, func(c contents) bool { return slices.Contains(d.row.Files, c.file) })
}

// lineage is which stores this one goes on from.
type lineage struct {
	names map[string]bool
	there bool // the archive has a manifest of one of them
}

// lineageOf finds the names of stores that manifests have and that are this one: its own, and that of a manifest
// with a file that this one put there itself. Manifests of before stores had names have none; they are all of one.
func lineageOf(self string, days []*found) lineage {
	l := lineage{names: map[string]bool{self: true}}
	for _, d := range days {
		if d.listed && d.shares() {
			l.names[d.manifest.Store] = true
		}
	}
	l.there = slices.ContainsFunc(days, func(d *found) bool { return d.listed && l.names[d.manifest.Store] })
	return l
}

// refused says why a manifest is not to be believed, and nil if nothing speaks against it.
func (d *found) refused() error {
	m := &d.manifest
	switch {
	case !d.listed && len(d.names) == 0:
		return fault.New(fault.Conflict, "adopt_doubtful", "the archive has nothing of the day any more; put its files back "+
			"from a copy, or if all of it was erased, say --trust, and its counts go, too")
	case !d.listed:
		return fault.New(fault.Conflict, "adopt_doubtful", "nothing says what files there are: %s is missing, or cannot "+
			"be read", d.partition.manifest())
	case m.Version > manifestVersion:
		return fault.New(fault.Newer, "archive_newer", "%s has version %d, newer than this program knows; start a newer "+
			"version of the program", d.partition.manifest(), m.Version)
	case m.Type != d.kind.String() || m.Tenant != tenantName(d.tenant) || m.Date != d.date():
		return fault.New(fault.Damaged, "archive_damaged", "%s is the manifest of another day", d.partition.manifest())
	case m.At.Before(d.row.At):
		return fault.New(fault.Conflict, "adopt_doubtful", "the archive is of %s, older than what the store knows of it; "+
			"put the newer files back", m.At.UTC().Format(time.DateTime+" UTC"))
	}
	for _, c := range m.Files {
		if c.Name != path.Base(d.file(c.Segment)) {
			return fault.New(fault.Damaged, "archive_damaged", "%s names a file %q, which no segment has",
				d.partition.manifest(), c.Name)
		}
		if !slices.Contains(d.names, c.Name) {
			return fault.New(fault.Damaged, "archive_damaged", "%s is not there; put it back from a copy", d.file(c.Segment))
		}
	}
	return nil
}
