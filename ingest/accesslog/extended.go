package accesslog

import "bytes"

// directive takes in a line of a W3C file that begins with #.
func (f *Format) directive(line []byte) {
	if v, ok := bytes.CutPrefix(line, []byte("#Fields:")); ok {
		f.columns = f.columns[:0]
		for _, name := range bytes.Fields(v) {
			folded := fold(string(name))
			column := jsonNames[folded]
			if folded == "time" {
				column = clock
			}
			f.columns = append(f.columns, column)
		}
	}
	if v, ok := bytes.CutPrefix(line, []byte("#Date:")); ok {
		f.dates = append([]byte(nil), firstWord(bytes.TrimSpace(v))...)
	}
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
