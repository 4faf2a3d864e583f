package discord

import (
	"strings"

	"analytics/report/outbox"
)

// A string that came from outside (a page title, a model's name, a user id) is shown as it is read,
// and does nothing: it pings nobody, links nowhere, formats nothing and hides nothing.

// invite is where Discord makes a link of a name and a slash.
const invite = "discord.gg"

// Escape makes a string inert in Discord's Markdown: clean, every character with a meaning behind a
// backslash, and addresses broken so that no client makes a link of them.
func Escape(s string) string {
	s = strings.ReplaceAll(outbox.Clean(s), "＠", "@") // some clients fold the full-width form
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
			if strings.EqualFold(s[max(0, i-len(invite)):i], invite) {
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
func Title(s string) string { return Escape(outbox.Cut(outbox.Clean(s), 80)) }
