package archive

import (
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"analytics/engine/columns"
	"analytics/engine/event"
)

// Read reads the given fields of a row group, all of them if fields is nil, into a record as
// package columns describes them. Fields that no row of the group sets are not in it. The bytes of
// other columns are not fetched.
func (f *File) Read(g int, fields []int) (arrow.Record, error) {
	buf := f.buffer()
	defer f.buffers.Put(buf)
	return f.read(buf, g, fields)
}

// buffer borrows a buffer.
func (f *File) buffer() *buffer {
	if buf, ok := f.buffers.Get().(*buffer); ok {
		return buf
	}
	return &buffer{}
}

func (f *File) read(buf *buffer, g int, fields []int) (rec arrow.Record, err error) {
	defer guard(&err)
	if g < 0 || g >= len(f.groups) {
		return nil, fmt.Errorf("archive: no row group %d", g)
	}
	return f.gather(buf, g, fields, f.groups[g].rows, func(i int) error {
		e := &f.groups[g].chunks[i]
		buf.raw = grow(buf.raw, int(e.size))
		return readFull(f.r, buf.raw, e.from)
	})
}

// gather reads columns of a row group into a record of so many rows; fetch puts the pages of a
// column into the buffer.
func (f *File) gather(
	buf *buffer, g int, fields []int, rows int, fetch func(i int) error,
) (arrow.Record, error) {
	want := make([]bool, len(f.cols))
	for i := range want {
		want[i] = fields == nil
	}
	for _, field := range fields {
		if field >= 0 && field < len(f.at) && f.at[field] >= 0 {
			want[f.at[field]] = true
		}
	}
	var present []int
	var arrays []arrow.Array
	for i := range f.cols {
		if !want[i] || f.groups[g].chunks[i].nulls == f.groups[g].rows {
			continue
		}
		if err := fetch(i); err != nil {
			return nil, err
		}
		arr, err := f.column(g, i, rows, buf)
		if err != nil {
			return nil, err
		}
		if arr != nil {
			present = append(present, f.cols[i].field)
			arrays = append(arrays, arr)
		}
	}
	return array.NewRecord(columns.Schema(f.kind, present), arrays, int64(rows)), nil
}

// column puts the pages of a column in the buffer together.
func (f *File) column(g, i, rows int, buf *buffer) (arrow.Array, error) {
	e, c := &f.groups[g].chunks[i], &f.cols[i]
	unzip, err := buf.decoder()
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	pages := &pageReader{c: c, raw: buf.raw, buf: buf, unzip: unzip, rows: rows, zip: e.zipped}
	b := newCollector(c, rows, e.nulls, buf)
	for {
		p, err := pages.next()
		if errors.Is(err, io.EOF) {
			return b.array(pages)
		}
		if err == nil {
			err = b.add(pages, &p)
		}
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", c.name, err)
		}
	}
}

// IDs lists the keys and timestamps of all events, for telling duplicates for certain.
func (f *File) IDs() (keys []event.IDKey, times []event.Micros, err error) {
	keys = make([]event.IDKey, 0, f.rows)
	times = make([]event.Micros, 0, f.rows)
	for g := range f.groups {
		rec, err := f.Read(g, []int{event.Timestamp, event.EventID})
		if err != nil {
			return nil, nil, err
		}
		at := columns.Index(rec, f.kind)
		if at[event.Timestamp] < 0 || at[event.EventID] < 0 {
			return nil, nil, fmt.Errorf("%w: rows without timestamp or id", ErrDamaged)
		}
		ids := rec.Column(at[event.EventID]).(*array.Binary)
		for i, t := range rec.Column(at[event.Timestamp]).(*array.Timestamp).TimestampValues() {
			keys = append(keys, event.KeyOf(ids.Value(i)))
			times = append(times, event.Micros(t))
		}
	}
	return keys, times, nil
}
