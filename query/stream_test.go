package query

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"analytics/engine/auth"
	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/engine/web"
)

// served serves a world on TCP, where everybody is the local user.
func (w *world) served() (server *web.Server, url string) {
	w.t.Helper()
	m := w.mux()
	server, err := web.Listen(web.Config{Listen: "127.0.0.1:0"}, w.t.TempDir(),
		http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { m.ServeHTTP(rw, local(r)) }),
		slog.New(slog.DiscardHandler))
	if err != nil {
		w.t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve() }()
	w.t.Cleanup(func() {
		_ = server.Shutdown(context.Background())
		if err := <-done; err != nil {
			w.t.Error(err)
		}
	})
	return server, server.URL()
}

// listen asks for a stream. next is the number of the next answer's first cell.
func (w *world) listen(ctx context.Context, url string) (next func() (requests int, ok bool)) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(ctx, "GET", url+"/v1/query?metrics=requests&since=1h", nil)
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Accept", "text/event-stream")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { resp.Body.Close() })
	if got := resp.Header.Get("Content-Type"); resp.StatusCode != http.StatusOK || got != "text/event-stream" {
		w.t.Fatalf("%s, %s", resp.Status, got)
	}
	if got := resp.Header.Get("Cache-Control"); got != "no-store" {
		w.t.Errorf("a stream may be kept: %s", got)
	}
	lines := bufio.NewScanner(resp.Body)
	return func() (int, bool) {
		for lines.Scan() {
			data, is := strings.CutPrefix(lines.Text(), "data: ")
			if !is {
				continue
			}
			var a struct{ Rows []struct{ Requests int } }
			if err := json.Unmarshal([]byte(data), &a); err != nil || len(a.Rows) != 1 {
				w.t.Errorf("%v: %s", err, data)
			}
			return a.Rows[0].Requests, true
		}
		return 0, false
	}
}

func (w *world) request() {
	w.begin(event.AIRequest, noon.Add(-time.Minute)).SetText(event.AIModel, []byte("m"))
	w.add()
	w.commit()
}

func TestLiveAnswersFollowTheStore(t *testing.T) {
	w := newWorld(t, Config{})
	w.desk.pace.tick = time.Millisecond
	_, url := w.served()
	next := w.listen(t.Context(), url)
	for want := range 4 {
		if got, ok := next(); got != want || !ok {
			t.Fatalf("the answer is %d, want %d", got, want)
		}
		w.request()
	}
}

func TestLiveAnswersEnd(t *testing.T) {
	w := newWorld(t, Config{})
	w.desk.pace.tick = time.Millisecond
	w.desk.streams = make(chan struct{}, 1)
	server, url := w.served()
	ctx, leave := context.WithCancel(t.Context())
	next := w.listen(ctx, url)
	next()
	r := httptest.NewRequest("GET", "/v1/overview", nil)
	r.Header.Set("Accept", "text/event-stream")
	rec := httptest.NewRecorder()
	w.mux().ServeHTTP(rec, local(r))
	if rec.Code != http.StatusTooManyRequests || !strings.Contains(rec.Body.String(), "too_many_streams") {
		t.Errorf("one too many: %d %s", rec.Code, rec.Body)
	}
	leave()
	w.desk.streams <- struct{}{} // the place becomes free, or the test hangs
	<-w.desk.streams
	next = w.listen(t.Context(), url)
	next()
	begin := time.Now()
	if err := server.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if _, ok := next(); ok || time.Since(begin) > 5*time.Second {
		t.Errorf("a stream held up the end for %s", time.Since(begin))
	}
}

// TestAStreamEndsWithItsKey: a key that is revoked hears nothing more.
func TestAStreamEndsWithItsKey(t *testing.T) {
	m := newManned(t)
	m.desk.pace.tick = time.Millisecond
	secret, key, err := m.keys.Create(t.Context(), auth.NewKey{Name: "k", Scopes: auth.Scopes{auth.Query}})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		r.Header.Set("Authorization", "Bearer "+secret)
		m.mux.ServeHTTP(rw, r)
	}))
	t.Cleanup(server.Close)
	next := m.listen(t.Context(), server.URL)
	if _, ok := next(); !ok {
		t.Fatal("there is no answer")
	}
	if _, err := m.keys.Revoke(t.Context(), key.ID); err != nil {
		t.Fatal(err)
	}
	m.request()
	if n, ok := next(); ok {
		t.Errorf("it goes on with %d requests", n)
	}
}

func TestStreamsAreOfWhatCanBeAsked(t *testing.T) {
	w := newWorld(t, Config{})
	for target, code := range map[string]string{
		"/v1/query?metrics=nothing":                    "unknown_metric",
		"/v1/overview?format=csv":                      "unknown_format",
		"/v1/sessions/live?within=3d":                  "invalid_parameter",
		"/v1/query?metrics=requests&since=2d&until=3d": "invalid_range",
	} {
		r := httptest.NewRequest("GET", target, nil)
		r.Header.Set("Accept", "text/event-stream")
		rec := httptest.NewRecorder()
		w.mux().ServeHTTP(rec, local(r))
		if rec.Code != http.StatusBadRequest || !strings.Contains(rec.Body.String(), code) {
			t.Errorf("%s: %d %s", target, rec.Code, rec.Body)
		}
	}
}

// A client that leaves takes its question with it: the events are not read for nobody.
func TestQuestionsStopWhenTheClientLeaves(t *testing.T) {
	w := newWorld(t, Config{})
	for range 5000 {
		w.begin(event.AIRequest, noon.Add(-2*time.Hour)).SetText(event.AIModel, []byte("m"))
		w.add()
	}
	w.commit()
	w.seal(noon)
	gone, leave := context.WithCancel(t.Context())
	leave()
	q := Question{Metrics: []string{"requests"}, By: []string{"model"}, Raw: true,
		From: noon.Add(-24 * time.Hour), To: noon}
	for range 20 {
		if a, err := w.desk.Answer(gone, store.Default, q); !errors.Is(err, context.Canceled) {
			t.Fatalf("a question of nobody is answered: %v, %v", a, err)
		}
		l, err := w.desk.List(gone, store.Default, Listing{From: q.From, To: q.To})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("a list for nobody is made: %v, %v", l, fault.Of(err))
		}
	}
	if n := len(w.desk.gates[store.Default]); n != 0 {
		t.Errorf("%d places stay taken", n)
	}
}
