package sites

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

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
		ExitErrHandler: func(*cli.Context, error) {}}
	if err := app.RunContext(h.t.Context(), append([]string{"analytics", "sites"}, args...)); err != nil {
		return "error: " + err.Error()
	}
	return out.String()
}

func TestCommandLineAndAuditTrail(t *testing.T) {
	h := newHouse(t)
	f := func(want string, args ...string) {
		t.Helper()
		if got := h.say(args...); !strings.Contains(got, want) {
			t.Errorf("%v lacks %q:\n%s", args, want, got)
		}
	}
	f("No site is registered", "list")
	f("<script data-site=example.com>", "add", "--origin", "http://localhost:3000", "example.com")
	f("error:", "add", "example.com")
	f("needs one DOMAIN", "add")
	f("http://localhost:3000", "list")
	f(`"mode": "server"`, "add", "--json", "--mode", "server", "b.example.com")
	f("not registered any more", "remove", "example.com")
	f("analytics sites add", "remove", "example.com")
	if len(h.told) != 3 {
		t.Fatalf("the trail has %d entries, want 3: %s", len(h.told), h.told)
	}
	var e map[string]any
	if err := json.Unmarshal([]byte(h.told[2]), &e); err != nil {
		t.Fatal(err)
	}
	if e["action"] != "site_remove" || e["target"] != "example.com" || e["actor"] != "local" {
		t.Errorf("got %v", e)
	}
}
