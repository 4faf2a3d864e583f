package history_test

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"analytics/engine/web"
	"analytics/rollup/bots/history"
)

// say runs a command line in this process and gives what it prints.
func (h *house) say(args ...string) string {
	h.t.Helper()
	client := web.NewClient(h.dir, func(context.Context) (http.Handler, func() error, error) {
		return h.mux, nil, nil
	})
	var out bytes.Buffer
	app := &cli.App{Name: "analytics", Writer: &out, ErrWriter: &out, Commands: history.Commands(client),
		Flags:          []cli.Flag{&cli.StringFlag{Name: "data"}},
		ExitErrHandler: func(*cli.Context, error) {}}
	if err := app.RunContext(h.t.Context(), append([]string{"analytics", "--data", h.dir, "bots"}, args...)); err != nil {
		return "error: " + err.Error()
	}
	return out.String()
}

// TestCommandLine runs each verb.
func TestCommandLine(t *testing.T) {
	h := filled(t)
	f := func(want []string, args ...string) string {
		t.Helper()
		got := h.say(args...)
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%v lacks %q:\n%s", args, w, got)
			}
		}
		return got
	}
	f([]string{"Nobody was flagged", "%python-httpx%", "even_timing", "rhythm", "50 points"}, "list")
	f([]string{"22 events", "9 would change", "known_bot", "dry run"}, "flag", "--user-agent", "%inhouse%",
		"--since", "30d", "--dry-run")
	f([]string{"9 changed", "Rule "}, "flag", "--user-agent", "%inhouse%", "--since", "30d")
	list := f([]string{"%inhouse%", "known_bot", "2026-10-21"}, "list")
	f([]string{"flagged", "fingerprint"}, "reputation")
	f([]string{`"changed": 0`}, "reclassify", "--since", "30d", "--json")
	id := strings.Fields(strings.Split(list, "\n")[1])[0]
	f([]string{"9 would change"}, "unflag", "--dry-run", id)
	f([]string{"9 changed"}, "unflag", id)
	f([]string{"error:", "unexpected argument"}, "reclassify", "--since", "30d", "x", "--dry-run")
	f([]string{"error:", "addresses are never kept"}, "flag", "--ip", "198.51.100.1", "--since", "30d")
}
