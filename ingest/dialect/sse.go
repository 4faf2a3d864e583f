package dialect

import "bytes"

// events cuts a stream of server-sent events (WHATWG HTML, 9.2.6) into events and hands the data on
// as it comes. Lines end in LF, with or without a CR before it; no provider ends them in CR alone.
type events struct {
	state  lineState
	name   [4]byte // of the line's field
	n      int     // bytes of the name, and of anything else that makes the line not empty
	done   int     // bytes of "[DONE]" the data is so far; -1 when it is something else
	inData bool    // the event has data
}

type lineState uint8

const (
	lineName lineState = iota
	lineSpace
	lineData
	lineOther
)

const doneMark = "[DONE]"

// next reads to the end of an event, or of p. It returns the bytes read, and whether an event ended.
func (e *events) next(p []byte, data func(p []byte)) (n int, ended bool) {
	for i := 0; i < len(p); {
		switch e.state {
		case lineName:
			c := p[i]
			i++
			switch {
			case c == '\n':
				blank := e.n == 0
				e.n = 0
				if blank {
					return i, true
				}
			case c == '\r' && e.n == 0:
			case c == ':':
				e.state = lineOther
				if e.n == 4 && e.name == [4]byte{'d', 'a', 't', 'a'} {
					e.state = lineSpace
				}
			default:
				if e.n < len(e.name) {
					e.name[e.n] = c
				}
				e.n = min(e.n+1, len(e.name)+1)
			}
		case lineSpace:
			if e.inData {
				data([]byte{'\n'}) // lines of data are one text
			}
			e.inData, e.state = true, lineData
			if p[i] == ' ' {
				i++
			}
		default:
			stop := bytes.IndexByte(p[i:], '\n')
			part := p[i:]
			if stop >= 0 {
				part = p[i : i+stop]
				i++
			}
			if e.state == lineData {
				e.match(part)
				data(part)
			}
			i += len(part)
			if stop >= 0 {
				e.state, e.n = lineName, 0
			}
		}
	}
	return len(p), false
}

// match follows whether the data is the mark that ends OpenAI's streams.
func (e *events) match(p []byte) {
	for _, c := range p {
		switch {
		case e.done >= 0 && e.done < len(doneMark) && c == doneMark[e.done]:
			e.done++
		case c == '\r' || c == ' ':
		default:
			e.done = -1
			return
		}
		if e.done < 0 {
			return
		}
	}
}

// isDone reports whether the event is the mark; ask before clear.
func (e *events) isDone() bool { return e.done == len(doneMark) }

// clear begins the next event.
func (e *events) clear() { e.done, e.inData = 0, false }
