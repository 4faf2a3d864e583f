package gateway

import (
	"net/http"
	"strconv"
	"strings"

	"analytics/ingest/decode"
)

// labels is what the headers of a call say about it.
type labels struct {
	user, session, agent, prompt, promptVersion, project, conversation string
	trace, parent                                                      string
	attempt                                                            int64
	properties                                                         map[string]any
}

// maxLabels bounds the text of all properties of a call: the schema has 8 KiB for them, and JSON
// needs some of that for itself.
const maxLabels = 6 << 10

// labelsOf reads our headers, then those of Helicone, so that its users need not change theirs.
func labelsOf(h http.Header) labels {
	first := func(names ...string) string {
		for _, name := range names {
			if v := strings.TrimSpace(h.Get(name)); v != "" {
				return v
			}
		}
		return ""
	}
	l := labels{
		user:          first("X-Analytics-User", "Helicone-User-Id"),
		session:       first("X-Analytics-Session", "Helicone-Session-Id"),
		agent:         first("X-Analytics-Agent"),
		prompt:        first("X-Analytics-Prompt", "Helicone-Prompt-Id"),
		promptVersion: first("X-Analytics-Prompt-Version"),
		project:       first("X-Analytics-Project"),
		// A session of Helicone's is what one conversation or one run of an agent did.
		conversation: first("X-Analytics-Conversation", "Helicone-Session-Id"),
		attempt:      1,
	}
	// SDKs made by Stainless (OpenAI's, Anthropic's) count their own retries.
	if n, err := strconv.ParseUint(h.Get("X-Stainless-Retry-Count"), 10, 16); err == nil && n < 999 {
		l.attempt = int64(n) + 1
	}
	l.trace, l.parent = traceOf(h.Get("Traceparent"))
	l.properties = propertiesOf(h)
	return l
}

// propertiesOf gathers …-Property-<Name> headers under the name in small letters.
func propertiesOf(h http.Header) map[string]any {
	var all map[string]any
	size := 0
	put := func(name, value string) {
		if name == "" || len(name) > decode.MaxPropertyKey || len(all) == decode.MaxProperties {
			return
		}
		value = value[:min(len(value), decode.MaxPropertyText)]
		if size += len(name) + len(value); size > maxLabels {
			return
		}
		if all == nil {
			all = map[string]any{}
		}
		all[name] = value
	}
	for _, prefix := range [...]string{"X-Analytics-Property-", "Helicone-Property-"} {
		for name, values := range h {
			if short, ok := strings.CutPrefix(name, prefix); ok && len(values) > 0 {
				short = strings.ToLower(short)
				if _, twice := all[short]; !twice {
					put(short, values[0])
				}
			}
		}
	}
	if id := h.Get("Helicone-Request-Id"); id != "" {
		put("helicone_request_id", id)
	}
	return all
}

// traceOf reads a W3C traceparent: version, trace, parent and flags, in hexadecimal.
func traceOf(text string) (trace, parent string) {
	parts := strings.Split(text, "-")
	if len(parts) < 4 || len(parts[0]) != 2 || len(parts[1]) != 32 || len(parts[2]) != 16 ||
		parts[0] == "ff" || !isHex(parts[1]) || !isHex(parts[2]) ||
		strings.Trim(parts[1], "0") == "" || strings.Trim(parts[2], "0") == "" {
		return "", ""
	}
	return parts[1], parts[2]
}

func isHex(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return (r < '0' || r > '9') && (r < 'a' || r > 'f') })
}
