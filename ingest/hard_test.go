package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"analytics/engine/auth"
	"analytics/engine/columns"
	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/engine/web"
	"analytics/ingest/events"
)

// agents is how many different user agents the test below sends; a million take half a minute.
var agents = flag.Int("agents", 20_000, "how many different user agents are sent")

// house is the room with all its doors, over a real store.
type house struct {
	t     *testing.T
	store *store.Store
	mux   *web.Mux
	key   string
	site  string // id of the public key of a.example
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t}
	log := slog.New(slog.DiscardHandler)
	st, err := store.Open(t.Context(), store.Config{Dir: t.TempDir(), Log: log, MemTableSize: 8 << 20})
	if err != nil {
		t.Fatal(err)
	}
	h.store = st
	ctx, cancel := context.WithCancel(context.Background())
	sealed := make(chan struct{})
	go h.seal(ctx, sealed)
	t.Cleanup(func() { cancel(); <-sealed; _ = st.Close() })
	keys, err := auth.Open(t.Context(), st, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	room, err := Open(st, keys, Settings{Config: DefaultConfig(), Events: events.DefaultConfig(), Zone: time.UTC,
		Data: t.TempDir()}, time.Now, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = room.Close() })
	h.mux = web.NewMux(web.Options{Keys: keys, Now: time.Now, Log: log})
	room.Routes(h.mux)
	if h.key, _, err = keys.Create(t.Context(), auth.NewKey{Name: "test", Scopes: []auth.Scope{auth.Ingest,
		auth.Admin}}); err != nil {
		t.Fatal(err)
	}
	var site struct {
		KeyID string `json:"key_id"`
	}
	w := h.ask("POST", "/v1/sites", `{"domain":"a.example"}`)
	if err := json.Unmarshal(w.Body.Bytes(), &site); err != nil || site.KeyID == "" {
		t.Fatalf("%v: %s", err, w.Body)
	}
	h.site = site.KeyID
	return h
}

// seal does what the job of that name does when the memory for new events is half full.
func (h *house) seal(ctx context.Context, done chan<- struct{}) {
	defer close(done)
	for {
		select {
		case <-h.store.Pressure():
			if _, err := h.store.Relieve(ctx); err != nil && ctx.Err() == nil {
				h.t.Error(err)
			}
		case <-ctx.Done():
			return
		}
	}
}

// ask sends a request with the key, or as a page of a.example where the path is a browser's.
func (h *house) ask(method, path, body string) *httptest.ResponseRecorder {
	h.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:152.0) Gecko/20100101 Firefox/152.0")
	if strings.HasPrefix(path, "/v1/") {
		r.Header.Set("Content-Type", "application/x-ndjson")
		r.Header.Set("Authorization", "Bearer "+h.key)
	} else {
		r.Header.Set("Origin", "https://a.example")
	}
	if path == "/v1/sites" {
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	h.mux.ServeHTTP(w, r)
	return w
}

// send sends events and gives the answer.
func (h *house) send(lines string) (a events.Answer) {
	h.t.Helper()
	w := h.ask("POST", "/v1/events", lines)
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || w.Code != 200 {
		h.t.Fatalf("%d: %v: %.300s", w.Code, err, w.Body)
	}
	return a
}

// each reads all events of a kind back.
func (h *house) each(k event.Kind, f func(e *event.Event)) {
	h.t.Helper()
	n := h.store.Snapshot(store.Range{Tenant: store.Default, Kind: k, From: 0, To: 1 << 60})
	defer n.Release()
	for _, c := range n.Chunks() {
		rec, err := c.Read(h.t.Context(), nil)
		if err != nil {
			h.t.Fatal(err)
		}
		var e event.Event
		for row := range int(rec.NumRows()) {
			if err := e.DecodeRow(k, columns.AppendRowAt(nil, k, rec, row)); err != nil {
				h.t.Fatal(err)
			}
			f(&e)
		}
		rec.Release()
	}
}

// TestUserAgentsWithoutEnd sends one after the other, each a bot or browser of its own: every view is
// counted, and what views are counted by has an end.
func TestUserAgentsWithoutEnd(t *testing.T) {
	h := newHouse(t)
	const batch = 10_000
	for first := 0; first < *agents; first += batch {
		var body bytes.Buffer
		for i := first; i < first+batch; i++ {
			ua := fmt.Sprintf("tool%d/1.0", i)
			if i%2 == 0 {
				ua = fmt.Sprintf("Mozilla/5.0 (X11; Linux x86_64) Surf%d/%d.0", i, i)
			}
			fmt.Fprintf(&body, `{"type":"page_view","url":"https://a.example/","user_agent":%q}`+"\n", ua)
		}
		if a := h.send(body.String()); a.Accepted != batch {
			t.Fatalf("%+v", a)
		}
	}
	rows := 0
	values := map[int]map[string]int{event.PageBrowser: {}, event.PageBotName: {}, event.PageBrowserVersion: {},
		event.PageOS: {}, event.PageDevice: {}}
	h.each(event.PageView, func(e *event.Event) {
		rows++
		for f, counts := range values {
			counts[string(e.Text(f))]++
		}
	})
	if rows != *agents {
		t.Errorf("%d of %d views are stored", rows, *agents)
	}
	for f, counts := range values {
		sum := 0
		for _, n := range counts {
			sum += n
		}
		name := event.PageView.Fields()[f].Name
		t.Logf("%s: %d different, %d other", name, len(counts), counts[events.Other])
		if sum != *agents || len(counts) > 2_002 { // with (other) and none
			t.Errorf("%s: %d different values, of %d views", name, len(counts), sum)
		}
	}
}

// TestTextThatIsNoUTF8 sends each field of each kind with bytes that no text has.
func TestTextThatIsNoUTF8(t *testing.T) {
	h := newHouse(t)
	required := map[event.Kind]string{event.AIRequest: `"model":"m"`, event.ToolCall: `"tool":"t"`,
		event.AgentTask: `"agent":"a"`, event.PageView: `"url":"https://a.example/"`,
		event.Engagement: `"url":"https://a.example/"`, event.Custom: `"name":"n"`,
		event.Activity: `"category":"c","action":"a"`, event.Metric: `"name":"n"`}
	const raw, escaped = "a\xff\xfe\xc3(\xed\xa0\x80\xf5b", `a\ud800 \udc00\u0000\ud83d\ude00\udfff`
	sent := 0
	for _, k := range event.Sent() {
		for _, f := range k.Fields() {
			if f.Derived || f.Type != event.String && f.Type != event.Text && f.Type != event.ID {
				continue
			}
			for _, bad := range []string{raw, escaped} {
				fields := strings.Replace(required[k], `"`+f.Name+`":"`, `"`+f.Name+`":"`+bad, 1)
				if !f.Required {
					fields += fmt.Sprintf(`,"%s":"%s"`, f.Name, bad)
				}
				a := h.send(fmt.Sprintf(`{"type":"%s",%s}`+"\n"+`{"type":"metric","name":"good"}`, k, fields))
				if sent++; a.Accepted+len(a.Errors) != 2 || a.Accepted == 0 {
					t.Errorf("%s %s: %+v", k, f.Name, a)
				}
				for _, e := range a.Errors {
					if e.Index != 0 || e.Message == "" || !utf8.ValidString(e.Message) {
						t.Errorf("%s %s: %+v", k, f.Name, e)
					}
				}
			}
		}
		h.each(k, func(e *event.Event) {
			for i, f := range k.Fields() {
				if e.Has(i) && (f.Type == event.String || f.Type == event.Text) && !utf8.Valid(e.Text(i)) {
					t.Errorf("%s %s: stored as %q", k, f.Name, e.Text(i))
				}
			}
		})
	}
	t.Logf("%d events", sent)
	for _, field := range []string{"u", "r", "t", "w", "l", "i", "g", "d", "k", "n", "x"} {
		body := fmt.Sprintf(`{"d":"a.example","k":"%s","u":"https://a.example/x","n":"v"}`, h.site)
		body = strings.Replace(body, "}", fmt.Sprintf(`,"%s":"%s"}`, field, raw), 1)
		if w := h.ask("POST", "/api/v1/t", body); w.Code >= 500 || !utf8.Valid(w.Body.Bytes()) {
			t.Errorf("%s: %d %s", field, w.Code, w.Body)
		}
	}
}

// TestAddressesWithoutEnd sends URLs of 64 KiB to the doors: they are kept in part or refused by name.
func TestAddressesWithoutEnd(t *testing.T) {
	h := newHouse(t)
	long := "https://a.example/" + strings.Repeat("a", 64<<10)
	if a := h.send(`{"type":"page_view","url":"` + long + `"}` + "\n"); len(a.Errors) != 1 || a.Errors[0].Code != "too_large" {
		t.Errorf("got %+v", a)
	}
	for _, url := range []string{long[:60<<10], "https://a.example/?" + long[:60<<10], "https://a.example/" +
		strings.Repeat("%ff", 20<<10), "https://" + strings.Repeat("a.", 20<<10) + "example/x",
		"https://a.example/x?utm_source=" + long[:50<<10], strings.Repeat("https://a.example/", 3000)} {
		for _, field := range []string{"url", "referrer"} {
			line := fmt.Sprintf(`{"type":"page_view","url":"https://a.example/","%s":"%s"}`, field, url)
			if field == "url" {
				line = fmt.Sprintf(`{"type":"page_view","url":"%s"}`, url)
			}
			if a := h.send(line + "\n"); a.Accepted+len(a.Errors) != 1 {
				t.Errorf("%s %.40s: %+v", field, url, a)
			}
		}
		body := fmt.Sprintf(`{"d":"a.example","k":"%s","u":"%s","r":"%s","n":"v"}`, h.site, url, url)
		if w := h.ask("POST", "/api/v1/t", body); w.Code >= 500 {
			t.Errorf("%.40s: %d %.200s", url, w.Code, w.Body)
		}
	}
	h.each(event.PageView, func(e *event.Event) {
		for _, f := range []int{event.PagePath, event.PageSource, event.PageReferrerHost, event.PageSite} {
			if n := len(e.Text(f)); n > 512 || !utf8.Valid(e.Text(f)) {
				t.Errorf("%s has %d bytes: %.60q", event.PageView.Fields()[f].Name, n, e.Text(f))
			}
		}
	})
}
