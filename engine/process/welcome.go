package process

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/engine/store"
)

// Greet makes the first keys, if there are none, and a login link, and tells how to begin.
func Greet(
	ctx context.Context, out io.Writer, url, data string, keys *auth.Keyring, sessions *auth.Sessions,
) error {
	w := Welcome{URL: url, Data: data}
	issued, err := keys.Bootstrap(ctx)
	if err != nil {
		return err
	}
	if len(issued) == 2 {
		w.IngestKey, w.AdminKey = issued[0].Secret, issued[1].Secret
	}
	token, err := sessions.Link(ctx, auth.Local(store.Default))
	switch {
	case err == nil:
		w.Login = url + "/login?token=" + token
	// A server that starts often still has to start, and one whose disk is full answers questions.
	case fault.Of(err).Kind != fault.Limited && fault.Of(err).Kind != fault.Full:
		return err
	}
	w.Print(out)
	return nil
}

// Welcome is what somebody who just started the server wants to know.
type Welcome struct {
	URL, Data string
	// IngestKey and AdminKey are set on the first start only: they are never shown again.
	IngestKey, AdminKey string
	// Login is a link that logs one browser in, once; empty when too many wait to be used, or the disk
	// is full.
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
	if w.Login != "" {
		fmt.Fprintf(out, "  dashboard    %s\n", w.Login)
		fmt.Fprintf(out, "               (logs one browser in, within an hour; `analytics dashboard link` makes more)\n\n")
	} else {
		fmt.Fprintf(out, "  dashboard    %s (`analytics dashboard link` logs a browser in)\n\n", w.URL)
	}
	fmt.Fprintf(out, "Record an AI request:\n\n%s\n", Example(w.URL, key))
	fmt.Fprintf(out, "Then ask: `analytics overview%s`. Ctrl-C stops.\n\n", elsewhere(w.Data))
}

// elsewhere is the flag that a verb needs to find the data, nothing where it looks by itself.
func elsewhere(data string) string {
	if here, err := filepath.Abs("data"); err == nil && here == data {
		return ""
	}
	return " --data " + data
}

// Example is a command to paste that records an AI request.
func Example(url, key string) string {
	return fmt.Sprintf(`  curl -sS %s/v1/events -H "Authorization: Bearer %s" -d '{
    "type": "ai_request", "model": "gpt-4o", "provider": "openai", "agent": "support",
    "input_tokens": 1200, "output_tokens": 300, "duration_ms": 840, "status_code": 200}'
`, url, key)
}
