package enrich

import (
	"bytes"
	"unicode/utf8"
)

// URL is the parts of a web address that are used. They point into the text they were read from.
type URL struct {
	Host  []byte // lower case, without user, port and trailing dot; empty for a bare path
	Path  []byte // begins with a slash, at most MaxPath bytes; without query
	Query []byte // still encoded
	App   bool   // an android-app: address, whose host is the name of the app
}

// MaxPath is where a path is cut.
const MaxPath = 512

// SplitURL reads an address as browsers and servers send them: with a scheme, with only the two
// slashes, or as a bare path. It is not ok for other schemes, such as data: or file:.
func SplitURL(raw []byte) (u URL, ok bool) {
	raw = bytes.TrimSpace(raw)
	rest, hosted := raw, false
	if n := bytes.Index(raw, []byte("://")); n > 0 && n < 16 && raw[0] != '/' {
		switch scheme := string(bytes.ToLower(raw[:n])); scheme {
		case "http", "https", "ws", "wss":
		case "android-app":
			u.App = true
		default:
			return URL{}, false
		}
		rest, hosted = raw[n+3:], true
	} else if bytes.HasPrefix(raw, []byte("//")) {
		rest, hosted = raw[2:], true
	}
	if n := bytes.IndexByte(rest, '#'); n >= 0 {
		rest = rest[:n]
	}
	if n := bytes.IndexByte(rest, '?'); n >= 0 {
		rest, u.Query = rest[:n], rest[n+1:]
	}
	if !hosted {
		if len(rest) == 0 || rest[0] != '/' {
			return URL{}, false
		}
		u.Path = CutText(rest, MaxPath)
		return u, true
	}
	host := rest
	if n := bytes.IndexByte(rest, '/'); n >= 0 {
		host, u.Path = rest[:n], CutText(rest[n:], MaxPath)
	} else {
		u.Path = []byte{'/'}
	}
	u.Host, ok = cleanHost(host)
	return u, ok
}

// cleanHost strips user and port, and makes letters small, in a copy if there are capital ones.
func cleanHost(host []byte) ([]byte, bool) {
	if n := bytes.LastIndexByte(host, '@'); n >= 0 {
		host = host[n+1:]
	}
	if n := bytes.LastIndexByte(host, ':'); n >= 0 && bytes.IndexByte(host[n:], ']') < 0 {
		host = host[:n]
	}
	host = bytes.TrimSuffix(host, []byte{'.'})
	if len(host) == 0 || len(host) > 253 {
		return nil, false
	}
	capital := false
	for _, c := range host {
		switch {
		case 'A' <= c && c <= 'Z':
			capital = true
		case c <= ' ', c == '<', c == '>', c == '"', c == '\\', c == 0x7f:
			return nil, false
		}
	}
	if capital {
		host = bytes.ToLower(host)
	}
	return host, true
}

// bare is a host without a leading "www.".
func bare(host []byte) []byte { return bytes.TrimPrefix(host, []byte("www.")) }

// CutText shortens text to at most n bytes without splitting a character.
func CutText(text []byte, n int) []byte {
	if len(text) <= n {
		return text
	}
	for i := n; i > n-utf8.UTFMax && i > 0; i-- {
		if utf8.RuneStart(text[i]) {
			return text[:i]
		}
	}
	return text[:n]
}

// parameter walks over a query, one name and value at a time.
func parameter(query []byte) (name, value, rest []byte) {
	if n := bytes.IndexByte(query, '&'); n >= 0 {
		query, rest = query[:n], query[n+1:]
	}
	name = query
	if n := bytes.IndexByte(query, '='); n >= 0 {
		name, value = query[:n], query[n+1:]
	}
	return name, value, rest
}

// appendDecoded appends the text of an encoded parameter. What is no valid escape stays as it is;
// control characters become spaces, and what is not UTF-8 is dropped whole.
func appendDecoded(dst, value []byte) []byte {
	at := len(dst)
	for i := 0; i < len(value); i++ {
		c := value[i]
		switch {
		case c == '+':
			c = ' '
		case c == '%' && i+2 < len(value):
			hi, lo := nibble(value[i+1]), nibble(value[i+2])
			if hi <= 15 && lo <= 15 {
				c, i = hi<<4|lo, i+2
			}
		}
		if c < ' ' || c == 0x7f {
			c = ' '
		}
		dst = append(dst, c)
	}
	if !utf8.Valid(dst[at:]) {
		return dst[:at]
	}
	return dst
}

func nibble(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 0xff
}
