package register

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"analytics/engine/web"
)

// say runs a command line in this process and gives what it prints.
func (h *house) say(args ...string) string {
	h.t.Helper()
	client := web.NewClient(h.dir, func(context.Context) (http.Handler, func() error, error) {
		return h.mux, nil, nil
	})
	var out bytes.Buffer
	app := &cli.App{Name: "analytics", Writer: &out, ErrWriter: &out, Commands: Commands(client),
		Flags:          []cli.Flag{&cli.StringFlag{Name: "data"}},
		ExitErrHandler: func(*cli.Context, error) {}}
	line := append([]string{"analytics", "--data", h.dir, "pricing"}, args...)
	if err := app.RunContext(h.t.Context(), line); err != nil {
		return "error: " + err.Error()
	}
	return out.String()
}

func TestCommandLine(t *testing.T) {
	h := newHouse(t)
	h.take("our-model", 26*time.Hour, 4)
	f := func(want []string, args ...string) {
		t.Helper()
		got := h.say(args...)
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%v lacks %q:\n%s", args, w, got)
			}
		}
	}
	f([]string{"our-model", "no price", "4066"}, "unpriced", "--days", "3")
	f([]string{"openai/gpt-5", "priority", "1k searches 10"}, "show", "gpt-5")
	f([]string{"our-model has no price"}, "show", "our-model")
	f([]string{"set/our-model", "reprice"}, "set", "--input-per-1m", "2", "--output-per-1k", "0.01", "our-model")
	f([]string{"priced by set/our-model"}, "show", "our-model")
	f([]string{"priced by now"}, "unpriced")
	f([]string{"4 requests, 4 would be repriced", "nothing was changed", "total"},
		"reprice", "--from", "2026-11-01", "--dry-run")
	f([]string{"4 requests, 4 repriced", "0.008612"}, "reprice", "--from", "2026-11-01")
	f([]string{"4 requests, 0 repriced"}, "reprice", "--from", "2026-11-01")
	f([]string{"All requests of the last 30 days have a price"}, "unpriced")
	f([]string{`"key": "openai/gpt-5"`}, "show", "--json", "gpt-5")
	f([]string{"no price of its own now"}, "unset", "our-model")
	f([]string{"error:", "unexpected argument"}, "reprice", "--from", "2026-11-01", "gpt", "--dry-run")
	path := filepath.Join(t.TempDir(), "prices.json")
	if err := os.WriteFile(path, []byte(`{"gpt-4o": {"litellm_provider": "openai",
		"input_cost_per_token": 3e-6, "output_cost_per_token": 1e-5}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	f([]string{"litellm: 1 price (", "1 has another price", "input_per_1m", "2.5"}, "check", path)
}
