package discord

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A string that came from outside (a page title, a model's name, a user id) is shown as it is read,
// and does nothing: it pings nobody, links nowhere, formats nothing and hides nothing.

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

// Escape makes a string inert in Discord's Markdown: clean, every character with a meaning behind a
// backslash, and addresses broken so that no client makes a link of them.
func Escape(s string) string {
	s = strings.ReplaceAll(Clean(s), "＠", "@") // some clients fold the full-width form
	var b strings.Builder
	b.Grow(len(s) + len(s)/4)
	for i := range len(s) {
		switch c := s[i]; c {
		case '\\', '*', '_', '~', '`', '>', '|', '#', '-', '[', ']', '(', ')', '<', '@', '&':
			b.WriteByte('\\')
			b.WriteByte(c)
		case ':':
			// ":\//" reads as "://" and is no address; a colon before a slash is all that needs it.
			b.WriteByte(c)
			if strings.HasPrefix(s[i+1:], "//") {
				b.WriteByte('\\')
			}
		case '/':
			if strings.HasSuffix(strings.ToLower(s[:i]), "discord.gg") {
				b.WriteByte('\\')
			}
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// Title is Escape for headings: at most 80 characters of the string.
func Title(s string) string { return Escape(Cut(Clean(s), 80)) }

// Cut shortens a string to at most n characters, the last of them an ellipsis if anything was cut.
// It counts UTF-16 units, which is never less than what Discord counts, and never splits a
// character or leaves half an escape behind.
func Cut(s string, n int) string {
	if width(s) <= n {
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

// width is the length of s in UTF-16 units.
func width(s string) int {
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
