package listing

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow/array"

	"analytics/engine/event"
	"analytics/engine/glob"
	"analytics/rollup/cube"
)

// test is a condition made ready for the rows of one kind.
type test struct {
	compare cube.Compare
	typ     event.Type
	fields  []int // several: their sum is compared
	texts   []string
	numbers []float64 // of Float
	wholes  []int64
	ids     [][]byte // of ID where the condition is about equality: compact forms, equal like texts
	missing bool
}

// Matcher decides which rows of a kind pass all conditions.
type Matcher struct {
	kind  event.Kind
	tests []test
}

// NewMatcher makes the conditions ready. They must have passed Predicate.Check.
func NewMatcher(kind event.Kind, where []cube.Predicate) (*Matcher, error) {
	m := &Matcher{kind: kind}
	for _, p := range where {
		if err := p.Check(kind); err != nil {
			return nil, err
		}
		t := test{compare: p.Compare, fields: Parts(kind, p.Field), texts: p.Values}
		t.typ = kind.Fields()[t.fields[0]].Type
		t.parse()
		empty := slices.Contains(p.Values, "")
		switch p.Compare {
		case cube.Eq, cube.In:
			t.missing = empty
		case cube.Ne:
			t.missing = !empty
		case cube.Glob:
			t.missing = glob.Match(p.Values[0], "")
		}
		m.tests = append(m.tests, t)
	}
	return m, nil
}

// parse reads the values of numbers in the unit they are kept in.
func (t *test) parse() {
	for _, text := range t.texts {
		if text == "" {
			continue
		}
		switch t.typ {
		case event.Float:
			f, _ := strconv.ParseFloat(text, 64)
			t.numbers = append(t.numbers, f+0) // no minus zero
		case event.ID:
			if t.compare == cube.Eq || t.compare == cube.Ne || t.compare == cube.In {
				t.ids = append(t.ids, event.AppendID(nil, []byte(text)))
			}
		case event.Int:
			n, _ := strconv.ParseInt(text, 10, 64)
			t.wholes = append(t.wholes, n)
		case event.Money:
			t.wholes = append(t.wholes, fixed(text, 9))
		case event.Millis:
			t.wholes = append(t.wholes, fixed(text, 3))
		}
	}
}

// fixed reads a decimal that is known to be one as a whole number of 10^-digits.
func fixed(text string, digits int) int64 {
	whole, part, _ := strings.Cut(text, ".")
	n, _ := strconv.ParseInt(whole+part+strings.Repeat("0", max(0, digits-len(part))), 10, 64)
	return n
}

// Fields are the fields the conditions look at.
func (m *Matcher) Fields() []int {
	var fields []int
	for _, t := range m.tests {
		fields = append(fields, t.fields...)
	}
	return fields
}

// ID is the identifier that a condition asks for, in compact form: chunks without it need not be
// read.
func (m *Matcher) ID() (field int, compact []byte, ok bool) {
	for _, t := range m.tests {
		if t.typ == event.ID && t.compare == cube.Eq && t.texts[0] != "" {
			return t.fields[0], event.AppendID(nil, []byte(t.texts[0])), true
		}
	}
	return 0, nil, false
}

// Narrow keeps those of the rows that pass; nil means all rows of the view.
func (m *Matcher) Narrow(v *View, rows []int32) []int32 {
	for i := range m.tests {
		if rows = m.tests[i].narrow(v, rows); len(rows) == 0 {
			return nil
		}
	}
	if rows == nil {
		return v.all()
	}
	return rows
}

func (t *test) narrow(v *View, rows []int32) []int32 {
	if t.typ == event.Bool {
		if kept, ok := t.truths(v, rows); ok {
			return kept
		}
	}
	if rows == nil {
		rows = v.all()
	}
	if good, codes := t.entries(v); good != nil {
		return keep(rows, func(row int32) bool {
			if codes.IsNull(int(row)) {
				return t.missing
			}
			return good[codes.GetValueIndex(int(row))]
		})
	}
	return keep(rows, func(row int32) bool { return t.row(v, int(row)) })
}

// entries asks the condition once for each entry of a dictionary column.
func (t *test) entries(v *View) (good []bool, codes *array.Dictionary) {
	if t.typ != event.String || v.at[t.fields[0]] < 0 {
		return nil, nil
	}
	codes, ok := v.rec.Column(v.at[t.fields[0]]).(*array.Dictionary)
	if !ok {
		return nil, nil
	}
	names := v.dictionary(t.fields[0], codes)
	good = make([]bool, names.Len())
	for i := range good {
		good[i] = t.text(names.Value(i))
	}
	return good, codes
}

func keep(rows []int32, good func(row int32) bool) []int32 {
	k := 0
	for _, row := range rows {
		rows[k] = row
		if good(row) {
			k++
		}
	}
	return rows[:k]
}

// row decides for one row.
func (t *test) row(v *View, row int) bool {
	switch t.typ {
	case event.Float:
		f, ok := v.Float(t.fields[0], row)
		if !ok {
			return t.missing
		}
		return compare(t.compare, f, t.numbers)
	case event.Int, event.Money, event.Millis:
		sum, there := int64(0), false
		for _, f := range t.fields {
			if n, ok := v.Int(f, row); ok {
				sum, there = sum+n, true
			}
		}
		switch {
		case !there:
			return t.missing
		case t.typ == event.Int && t.compare == cube.Glob:
			return t.text(strconv.FormatInt(sum, 10))
		}
		return compare(t.compare, sum, t.wholes)
	case event.Bool:
		n, ok := v.Int(t.fields[0], row)
		if !ok {
			return t.missing
		}
		return t.text(strconv.FormatBool(n != 0))
	}
	if t.ids != nil {
		id := v.Bytes(t.fields[0], row)
		if len(id) <= 1 { // a form without an identifier is an empty text
			return t.missing
		}
		is := slices.ContainsFunc(t.ids, func(have []byte) bool { return bytes.Equal(have, id) })
		return is == (t.compare != cube.Ne)
	}
	s, ok := v.Text(t.fields[0], row)
	if !ok {
		return t.missing
	}
	return t.text(s)
}

func (t *test) text(v string) bool {
	switch {
	case v == "":
		return t.missing
	case t.compare == cube.Glob:
		return glob.Match(t.texts[0], v)
	}
	return compare(t.compare, v, t.texts)
}

// compare decides for one value; the values of numbers are those that are not empty.
func compare[T int64 | float64 | string](c cube.Compare, v T, values []T) bool {
	switch c {
	case cube.Eq, cube.In:
		return slices.Contains(values, v)
	case cube.Ne:
		return !slices.Contains(values, v)
	}
	if len(values) == 0 {
		return false
	}
	switch c {
	case cube.Lt:
		return v < values[0]
	case cube.Le:
		return v <= values[0]
	case cube.Gt:
		return v > values[0]
	}
	return c == cube.Ge && v >= values[0]
}
