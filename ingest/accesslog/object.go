package accesslog

import (
	"bytes"

	"github.com/tidwall/gjson"
)

// nested are the objects in a line whose fields say something of the request, folded.
var nested = map[string]bool{"request": true, "http": true, "httprequest": true, "req": true, "response": true}

// object reads a line of JSON by the names of its fields.
func (f *Format) object(line []byte, h *hit) verdict {
	if !gjson.ValidBytes(line) {
		return foreign
	}
	fields(gjson.Parse(str(line)), h)
	if f.name == "cloudfront" {
		f.unquoted(h, agent, false)
		f.unquoted(h, referrer, false)
	}
	if h.text[method] == nil && h.text[request] == nil {
		return silent // a note of the server
	}
	return good
}

// console reads a line of which only the end is JSON: Caddy's for terminals has time, level, logger and
// message before it, and journals and containers write of whom a line is.
func (f *Format) console(line []byte, h *hit) verdict {
	begin := bytes.IndexByte(line, '{')
	if begin < 0 || line[len(line)-1] != '}' {
		return foreign
	}
	if word, _, ok := bytes.Cut(line[:begin], []byte{'\t'}); ok {
		h.set(moment, word)
	}
	return f.object(line[begin:], h)
}

func fields(v gjson.Result, h *hit) {
	v.ForEach(func(key, value gjson.Result) bool {
		var b [64]byte
		name := foldInto(b[:0], key.Str)
		switch {
		case value.IsObject():
			switch {
			case string(name) == "headers":
				h.headers = true
				headers(value, h, headerNames)
			case string(name) == "respheaders":
				headers(value, h, answerNames)
			case string(name) == "tls":
				h.set(scheme, raw("https"))
			case nested[string(name)]:
				fields(value, h)
			}
		default:
			if f := jsonNames[string(name)]; f != ignored {
				h.set(f, textOf(value))
			}
		}
		return true
	})
}

var answerNames = map[string]field{"contenttype": contentType}

// headers reads an object of headers, each a text or a list of them.
func headers(v gjson.Result, h *hit, names map[string]field) {
	v.ForEach(func(key, value gjson.Result) bool {
		var b [64]byte
		if f := names[string(foldInto(b[:0], key.Str))]; f != ignored && !(f == host && h.text[host] != nil) {
			h.set(f, textOf(value))
		}
		return true
	})
}

// textOf is a value as text: of a list its first.
func textOf(v gjson.Result) []byte {
	if v.IsArray() {
		v = v.Get("0")
	}
	switch v.Type {
	case gjson.String:
		return raw(v.Str)
	case gjson.Number:
		return raw(v.Raw)
	}
	return nil
}
