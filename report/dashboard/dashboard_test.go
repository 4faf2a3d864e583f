package dashboard

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"analytics/engine/auth"
	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
	"analytics/engine/web"
	"analytics/query"
	"analytics/report"
	"analytics/report/discord"
	"analytics/report/discord/double"
	"analytics/report/outbox"
)

// world is a real store and the page over it, on 2026-11-20 at 12:30 in Berlin.
type world struct {
	t        *testing.T
	store    *store.Store
	desk     *query.Desk
	sessions *auth.Sessions
	outbox   *outbox.Outbox
	mux      *web.Mux
	now      time.Time
	alerts   []report.Incident
	n        int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.DiscardHandler)
	w := &world{t: t, now: time.Date(2026, 11, 20, 12, 30, 0, 0, loc)}
	clock := func() time.Time { return w.now }
	w.store, err = store.Open(t.Context(), store.Config{
		Space: storetest.Room,
		Dir:   filepath.Join(t.TempDir(), "store"), MemTableSize: 8 << 20, Now: clock, Log: quiet,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.store.Close() })
	w.desk, err = query.New(w.store, query.Config{Timezone: "Europe/Berlin"}, clock, quiet)
	if err != nil {
		t.Fatal(err)
	}
	w.outbox, err = outbox.Open(w.store.Shelf(store.Default, "outbox"), clock,
		func() float64 { return 0 }, quiet)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := auth.Open(t.Context(), w.store, clock)
	if err != nil {
		t.Fatal(err)
	}
	if w.sessions, err = auth.OpenSessions(t.Context(), keys); err != nil {
		t.Fatal(err)
	}
	w.mux = web.NewMux(web.Options{Keys: keys, Sessions: w.sessions, Now: clock})
	New(w.desk, w.outbox, func(time.Time, time.Time) []report.Incident { return w.alerts }, false).Routes(w.mux)
	return w
}

// request adds an AI request.
func (w *world) request(ago time.Duration, model string, cost event.NanoUSD, ok bool) {
	w.add(event.AIRequest, ago, func(e *event.Event) {
		e.SetText(event.AIModel, []byte(model))
		e.SetInt(event.AICost, int64(cost))
		e.SetText(event.AICostSource, []byte("computed"))
		e.SetBool(event.AISuccess, ok)
		e.SetInt(event.AIInputUncachedTokens, 1000)
	})
}

func (w *world) add(kind event.Kind, ago time.Duration, fill func(*event.Event)) {
	w.t.Helper()
	var e event.Event
	e.Reset(kind)
	w.n++
	e.SetInt(event.Timestamp, int64(event.MicrosOf(w.now.Add(-ago))))
	e.SetID(event.EventID, fmt.Appendf(nil, "event-%08d", w.n))
	fill(&e)
	var batch event.Batch
	batch.Add(&e)
	if _, err := w.store.Append(w.t.Context(), store.Default, &batch); err != nil {
		w.t.Fatal(err)
	}
}

// get fetches a page; local says that it comes from this process, which needs no login.
func (w *world) get(path string, local bool) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "http://analytics.example"+path, nil)
	if local {
		r = r.WithContext(web.AsLocal(r.Context()))
	}
	rec := httptest.NewRecorder()
	w.mux.ServeHTTP(rec, r)
	return rec
}

func TestStrangersSeeHowToLogInAndNoFigure(t *testing.T) {
	w := newWorld(t)
	w.request(time.Hour, "secret-model", 5e9, true)
	w.alerts = []report.Incident{{Title: "Secret alert"}}
	rec := w.get("/", false)
	body := rec.Body.String()
	if rec.Code != http.StatusUnauthorized || !strings.Contains(body, "analytics dashboard link") ||
		!strings.Contains(body, `type="password"`) ||
		strings.Contains(body, "secret-model") || strings.Contains(body, "Secret alert") ||
		strings.Contains(body, "$") {
		t.Errorf("%d %s", rec.Code, body)
	}
}

// words is the text of a page without its tags.
func words(page string) string {
	page = regexp.MustCompile(`(?s)<[^>]*>`).ReplaceAllString(page, " ")
	page = strings.NewReplacer("&#43;", "+", "&amp;", "&", "&#34;", `"`).Replace(page)
	return strings.Join(strings.Fields(page), " ")
}

func TestBrowserIsAllowedOnlyWhatThisServerHas(t *testing.T) {
	w := newWorld(t)
	for _, local := range []bool{true, false} {
		rec := w.get("/", local)
		got := rec.Header().Get("Content-Security-Policy")
		if got != policy || !strings.Contains(got, "default-src 'none'") ||
			strings.Contains(got, "unsafe") || rec.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%v", rec.Header())
		}
		body := rec.Body.String()
		body = strings.Replace(body, `<script type="application/json" id="table">{`, "", 1) // data, which does not run
		inline := regexp.MustCompile(`<script[^>]*>[^<]|\son\w+=|\sstyle=|<style|(?:src|href)="(?:https?:)?//`)
		if found := inline.FindString(body); found != "" {
			t.Errorf("the page has %q", found)
		}
	}
	if rec := w.get("/nothing", true); rec.Code != http.StatusNotFound {
		t.Errorf("%d", rec.Code)
	}
}

func TestStringsOfAlertsAreText(t *testing.T) {
	w := newWorld(t)
	evil := []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'><svg/onload=alert(1)>`,
		`</title><script>`, "{{.}}", `<!--`, `&lt;b&gt;`,
	}
	for _, s := range evil {
		w.alerts = append(w.alerts, report.Incident{Title: s, Message: s, Opened: w.now})
	}
	body := w.get("/", true).Body.String()
	for _, tag := range regexp.MustCompile(`<[a-zA-Z!/][^>]*>`).FindAllString(body, -1) {
		if regexp.MustCompile(`(?i)<script>|<img|\son\w+\s*=|javascript:|<!--`).MatchString(tag) {
			t.Errorf("the page has the tag %s", tag)
		}
	}
	if !strings.Contains(body, "&lt;script&gt;alert(1)") {
		t.Error("the string is not shown")
	}
}

func TestFirstPageShowsHowToSendAnEvent(t *testing.T) {
	w := newWorld(t)
	w.add(event.Activity, time.Hour, func(e *event.Event) { e.SetText(event.ActivityAction, []byte("login")) })
	w.add(event.Metric, time.Hour, func(e *event.Event) { e.SetText(event.MetricName, []byte("cpu_percent")) })
	text := words(w.get("/", true).Body.String())
	w.request(time.Hour, "gpt-4o", 1e9, true)
	if later := w.get("/", true).Body.String(); strings.Contains(later, "No events yet") {
		t.Error("the page of somebody who has events shows how to send one")
	}
	for _, want := range []string{"No events yet", "curl -s http://analytics.example/v1/events",
		`"type":"ai_request"`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

var incident = report.Incident{Title: "Daily budget passed", Message: "$104.00 were spent."}

func TestAlertsAndTroubleAreOnTop(t *testing.T) {
	w := newWorld(t)
	w.alerts = []report.Incident{incident}
	w.alerts[0].Opened = w.now
	d := double.New(t)
	d.Script(func(double.Request) *double.Answer { return &double.Answer{Status: 404} })
	c, err := discord.NewClient(d.URL, double.Allow())
	if err != nil {
		t.Fatal(err)
	}
	w.outbox.Use(outbox.Channel{Name: "discord", Kind: "discord", Sender: c})
	if _, err := w.outbox.Enqueue(t.Context(), outbox.Letter{Report: "r", Period: "p"}); err != nil {
		t.Fatal(err)
	}
	w.outbox.Deliver(t.Context())
	text := words(w.get("/", true).Body.String())
	for _, want := range []string{"Daily budget passed", "$104.00 were spent. Since 12:30, 20 November",
		"nothing is sent to the channel discord: Discord answered 404"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, double.Token) {
		t.Error("the page says the token")
	}
}
