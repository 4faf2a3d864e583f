package export

import (
	"io"

	"analytics/engine/event"
	"analytics/engine/web"
)

// Formats lists what an export can be, the default first.
func Formats() web.Formats { return web.Formats{"ndjson", "csv", "parquet"} }

// flushSize is when a line writer hands its bytes on.
const flushSize = 64 << 10

// lines writes events as lines of text.
type lines struct {
	w      io.Writer
	cells  []cell
	append func(dst []byte, l *lines, e *event.Event) []byte
	prefix []byte // of JSON: the object up to behind its type
	buffer []byte
	value  []byte
}

// newCSV writes a header line and then a line an event.
func newCSV(w io.Writer, kind event.Kind) *lines {
	l := &lines{w: w, cells: csvCells(kind), append: appendCSV}
	for i, c := range l.cells {
		if i > 0 {
			l.buffer = append(l.buffer, ',')
		}
		l.buffer = append(l.buffer, c.name...)
	}
	l.buffer = append(l.buffer, '\n')
	return l
}

// newNDJSON writes a JSON object a line.
func newNDJSON(w io.Writer, kind event.Kind) *lines {
	return &lines{w: w, cells: jsonCells(kind), append: appendJSON,
		prefix: appendQuoted([]byte(`{"type":`), []byte(kind.String()))}
}

// Event writes one event.
func (l *lines) Event(e *event.Event) error {
	l.buffer = append(l.append(l.buffer, l, e), '\n')
	if len(l.buffer) < flushSize {
		return nil
	}
	return l.Flush()
}

// Flush hands on what is buffered.
func (l *lines) Flush() error {
	_, err := l.w.Write(l.buffer)
	l.buffer = l.buffer[:0]
	return err
}

func appendCSV(dst []byte, l *lines, e *event.Event) []byte {
	for i := range l.cells {
		c := &l.cells[i]
		if i > 0 {
			dst = append(dst, ',')
		}
		var ok bool
		if l.value, ok = c.put(l.value[:0], e); !ok {
			continue
		}
		if c.form == number {
			dst = append(dst, l.value...)
		} else {
			dst = appendField(dst, l.value)
		}
	}
	return dst
}

func appendJSON(dst []byte, l *lines, e *event.Event) []byte {
	dst = append(dst, l.prefix...)
	for i := range l.cells {
		c := &l.cells[i]
		var ok bool
		if l.value, ok = c.put(l.value[:0], e); !ok {
			continue
		}
		dst = append(append(append(dst, `,"`...), c.name...), `":`...)
		if c.form == text {
			dst = appendQuoted(dst, l.value)
		} else {
			dst = append(dst, l.value...)
		}
	}
	return append(dst, '}')
}
