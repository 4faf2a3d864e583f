package dialect

import "bytes"

const (
	iBody slot = 1 + iota
	iOptions
	iFlag
)

var includeRoot = tree(paths{
	"": iBody, "stream_options": iOptions, "stream_options.include_usage": iFlag,
})

// span is where in a body something is; behind the last byte is to.
type span struct {
	found    bool
	object   bool
	from, to int64
}

// IncludeUsage is the body of a chat request with stream_options.include_usage set to true, and all
// else byte for byte as it was. It is not ok for what is not an object, which is left alone. Of two
// equal keys the last is set, as it is the one that servers take.
func IncludeUsage(body []byte) ([]byte, bool) {
	var object, options, flag span
	s := scanner{root: includeRoot}
	s.take = func(which slot, k kind, v []byte) {
		at := span{found: true, object: k == begin, from: s.pos, to: s.pos}
		if k == literal {
			at.from -= int64(len(v))
		}
		switch {
		case k == end || k == text:
		case which == iBody && !object.found:
			object = at
		case which == iOptions:
			options, flag = at, span{}
		case which == iFlag:
			flag = at
		}
	}
	s.reset()
	s.write(body)
	s.finish()
	switch {
	case !s.closed || !object.object || body[object.from] != '{':
		return body, false
	case flag.found && !flag.object:
		return splice(body, flag, "true"), true
	case options.object:
		return insert(body, options.from+1, `"include_usage":true`), true
	case options.found:
		return splice(body, options, `{"include_usage":true}`), true
	}
	return insert(body, object.from+1, `"stream_options":{"include_usage":true}`), true
}

// insert puts a key and value behind a brace, before what may already be there.
func insert(body []byte, at int64, pair string) []byte {
	if rest := bytes.TrimLeft(body[at:], " \t\r\n"); len(rest) > 0 && rest[0] != '}' {
		pair += ","
	}
	return splice(body, span{from: at, to: at}, pair)
}

func splice(body []byte, where span, with string) []byte {
	out := make([]byte, 0, len(body)+len(with))
	out = append(out, body[:where.from]...)
	out = append(out, with...)
	return append(out, body[where.to:]...)
}
