package accesslog

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
)

// field is something that a line may say of a request.
type field uint8

const (
	ignored   field = iota
	address         // of the client, or of a proxy before us
	forwarded       // what proxies said of the client
	moment          // date and time in one
	date
	clock
	request // method, target and protocol in one
	method
	target // path and query, or a whole URL
	query
	host
	fallbackHost // the server's name, where no host is said
	protocol
	status
	agent
	referrer
	contentType
	language
	accept
	encoding
	fetchDest
	fetchSite
	purpose
	scheme
	hints // Sec-CH-UA and its kin
	platform
	mobile
	fieldEnd
)

// hit is a line, cut into fields that point into it.
type hit struct {
	text [fieldEnd][]byte
	// headers says that the log has all headers of requests: one that is missing was not sent.
	headers bool
	// nameless says that the line has a place for the user agent, and none in it.
	nameless bool
	scratch  []byte
}

func (h *hit) reset() {
	clear(h.text[:])
	h.headers, h.nameless, h.scratch = false, false, h.scratch[:0]
}

// set sets a field; a dash stands for nothing.
func (h *hit) set(f field, v []byte) {
	if len(v) == 0 || len(v) == 1 && v[0] == '-' {
		h.nameless = h.nameless || f == agent
		return
	}
	if f == fallbackHost {
		if h.text[host] != nil {
			return
		}
		f = host
	}
	h.text[f] = v
}

// setEscaped sets a field that may have escapes of C or JSON, as Apache and nginx write them.
func (h *hit) setEscaped(f field, v []byte) {
	if f != ignored && bytes.IndexByte(v, '\\') >= 0 {
		v = h.unescape(v)
	}
	h.set(f, v)
}

// taken is what was written to the scratch memory from a place on.
func (h *hit) taken(from int) []byte { return h.scratch[from:len(h.scratch):len(h.scratch)] }

// unescape resolves \" \\ \/ \xHH \uHHHH; control characters become spaces. What is no escape stays.
func (h *hit) unescape(v []byte) []byte {
	from := len(h.scratch)
	for i := 0; i < len(v); i++ {
		if v[i] != '\\' || i+1 == len(v) {
			h.scratch = append(h.scratch, v[i])
			continue
		}
		i++
		switch c := v[i]; c {
		case '"', '\\', '/', '\'':
			h.scratch = append(h.scratch, c)
		case 'n', 't', 'r', 'b', 'f', 'v':
			h.scratch = append(h.scratch, ' ')
		case 'x':
			if n, ok := hexadecimal(v[i+1:], 2); ok {
				h.scratch, i = append(h.scratch, byte(n)), i+2
				continue
			}
			h.scratch = append(h.scratch, '\\', c)
		case 'u':
			n, ok := hexadecimal(v[i+1:], 4)
			if !ok {
				h.scratch = append(h.scratch, '\\', c)
				continue
			}
			i += 4
			if low, ok := surrogate(v[i+1:]); ok && utf16.IsSurrogate(n) {
				n, i = utf16.DecodeRune(n, low), i+6
			}
			h.scratch = utf8.AppendRune(h.scratch, n)
		default:
			h.scratch = append(h.scratch, '\\', c)
		}
	}
	return h.taken(from)
}

func surrogate(v []byte) (rune, bool) {
	if !bytes.HasPrefix(v, []byte(`\u`)) {
		return 0, false
	}
	n, ok := hexadecimal(v[2:], 4)
	return n, ok && utf16.IsSurrogate(n)
}

// hexadecimal reads a number of exactly that many digits.
func hexadecimal(v []byte, digits int) (n rune, ok bool) {
	if len(v) < digits {
		return 0, false
	}
	for _, c := range v[:digits] {
		switch {
		case '0' <= c && c <= '9':
			n = n<<4 | rune(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			n = n<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return n, true
}

// percent resolves %HH, and where plus is true + for a space.
func (h *hit) percent(v []byte, plus bool) []byte {
	if bytes.IndexByte(v, '%') < 0 && !(plus && bytes.IndexByte(v, '+') >= 0) {
		return v
	}
	from := len(h.scratch)
	for i := 0; i < len(v); i++ {
		c := v[i]
		switch {
		case c == '+' && plus:
			c = ' '
		case c == '%':
			if n, ok := hexadecimal(v[i+1:], 2); ok {
				c, i = byte(n), i+2
			}
		}
		h.scratch = append(h.scratch, c)
	}
	return h.taken(from)
}

// str is text without a copy, for who only reads it.
func str(v []byte) string { return unsafe.String(unsafe.SliceData(v), len(v)) }

// raw is the bytes of a text without a copy. Nobody may change them.
func raw(v string) []byte { return unsafe.Slice(unsafe.StringData(v), len(v)) }
