package otlp

import (
	"bytes"

	"github.com/tidwall/gjson"

	"analytics/engine/fault"
)

// scanJSON makes a body fit for the decoder, or says why it is not: what scanProtobuf does, and the
// syntax, of which the decoder reads the first value only. It comes before anything that calls itself
// for values within values.
func scanJSON(body []byte) error {
	objects, depth := 0, 0
	name, last := 0, byte(0) // where the last text begins, and what the last thing was
	for i := 0; i < len(body); i++ {
		c := body[i]
		switch c {
		case ' ', '\t', '\r', '\n':
			continue
		case '"':
			name = i
			for i++; i < len(body) && body[i] != '"'; i++ {
				if body[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			objects++
			if depth++; depth > maxDepth {
				return tooDeep()
			}
		case '}', ']':
			depth--
		case 'n':
			if last != ':' {
				return fault.New(fault.Invalid, "broken_json", "the body is not JSON, or a list in it holds null")
			}
			if bytes.HasPrefix(body[i:], []byte("null")) {
				i += len("null") - 1
				unset(body[name : i+1])
			}
		}
		last = c
	}
	if objects > len(body)/minObject+graceObjects {
		return tooMany()
	}
	if !gjson.ValidBytes(body) {
		return fault.New(fault.Invalid, "broken_json", "the body is not JSON")
	}
	return nil
}

// unset turns a field that is null into one that nobody knows. Null means that a field is not set,
// but the decoder makes half a value of it, which panics when somebody looks at it.
func unset(field []byte) {
	n := copy(field, `"_":0`)
	for i := n; i < len(field); i++ {
		field[i] = ' '
	}
}
