package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"analytics/engine/auth"
	"analytics/engine/fault"
)

func clientMux() *Mux {
	m := bare(&lines{})
	m.Handle("POST /echo", auth.Ingest, echo)
	m.Handle("GET /ask", auth.Query, func(w http.ResponseWriter, r *http.Request) error {
		return JSON(w, 200, map[string]string{"by": r.URL.Query().Get("by"), "id": r.PathValue("id")})
	})
	m.Handle("GET /missing/{id}", auth.Query, func(_ http.ResponseWriter, r *http.Request) error {
		return fault.At(fault.NotFound, "unknown_thing", "id", "no thing %s", r.PathValue("id"))
	})
	m.Handle("GET /damaged", auth.Query, func(http.ResponseWriter, *http.Request) error {
		return fault.New(fault.Damaged, "store_damaged", "broken")
	})
	m.Handle("GET /stream", auth.Export, func(w http.ResponseWriter, r *http.Request) error {
		for i := 0; r.Context().Err() == nil; i++ {
			if _, err := fmt.Fprintf(w, "%d\n", i); err != nil {
				return err
			}
		}
		return r.Context().Err()
	})
	m.Handle("GET /half", auth.Export, func(w http.ResponseWriter, r *http.Request) error {
		fmt.Fprint(w, "half")
		w.(http.Flusher).Flush()
		return errors.New("gone")
	})
	return m
}

// TestClientIsTheSameWithAndWithoutAServer asks both ways and wants the same.
func TestClientIsTheSameWithAndWithoutAServer(t *testing.T) {
	m := clientMux()
	dir := t.TempDir()
	serve(t, dir, m)
	opened, closed := 0, 0
	clients := map[string]*Client{
		"socket": NewClient(dir, func(context.Context) (http.Handler, func() error, error) {
			return nil, nil, errors.New("the store was opened although a server runs")
		}),
		"process": NewClient(t.TempDir(), func(context.Context) (http.Handler, func() error, error) {
			opened++
			return m, func() error { closed++; return nil }, nil
		}),
	}
	for name, c := range clients {
		t.Run(name, func(t *testing.T) { askEverything(t, c) })
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	if opened != 1 || closed != 1 {
		t.Errorf("opened %d times and closed %d times, want once each", opened, closed)
	}
}

func askEverything(t *testing.T, c *Client) {
	ctx := t.Context()
	var got map[string]string
	err := c.JSON(ctx, "GET", "/ask", url.Values{"by": {"a b&c"}}, nil, &got)
	if err != nil || got["by"] != "a b&c" {
		t.Errorf("got %v, %v", got, err)
	}
	resp, err := c.Do(ctx, "POST", "/echo", nil, "text/plain", io.MultiReader(strings.NewReader("one "),
		strings.NewReader("two")))
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(resp.Body); err != nil || string(b) != "one two" {
		t.Errorf("got %q, %v", b, err)
	}
	_ = resp.Body.Close()

	f := func(path string, kind fault.Kind, code, field string, exit int) {
		t.Helper()
		_, err := c.Do(ctx, "GET", path, nil, "", nil)
		e := fault.Of(err)
		if e.Kind != kind || e.Code != code || e.Field != field || fault.ExitCode(err) != exit {
			t.Errorf("%s: got %+v with exit code %d", path, e, fault.ExitCode(err))
		}
	}
	f("/missing/7", fault.NotFound, "unknown_thing", "id", 3)
	f("/damaged", fault.Damaged, "store_damaged", "", 5)
	f("/nowhere", fault.NotFound, "unknown_route", "", 3)

	resp, err = c.Do(ctx, "GET", "/stream", nil, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(resp.Body, make([]byte, 1<<20)); err != nil {
		t.Error(err)
	}
	_ = resp.Body.Close() // the handler has to notice, or Close waits for ever

	resp, err = c.Do(ctx, "GET", "/half", nil, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(resp.Body); err == nil {
		t.Errorf("half an answer passed as whole: %q", b)
	}
	_ = resp.Body.Close()
}

func TestClientTellsWhyTheStoreDidNotOpen(t *testing.T) {
	c := NewClient(t.TempDir(), func(context.Context) (http.Handler, func() error, error) {
		return nil, nil, fault.New(fault.Newer, "store_newer", "needs a newer version")
	})
	_, err := c.Do(t.Context(), "GET", "/", nil, "", nil)
	if fault.ExitCode(err) != 5 {
		t.Errorf("got %v", err)
	}
}

func TestClientStopsWhenItsContextDoes(t *testing.T) {
	m := bare(&lines{})
	started := make(chan struct{})
	m.Handle("GET /wait", auth.Query, func(_ http.ResponseWriter, r *http.Request) error {
		close(started)
		<-r.Context().Done()
		return r.Context().Err()
	})
	c := NewClient(t.TempDir(), func(context.Context) (http.Handler, func() error, error) {
		return m, func() error { return nil }, nil
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-started; cancel() }()
	if _, err := c.Do(ctx, "GET", "/wait", nil, "", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}
