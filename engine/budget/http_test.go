package budget

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"analytics/engine/web"
)

// call asks the doors as the local user.
func (w *world) call(method, path, body string) (int, string) {
	w.t.Helper()
	mux := web.NewMux(web.Options{Now: w.house.Now, Log: w.house.Log})
	w.Routes(mux)
	r := httptest.NewRequestWithContext(web.AsLocal(w.t.Context()), method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	rec := httptest.NewRecorder()
	mux.ServeHTTP(rec, r)
	return rec.Code, rec.Body.String()
}

func TestBudgetsOverHTTP(t *testing.T) {
	w := newWorld(t)
	f := func(method, path, body string, status int, want ...string) {
		t.Helper()
		code, got := w.call(method, path, body)
		if code != status {
			t.Errorf("%s %s: got %d, %s", method, path, code, got)
		}
		for _, part := range want {
			if !strings.Contains(got, part) {
				t.Errorf("%s %s: %s lacks %s", method, path, got, part)
			}
		}
	}
	f("PUT", "/v1/budgets/team", `{"limit":1.5,"period":"day","action":"pause_requests","at":[100,50]}`, 200,
		`"spent":0`, `"left":1.5`, `"at":[50,100]`, `"state":"within"`, `"source":"set"`)
	w.spend(dollar, 0)
	f("GET", "/v1/budgets", "", 200, `"spent":1,`, `"left":0.5`, `"total":1`)
	f("GET", "/v1/budgets/check?model=gpt-4o&output_tokens=100", "", 200, `"allowed":true`, `"estimate":0.000001001`)
	w.spend(dollar, 0)
	f("GET", "/v1/budgets/check?model=gpt-4o", "", 200, `"allowed":false`, `"code":"budget_paused"`,
		`"resumes":"2026-11-22T00:00:00Z"`, `"final":true`)
	f("GET", "/v1/budgets/team", "", 200, `"state":"paused"`, `"resumes":"2026-11-22T00:00:00Z"`)
	f("POST", "/v1/budgets/team/unpause", "", 200, `"state":"lifted"`)
	f("GET", "/v1/budgets/check?model=gpt-4o", "", 200, `"allowed":true`)
	f("POST", "/v1/budgets/team/pause", `{"for":"1h"}`, 200, `"resumes":"2026-11-21T13:00:00Z"`)
	f("POST", "/v1/budgets/team/pause", `{"for":"soon"}`, 400, `"field":"for"`)
	f("GET", "/v1/budgets/check", "", 400, `"field":"model"`)
	f("GET", "/v1/budgets/nobody", "", 404, "unknown_budget")
	f("POST", "/v1/budgets/nobody/pause", "", 404, "unknown_budget")
	f("PUT", "/v1/budgets/b", `{"limit":-1}`, 400, `"field":"limit"`)
	f("PUT", "/v1/budgets/b", `{"limit":1,"scope":{"colour":"red"}}`, 400, `"field":"scope"`)
	f("PUT", "/v1/budgets/b", `{"limit":1,"by":["model","model"]}`, 400, `"field":"by"`)
	f("PUT", "/v1/budgets/b", `{"limit":1,"period":"year"}`, 400, `"field":"period"`)
	f("PUT", "/v1/budgets/b", `{"limit":1,"at":[0]}`, 400, `"field":"at"`)
	f("DELETE", "/v1/budgets/team", "", 200)
	f("GET", "/v1/budgets", "", 200, `"budgets":[]`)
}

func TestBudgetsInTheShell(t *testing.T) {
	w := newWorld(t)
	mux := web.NewMux(web.Options{Now: w.house.Now, Log: w.house.Log})
	w.Routes(mux)
	client := web.NewClient(t.TempDir(), func(context.Context) (http.Handler, func() error, error) {
		return mux, func() error { return nil }, nil
	})
	f := func(line string, want ...string) {
		t.Helper()
		var out bytes.Buffer
		app := &cli.App{Writer: &out, ErrWriter: io.Discard, Commands: Commands(client),
			ExitErrHandler: func(*cli.Context, error) {}}
		err := app.RunContext(t.Context(), append([]string{"analytics", "budgets"}, strings.Fields(line)...))
		if err != nil {
			out.WriteString("error: " + err.Error())
		}
		for _, part := range want {
			if !strings.Contains(out.String(), part) {
				t.Errorf("%s: got %s, want %q in it", line, out.String(), part)
			}
		}
	}
	f("list", "Nothing to show")
	f("set --limit 1.00 --period day --action pause_requests --scope model=gpt-* --by api_key_id --at 50,80,100 "+
		"--tz Europe/Berlin team", "each api_key_id", "within")
	w.spend(2*dollar, 0)
	f("status team", "k1", "$1.00", "$2.00", "paused", "2026-11-21T23:00:00Z")
	f("unpause team", "lifted")
	f("pause --for 1h team", "paused", "2026-11-21T13:00:00Z")
	f("list --json", `"limit": 1`, `"group": [`)
	f("delete team", "is deleted")
	f("set --limit much x", "error: --limit is USD")
	f("set --limit 1 --at many x", "error: --at is")
	f("set --limit 1 --scope red x", "error: a scope is like")
	f("delete", "needs one NAME; `analytics budgets list` shows them")
}

func FuzzDefinition(f *testing.F) {
	f.Add(`{"name":"a","limit":1,"period":"24h","scope":{"model":"gpt-*"},"by":["model"],"at":[50]}`)
	f.Add(`{"name":"a","limit":0.1,"period":"week","week_start":"sunday","timezone":"Asia/Kathmandu"}`)
	f.Fuzz(func(t *testing.T, text string) {
		var d Definition
		if json.Unmarshal([]byte(text), &d) != nil {
			return
		}
		p, err := d.complete(nil)
		if err != nil || d.Timezone == "" {
			return
		}
		at := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
		if from, to := p.Window(at); at.Before(from) || !at.Before(to) {
			t.Errorf("%s is not in [%s, %s)", at, from, to)
		}
	})
}
