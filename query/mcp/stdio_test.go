package mcp

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/urfave/cli/v2"

	"analytics/engine/web"
)

// client asks the routes of the house.
func (h *house) client() *web.Client {
	return web.NewClient(h.t.TempDir(), func(context.Context) (http.Handler, func() error, error) {
		return h.mux, func() error { return nil }, nil
	})
}

// shell runs `analytics mcp` with its input and output as pipes, and connects to it.
func (h *house) shell(args ...string) (s *sdk.ClientSession, end func() error) {
	h.t.Helper()
	in, toServer := io.Pipe()
	fromServer, out := io.Pipe()
	app := &cli.App{Name: "analytics", Reader: in, Writer: out, Commands: Commands(h.client(), "test"),
		ExitErrHandler: func(*cli.Context, error) {}}
	done := make(chan error, 1)
	go func() {
		done <- app.RunContext(h.t.Context(), append([]string{"analytics", "mcp"}, args...))
		_ = out.Close()
	}()
	c := sdk.NewClient(&sdk.Implementation{Name: "test", Version: "1"}, nil)
	s, err := c.Connect(h.t.Context(), &sdk.IOTransport{Reader: fromServer, Writer: toServer}, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	return s, func() error {
		_ = s.Close()
		_ = toServer.Close()
		select {
		case err := <-done:
			return err
		case <-time.After(10 * time.Second):
			return context.DeadlineExceeded
		}
	}
}

func TestOverStandardInputItIsTheSame(t *testing.T) {
	h := newHouse(t)
	s, end := h.shell()
	if n, m := len(tools(t, s)), len(tools(t, h.session())); n != m {
		t.Errorf("%d tools, and %d over HTTP", n, m)
	}
	if r := call(t, s, "analytics_costs", nil); r.IsError || !strings.Contains(text(r), `"cost":0.021`) {
		t.Errorf("%s", text(r))
	}
	if err := end(); err != nil {
		t.Errorf("it ends with %v", err)
	}
}

// TestNoAnswerIsLostWhenTheInputEnds writes all requests at once and closes the pipe, as scripts do.
func TestNoAnswerIsLostWhenTheInputEnds(t *testing.T) {
	h := newHouse(t)
	const calls = 12
	f := func(end string) {
		t.Helper()
		in := `{"jsonrpc":"2.0","id":"first","method":"initialize","params":{"protocolVersion":"2025-06-18",` +
			`"capabilities":{},"clientInfo":{"name":"t","version":"1"}}}` + "\n" +
			`{"jsonrpc":"2.0","method":"notifications/initialized"}` + "\n"
		for i := range calls {
			in += fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"analytics_overview",`+
				`"arguments":{"since":"7d"}}}`, i) + "\n"
		}
		var out bytes.Buffer
		app := &cli.App{Name: "analytics", Reader: strings.NewReader(strings.TrimSpace(in) + end), Writer: &out,
			Commands: Commands(h.client(), "test"), ExitErrHandler: func(*cli.Context, error) {}}
		if err := app.RunContext(t.Context(), []string{"analytics", "mcp"}); err != nil {
			t.Errorf("it ends with %v", err)
		}
		for i := range calls {
			if !strings.Contains(out.String(), fmt.Sprintf(`"id":%d,"result"`, i)) {
				t.Errorf("%d is not answered; the input ended with %q: %.500s", i, end, out.String())
			}
		}
	}
	f("\n")
	f("")
	f("\n\n")
}
