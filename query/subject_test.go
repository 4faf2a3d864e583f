package query

import (
	"context"
	"net/url"
	"slices"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
)

// TestToolsAreAskedOfTools: a question about tools is of tool calls whichever metrics it names. AI requests
// have durations and errors, too.
func TestToolsAreAskedOfTools(t *testing.T) {
	w := newWorld(t, Config{Timezone: "UTC"})
	w.begin(event.AIRequest, noon.Add(-time.Hour)).SetInt(event.AIDurationMS, 80_000_000)
	w.e.SetText(event.AIModel, []byte("m"))
	w.add()
	w.begin(event.ToolCall, noon.Add(-time.Hour)).SetInt(event.ToolDurationMS, 1_000_000)
	w.e.SetText(event.ToolTool, []byte("search"))
	w.add()
	w.commit()
	for _, name := range []string{"stats", "list", "trends"} {
		i := slices.IndexFunc(verbs, func(v Verb) bool { return v.Group == "tools" && v.Name == name })
		a, err := w.desk.Ask(context.Background(), store.Default, &verbs[i],
			url.Values{"metrics": {"avg_duration_ms"}, "order": {"-avg_duration_ms"}})
		if err != nil {
			t.Fatal(err)
		}
		if got := a.Totals["avg_duration_ms"]; got != 1000.0 {
			t.Errorf("tools %s: %v ms, and the one tool took 1,000", name, got)
		}
	}
}
