package outbox_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
	"analytics/engine/web"
	"analytics/report/discord/double"
	"analytics/report/outbox"
)

// shell runs the verbs of the outbox against the bench.
func (b *bench) shell(line string) (string, error) {
	b.t.Helper()
	client := web.NewClient(b.t.TempDir(), func(context.Context) (http.Handler, func() error, error) {
		mux := web.NewMux(web.Options{Now: func() time.Time { return b.now }})
		b.Routes(mux)
		return mux, func() error { return nil }, nil
	})
	defer client.Close()
	var out strings.Builder
	app := &cli.App{
		Name: "analytics", Writer: &out, ErrWriter: &out, ExitErrHandler: func(*cli.Context, error) {},
		Commands: append(outbox.Commands(client), &cli.Command{
			Name: "alerts", Subcommands: []*cli.Command{outbox.TestCommand(client)},
		}),
	}
	err := app.RunContext(b.t.Context(), append([]string{"analytics"}, strings.Fields(line)...))
	return out.String(), err
}

// says runs a verb, whose output has all of the wanted texts.
func (b *bench) says(line string, want ...string) string {
	b.t.Helper()
	out, err := b.shell(line)
	if err != nil {
		b.t.Errorf("%s: %v", line, err)
	}
	for _, w := range want {
		if !strings.Contains(out, w) {
			b.t.Errorf("%s does not say %q:\n%s", line, w, out)
		}
	}
	return out
}

func TestAMessageIsListedShownRetriedAndDropped(t *testing.T) {
	b := newBench(t)
	b.d.Script(func(r double.Request) *double.Answer {
		if strings.Contains(string(r.Body), "poison") {
			return &double.Answer{Status: 400, Body: `{"message":"Invalid Form Body"}`}
		}
		return &double.Answer{Status: 500}
	})
	b.put("cost", "1", "poison")
	b.now = b.now.Add(time.Second)
	b.put("cost", "2", "fine")
	b.Deliver(t.Context())
	b.says("outbox list", "1 waiting, 0 delivered, 1 given up", "Invalid Form Body", "answered 500")
	if out := b.says("outbox list --state dead --limit 5"); strings.Contains(out, "cost    2") {
		t.Errorf("of all states:\n%s", out)
	}
	dead, waits := b.state("cost", "1", outbox.Dead), b.state("cost", "2", outbox.Pending)
	b.says("outbox show "+dead.ID, "cost of 1 to discord is dead", "Problem: Discord answered 400: Invalid Form Body",
		"What to do: ", `"description": "poison"`)
	b.says("outbox show --json "+waits.ID, `"state": "pending"`, `"next_attempt": "2026-11-21T08:00:01.75Z"`)
	if w := b.Warnings(); len(w) != 1 || !strings.Contains(w[0], "1 message to the channel discord could not be delivered") {
		t.Errorf("warnings %q", w)
	}
	b.d.Script(nil)
	b.says("outbox retry "+dead.ID, "is delivered")
	b.says("outbox drop "+waits.ID, "cost of 2 to discord is dropped")
	b.restart()
	if all := b.Entries("", ""); len(all) != 1 || len(b.Warnings()) != 0 {
		t.Errorf("left: %+v, %q", all, b.Warnings())
	}
	for line, exit := range map[string]int{
		"outbox drop " + dead.ID: 1, "outbox retry " + dead.ID: 1, "outbox show " + waits.ID: 3, "outbox drop": 2,
		"outbox show a b": 2, "outbox list --state odd": 2, "alerts test": 2, "alerts test pigeon": 3,
	} {
		if _, err := b.shell(line); fault.ExitCode(err) != exit {
			t.Errorf("%s: %v, want exit code %d", line, err, exit)
		}
	}
}

func TestATestMessageSaysWhatCameOfIt(t *testing.T) {
	b := newBench(t)
	mail := &wall{name: "mail", say: func() error {
		b.now = b.now.Add(340 * time.Millisecond)
		return nil
	}}
	b.Use(place(t, b.d), outbox.Channel{Name: "email", Kind: "email", Topics: []string{outbox.Reports}, Sender: mail})
	b.says("alerts test email", "email (email): delivered in 340 ms")
	b.says("alerts test discord", "discord (discord): delivered in ")
	b.shows("The channel discord works: alerts and reports arrive here.")
	if n := len(b.Entries("", "")); n != 0 {
		t.Errorf("%d messages are kept", n)
	}
	b.says("outbox channels", "discord  discord  alerts,reports  all", "email    email    reports  ")
	mail.say = func() error {
		return &outbox.Refusal{Who: "mail.example", Status: 535, Fate: outbox.Closed, Reason: "no", Do: "set another password"}
	}
	_, err := b.shell("alerts test email")
	if want := "email (email): not delivered after 0 ms: mail.example answered 535: no; what to do: set another password"; err ==
		nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	mail.say = func() error { return errors.New("x") }
	if out, err := b.shell("alerts test --json email"); fault.ExitCode(err) != 1 || !strings.Contains(out, `"delivered": false`) {
		t.Errorf("%v: %s", err, out)
	}
}

func TestATestThatArrivesOpensItsChannel(t *testing.T) {
	b := newBench(t)
	b.d.Script(status(404))
	b.put("cost", "1", "one")
	b.Deliver(t.Context())
	b.restart()
	if w := b.Warnings(); len(w) != 1 || !strings.Contains(w[0], "`analytics alerts test discord` tries it") {
		t.Errorf("warnings %q", w)
	}
	b.d.Script(nil)
	b.says("alerts test discord", "delivered")
	b.restart()
	b.Deliver(t.Context())
	if n := len(b.d.Messages()); n != 2 || len(b.Warnings()) != 0 {
		t.Errorf("%d messages, %q", n, b.Warnings())
	}
}

func TestATestDoesNotGoRoundALimit(t *testing.T) {
	b := newBench(t)
	b.d.Script(func(double.Request) *double.Answer {
		return &double.Answer{Status: 429, Body: `{"retry_after":60}`}
	})
	b.put("cost", "1", "one")
	b.Deliver(t.Context())
	_, err := b.shell("alerts test discord")
	if err == nil || !strings.Contains(err.Error(), "wants nothing before 2026-11-21T08:01:00Z") || len(b.d.Requests()) != 1 {
		t.Errorf("%v, %d requests", err, len(b.d.Requests()))
	}
}

func TestChannelsAreOfTheDefaultTenant(t *testing.T) {
	b := newBench(t)
	s, err := store.Open(t.Context(), store.Config{
		Space: storetest.Room, Dir: t.TempDir(), MemTableSize: 8 << 20, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	clock := func() time.Time { return b.now }
	keys, err := auth.Open(t.Context(), s, clock)
	if err != nil {
		t.Fatal(err)
	}
	mux := web.NewMux(web.Options{Now: clock, Keys: keys})
	b.Routes(mux)
	b.put("cost", "1", "one")
	id := b.Entries("", "")[0].ID
	for tenant, want := range map[store.Tenant]int{
		store.Default: http.StatusOK, {'o', 't', 'h', 'e', 'r'}: http.StatusForbidden,
	} {
		secret, _, err := keys.Create(t.Context(), auth.NewKey{Name: "k", Scopes: auth.Scopes{auth.Admin}, Tenant: tenant})
		if err != nil {
			t.Fatal(err)
		}
		for pattern := range mux.Routes() {
			method, path, _ := strings.Cut(strings.NewReplacer("{id}", id, "{name}", "discord").Replace(pattern), " ")
			if method == http.MethodDelete && tenant == store.Default || strings.HasSuffix(path, id+"/retry") {
				continue // the letter is there for the others
			}
			r := httptest.NewRequest(method, path, nil)
			r.Header.Set("Authorization", "Bearer "+secret)
			rec := httptest.NewRecorder()
			mux.ServeHTTP(rec, r)
			if rec.Code != want {
				t.Errorf("%s %s of tenant %v: %d %s", method, path, tenant, rec.Code, rec.Body)
			}
		}
	}
}
