package lake

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"time"

	"analytics/engine/archive"
	"analytics/engine/columns"
	"analytics/engine/event"
	"analytics/engine/fault"
)

// manifestName begins with _ so that no program takes it for data.
const manifestName = "_manifest.json"

// manifest is what a partition holds, for whoever has only the files. Sums are in the units that are
// kept: nano-USD, microseconds, whole numbers; IDs is the sum of the FNV-1a hashes of all ids modulo
// 2^64, in hexadecimal, which does not depend on their order.
type manifest struct {
	Version int `json:"version"`
	// Store is which store wrote it (identity.go); empty if that was before stores had names.
	Store  string     `json:"store,omitempty"`
	Type   string     `json:"type"`
	Tenant string     `json:"tenant"`
	Date   string     `json:"date"`
	At     time.Time  `json:"at"`
	Rows   int64      `json:"rows"`
	Files  []contents `json:"files"`
}

// contents is a file and what is in it.
type contents struct {
	file
	Name  string           `json:"name"`
	First time.Time        `json:"first"`
	Last  time.Time        `json:"last"`
	IDs   string           `json:"ids"`
	Sums  map[string]int64 `json:"sums"`
}

// measure reads a file and adds up what is in it.
func measure(ctx context.Context, r io.ReaderAt, size int64) (c contents, err error) {
	f, err := archive.Open(r, size)
	if err != nil {
		return c, err
	}
	c.Sums, c.Rows = map[string]int64{}, f.Rows()
	ids := uint64(0)
	fields := f.Kind().Fields()
	var e event.Event
	var text []byte
	for g := range f.RowGroups() {
		if err := ctx.Err(); err != nil {
			return c, err
		}
		first, last := f.GroupTime(g)
		if c.First.IsZero() || first.Time().Before(c.First) {
			c.First = first.Time().UTC()
		}
		if c.Last.IsZero() || last.Time().After(c.Last) {
			c.Last = last.Time().UTC()
		}
		rec, err := f.Read(g, nil)
		if err != nil {
			return c, err
		}
		rows := columns.NewRows(f.Kind(), rec)
		for i := range f.GroupRows(g) {
			rows.Event(&e, i)
			text = event.AppendIDText(text[:0], e.Text(event.EventID))
			h := fnv.New64a()
			_, _ = h.Write(text)
			ids += h.Sum64()
			for at, field := range fields {
				switch field.Type {
				case event.Int, event.Money, event.Millis:
					if e.Has(at) {
						c.Sums[field.Name] += e.Int(at)
					}
				}
			}
		}
		rec.Release()
	}
	c.IDs = fmt.Sprintf("%016x", ids)
	return c, nil
}

// manifestVersion is what this code writes, and the newest that it reads.
const manifestVersion = 1

// oldManifest reads the manifest of a partition. What cannot be read is made again, but not what a newer program
// wrote: it knows more of the files than we do.
func (l *Lake) oldManifest(ctx context.Context, p partition) (m manifest, err error) {
	r, err := l.target.Read(ctx, p.manifest())
	if err != nil {
		return m, nil
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, maxManifest))
	if err != nil {
		return m, nil
	}
	var mark struct {
		Version int `json:"version"`
	}
	if json.Unmarshal(b, &mark) == nil && mark.Version > manifestVersion {
		return m, fault.New(fault.Newer, "archive_newer", "%s has version %d, newer than this program knows; start a "+
			"newer version of the program", p.manifest(), mark.Version)
	}
	if json.Unmarshal(b, &m) != nil {
		return manifest{}, nil
	}
	return m, nil
}

// maxManifest is far more than the manifest of a day with a thousand segments.
const maxManifest = 16 << 20
