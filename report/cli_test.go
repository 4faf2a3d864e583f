package report

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"analytics/engine/fault"
	"analytics/engine/web"
	"analytics/report/discord"
	"analytics/report/discord/double"
	"analytics/report/outbox"
)

// shell runs the verbs of this room against the world's press.
func (w *world) shell(line string) (out, errOut string, err error) {
	w.t.Helper()
	open := func(context.Context) (http.Handler, func() error, error) {
		mux := web.NewMux(web.Options{Now: func() time.Time { return w.now }})
		w.press.Routes(mux)
		return mux, func() error { return nil }, nil
	}
	client := web.NewClient(w.t.TempDir(), open)
	defer client.Close()
	var o, e strings.Builder
	app := &cli.App{
		Name: "analytics", Writer: &o, ErrWriter: &e, Commands: Commands(client),
		ExitErrHandler: func(*cli.Context, error) {},
	}
	err = app.RunContext(w.t.Context(), append([]string{"analytics"}, strings.Fields(line)...))
	return o.String(), e.String(), err
}

func TestVerbs(t *testing.T) {
	w := newWorld(t, berlin, "2026-11-21T08:00")
	w.play("costs.events")
	out, _, err := w.shell("report costs --date 2026-11-20")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "costs.md", []byte(out))
	out, _, err = w.shell("report daily")
	if err != nil || !strings.Contains(out, "# Daily cost report") ||
		!strings.Contains(out, "\n\n# Daily traffic report") {
		t.Errorf("daily: %s %v", out, err)
	}
	if out, _, err = w.shell("report traffic --json"); err != nil || !strings.HasPrefix(out, `{"report":`) {
		t.Errorf("json: %s %v", out, err)
	}
	for line, exit := range map[string]int{
		"report costs --date 2026-13-01": 2, "report costs --send": 1, "report costs 2026-11-20": 2,
		"outbox list --state odd": 2,
	} {
		if _, _, err := w.shell(line); fault.ExitCode(err) != exit {
			t.Errorf("%s: %v, exit %d, want %d", line, err, fault.ExitCode(err), exit)
		}
	}
	d := w.connect()
	d.Script(func(double.Request) *double.Answer { return &double.Answer{Status: 500} })
	if _, _, err = w.shell("report costs --send"); err == nil || !strings.Contains(err.Error(), "answered 500") {
		t.Errorf("an outage: %v", err)
	}
	out, _, err = w.shell("outbox list --state pending")
	if err != nil || !strings.Contains(out, "1 waiting, 0 delivered") ||
		!strings.Contains(out, "Internal Server Error") {
		t.Errorf("outbox: %s %v", out, err)
	}
	d.Script(nil)
	if out, _, err := w.shell("outbox retry"); err != nil ||
		!strings.Contains(out, "1 tried again: 0 waiting, 1 delivered") {
		t.Errorf("retry: %s %v", out, err)
	}
	if _, errOut, err := w.shell("report daily --send"); err != nil || strings.Count(errOut, "delivered") != 2 {
		t.Errorf("send: %s %v", errOut, err)
	}
	if n := len(d.Messages()); n != 2 {
		t.Errorf("%d messages", n)
	}
}

// TestWhoSendsHearsWhyNothingArrived also when a letter was not even tried: its channel asked to wait, does
// not answer, is closed, or takes no reports.
func TestWhoSendsHearsWhyNothingArrived(t *testing.T) {
	w := newWorld(t, berlin, "2026-11-21T08:00")
	w.play("costs.events")
	d := w.connect()
	f := func(line string, want ...string) {
		t.Helper()
		_, _, err := w.shell(line)
		for _, part := range want {
			if err == nil || fault.ExitCode(err) != 1 || !strings.Contains(err.Error(), part) || strings.Contains(err.Error(), ": ;") {
				t.Errorf("%s: %v, want %s", line, err, part)
			}
		}
	}
	d.Script(func(double.Request) *double.Answer { return &double.Answer{Status: 503} })
	f("report daily --date 2026-11-20 --send", "answered 503", "goes on trying",
		"daily_traffic_report of 2026-11-20 is not delivered to discord: the channel discord is given a rest: Discord answered 503")
	w.now = w.now.Add(time.Hour)
	d.Script(func(double.Request) *double.Answer {
		return &double.Answer{Status: 429, Header: map[string]string{"Retry-After": "60"}, Body: `{"retry_after":60}`}
	})
	f("report costs --date 2026-11-19 --send", "429")
	f("report costs --date 2026-11-18 --send", "not delivered to discord: the channel discord is given a rest: Discord answered 429")
	w.now = w.now.Add(time.Hour)
	d.Script(func(double.Request) *double.Answer { return &double.Answer{Status: 404} })
	f("report costs --date 2026-11-17 --send", "404")
	f("report costs --date 2026-11-16 --send", "nothing is sent to the channel discord: ", "404", "outbox retry")
	c, err := discord.NewClient(d.URL, double.Allow())
	if err != nil {
		t.Fatal(err)
	}
	w.outbox.Use(outbox.Channel{Name: "ops", Kind: "discord", Topics: []string{outbox.Alerts}, Sender: c})
	f("report costs --date 2026-11-15 --send", "2026-11-15-daily_cost_report.md", "no channel takes reports")
}
