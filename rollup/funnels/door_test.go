package funnels

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"analytics/engine/fault"
	"analytics/engine/glob"
	"analytics/engine/web"
)

// run runs a command line against the routes.
func (w *world) run(args ...string) (string, error) {
	mux := web.NewMux(web.Options{})
	NewDoor(w.store, func() time.Time { return noon }).Routes(mux)
	client := web.NewClient(w.t.TempDir(), func(context.Context) (http.Handler, func() error, error) {
		return mux, nil, nil
	})
	var out bytes.Buffer
	app := &cli.App{Name: "analytics", Commands: []*cli.Command{Commands(client)}, Writer: &out, ErrWriter: &out}
	err := app.RunContext(w.t.Context(), append([]string{"analytics", "funnels"}, args...))
	return out.String(), err
}

// TestFunnelsByCommand defines a funnel and forgets it.
func TestFunnelsByCommand(t *testing.T) {
	w := newWorld(t)
	f := func(want string, args ...string) {
		t.Helper()
		out, err := w.run(args...)
		if err != nil || !strings.Contains(out, want) {
			t.Errorf("%v: %v\n%s\nwant %q", args, err, out, want)
		}
	}
	f("signup has 3 steps", "create", "--step", "page:/pricing*", "--step", "event:signup;plan==pro",
		"--step", "page:/welcome", "--window", "1h", "signup")
	f("signup is deleted", "delete", "signup")
}

func TestFunnelsAreListed(t *testing.T) {
	w := newWorld(t)
	if _, err := w.run("create", "--step", "page:/a", "--step", "page:/b", "x"); err != nil {
		t.Fatal(err)
	}
	mux := web.NewMux(web.Options{})
	NewDoor(w.store, func() time.Time { return noon }).Routes(mux)
	r := httptest.NewRequest(http.MethodGet, "/v1/funnels", nil)
	answer := httptest.NewRecorder()
	mux.ServeHTTP(answer, r.WithContext(web.AsLocal(r.Context())))
	if answer.Code != http.StatusOK || !strings.HasPrefix(answer.Body.String(), `{"funnels":[{"name":"x"`) {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
}

func TestFunnelsRefuse(t *testing.T) {
	w := newWorld(t)
	f := func(code string, args ...string) {
		t.Helper()
		if out, err := w.run(args...); fault.Of(err).Code != code {
			t.Errorf("%v: got %v %s, want %s", args, err, out, code)
		}
	}
	f("not_found", "delete", "x")
	f("invalid_steps", "create", "--step", "page:/", "x")
	f("invalid_step", "create", "--step", "page:/", "--step", "click:x", "x")
	f("invalid_step", "create", "--step", "page:/", "--step", "event:x;y", "x")
	f("invalid_name", "create", "--step", "page:/", "--step", "page:/", "x/y")
	f("invalid_name", "create", "--step", "page:/", "--step", "page:/", "list")
	f("invalid_name", "create", "--step", "page:/", "--step", "page:/", "show")
	f("invalid_window", "create", "--step", "page:/", "--step", "page:/", "--window", "1y", "x")
	if _, err := w.run("create", "--step", "page:/a,b", "--step", "page:/", "x"); err != nil {
		t.Fatal(err)
	}
	f("exists", "create", "--step", "page:/", "--step", "page:/", "x")
}

// TestConditions: numbers are compared as numbers, and what is missing is empty.
func TestConditions(t *testing.T) {
	f := func(step, properties string, want bool) {
		t.Helper()
		s, err := ParseStep("event:x;" + step)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.meets(properties); got != want {
			t.Errorf("%s of %s: %v", step, properties, got)
		}
	}
	f("plan==pro", `{"plan":"pro"}`, true)
	f("plan==pro;seats>5", `{"plan":"pro","seats":5}`, false)
	f("seats>=5", `{"seats":5}`, true)
	f("seats==5", `{"seats":5.0}`, true)
	f("seats<5", `{}`, false)
	f("plan==", ``, true)
	f("plan!=pro", ``, true)
	f("trial==true", `{"trial":true}`, true)
	f("plan=~p*", `{"plan":"pro"}`, true)
	f("plan<z", `{"plan":"pro"}`, false)
}

// FuzzParseStep: no text is too odd to be read, and what is read can be asked.
func FuzzParseStep(f *testing.F) {
	for _, text := range []string{"page:/pricing*", "event:x;a==1;b=~*", "page:;", "event:a;=", "x"} {
		f.Add(text, `{"a":1,"b":"x"}`)
	}
	f.Fuzz(func(t *testing.T, text, properties string) {
		if s, err := ParseStep(text); err == nil {
			s.meets(properties)
			if !glob.Match("*", properties) || !glob.Match(s.glob+"*", s.glob) {
				t.Fatalf("%q does not match itself", s.glob)
			}
		} else if fault.Of(err).Kind != fault.Invalid {
			t.Fatal(err)
		}
	})
}
