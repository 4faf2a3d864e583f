package archive

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// maxPage is the largest page that is believed, after decompression.
const maxPage = 512 << 20

// padding is how many bytes decoders may read after the end of a page.
const padding = 64

// buffer is the memory that reading a column needs besides its result.
type buffer struct {
	raw   []byte // the column as it is in the file
	body  []byte // one page decompressed
	codes []int32
	nums  []int64
	unzip *zstd.Decoder // made on first use
	arena *Arena        // where results go; nil for memory of their own
}

// pageReader walks over the pages of a column of a row group.
type pageReader struct {
	c     *column
	raw   []byte // what is left of the column
	buf   *buffer
	unzip *zstd.Decoder
	proto thrift.CompactProtocol
	rows  int // rows in the pages to come
	zip   bool

	dict  []byte // body of the dictionary page, copied
	dictN int
}

// page is one page of data.
type page struct {
	rows, values int
	levels, body []byte // body is followed by padding
	encoding     format.Encoding
}

// grow gives p at least n bytes, with room for padding after them.
func grow(p []byte, n int) []byte {
	if cap(p) < n+padding {
		p = make([]byte, n+n/4+padding)
	}
	return p[:n]
}

// next reads the next page of data; the error is io.EOF after the last. What it returns is valid
// until the next call.
func (r *pageReader) next() (p page, err error) {
	for {
		if r.rows == 0 {
			return p, io.EOF
		}
		h, levels, body, err := r.take()
		if err != nil {
			return p, err
		}
		if h.Type == format.DictionaryPage {
			if body, err = r.inflate(body, int(h.UncompressedPageSize), r.zip); err != nil {
				return p, err
			}
			r.dict = append([]byte(nil), body...)
			r.dictN = int(h.DictionaryPageHeader.V.NumValues)
			if r.dictN < 0 || r.dictN > GroupRows {
				return p, fmt.Errorf("%w: dictionary of %d values", ErrDamaged, r.dictN)
			}
			continue
		}
		v := &h.DataPageHeaderV2.V
		p = page{
			rows: int(v.NumRows), values: int(v.NumRows) - int(v.NumNulls), levels: levels,
			encoding: v.Encoding,
		}
		if p.rows <= 0 || p.rows > r.rows || v.NumValues != v.NumRows ||
			p.values < 0 || p.values > p.rows || (!r.c.optional && p.values != p.rows) {
			return p, fmt.Errorf("%w: page of %d values in %d rows", ErrDamaged, p.values, p.rows)
		}
		r.rows -= p.rows
		zipped := r.zip && (!v.IsCompressed.Valid || v.IsCompressed.V)
		p.body, err = r.inflate(body, int(h.UncompressedPageSize)-len(levels), zipped)
		return p, err
	}
}

// take splits the next page off the column and checks its sum.
func (r *pageReader) take() (h *format.PageHeader, levels, body []byte, err error) {
	h = new(format.PageHeader)
	src := r.proto.NewReaderFromBytes(r.raw)
	if err := thrift.NewDecoder(src).Decode(h); err != nil {
		return nil, nil, nil, fmt.Errorf("%w: page header: %w", ErrDamaged, err)
	}
	head, size := src.BytesRead(), int(h.CompressedPageSize)
	if size < 0 || size > len(r.raw)-head {
		return nil, nil, nil, fmt.Errorf("%w: page of %d bytes", ErrDamaged, size)
	}
	body = r.raw[head : head+size]
	r.raw = r.raw[head+size:]
	if int32(crc32.ChecksumIEEE(body)) != h.CRC {
		return nil, nil, nil, fmt.Errorf("%w: checksum of a page of %s", ErrDamaged, r.c.name)
	}
	switch {
	case h.Type == format.DictionaryPage && h.DictionaryPageHeader.Valid:
		return h, nil, body, nil
	case h.Type == format.DataPageV2 && h.DataPageHeaderV2.Valid:
		n := int(h.DataPageHeaderV2.V.DefinitionLevelsByteLength)
		if n < 0 || n > size || h.DataPageHeaderV2.V.RepetitionLevelsByteLength != 0 {
			return nil, nil, nil, fmt.Errorf("%w: levels of a page of %s", ErrDamaged, r.c.name)
		}
		return h, body[:n], body[n:], nil
	}
	return nil, nil, nil, fmt.Errorf("%w: page of type %d", ErrDamaged, h.Type)
}

// inflate decompresses a body, or leaves it where it is: in the column's bytes, which are followed
// by padding too.
func (r *pageReader) inflate(body []byte, size int, zipped bool) ([]byte, error) {
	if size < 0 || size > maxPage {
		return nil, fmt.Errorf("%w: page of %d bytes", ErrDamaged, size)
	}
	if !zipped {
		if len(body) != size {
			return nil, fmt.Errorf("%w: page of %d bytes, not %d", ErrDamaged, len(body), size)
		}
		return body, nil
	}
	r.buf.body = grow(r.buf.body, size)
	out, err := r.unzip.DecodeAll(body, r.buf.body[:0])
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if len(out) != size {
		return nil, fmt.Errorf("%w: page of %d bytes, not %d", ErrDamaged, len(out), size)
	}
	r.buf.body = grow(out, size)
	return r.buf.body, nil
}

// deltaCount is the number of values that delta-packed bytes say they hold. It is checked before
// they are decoded, because the decoder makes room for that many.
func deltaCount(src []byte) int {
	n := uint64(0)
	for range 3 { // block size, mini-blocks, values
		u, size := binary.Uvarint(src)
		if size <= 0 {
			return -1
		}
		n, src = u, src[size:]
	}
	if n > GroupRows {
		return -1
	}
	return int(n)
}
