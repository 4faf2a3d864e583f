package export

import (
	"cmp"
	"context"
	"io"
	"slices"
	"time"

	"analytics/engine/archive"
	"analytics/engine/columns"
	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
)

// Request is what to take away.
type Request struct {
	Tenant   store.Tenant
	Kind     event.Kind
	From, To time.Time // [From, To)
	Format   string    // of Formats
	// Progress, if not nil, hears how many events are written so far, after each chunk.
	Progress func(rows int64)
}

// Export is a view that is ready to be written.
type Export struct {
	request  Request
	snapshot *store.Snapshot
	from, to event.Micros
}

// Open takes the view. The caller closes it.
func Open(s *store.Store, r Request) (*Export, error) {
	if !slices.Contains(Formats(), r.Format) {
		return nil, fault.At(fault.Invalid, "invalid_value", "format",
			"unknown format %q; formats are parquet, csv and ndjson", r.Format)
	}
	e := &Export{request: r, from: event.MicrosOf(r.From), to: event.MicrosOf(r.To)}
	e.snapshot = s.Snapshot(store.Range{Tenant: r.Tenant, Kind: r.Kind, From: e.from, To: e.to})
	return e, nil
}

// Close lets the view go.
func (e *Export) Close() { e.snapshot.Release() }

// Rows is how many events there are. Only chunks at the ends of the range are read, and of them
// only the times.
func (e *Export) Rows(ctx context.Context) (int64, error) {
	n := int64(0)
	for _, c := range e.snapshot.Chunks() {
		if e.holds(c.Min) && e.holds(c.Max) {
			n += int64(c.Rows)
			continue
		}
		rec, err := c.Read(ctx, []int{event.Timestamp})
		if err != nil {
			return 0, err
		}
		r := columns.NewRows(e.request.Kind, rec)
		var ev event.Event
		for i := range int(rec.NumRows()) {
			if r.Event(&ev, i); e.holds(ev.Time()) {
				n++
			}
		}
	}
	return n, nil
}

// Write writes the events to w and says how many they were. Memory is that of the largest chunk.
func (e *Export) Write(ctx context.Context, w io.Writer) (rows int64, err error) {
	chunks := e.snapshot.Chunks()
	slices.SortStableFunc(chunks, func(a, b store.Chunk) int { return cmp.Compare(a.Min, b.Min) })
	var to sink
	switch e.request.Format {
	case "csv":
		to = textSink{newCSV(w, e.request.Kind)}
	case "ndjson":
		to = textSink{newNDJSON(w, e.request.Kind)}
	default:
		to = &parquetSink{w: archive.NewExportWriter(w, e.request.Kind)}
	}
	for i := range chunks {
		n, err := to.chunk(ctx, e, &chunks[i])
		rows += n
		if err != nil {
			return rows, err
		}
		if e.request.Progress != nil {
			e.request.Progress(rows)
		}
	}
	return rows, to.close()
}

// sink is a format. There are two: row by row, and by records.
type sink interface {
	chunk(ctx context.Context, e *Export, c *store.Chunk) (rows int64, err error)
	close() error
}

type textSink struct{ *lines }

func (t textSink) chunk(ctx context.Context, e *Export, c *store.Chunk) (rows int64, err error) {
	rec, err := c.Read(ctx, nil)
	if err != nil {
		return 0, err
	}
	r := columns.NewRows(e.request.Kind, rec)
	var ev event.Event
	for i := range int(rec.NumRows()) {
		r.Event(&ev, i)
		if !e.holds(ev.Time()) {
			continue
		}
		if err := t.Event(&ev); err != nil {
			return rows, err
		}
		rows++
	}
	return rows, nil
}

func (t textSink) close() error { return t.Flush() }

type parquetSink struct{ w *archive.ExportWriter }

// chunk hands a record on as it is, unless some of its rows lie outside the range: at the ends of
// it, and in the head.
func (p *parquetSink) chunk(ctx context.Context, e *Export, c *store.Chunk) (int64, error) {
	rec, err := c.Read(ctx, nil)
	if err != nil {
		return 0, err
	}
	if e.holds(c.Min) && e.holds(c.Max) {
		return rec.NumRows(), p.w.Write(rec)
	}
	b := columns.NewBuilder(e.request.Kind)
	r := columns.NewRows(e.request.Kind, rec)
	var ev event.Event
	for i := range int(rec.NumRows()) {
		if r.Event(&ev, i); !e.holds(ev.Time()) {
			continue
		}
		if err := b.AppendRow(&ev); err != nil {
			return 0, err
		}
	}
	n := int64(b.Len())
	if n == 0 {
		return 0, nil
	}
	return n, p.w.Write(b.Record(nil))
}

func (p *parquetSink) close() error { return p.w.Close() }

func (e *Export) holds(t event.Micros) bool { return e.from <= t && t < e.to }
