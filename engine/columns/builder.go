package columns

import (
	"encoding/binary"
	"errors"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"analytics/engine/event"
)

// ErrTooBig says that a column of a record would outgrow 2 GiB; take fewer rows.
var ErrTooBig = errors.New("columns: a column would be larger than 2 GiB")

// Builder gathers rows of one kind and makes records of them. It is meant to be reused: after the
// first record it allocates little more than the records themselves. It is not safe for concurrent
// use.
type Builder struct {
	kind    event.Kind
	fields  []event.Field
	cols    []column
	n       int
	scratch []byte
	schemas map[set]*arrow.Schema
}

// NewBuilder makes a builder for rows of the kind.
func NewBuilder(kind event.Kind) *Builder {
	b := &Builder{kind: kind, fields: kind.Fields(), schemas: map[set]*arrow.Schema{}}
	b.cols = make([]column, len(b.fields))
	for i := range b.cols {
		b.cols[i].typ = b.fields[i].Type
	}
	return b
}

// expect makes room for n rows in the columns that will come.
func (b *Builder) expect(n int) {
	for i := range b.cols {
		b.cols[i].want = n
	}
}

// Len is the number of rows gathered.
func (b *Builder) Len() int { return b.n }

// Reset forgets the rows gathered.
func (b *Builder) Reset() {
	for i := range b.cols {
		b.cols[i].reset()
	}
	b.n = 0
}

// AppendRow adds one event.
func (b *Builder) AppendRow(e *event.Event) error {
	b.scratch = e.AppendRow(b.scratch[:0])
	return b.AppendRows(b.scratch)
}

// AppendRows adds rows that stand one after another, as in the journal. After an error the builder
// is empty: half a batch is of no use to anybody.
func (b *Builder) AppendRows(rows []byte) error {
	for len(rows) > 0 {
		n, size := binary.Uvarint(rows)
		if size <= 0 || n > uint64(len(rows)-size) {
			b.Reset()
			return event.ErrRow
		}
		end := size + int(n)
		if err := b.append(rows[size:end]); err != nil {
			b.Reset()
			return err
		}
		rows = rows[end:]
	}
	return nil
}

// append adds the fields of one row. It reads the row itself instead of through event.Event, which
// would cost a third more.
func (b *Builder) append(row []byte) error {
	last := -1
	for at := 0; at < len(row); {
		f := int(row[at])
		if f <= last || f >= len(b.cols) {
			return event.ErrRow
		}
		last = f
		at++
		c := &b.cols[f]
		if c.n == 0 {
			c.room()
		}
		if c.n < b.n {
			c.fill(b.n)
		}
		switch {
		case c.typ == event.Float:
			if len(row)-at < 8 {
				return event.ErrRow
			}
			c.addInt(int64(binary.LittleEndian.Uint64(row[at:])))
			at += 8
		case c.typ.Numeric():
			v, size := binary.Varint(row[at:])
			if size <= 0 {
				return event.ErrRow
			}
			c.addInt(v)
			at += size
		default:
			n, size := binary.Uvarint(row[at:])
			if size <= 0 || n > uint64(len(row)-at-size) {
				return event.ErrRow
			}
			at += size
			if !c.addText(row[at : at+int(n)]) {
				return ErrTooBig
			}
			at += int(n)
		}
	}
	b.n++
	if b.cols[event.Timestamp].n != b.n || b.cols[event.EventID].n != b.n {
		return event.ErrRow
	}
	return nil
}

// Record makes a record of the rows gathered and resets the builder. With only, the record has no
// other columns than these (those of them that are present), whatever their order; nil means all.
func (b *Builder) Record(only []int) arrow.Record {
	var have set
	if only == nil {
		for f := range b.cols {
			have.add(f)
		}
	}
	for _, f := range only {
		have.add(f)
	}
	fields := make([]int, 0, len(b.cols))
	size := 0
	var present set
	for f := range b.cols {
		if c := &b.cols[f]; c.n > 0 && have.has(f) {
			c.fill(b.n)
			fields = append(fields, f)
			present.add(f)
			size += c.size()
		}
	}
	block := newBlock(size)
	arrays := make([]arrow.Array, len(fields))
	for i, f := range fields {
		arrays[i] = b.cols[f].array(block)
	}
	rec := array.NewRecord(b.schema(present, fields), arrays, int64(b.n))
	b.Reset()
	return rec
}

// schema remembers the schemas it made: a kind's events come in few shapes.
func (b *Builder) schema(present set, fields []int) *arrow.Schema {
	s, ok := b.schemas[present]
	if !ok {
		if len(b.schemas) > 256 {
			clear(b.schemas)
		}
		s = Schema(b.kind, fields)
		b.schemas[present] = s
	}
	return s
}
