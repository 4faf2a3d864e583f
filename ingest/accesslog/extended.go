package accesslog

import (
	"bytes"
	"slices"
	"strings"
)

// directive takes in a line of a W3C file that begins with #.
func (f *Format) directive(line []byte) {
	if v, ok := bytes.CutPrefix(line, []byte("#Fields:")); ok {
		f.columns = f.columns[:0]
		for _, name := range bytes.Fields(v) {
			f.columns = append(f.columns, columnOf(string(name)))
		}
	}
	if v, ok := bytes.CutPrefix(line, []byte("#Date:")); ok {
		f.dates = append([]byte(nil), firstWord(bytes.TrimSpace(v))...)
	}
}

// columnOf is what a column of a W3C file says.
func columnOf(name string) field {
	if name = fold(name); name == "time" {
		return clock
	}
	return jsonNames[name]
}

// columnsOf reads the names of columns as somebody writes them who knows what a file without #Fields has, such as
// CloudFront's real-time logs: with spaces, tabs, commas or lines between them.
func columnsOf(text string) (columns []field, err error) {
	text = strings.TrimPrefix(strings.TrimSpace(text), "#Fields:")
	names := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r <= ' ' })
	for _, name := range names {
		columns = append(columns, columnOf(name))
	}
	has := func(f field) bool { return slices.Contains(columns, f) }
	switch {
	case !has(moment) && !(has(date) && has(clock)):
		return nil, bad("has no time; it needs timestamp, or date and time, among the names of the columns")
	case !has(status):
		return nil, bad("has no status; it needs sc-status among the names of the columns")
	case !has(target):
		return nil, bad("has no request; it needs cs-uri-stem among the names of the columns")
	}
	return columns, nil
}

// row reads a line of a W3C file: CloudFront's have tabs between fields, those of IIS spaces.
func (f *Format) row(line []byte, h *hit) verdict {
	if len(f.columns) == 0 {
		return foreign
	}
	apart := byte(' ')
	if bytes.IndexByte(line, '\t') >= 0 {
		apart = '\t'
	}
	rest, n := line, 0
	for ; n < len(f.columns) && rest != nil; n++ {
		var v []byte
		if end := bytes.IndexByte(rest, apart); end >= 0 {
			v, rest = rest[:end], rest[end+1:]
		} else {
			v, rest = rest, nil
		}
		switch column := f.columns[n]; column {
		case ignored:
		case agent, referrer:
			h.set(column, v)
			f.unquoted(h, column, apart == ' ' && column == agent)
		default:
			h.set(column, v)
		}
	}
	if n < len(f.columns) {
		return foreign
	}
	if h.text[date] == nil && h.text[clock] != nil {
		h.set(date, f.dates)
	}
	if f.named != nil && !slices.Contains(f.columns, method) {
		h.getting()
	}
	return good
}

// unquoted resolves the escapes of a field that is written without spaces: IIS writes +, CloudFront %20,
// and %2520 in its older logs.
func (f *Format) unquoted(h *hit, column field, plus bool) {
	v := h.percent(h.text[column], plus)
	if bytes.Contains(v, []byte("%20")) {
		v = h.percent(v, false)
	}
	h.set(column, v)
}
