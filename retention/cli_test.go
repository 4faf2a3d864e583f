package retention

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"analytics/engine/event"
	"analytics/engine/web"
)

func TestCommandsPrintWhatTheRoutesSay(t *testing.T) {
	h := newHouse(t, 90, true)
	h.put(event.AIRequest, 50, 24*120, true)
	mux := web.NewMux(web.Options{})
	h.keeper.Routes(mux)
	client := web.NewClient(t.TempDir(), func(context.Context) (http.Handler, func() error, error) {
		return mux, nil, nil
	})
	f := func(want, method, path string, query url.Values, asJSON bool) {
		t.Helper()
		var out bytes.Buffer
		err := show(t.Context(), &out, client, method, path, query, asJSON, false)
		if err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("%s %s: %v\n%s\nwant %q", method, path, err, out.String(), want)
		}
	}
	dry := url.Values{"dry_run": {"true"}}
	f("Would delete 50 events in 1 part", "GET", "/v1/retention/plan", nil, false)
	f("Would delete 50 events", "POST", "/v1/retention/run", dry, false)
	f(`"drop":{"stretches":1,"rows":50`, "GET", "/v1/retention/plan", nil, true)
	f("Deleted 50 events", "POST", "/v1/retention/run", nil, false)
	f("Nothing to delete; 0 events stay.", "POST", "/v1/retention/run", nil, false)
	if got := len(commands(client)[0].Subcommands); got != 2 {
		t.Errorf("%d subcommands, want plan and run", got)
	}
}
