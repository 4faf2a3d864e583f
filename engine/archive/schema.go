package archive

import (
	"errors"
	"fmt"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"analytics/engine/columns"
	"analytics/engine/event"
)

// ErrDamaged says that bytes are not a segment, or not the one that was written.
var ErrDamaged = errors.New("archive: damaged segment")

// ErrNewer says that a segment was written by a later version.
var ErrNewer = errors.New("archive: segment of a newer version")

// Version is the version of the layout, in the file's metadata under versionKey.
const Version = 1

const (
	kindKey    = "analytics.kind"
	versionKey = "analytics.format"
)

// GroupRows is the largest number of rows in a row group, and what Write fills groups with. A group
// is what is read at once; 2^17 rows of one column are about 1 MiB.
const GroupRows = 1 << 17

// pageRows is the number of rows in a page, a multiple of eight so that bitmaps of pages can be put
// together by copying bytes.
const pageRows = 1 << 13

// shape is how the values of a column are written.
type shape uint8

const (
	shapeInt   shape = 1 + iota // INT64
	shapeFloat                  // DOUBLE
	shapeBool                   // BOOLEAN
	shapeText                   // BYTE_ARRAY
	shapeFixed                  // FIXED_LEN_BYTE_ARRAY: identifiers that all have one form
)

// Forms of identifiers, the first byte of their compact form (event.AppendID). Identifiers are
// written without it when they all have the same.
const (
	formText  = 0
	formUUID  = 1
	formHex32 = 2
	formHex16 = 3
)

// column is one column of a file.
type column struct {
	field    int
	typ      event.Type
	name     string
	shape    shape
	form     byte // of shapeFixed
	optional bool
}

// width is the number of bytes of a shapeFixed value.
func (c *column) width() int {
	if c.form == formHex16 {
		return 8
	}
	return 16
}

// planColumns decides how each column of the record is written. Columns without a value are left
// out.
func planColumns(kind event.Kind, rec arrow.Record) []column {
	var cols []column
	fields := kind.Fields()
	for f, at := range columns.Index(rec, kind) {
		if at < 0 || rec.Column(at).NullN() == rec.Column(at).Len() {
			continue
		}
		c := column{
			field: f, typ: fields[f].Type, name: fields[f].Name, shape: shapeOf(fields[f].Type),
			optional: rec.Column(at).NullN() > 0,
		}
		if c.typ == event.ID {
			if form := commonForm(rec.Column(at).(*array.Binary)); form != formText {
				c.shape, c.form = shapeFixed, form
			}
		}
		cols = append(cols, c)
	}
	return cols
}

func shapeOf(t event.Type) shape {
	switch t {
	case event.Float:
		return shapeFloat
	case event.Bool:
		return shapeBool
	case event.String, event.Text, event.Properties, event.ID:
		return shapeText
	}
	return shapeInt
}

// commonForm is the form that all identifiers have; formText where they differ.
func commonForm(ids *array.Binary) byte {
	form := byte(math.MaxUint8)
	for i := range ids.Len() {
		if ids.IsNull(i) {
			continue
		}
		id := ids.Value(i)
		if len(id) == 0 || (form != math.MaxUint8 && id[0] != form) {
			return formText
		}
		form = id[0]
		if want := map[byte]int{formUUID: 17, formHex32: 17, formHex16: 9}[form]; len(id) != want {
			return formText
		}
	}
	return form
}

// element is the column's line in the Parquet schema.
func (c *column) element() format.SchemaElement {
	e := format.SchemaElement{Name: c.name, RepetitionType: thrift.New(format.Required)}
	if c.optional {
		e.RepetitionType = thrift.New(format.Optional)
	}
	switch c.shape {
	case shapeInt:
		e.Type = thrift.New(format.Int64)
	case shapeFloat:
		e.Type = thrift.New(format.Double)
	case shapeBool:
		e.Type = thrift.New(format.Boolean)
	case shapeText:
		e.Type = thrift.New(format.ByteArray)
		e.ConvertedType = thrift.New(deprecated.UTF8)
		e.LogicalType.Value = &format.StringType{}
	case shapeFixed:
		e.Type = thrift.New(format.FixedLenByteArray)
		e.TypeLength = thrift.New(int32(c.width()))
		if c.form == formUUID {
			e.LogicalType.Value = &format.UUIDType{}
		}
	}
	switch c.typ {
	case event.Time:
		e.ConvertedType = thrift.New(deprecated.TimestampMicros)
		e.LogicalType.Value = &format.TimestampType{
			IsAdjustedToUTC: true, Unit: format.TimeUnit{Value: &format.MicroSeconds{}},
		}
	case event.Money:
		decimal(&e, 9)
	case event.Millis:
		decimal(&e, 3)
	}
	return e
}

// decimal says that whole numbers have that many decimals: nano-USD are USD with nine, microseconds
// are milliseconds with three.
func decimal(e *format.SchemaElement, scale int32) {
	e.ConvertedType = thrift.New(deprecated.Decimal)
	e.Scale, e.Precision = thrift.New(scale), thrift.New(int32(18))
	e.LogicalType.Value = &format.DecimalType{Scale: scale, Precision: 18}
}

// columnOf reads a line of the schema back; ok is false for a field that this version does not
// know.
func columnOf(kind event.Kind, e *format.SchemaElement) (c column, ok bool, err error) {
	f, ok := kind.Field(e.Name)
	if !ok {
		return c, false, nil
	}
	c = column{field: f, typ: kind.Fields()[f].Type, name: e.Name}
	c.optional = e.RepetitionType.V == format.Optional
	c.shape = shapeOf(c.typ)
	if c.typ == event.ID && e.Type.V == format.FixedLenByteArray {
		c.shape = shapeFixed
		_, isUUID := e.LogicalType.Value.(*format.UUIDType)
		switch {
		case isUUID && e.TypeLength.V == 16:
			c.form = formUUID
		case e.TypeLength.V == 16:
			c.form = formHex32
		case e.TypeLength.V == 8:
			c.form = formHex16
		}
	}
	want := c.element()
	if want.Type != e.Type || want.TypeLength != e.TypeLength {
		return c, false, fmt.Errorf("%w: column %s has type %v", ErrDamaged, e.Name, e.Type.V)
	}
	return c, true, nil
}
