package rollup

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/web"
)

// run runs a command line against the house's routes.
func (h *house) run(args ...string) (string, error) {
	mux := web.NewMux(web.Options{})
	h.mill.Routes(mux)
	client := web.NewClient(h.t.TempDir(), func(context.Context) (http.Handler, func() error, error) {
		return mux, nil, nil
	})
	var out bytes.Buffer
	app := &cli.App{Name: "analytics", Commands: Commands(client), Writer: &out, ErrWriter: &out}
	err := app.RunContext(h.t.Context(), append([]string{"analytics", "rollup"}, args...))
	return out.String(), err
}

func TestCommands(t *testing.T) {
	h := newHouse(t, "Europe/Berlin")
	f := func(want string, args ...string) {
		t.Helper()
		out, err := h.run(args...)
		if err != nil || !strings.Contains(out, want) {
			t.Errorf("%v: %v\n%s\nwant %q", args, err, out, want)
		}
	}
	f("complete until 2026-11-20T12:00:00Z", "status")
	f("0 hours compared", "check")
	h.put(event.AIRequest, 400, noon.Add(-50*time.Hour), noon)
	h.put(event.PageView, 100, noon.Add(-4*time.Hour), noon)
	f("complete until 2026-11-18T10:00:00Z (days in Europe/Berlin)", "status")
	h.turn(noon.Add(grace))
	check(t, h.mill.Seal(t.Context(), true))
	f("complete until 2026-11-20T12:02:00Z", "status")
	f("ai_request  400", "status")
	f(`"grain_minutes": 60`, "status", "--json")
	f("54 hours compared", "check")
	f("0 differences", "check")
	f("4 hours compared", "check", "--type", "page_view")
	f("13 hours compared", "check", "--type", "ai_request", "--from", "2026-11-20")
	f("3 hours compared", "check", "--type", "ai_request", "--from", "2026-11-20T06:30:00Z", "--to",
		"2026-11-20T09:00:00Z")
	f("54 hours compared", "rebuild", "--dry-run")
	f("segments rebuilt", "rebuild", "--from", "2026-11-18", "--to", "2026-11-20")
	f(`"dry_run": false`, "rebuild", "--json")
}

func TestCommandsRefuse(t *testing.T) {
	h := newHouse(t, "UTC")
	h.put(event.AIRequest, 1, noon.Add(-time.Hour), noon)
	f := func(code string, args ...string) {
		t.Helper()
		if out, err := h.run(args...); fault.Of(err).Code != code {
			t.Errorf("%v: got %v %s, want %s", args, err, out, code)
		}
	}
	f("invalid_time", "check", "--from", "yesterday")
	f("unknown_type", "rebuild", "--type", "requests")
	f("bad_usage", "rebuild", "2026-11-20", "--dry-run")
}

func TestRoutesRefuse(t *testing.T) {
	h := newHouse(t, "UTC")
	mux := web.NewMux(web.Options{})
	h.mill.Routes(mux)
	client := web.NewClient(t.TempDir(), func(context.Context) (http.Handler, func() error, error) {
		return mux, nil, nil
	})
	f := func(code, path, key, value string) {
		t.Helper()
		err := client.JSON(t.Context(), "POST", path, map[string][]string{key: {value}}, nil, nil)
		if fault.Of(err).Code != code {
			t.Errorf("%s?%s=%s: got %v, want %s", path, key, value, err, code)
		}
	}
	f("invalid_time", "/v1/rollup/rebuild", "from", "1969-12-31")
	f("invalid_range", "/v1/rollup/check", "from", "2026-11-20")
	f("invalid_value", "/v1/rollup/rebuild", "dry_run", "perhaps")
	f("unknown_parameter", "/v1/rollup/rebuild", "dryrun", "true")
	f("unknown_parameter", "/v1/rollup/check", "dry_run", "true")
	f("unknown_type", "/v1/rollup/check", "type", "x")
}
