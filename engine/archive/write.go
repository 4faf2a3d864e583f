package archive

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"analytics/engine/columns"
	"analytics/engine/event"
)

// Options says how a segment is written. The zero value is what the store uses.
type Options struct {
	// GroupRows is the number of rows in a row group, a multiple of eight; 0 means GroupRows, which
	// is also the most.
	GroupRows int
	// PageRows is the number of rows in a page, a multiple of eight; 0 means 8,192. Readers take any.
	PageRows int
}

// Segment is a file in memory with what a catalog wants to know about it.
type Segment struct {
	Data             []byte
	Rows             int
	MinTime, MaxTime event.Micros
	RowGroups        int
}

// chunk is a column of a row group that has been written.
type chunk struct {
	meta   format.ColumnChunk
	pages  format.OffsetIndex
	bounds *format.ColumnIndex // only of numbers
	filter []byte              // the bloom filter, if the column has one
}

// writer puts a file together in memory.
type writer struct {
	kind   event.Kind
	cols   []column
	out    []byte
	past   int64 // bytes that left out already
	sorted bool  // by the first column
	rows   int   // of a page
	zip    *zstd.Encoder
	proto  thrift.CompactProtocol
	groups []format.RowGroup
	chunks []*chunk // of all groups, in the order of the file
}

// Write makes a file of a record that is sorted by time. The same record gives the same bytes.
func Write(kind event.Kind, rec arrow.Record, opt Options) (*Segment, error) {
	if opt.GroupRows <= 0 || opt.GroupRows > GroupRows {
		opt.GroupRows = GroupRows
	}
	at := columns.Index(rec, kind)
	if rec.NumRows() == 0 || at[event.Timestamp] < 0 || at[event.EventID] < 0 {
		return nil, errors.New("archive: a segment needs rows with timestamp and id")
	}
	w, err := newWriter(kind, planColumns(kind, rec))
	if err != nil {
		return nil, err
	}
	defer w.zip.Close()
	w.sorted = true
	if opt.PageRows > 0 {
		w.rows = opt.PageRows
	}
	arrays := make([]arrow.Array, len(w.cols))
	for i := range w.cols {
		arrays[i] = rec.Column(at[w.cols[i].field])
	}
	rows := int(rec.NumRows())
	for from := 0; from < rows; from += opt.GroupRows {
		if err := w.group(arrays, from, min(from+opt.GroupRows, rows)); err != nil {
			return nil, err
		}
	}
	version := format.KeyValue{Key: versionKey, Value: strconv.Itoa(Version)}
	if err := w.finish(version, format.KeyValue{Key: kindKey, Value: kind.String()}); err != nil {
		return nil, err
	}
	times := rec.Column(at[event.Timestamp]).(*array.Timestamp)
	return &Segment{
		Data: w.out, Rows: rows, RowGroups: len(w.groups),
		MinTime: event.Micros(times.Value(0)), MaxTime: event.Micros(times.Value(rows - 1)),
	}, nil
}

func newWriter(kind event.Kind, cols []column) (*writer, error) {
	zip, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false))
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	return &writer{kind: kind, cols: cols, zip: zip, rows: pageRows, out: []byte("PAR1")}, nil
}

// at is where in the file the next byte goes.
func (w *writer) at() int64 { return w.past + int64(len(w.out)) }

// group writes rows [from, to) of the columns as a row group.
func (w *writer) group(arrays []arrow.Array, from, to int) error {
	g := format.RowGroup{
		NumRows: int64(to - from), FileOffset: w.at(), Ordinal: int16(len(w.groups)),
	}
	if w.sorted {
		g.SortingColumns = []format.SortingColumn{{ColumnIdx: 0}}
	}
	for i := range w.cols {
		c := &w.cols[i]
		k, err := w.column(c, arrays[i], from, to)
		if err != nil {
			return fmt.Errorf("archive: column %s: %w", c.name, err)
		}
		g.TotalByteSize += k.meta.MetaData.TotalUncompressedSize
		g.TotalCompressedSize += k.meta.MetaData.TotalCompressedSize
		w.chunks = append(w.chunks, k)
	}
	w.groups = append(w.groups, g)
	return nil
}

// column writes one column of a row group: its dictionary, then its pages.
func (w *writer) column(c *column, arr arrow.Array, from, to int) (*chunk, error) {
	v := gather(c, arr, from, to)
	k := &chunk{meta: format.ColumnChunk{MetaData: format.ColumnMetaData{
		Type: c.element().Type.V, PathInSchema: []string{c.name},
		Encoding: []format.Encoding{v.encoding}, NumValues: int64(to - from),
		Statistics: format.Statistics{NullCount: int64(to - from - v.n)},
	}}}
	m := &k.meta.MetaData
	if c.optional {
		m.Encoding = append(m.Encoding, format.RLE)
	}
	if v.encoding == format.RLEDictionary {
		m.Encoding = append(m.Encoding, format.Plain)
	}
	if v.bounds != nil && v.n > 0 {
		m.Statistics.MinValue, m.Statistics.MaxValue = v.bounds(0, v.n)
	}
	if c.shape == shapeInt {
		k.bounds = &format.ColumnIndex{}
	}
	if v.hashes != nil {
		k.filter = filterOf(v.hashes)
	}
	begin := w.at()
	if v.encoding == format.RLEDictionary {
		m.DictionaryPageOffset = begin
		if err := w.dictionary(k, v); err != nil {
			return nil, err
		}
	}
	m.DataPageOffset = w.at()
	done := 0
	var bitmap []byte
	if c.optional {
		bitmap = bitmapOf(arr, from, to)
	}
	for row := 0; row < to-from; row += w.rows {
		end := min(row+w.rows, to-from)
		n := end - row
		var levels []byte
		if c.optional {
			n = countBits(bitmap, row, end)
			levels = appendBits(nil, bitmap[row/8:], end-row)
		}
		if err := w.page(k, v, row, end-row, levels, done, done+n); err != nil {
			return nil, err
		}
		done += n
	}
	m.TotalCompressedSize = w.at() - begin
	return k, nil
}

// dictionary writes the page of distinct values. It is compressed if that helps; since a chunk's
// codec holds for its dictionary whatever the pages do, the choice here is the chunk's.
func (w *writer) dictionary(k *chunk, v *values) error {
	body := v.dict
	if zipped := w.zip.EncodeAll(body, nil); worthwhile(zipped, body) {
		body = zipped
		k.meta.MetaData.Codec = format.Zstd
	}
	return w.put(k, &format.PageHeader{
		Type: format.DictionaryPage, UncompressedPageSize: int32(len(v.dict)),
		DictionaryPageHeader: thrift.New(format.DictionaryPageHeader{NumValues: int32(v.dictN)}),
	}, nil, body)
}

// page writes one page of rows from row on: their levels and the values [from, to).
func (w *writer) page(k *chunk, v *values, row, rows int, levels []byte, from, to int) error {
	m := &k.meta.MetaData
	body := v.page(nil, from, to)
	raw := len(body) + len(levels)
	zipped := false
	// Dense pages are not worth the time, and a chunk whose dictionary stayed plain has no codec.
	if (!v.dense || len(body) > 64 && m.Codec == format.Zstd) && len(body) > 0 {
		if z := w.zip.EncodeAll(body, nil); worthwhile(z, body) {
			body, zipped = z, true
			m.Codec = format.Zstd
		}
	}
	k.pages.PageLocations = append(k.pages.PageLocations, format.PageLocation{
		Offset: w.at(), FirstRowIndex: int64(row),
	})
	if k.bounds != nil {
		k.bounds.NullPages = append(k.bounds.NullPages, from == to)
		k.bounds.NullCounts = append(k.bounds.NullCounts, int64(rows-(to-from)))
		low, high := []byte{}, []byte{}
		if from < to {
			low, high = v.bounds(from, to)
		}
		k.bounds.MinValues = append(k.bounds.MinValues, low)
		k.bounds.MaxValues = append(k.bounds.MaxValues, high)
	}
	err := w.put(k, &format.PageHeader{
		Type: format.DataPageV2, UncompressedPageSize: int32(raw),
		DataPageHeaderV2: thrift.New(format.DataPageHeaderV2{
			NumValues: int32(rows), NumNulls: int32(rows - (to - from)), NumRows: int32(rows),
			Encoding: v.encoding, DefinitionLevelsByteLength: int32(len(levels)),
			IsCompressed: thrift.New(zipped),
		}),
	}, levels, body)
	last := &k.pages.PageLocations[len(k.pages.PageLocations)-1]
	last.CompressedPageSize = int32(w.at() - last.Offset)
	return err
}

// put appends a page: header, levels, body.
func (w *writer) put(k *chunk, h *format.PageHeader, levels, body []byte) error {
	h.CompressedPageSize = int32(len(levels) + len(body))
	h.CRC = int32(crc32.Update(crc32.ChecksumIEEE(levels), crc32.IEEETable, body))
	head, err := thrift.Marshal(&w.proto, h)
	if err != nil {
		return fmt.Errorf("page header: %w", err)
	}
	k.meta.MetaData.TotalUncompressedSize += int64(len(head)) + int64(h.UncompressedPageSize)
	w.out = append(append(append(w.out, head...), levels...), body...)
	return nil
}

// worthwhile says whether compression saves enough to pay for undoing it at every read: an eighth.
func worthwhile(zipped, plain []byte) bool { return len(zipped) < len(plain)-len(plain)/8 }

// bitmapOf is the validity of rows [from, to) from bit 0 on.
func bitmapOf(arr arrow.Array, from, to int) []byte {
	if arr == nil {
		return make([]byte, (to-from+7)/8)
	}
	at := arr.Data().Offset() + from
	bitmap := arr.NullBitmapBytes()
	if bitmap == nil {
		return ones(to - from)
	}
	if at%8 == 0 {
		return bitmap[at/8:]
	}
	return shiftBits(bitmap, at, at+to-from)
}

func ones(n int) []byte {
	bitmap := make([]byte, (n+7)/8)
	fillBits(bitmap, 0, n)
	return bitmap
}

// finish writes what follows the row groups: bloom filters, indexes and the footer. Filters stand
// together so that looking for an id touches few pieces of the file.
func (w *writer) finish(about ...format.KeyValue) error {
	if err := w.filters(); err != nil {
		return err
	}
	for _, k := range w.chunks {
		if k.bounds == nil {
			continue
		}
		k.meta.ColumnIndexOffset = w.at()
		if err := w.append(k.bounds, &k.meta.ColumnIndexLength); err != nil {
			return err
		}
	}
	for _, k := range w.chunks {
		k.meta.OffsetIndexOffset = w.at()
		if err := w.append(&k.pages, &k.meta.OffsetIndexLength); err != nil {
			return err
		}
	}
	n := int32(len(w.cols))
	meta := &format.FileMetaData{
		Version: 2, CreatedBy: "analytics", KeyValueMetadata: about,
		Schema: []format.SchemaElement{{Name: w.kind.String(), NumChildren: thrift.New(n)}},
	}
	for i := range w.cols {
		meta.Schema = append(meta.Schema, w.cols[i].element())
		meta.ColumnOrders = append(meta.ColumnOrders,
			format.ColumnOrder{Value: &format.TypeDefinedOrder{}})
	}
	for i := range w.groups {
		meta.NumRows += w.groups[i].NumRows
		for _, k := range w.chunks[i*len(w.cols) : (i+1)*len(w.cols)] {
			w.groups[i].Columns = append(w.groups[i].Columns, k.meta)
		}
	}
	meta.RowGroups = w.groups
	var size int32
	if err := w.append(meta, &size); err != nil {
		return err
	}
	w.out = binary.LittleEndian.AppendUint32(w.out, uint32(size))
	w.out = append(w.out, "PAR1"...)
	return nil
}

// append encodes a Thrift struct at the end of the file and says how long it is.
func (w *writer) append(v any, size *int32) error {
	b, err := thrift.Marshal(&w.proto, v)
	if err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	*size = int32(len(b))
	w.out = append(w.out, b...)
	return nil
}
