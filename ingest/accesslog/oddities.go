package accesslog

import (
	"bytes"

	"analytics/ingest/enrich"
)

// browses reports a user agent that says to be a browser. Only these can be odd: all others are known
// by their names.
func browses(agent []byte) bool { return bytes.HasPrefix(agent, []byte("Mozilla/5.0")) }

// oddities are the words for what of the headers no browser of that name would send. Only logs with
// all headers can tell. The protocol is judged later, by that of the others.
func (h *hit) oddities(words []string) []string {
	if !h.headers {
		return words
	}
	return append(words, enrich.Headers{
		Agent: str(h.text[agent]), Hints: str(h.text[hints]),
		Platform: str(bytes.Trim(h.text[platform], `"`)), Mobile: str(h.text[mobile]),
		Language: h.text[language] != nil, Accept: h.text[accept] != nil, Encoding: h.text[encoding] != nil,
		HTML:   bytes.Contains(h.text[accept], []byte("text/html")),
		Brotli: bytes.Contains(h.text[encoding], []byte("br")), SecFetch: h.text[fetchSite] != nil, Secure: string(h.text[scheme]) == "https",
		Proxied: h.text[forwarded] != nil,
	}.Signals()...)
}

// clientHints are those of the browser, as events have them.
func (h *hit) clientHints() []byte {
	if h.text[hints] == nil && h.text[platform] == nil {
		return nil
	}
	return []byte(enrich.JoinHints(str(h.text[mobile]), str(h.text[platform]), "", str(h.text[hints])))
}
