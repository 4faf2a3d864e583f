package slack

import (
	"regexp"
	"strings"

	"analytics/report/outbox"
)

// gap is a space without width. Where it stands, no client finds a mention or an address.
const gap = "\u200b"

// inert are the characters with a meaning in Slack's markup or in Markdown. There is no backslash in
// Slack's, so that what formats text becomes what looks like it; & < > are written as Slack asks.
// Mattermost pings for a bare @name whatever a message says about mentions.
var inert = strings.NewReplacer(
	"&", "&amp;", "<", "&lt;", ">", "&gt;", "*", "∗", "`", "ˋ", "~", "∼", "://", ":"+gap+"//", "@", "@"+gap,
	"＠", "@"+gap, "](", "]"+gap+"(", "www.", "www"+gap+".", "WWW.", "WWW"+gap+".", "#", gap+"#",
)

// emoji is what is shown as a picture.
var emoji = regexp.MustCompile(`:([A-Za-z0-9_+'-]+:)`)

// Escape makes a string of anybody inert: shown as it is read, on one line, and nothing else.
func Escape(s string) string {
	s = emoji.ReplaceAllString(outbox.Clean(s), ":"+gap+"$1")
	s = inert.Replace(s)
	if !strings.ContainsAny(s, "_") {
		return s
	}
	// An underscore formats at the edge of a word only, and names such as rate_limit are full of them.
	var b strings.Builder
	for i := range len(s) {
		if s[i] == '_' && !(i > 0 && i+1 < len(s) && wordy(s[i-1]) && wordy(s[i+1])) {
			b.WriteString("ˍ")
		} else {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

func wordy(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// cut shortens text that was made inert, and leaves no half of &amp; behind.
func cut(s string, n int) string {
	short := outbox.Cut(s, n)
	if short == s {
		return s
	}
	body := strings.TrimSuffix(short, "…")
	if i := strings.LastIndexByte(body, '&'); i >= 0 && !strings.Contains(body[i:], ";") {
		body = body[:i]
	}
	return body + "…"
}
