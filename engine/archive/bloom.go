package archive

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go/bloom"
	"github.com/parquet-go/parquet-go/format"

	"analytics/engine/event"
)

// filterBits is the number of bits a distinct value has in a bloom filter: about 1 in 300 values
// that are not there look as if they were.
const filterBits = 12

// filterOf makes the split-block bloom filter of Parquet.
func filterOf(hashes []uint64) []byte {
	f := make(bloom.SplitBlockFilter, max(1, bloom.NumSplitBlocksOf(int64(len(hashes)), filterBits)))
	f.InsertBulk(hashes)
	return f.Bytes()
}

// filters writes the filters of all chunks.
func (w *writer) filters() error {
	for _, k := range w.chunks {
		if k.filter == nil {
			continue
		}
		m := &k.meta.MetaData
		m.BloomFilterOffset = w.at()
		var size int32
		err := w.append(&format.BloomFilterHeader{
			NumBytes:    int32(len(k.filter)),
			Algorithm:   format.BloomFilterAlgorithm{Value: &format.SplitBlockAlgorithm{}},
			Hash:        format.BloomFilterHash{Value: &format.XxHash{}},
			Compression: format.BloomFilterCompression{Value: &format.BloomFilterUncompressed{}},
		}, &size)
		if err != nil {
			return err
		}
		w.out = append(w.out, k.filter...)
		m.BloomFilterLength = size + int32(len(k.filter))
	}
	return nil
}

// MayContain says whether any row group can hold the identifier, given in compact form. Where a
// column has no filter, the answer is true.
func (f *File) MayContain(field int, compact []byte) (bool, error) {
	for g := range f.groups {
		if may, err := f.GroupMayContain(g, field, compact); may || err != nil {
			return may, err
		}
	}
	return false, nil
}

// GroupMayContain is MayContain for one row group. It reads the 32 bytes of the filter that the
// identifier belongs to.
func (f *File) GroupMayContain(g, field int, compact []byte) (may bool, err error) {
	defer guard(&err)
	if field < 0 || field >= len(f.at) || f.at[field] < 0 || len(compact) == 0 {
		return false, nil
	}
	c, k := &f.cols[f.at[field]], &f.groups[g].chunks[f.at[field]]
	value := compact[1:]
	switch {
	case c.shape == shapeFixed && compact[0] != c.form:
		return false, nil
	case c.shape == shapeText && c.typ == event.ID:
		value = event.AppendIDText(nil, compact)
	}
	// The header is shorter than a block, and the blocks follow it.
	head := int64(k.filterSize % bloom.BlockSize)
	size := int64(k.filterSize) - head
	if size <= 0 {
		return true, nil
	}
	r := &offsetReader{f.r, k.filterFrom + head}
	may, err = bloom.CheckSplitBlock(r, size, bloom.XXH64{}.Sum64(value))
	if err != nil {
		return true, fmt.Errorf("archive: bloom filter of %s: %w", c.name, err)
	}
	return may, nil
}

// Locate finds the rows [from, to) of a row group between the first and the last page that hold an
// identifier, given in compact form; both are 0 if none does. It compares bytes where they lie and
// builds nothing: a filter is wrong once in 300 times, and a question asks a hundred of them.
// Identifiers kept as text are not looked for: all rows may hold them.
func (f *File) Locate(g, field int, compact []byte) (from, to int, err error) {
	defer guard(&err)
	rows := f.groups[g].rows
	if field < 0 || field >= len(f.at) || f.at[field] < 0 || len(compact) == 0 {
		return 0, 0, nil
	}
	i := f.at[field]
	c, e := &f.cols[i], &f.groups[g].chunks[i]
	if c.shape != shapeFixed {
		return 0, rows, nil
	}
	if compact[0] != c.form {
		return 0, 0, nil
	}
	buf := f.buffer()
	defer f.buffers.Put(buf)
	buf.raw = grow(buf.raw, int(e.size))
	if err := readFull(f.r, buf.raw, e.from); err != nil {
		return 0, 0, err
	}
	unzip, err := buf.decoder()
	if err != nil {
		return 0, 0, fmt.Errorf("archive: %w", err)
	}
	pages := &pageReader{c: c, raw: buf.raw, buf: buf, unzip: unzip, rows: rows, zip: e.zipped}
	for at := 0; ; {
		p, err := pages.next()
		if errors.Is(err, io.EOF) {
			return from, to, nil
		}
		if err != nil {
			return 0, 0, fmt.Errorf("column %s: %w", c.name, err)
		}
		if p.encoding != format.Plain || holds(p.body, compact[1:]) {
			if to == 0 {
				from = at
			}
			to = at + p.rows
		}
		at += p.rows
	}
}

// holds reports whether one of the values, each as long as value, is value.
func holds(values, value []byte) bool {
	for at := 0; ; {
		i := bytes.Index(values[at:], value)
		if i < 0 {
			return false
		}
		if at += i; at%len(value) == 0 {
			return true
		}
		at++
	}
}
