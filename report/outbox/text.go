package outbox

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean removes what cannot be seen but changes what is: control characters, bidirectional
// overrides, zero-width characters, tags and variation selectors. Line breaks and tabs become a
// space, broken UTF-8 the replacement character.
func Clean(s string) string {
	plain := func(r rune) bool { return r < 0x20 || r > 0x7e }
	if strings.IndexFunc(s, plain) < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		switch {
		case r == '\n' || r == '\r' || r == '\t' || r == '\u2028' || r == '\u2029':
			b.WriteByte(' ')
		case hidden(r):
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// hidden reports whether a character has no shape of its own. Category Cf holds the bidirectional
// and zero-width ones, soft hyphen and tags; the others are fillers and selectors that Unicode
// files as letters or marks.
func hidden(r rune) bool {
	switch {
	case unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r):
		return true
	case r >= 0xfe00 && r <= 0xfe0f, r >= 0xe0100 && r <= 0xe01ef:
		return true
	}
	switch r {
	case 0x034f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x180b, 0x180c, 0x180d, 0x180f, 0x3164, 0xffa0:
		return true
	}
	return false
}

// Cut shortens a string to at most n characters, the last of them an ellipsis if anything was cut.
// It counts UTF-16 units, which is never less than what Discord counts, and never splits a
// character or leaves half an escape behind.
func Cut(s string, n int) string {
	if Width(s) <= n {
		return s
	}
	if n <= 0 {
		return ""
	}
	used, end := 1, 0 // 1 for the ellipsis
	for end < len(s) {
		r, size := utf8.DecodeRuneInString(s[end:])
		if used+runeWidth(r) > n {
			break
		}
		used += runeWidth(r)
		end += size
	}
	kept := s[:end]
	slashes := len(kept) - len(strings.TrimRight(kept, `\`))
	if slashes%2 == 1 {
		kept = kept[:len(kept)-1]
	}
	return strings.TrimRight(kept, " ") + "…"
}

// Width is the length of s in UTF-16 units.
func Width(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

func runeWidth(r rune) int {
	if r > 0xffff {
		return 2
	}
	return 1
}
