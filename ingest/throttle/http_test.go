package throttle

import (
	"bytes"
	"context"
	"encoding/json"
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
)

// house is the gate with its routes, keys in a real store, and a door behind it.
type house struct {
	t    testing.TB
	at   time.Time
	gate *Gate
	mux  *web.Mux
	keys map[auth.Scope]string
	told []string
}

func newHouse(t testing.TB) *house {
	h := &house{t: t, at: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC), keys: map[auth.Scope]string{}}
	now := func() time.Time { return h.at }
	st, err := store.Open(t.Context(), store.Config{Space: storetest.Room, Dir: t.TempDir(), Now: now,
		Log: slog.New(slog.DiscardHandler), MemTableSize: 8 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	keys, err := auth.Open(t.Context(), st, now)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []auth.Scope{auth.Ingest, auth.Query, auth.Admin} {
		if h.keys[s], _, err = keys.Create(t.Context(), auth.NewKey{Name: string(s),
			Scopes: auth.Scopes{s}}); err != nil {
			t.Fatal(err)
		}
	}
	h.gate = New(House{Now: now, Record: func(_ context.Context, _ store.Tenant, e []byte) error {
		h.told = append(h.told, string(e))
		return nil
	}}, small())
	metrics := web.NewMetrics()
	h.mux = web.NewMux(web.Options{Keys: keys, Now: now, Metrics: metrics})
	h.gate.Routes(h.mux)
	h.gate.Measure(metrics)
	h.mux.Handle("GET /metrics", auth.None, metrics.Handler())
	h.mux.Handle("POST /door", auth.None, func(w http.ResponseWriter, r *http.Request) error {
		if ok, wait := h.gate.Allow(r); !ok {
			return Refusal(w, wait)
		}
		w.WriteHeader(http.StatusAccepted)
		return nil
	})
	return h
}

func (h *house) ask(scope auth.Scope, method, target, body string) (int, http.Header, string) {
	h.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.RemoteAddr = home.String() + ":4711"
	r.Header.Set("User-Agent", browser)
	if scope != auth.None {
		r.Header.Set("Authorization", "Bearer "+h.keys[scope])
	}
	w := httptest.NewRecorder()
	h.mux.ServeHTTP(w, r)
	return w.Code, w.Header(), w.Body.String()
}

func (h *house) okay(scope auth.Scope, method, target, body string, into any) {
	h.t.Helper()
	status, _, text := h.ask(scope, method, target, body)
	if status != http.StatusOK {
		h.t.Fatalf("%s %s: %d %s", method, target, status, text)
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		h.t.Fatal(err)
	}
}

const (
	homeQuery = "ip=203.0.113.7&user_agent=Mozilla%2F5.0+%28X11%3B+Linux+x86_64%3B+rv%3A140.0%29+" +
		"Gecko%2F20100101+Firefox%2F140.0"
	homeBody = `{"ip": "203.0.113.7", "user_agent": "` + browser + `"`
)

func TestADoorAnswers429WithRetryAfter(t *testing.T) {
	h := newHouse(t)
	for i := range 4 {
		if status, _, _ := h.ask(auth.None, "POST", "/door", ""); status != http.StatusAccepted {
			t.Fatalf("request %d: %d", i, status)
		}
	}
	status, header, text := h.ask(auth.None, "POST", "/door", "")
	if status != http.StatusTooManyRequests || header.Get("Retry-After") != "1" ||
		!strings.Contains(text, "too_many_requests") {
		t.Errorf("%d, Retry-After %q, %s", status, header.Get("Retry-After"), text)
	}
	var d Decision
	h.okay(auth.Ingest, "POST", "/v1/throttle/report", homeBody+`, "scanner_hits": 3}`, &d)
	_, header, _ = h.ask(auth.None, "POST", "/door", "")
	if header.Get("Retry-After") != "600" {
		t.Errorf("blocked: Retry-After %q, want 600", header.Get("Retry-After"))
	}
	if _, _, text = h.ask(auth.None, "GET", "/metrics", ""); !strings.Contains(text,
		`analytics_throttle_requests_total{outcome="refused_by_level"} 1`) ||
		!strings.Contains(text, `analytics_throttle_requests_total{outcome="refused_by_rate"} 1`) ||
		!strings.Contains(text, `analytics_throttle_visitors{level="blocked"} 1`) {
		t.Errorf("metrics: %s", text)
	}
}

func TestAnApplicationIsToldWhomToSlowDown(t *testing.T) {
	h := newHouse(t)
	decision := func(query, want string) {
		t.Helper()
		status, _, text := h.ask(auth.Query, "GET", "/v1/throttle/decision?"+query, "")
		if status != http.StatusOK || strings.TrimSpace(text) != want {
			t.Errorf("%s: %d %s want %s", query, status, text, want)
		}
	}
	normal := `{"level":"normal","multiplier":1,"allowed":true,"retry_after_seconds":0,"reasons":[]}`
	decision(homeQuery, normal)
	decision("ip=2001:db8::1", normal)
	var d Decision
	h.okay(auth.Ingest, "POST", "/v1/throttle/report", homeBody+`, "scanner_hits": 2, "refusals": 10}`, &d)
	severe := `{"level":"severe","multiplier":0.25,"allowed":true,"retry_after_seconds":0,"reasons":["scanner_hits"]}`
	decision(homeQuery, severe)
	h.okay(auth.Ingest, "POST", "/v1/throttle/report", homeBody+`, "scanner_hits": 1}`, &d)
	blocked := `{"level":"blocked","multiplier":0,"allowed":false,"retry_after_seconds":600,"reasons":["scanner_hits"]}`
	decision(homeQuery, blocked)
	var l listed
	h.okay(auth.Query, "GET", "/v1/throttle", "", &l)
	if l.Found != 1 || len(l.Throttled) != 1 || l.Throttled[0].Counts["refusals"] != 10 {
		t.Fatalf("%+v", l)
	}
	decision("fingerprint="+l.Throttled[0].Fingerprint, blocked)
	h.okay(auth.Query, "GET", "/v1/throttle?level=warning", "", &l)
	if l.Found != 0 {
		t.Errorf("at warning: %+v", l)
	}
}

func TestAResetLetsInAndIsInTheAuditTrail(t *testing.T) {
	h := newHouse(t)
	var d Decision
	var done resetDone
	for _, body := range []string{homeBody + "}", `{"all": true}`} {
		h.okay(auth.Ingest, "POST", "/v1/throttle/report", homeBody+`, "scanner_hits": 3}`, &d)
		if d.Allowed {
			t.Fatalf("%+v", d)
		}
		h.okay(auth.Admin, "POST", "/v1/throttle/reset", body, &done)
		h.okay(auth.Query, "GET", "/v1/throttle/decision?"+homeQuery, "", &d)
		if done.Reset != 1 || d.Level != Normal {
			t.Errorf("%s: %+v %+v", body, done, d)
		}
	}
	if len(h.told) != 2 || !strings.Contains(h.told[1], `"action":"throttle_reset"`) ||
		strings.Contains(strings.Join(h.told, ""), home.String()) {
		t.Errorf("audit: %v", h.told)
	}
}

func TestWhatMakesNoSenseIsRefused(t *testing.T) {
	h := newHouse(t)
	for _, bad := range []struct {
		scope                auth.Scope
		method, target, body string
		status               int
	}{
		{auth.Query, "GET", "/v1/throttle/decision", "", 400},
		{auth.Query, "GET", "/v1/throttle/decision?ip=203.0.113.7:80", "", 400},
		{auth.Query, "GET", "/v1/throttle/decision?ip=everybody", "", 400},
		{auth.Query, "GET", "/v1/throttle/decision?fingerprint=12", "", 400},
		{auth.Query, "GET", "/v1/throttle/decision?fingerprint=0123456789abcdef&ip=::1", "", 400},
		{auth.Query, "GET", "/v1/throttle/decision?agent=x&ip=::1", "", 400},
		{auth.Ingest, "GET", "/v1/throttle/decision?ip=::1", "", 403},
		{auth.Query, "GET", "/v1/throttle?level=harsh", "", 400},
		{auth.Query, "GET", "/v1/throttle?limit=0", "", 400},
		{auth.Query, "POST", "/v1/throttle/reset", `{"all": true}`, 403},
		{auth.Admin, "POST", "/v1/throttle/reset", `{}`, 400},
		{auth.Admin, "POST", "/v1/throttle/reset", `{"all": true, "ip": "::1"}`, 400},
		{auth.Ingest, "POST", "/v1/throttle/report", homeBody + `, "scanner_hits": -1}`, 400},
		{auth.Ingest, "POST", "/v1/throttle/report", homeBody + `, "refusals": 10001}`, 400},
		{auth.Query, "POST", "/v1/throttle/report", homeBody + `, "refusals": 1}`, 403},
	} {
		status, _, text := h.ask(bad.scope, bad.method, bad.target, bad.body)
		if status != bad.status {
			t.Errorf("%s %s %s: %d %s, want %d", bad.method, bad.target, bad.body, status, text, bad.status)
		}
	}
}

func TestSettingsThatMakeNoSenseAreNamed(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
	err := Config{Rate: -1, Decay: time.Hour * 100, ScannerHits: Steps{5, 3, 0}, Refusals: Steps{-1, 0, 0}}.Validate()
	for _, want := range []string{"rate", "burst", "decay", "scanner_hits", "refusals"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
}

func TestVerbsPrintWhatPeopleRead(t *testing.T) {
	h := newHouse(t)
	run := func(args ...string) string {
		t.Helper()
		var out bytes.Buffer
		client := web.NewClient(t.TempDir(), func(context.Context) (http.Handler, func() error, error) {
			return h.mux, func() error { return nil }, nil
		})
		app := &cli.App{Name: "analytics", Writer: &out, Commands: Commands(client),
			ExitErrHandler: func(*cli.Context, error) {}}
		if err := app.RunContext(t.Context(), append([]string{"analytics", "throttle"}, args...)); err != nil {
			return fault.Of(err).Message
		}
		return out.String()
	}
	claim := func(want string, args ...string) {
		t.Helper()
		if got := run(args...); got != want {
			t.Errorf("throttle %s:\n%s\nwant\n%s", strings.Join(args, " "), got, want)
		}
	}
	claim("Nobody is slowed down.\n", "list")
	h.gate.secret = [32]byte{}
	var d Decision
	h.okay(auth.Ingest, "POST", "/v1/throttle/report", homeBody+`, "scanner_hits": 3}`, &d)
	who := name(h.gate.hash(home, browser))
	claim("FINGERPRINT       LEVEL    RATE  UNTIL                REASONS\n"+
		who+"  blocked  ×0    2026-11-21 12:10:00  scanner_hits=3\n", "list")
	said := "blocked: may ask at 0 of the rate\nbecause of scanner_hits\nlet in again in 10m0s if nothing happens\n"
	claim(said, "show", who)
	claim(said, "show", "--ip", home.String(), "--user-agent", browser)
	claim("1 visitor is let in again.\n", "reset", who)
	claim("Nobody was slowed down.\n", "reset", "--all")
	claim("normal: may ask at 1 of the rate\n", "show", who)
	if got := run("show"); !strings.Contains(got, "needs a FINGERPRINT") {
		t.Error(got)
	}
}

func FuzzReport(f *testing.F) {
	for _, s := range []string{homeBody + `, "refusals": 1}`, `{"fingerprint": "0123456789abcdef"}`,
		`{"ip": "fe80::1%eth0", "requests": 1e3}`, `{"ip": ""}`, `[]`, ""} {
		f.Add(s)
	}
	h := newHouse(f)
	f.Fuzz(func(t *testing.T, body string) {
		h.t = t
		if status, _, text := h.ask(auth.Ingest, "POST", "/v1/throttle/report", body); status >= 500 {
			t.Errorf("%q: %d %s", body, status, text)
		}
	})
}
