package dialect

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// unescape undoes the escapes of a JSON string in place: what it gives is never longer. An escape
// that is broken or cut is left out.
func unescape(v []byte) []byte {
	out := v[:0]
	for i := 0; i < len(v); {
		c := v[i]
		i++
		if c != '\\' {
			out = append(out, c)
			continue
		}
		if i == len(v) {
			break
		}
		c = v[i]
		i++
		switch c {
		case 'n':
			out = append(out, '\n')
		case 't':
			out = append(out, '\t')
		case 'r':
			out = append(out, '\r')
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'u':
			r, ok := hex4(v[i:])
			if !ok {
				continue
			}
			i += 4
			if utf16.IsSurrogate(r) && i+1 < len(v) && v[i] == '\\' && v[i+1] == 'u' {
				if low, ok := hex4(v[i+2:]); ok && utf16.DecodeRune(r, low) != utf8.RuneError {
					r = utf16.DecodeRune(r, low)
					i += 6
				}
			}
			out = utf8.AppendRune(out, r)
		default:
			out = append(out, c)
		}
	}
	return out
}

func hex4(v []byte) (rune, bool) {
	if len(v) < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(string(v[:4]), 16, 16)
	return rune(n), err == nil
}
