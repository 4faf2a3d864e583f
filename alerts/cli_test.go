package alerts

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"analytics/engine/fault"
	"analytics/engine/process"
	"analytics/engine/web"
)

func (w *world) mux() *web.Mux {
	mux := web.NewMux(web.Options{Now: w.clock})
	w.Routes(mux)
	return mux
}

func (w *world) shell(line string) (string, error) { return w.shellWords(strings.Fields(line)...) }

func (w *world) shellWords(line ...string) (string, error) {
	w.t.Helper()
	open := func(context.Context) (http.Handler, func() error, error) {
		return w.mux(), func() error { return nil }, nil
	}
	client := web.NewClient(w.t.TempDir(), open)
	defer client.Close()
	var out strings.Builder
	app := &cli.App{
		Name: "analytics", Writer: &out, ErrWriter: &out, Commands: Commands(client),
		ExitErrHandler: func(*cli.Context, error) {},
	}
	err := app.RunContext(w.t.Context(), process.Arrange(app, append([]string{"analytics", "alerts"}, line...)))
	return out.String(), err
}

func TestVerbs(t *testing.T) {
	w := newWorld(t, "UTC", "2026-11-20T10:00:00", "daily_cost 5 notify", "monthly_cost 100.5 email")
	f := func(line string, want ...string) {
		t.Helper()
		out, err := w.shell(line)
		if err != nil {
			t.Errorf("%s: %v", line, err)
		}
		for _, part := range want {
			if !strings.Contains(out, part) {
				t.Errorf("%s: no %q in\n%s", line, part, out)
			}
		}
	}
	f("list", "No alerts")
	w.spend(7*usd+1, 0)
	w.check()
	id := "daily_cost-5-notify-2026-11-20"
	f("list", id, "open", "$7.000000001", "$5.00", "yes")
	f("rules", "monthly_cost", "$100.50", "$93.499999999", "2026-11", id)
	f("ack "+id, id+" is acknowledged by local")
	f("list --state acknowledged --json", `"value": 7.000000001`, `"acknowledged_by": "local"`, `"total": 1`)
	for line, exit := range map[string]int{
		"ack": 2, "ack nonsense": 3, "list --state odd": 2, "list --limit 0": 2, "ack a b": 2,
	} {
		if _, err := w.shell(line); fault.ExitCode(err) != exit {
			t.Errorf("%s: %v, exit %d, want %d", line, err, fault.ExitCode(err), exit)
		}
	}
	rec := httptest.NewRecorder()
	w.mux().ServeHTTP(rec, httptest.NewRequest("POST", "/v1/alerts/"+id+"/acknowledge", nil))
	if rec.Code != http.StatusUnauthorized {
		t.Errorf("without a key: %d", rec.Code)
	}
}
