package web

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"analytics/engine/auth"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
)

// house is a Mux with a real keyring on a real store.
type house struct {
	mux      *Mux
	keys     *auth.Keyring
	sessions *auth.Sessions
	store    *store.Store
	log      *lines
}

// lines is a log that tests can read.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newHouse(t *testing.T) *house {
	t.Helper()
	ctx := context.Background()
	h := &house{log: &lines{}}
	var err error
	h.store, err = store.Open(ctx, store.Config{
		Space: storetest.Room, Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.store.Close() })
	if h.keys, err = auth.Open(ctx, h.store, time.Now); err != nil {
		t.Fatal(err)
	}
	if h.sessions, err = auth.OpenSessions(ctx, h.keys); err != nil {
		t.Fatal(err)
	}
	h.mux = NewMux(Options{
		Keys: h.keys, Sessions: h.sessions, Limiter: auth.NewLimiter(),
		Log: NewLog(h.log, slog.LevelDebug, true),
	})
	return h
}

// bare is a Mux without keys, for tests that ask as the local user.
func bare(log *lines) *Mux {
	return NewMux(Options{Log: NewLog(log, slog.LevelDebug, true)})
}

func (h *house) key(t *testing.T, scopes ...auth.Scope) string {
	t.Helper()
	secret, _, err := h.keys.Create(context.Background(), auth.NewKey{Name: "test", Scopes: scopes})
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// ask sends one request through the mux, without a network.
func ask(h http.Handler, method, target string, body io.Reader,
	headers ...string,
) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, body)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// askLocal is ask by the local user.
func askLocal(h http.Handler, method, target string, body io.Reader,
	headers ...string,
) *httptest.ResponseRecorder {
	return ask(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r.WithContext(AsLocal(r.Context())))
	}), method, target, body, headers...)
}

// wantError checks status, code and the shape of an error answer.
func wantError(t *testing.T, w *httptest.ResponseRecorder, status int, code string) {
	t.Helper()
	var got map[string]map[string]string
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatalf("%v in %q", err, w.Body)
	}
	if w.Code != status || got["error"]["code"] != code || got["error"]["message"] == "" || len(got) != 1 {
		t.Errorf("got %d %s, want %d with code %q", w.Code, w.Body, status, code)
	}
	if ct := w.Header().Get("Content-Type"); ct != "application/json" {
		t.Errorf("Content-Type is %q", ct)
	}
}

func ok(w http.ResponseWriter, _ *http.Request) error {
	return JSON(w, http.StatusOK, map[string]bool{"ok": true})
}

func echo(w http.ResponseWriter, r *http.Request) error {
	body, err := Body(w, r)
	if err != nil {
		return err
	}
	b, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

func logLines(l *lines) []map[string]any {
	var out []map[string]any
	for line := range strings.Lines(l.String()) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			m = map[string]any{"broken": line}
		}
		out = append(out, m)
	}
	return out
}
