package door

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/engine/web"
)

// run runs a command line against the house, in this process.
func (h *house) run(t *testing.T, line string) (out, notes string, err error) {
	t.Helper()
	client := web.NewClient(t.TempDir(), func(context.Context) (http.Handler, func() error, error) {
		return h.mux, func() error { return nil }, nil
	})
	defer client.Close()
	var o, e bytes.Buffer
	app := &cli.App{Name: "analytics", Commands: Commands(client, time.Now), Writer: &o, ErrWriter: &e,
		Reader:         strings.NewReader(h.in),
		ExitErrHandler: func(*cli.Context, error) {}}
	err = app.RunContext(t.Context(), append([]string{"analytics"}, strings.Fields(line)...))
	return o.String(), e.String(), err
}

func TestSecretStandsAloneOnStandardOutput(t *testing.T) {
	h := newHouse(t)
	out, notes, err := h.run(t, "keys create --scope ingest --scope query --expires 90d web-app")
	if err != nil {
		t.Fatal(err)
	}
	secret := strings.TrimSuffix(out, "\n")
	id, err := h.keys.Check(secret)
	if err != nil || id.Label != "web-app" {
		t.Errorf("standard output is %q: %+v, %v", out, id, err)
	}
	if !strings.Contains(notes, id.KeyID) || strings.Contains(notes, secret) {
		t.Errorf("the notes are %q", notes)
	}
	next, _, err := h.run(t, "keys rotate --overlap 0s "+id.KeyID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.keys.Check(strings.TrimSpace(next)); err != nil {
		t.Error(err)
	}
	if _, err := h.keys.Check(secret); err == nil {
		t.Error("the old secret works after a rotation without overlap")
	}
	out, _, err = h.run(t, "keys list")
	if err != nil || !strings.Contains(out, "web-app") || !strings.Contains(out, "ingest query") {
		t.Errorf("got %q, %v", out, err)
	}
	if out, _, err = h.run(t, "keys revoke "+id.KeyID); err != nil || !strings.Contains(out, "revoked") {
		t.Errorf("got %q, %v", out, err)
	}
	var list struct{ Keys []struct{ State string } }
	out, _, err = h.run(t, "keys list --json")
	if e := json.Unmarshal([]byte(out), &list); err != nil || e != nil || list.Keys[0].State != "revoked" {
		t.Errorf("got %q, %v, %v", out, err, e)
	}
}

func TestKeysOfOneAgent(t *testing.T) {
	h := newHouse(t)
	out, _, err := h.run(t, "keys create --scope query --agent support --project shop desk")
	if err != nil {
		t.Fatal(err)
	}
	want := auth.Binding{Agent: "support", Project: "shop"}
	if who, err := h.keys.Check(strings.TrimSpace(out)); err != nil || who.Bound != want {
		t.Errorf("%+v, %v", who, err)
	}
	if out, _, err = h.run(t, "keys list"); err != nil || !strings.Contains(out, want.String()) {
		t.Errorf("got %q, %v", out, err)
	}
	if out, _, err = h.run(t, "keys list --json"); err != nil || !strings.Contains(out, `"agent": "support"`) {
		t.Errorf("got %q, %v", out, err)
	}
	for _, line := range []string{"keys create --scope query --agent= x", "keys create --scope admin --agent a x"} {
		if _, _, err := h.run(t, line); fault.ExitCode(err) != 2 {
			t.Errorf("%s: %v", line, err)
		}
	}
	if n := len(h.keys.List()); n != 1 {
		t.Errorf("there are %d keys, want 1", n)
	}
}

func TestBadUsageOfKeys(t *testing.T) {
	h := newHouse(t)
	f := func(line string, exit int) {
		t.Helper()
		if out, _, err := h.run(t, line); fault.ExitCode(err) != exit || out != "" {
			t.Errorf("%s: got %q and %v, want exit code %d", line, out, err, exit)
		}
	}
	f("keys create --scope ingest", 2)
	f("keys create --scope ingest a b", 2)
	f("keys create --scope root a", 2)
	f("keys create --scope ingest --expires soon a", 2)
	f("keys rotate nobody00", 3)
	f("keys revoke nobody00", 3)
	f("keys list x", 2)
	f("dashboard link", 1) // no server runs
	if n := len(h.keys.List()); n != 0 {
		t.Errorf("%d keys were made", n)
	}
}
