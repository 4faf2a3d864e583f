package archive

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"analytics/engine/event"
)

// File is an open segment: the part of the footer that reading needs, about 60 bytes a column and
// row group. It is safe for concurrent use if the reader it was opened on is.
type File struct {
	r      io.ReaderAt
	size   int64
	kind   event.Kind
	cols   []column
	at     []int // field number -> position in cols, or -1
	groups []group
	rows   int64

	buffers sync.Pool // *buffer
}

// group is a row group.
type group struct {
	rows     int
	min, max event.Micros
	chunks   []extent // one for each of File.cols
}

// extent is where a column of a row group is.
type extent struct {
	from, size int64 // dictionary and pages
	dictSize   int64
	indexFrom  int64 // the offset index, which says where each page is
	indexSize  int32
	filterFrom int64
	filterSize int32
	zipped     bool
	nulls      int
}

// footerGuess is how much of the file's end is read first: the footers of most segments fit.
const footerGuess = 16 << 10

// Open reads the footer of a segment of size bytes.
func Open(r io.ReaderAt, size int64) (f *File, err error) {
	defer guard(&err)
	footer, err := readFooter(r, size)
	if err != nil {
		return nil, err
	}
	var meta format.FileMetaData
	if err := thrift.Unmarshal(&thrift.CompactProtocol{}, footer, &meta); err != nil {
		return nil, fmt.Errorf("%w: footer: %w", ErrDamaged, err)
	}
	f = &File{r: r, size: size, rows: meta.NumRows}
	if err := f.identify(&meta); err != nil {
		return nil, err
	}
	place, err := f.readSchema(&meta)
	if err != nil {
		return nil, err
	}
	rows := int64(0)
	for i := range meta.RowGroups {
		g, err := f.readGroup(&meta.RowGroups[i], place, len(meta.Schema)-1)
		if err != nil {
			return nil, err
		}
		f.groups = append(f.groups, g)
		rows += int64(g.rows)
	}
	if rows != meta.NumRows {
		return nil, fmt.Errorf("%w: %d rows in groups, %d in the footer", ErrDamaged, rows, meta.NumRows)
	}
	return f, nil
}

func readFooter(r io.ReaderAt, size int64) ([]byte, error) {
	if size < 12 {
		return nil, fmt.Errorf("%w: %d bytes", ErrDamaged, size)
	}
	tail := make([]byte, min(size, footerGuess))
	if err := readFull(r, tail, size-int64(len(tail))); err != nil {
		return nil, err
	}
	end := len(tail) - 8
	if string(tail[end+4:]) != "PAR1" {
		return nil, fmt.Errorf("%w: it does not end as Parquet does", ErrDamaged)
	}
	n := int64(binary.LittleEndian.Uint32(tail[end:]))
	if n > size-12 {
		return nil, fmt.Errorf("%w: footer of %d bytes in a file of %d", ErrDamaged, n, size)
	}
	if n <= int64(end) {
		return tail[end-int(n) : end], nil
	}
	footer := make([]byte, n)
	if err := readFull(r, footer, size-8-n); err != nil {
		return nil, err
	}
	return footer, nil
}

// identify checks that the file is one of ours, and of a version known here.
func (f *File) identify(meta *format.FileMetaData) error {
	versioned := false
	for _, kv := range meta.KeyValueMetadata {
		switch kv.Key {
		case versionKey:
			if v, err := strconv.Atoi(kv.Value); err != nil || v > Version {
				return fmt.Errorf("%w: %q, known is %d", ErrNewer, kv.Value, Version)
			}
			versioned = true
		case kindKey:
			f.kind, _ = event.ParseKind(kv.Value)
		}
	}
	if !f.kind.Valid() || !versioned {
		return fmt.Errorf("%w: it is not a segment of events", ErrDamaged)
	}
	return nil
}

// readSchema fills cols and at; place is the position in cols of each column of the file, -1 for
// those that are not known here.
func (f *File) readSchema(meta *format.FileMetaData) (place []int, err error) {
	f.at = make([]int, len(f.kind.Fields()))
	for i := range f.at {
		f.at[i] = -1
	}
	if len(meta.Schema) == 0 {
		return nil, fmt.Errorf("%w: no schema", ErrDamaged)
	}
	last := -1
	for i := range meta.Schema[1:] {
		c, ok, err := columnOf(f.kind, &meta.Schema[i+1])
		if err != nil {
			return nil, err
		}
		if !ok {
			place = append(place, -1)
			continue
		}
		if c.field <= last {
			return nil, fmt.Errorf("%w: column %s is out of order", ErrDamaged, c.name)
		}
		last = c.field
		f.at[c.field] = len(f.cols)
		place = append(place, len(f.cols))
		f.cols = append(f.cols, c)
	}
	if f.at[event.Timestamp] < 0 || f.at[event.EventID] < 0 {
		return nil, fmt.Errorf("%w: no timestamp or no id", ErrDamaged)
	}
	return place, nil
}

func (f *File) readGroup(rg *format.RowGroup, place []int, width int) (group, error) {
	g := group{rows: int(rg.NumRows), chunks: make([]extent, len(f.cols))}
	if rg.NumRows <= 0 || rg.NumRows > GroupRows || len(rg.Columns) != width {
		return g, fmt.Errorf("%w: row group of %d rows, %d columns", ErrDamaged,
			rg.NumRows, len(rg.Columns))
	}
	for i := range rg.Columns {
		if place[i] < 0 {
			continue
		}
		m := &rg.Columns[i].MetaData
		e := &g.chunks[place[i]]
		e.from = m.DataPageOffset
		if m.DictionaryPageOffset > 0 {
			e.from = m.DictionaryPageOffset
		}
		e.dictSize = m.DataPageOffset - e.from
		e.indexFrom, e.indexSize = rg.Columns[i].OffsetIndexOffset, rg.Columns[i].OffsetIndexLength
		e.size, e.nulls = m.TotalCompressedSize, int(m.Statistics.NullCount)
		e.filterFrom, e.filterSize = m.BloomFilterOffset, m.BloomFilterLength
		e.zipped = m.Codec == format.Zstd
		if e.from < 4 || e.size < 0 || e.from > f.size-e.size || m.NumValues != rg.NumRows ||
			e.nulls < 0 || e.nulls > g.rows || e.filterSize < 0 || e.filterFrom < 0 ||
			e.filterFrom > f.size-int64(e.filterSize) || e.dictSize < 0 || e.dictSize > e.size ||
			e.indexFrom < 0 || e.indexSize < 0 || e.indexFrom > f.size-int64(e.indexSize) ||
			(m.Codec != format.Zstd && m.Codec != format.Uncompressed) {
			return g, fmt.Errorf("%w: column %s lies outside", ErrDamaged, f.cols[place[i]].name)
		}
		if f.cols[place[i]].field == event.Timestamp {
			s := &m.Statistics
			if len(s.MinValue) != 8 || len(s.MaxValue) != 8 {
				return g, fmt.Errorf("%w: a row group without its span of time", ErrDamaged)
			}
			g.min = event.Micros(binary.LittleEndian.Uint64(s.MinValue))
			g.max = event.Micros(binary.LittleEndian.Uint64(s.MaxValue))
		}
	}
	return g, nil
}

// Kind is the kind of the events.
func (f *File) Kind() event.Kind { return f.kind }

// Rows is the number of events.
func (f *File) Rows() int64 { return f.rows }

// RowGroups is the number of row groups.
func (f *File) RowGroups() int { return len(f.groups) }

// GroupRows is the number of events in a row group.
func (f *File) GroupRows(g int) int { return f.groups[g].rows }

// GroupTime is the first and last timestamp in a row group.
func (f *File) GroupTime(g int) (first, last event.Micros) {
	return f.groups[g].min, f.groups[g].max
}

// guard turns a panic of a decoder into an error: damaged bytes must not stop the server, and not
// every decoder in use checks every length.
func guard(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("%w: %v", ErrDamaged, p)
	}
}

// readFull reads exactly len(p) bytes.
func readFull(r io.ReaderAt, p []byte, at int64) error {
	n, err := r.ReadAt(p, at)
	if n == len(p) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: it ends at byte %d", ErrDamaged, at+int64(n))
	}
	return fmt.Errorf("archive: read: %w", err)
}

// offsetReader is a reader that begins somewhere else.
type offsetReader struct {
	r    io.ReaderAt
	from int64
}

func (o *offsetReader) ReadAt(p []byte, at int64) (int, error) { return o.r.ReadAt(p, o.from+at) }

// ColumnSize is the number of bytes that a column takes in all row groups, without its filters.
func (f *File) ColumnSize(field int) int64 {
	n := int64(0)
	for g := range f.groups {
		if field >= 0 && field < len(f.at) && f.at[field] >= 0 {
			n += f.groups[g].chunks[f.at[field]].size
		}
	}
	return n
}
