package export

import (
	"bytes"
	"unicode/utf8"
)

// Spreadsheets run a cell that begins with one of these, also in its full-width form.
const triggers = "=+-@＝＋－＠\t\r\n\x00"

// runs reports whether a spreadsheet would run text: its first character that is not blank or
// invisible is a trigger. Blanks before it do not help, some programs strip them.
func runs(text []byte) bool {
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		if bytes.ContainsRune([]byte(triggers), r) {
			return true
		}
		if !blank(r) {
			return false
		}
		text = text[size:]
	}
	return false
}

// blank reports characters that nobody sees: spaces, byte order marks, zero-width ones.
func blank(r rune) bool {
	switch r {
	case ' ', '\v', '\f', 0x85, 0xa0, 0x1680, 0x202f, 0x205f, 0x2060, 0x3000, 0xfeff, 0xad:
		return true
	}
	return r >= 0x2000 && r <= 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// appendField appends text as a field of CSV (RFC 4180). One that a spreadsheet would run gets an
// apostrophe in front, which makes it text and is shown by most as nothing.
func appendField(dst, text []byte) []byte {
	harmful := runs(text)
	if !harmful && !bytes.ContainsAny(text, ",;\"\t\r\n") && !edged(text) {
		return append(dst, text...)
	}
	dst = append(dst, '"')
	if harmful {
		dst = append(dst, '\'')
	}
	for _, c := range text {
		if c == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, c)
	}
	return append(dst, '"')
}

// edged reports blanks at an end, which readers strip from fields without quotes.
func edged(text []byte) bool {
	return len(text) > 0 && (text[0] == ' ' || text[len(text)-1] == ' ')
}

// appendQuoted appends text as a JSON string. Text that is not UTF-8 is never kept, so there is
// none to replace.
func appendQuoted(dst, text []byte) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	from := 0
	for i, c := range text {
		if c >= ' ' && c != '"' && c != '\\' && c != 0x7f {
			continue
		}
		dst = append(dst, text[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\t':
			dst = append(dst, '\\', 't')
		case '\r':
			dst = append(dst, '\\', 'r')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return append(append(dst, text[from:]...), '"')
}
