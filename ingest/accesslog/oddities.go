package accesslog

import "bytes"

// oddities are the words for headers that browsers send and this request did not have. Only logs with
// all headers can tell.
func (h *hit) oddities(words []string) []string {
	if !h.headers {
		return words
	}
	for _, w := range [...]struct {
		field field
		word  string
	}{{language, "no_accept_language"}, {accept, "no_accept"}, {encoding, "no_encoding"}} {
		if h.text[w.field] == nil {
			words = append(words, w.word)
		}
	}
	// Browsers say where a request comes from only where nobody can listen. Chrome does since 76.
	if string(h.text[scheme]) == "https" && h.text[fetchSite] == nil &&
		bytes.Contains(h.text[agent], []byte("Chrome/")) {
		words = append(words, "no_sec_fetch")
	}
	return words
}
