package process

import (
	"fmt"
	"io"
)

// Welcome is what somebody who just started the server wants to know.
type Welcome struct {
	URL, Data string
	// IngestKey and AdminKey are set on the first start only: they are never shown again.
	IngestKey, AdminKey string
	// Login is a link that logs one browser in, once.
	Login string
}

// Print writes it for people.
func (w Welcome) Print(out io.Writer) {
	fmt.Fprintf(out, "analytics is ready.\n\n")
	fmt.Fprintf(out, "  listening    %s\n", w.URL)
	fmt.Fprintf(out, "  data         %s\n", w.Data)
	key := w.IngestKey
	if key != "" {
		fmt.Fprintf(out, "  ingest key   %s\n", w.IngestKey)
		fmt.Fprintf(out, "  admin key    %s\n", w.AdminKey)
		fmt.Fprintf(out, "               (shown this once; `analytics keys create NAME --scope ingest` makes more)\n")
	} else {
		key = "$ANALYTICS_KEY"
	}
	fmt.Fprintf(out, "  overview     %s\n", w.Login)
	fmt.Fprintf(out, "               (logs one browser in, within an hour; `analytics dashboard link` makes more)\n\n")
	fmt.Fprintf(out, "Record an AI request:\n\n%s\n", Example(w.URL, key))
	fmt.Fprintf(out, "Then ask: `analytics overview`. Ctrl-C stops.\n\n")
}

// Example is a command to paste that records an AI request.
func Example(url, key string) string {
	return fmt.Sprintf(`  curl -sS %s/v1/events -H "Authorization: Bearer %s" -d '{
    "type": "ai_request", "model": "gpt-4o", "provider": "openai", "agent": "support",
    "input_tokens": 1200, "output_tokens": 300, "duration_ms": 840, "status_code": 200}'
`, url, key)
}
