package query

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	"github.com/urfave/cli/v2"

	"analytics/engine/fault"
	"analytics/engine/process"
	"analytics/engine/web"
)

// shell runs a command line with a client that serves itself.
func (w *world) shell(args ...string) string {
	w.t.Helper()
	open := func(context.Context) (http.Handler, func() error, error) {
		return w.mux(), func() error { return nil }, nil
	}
	client := web.NewClient(w.t.TempDir(), open)
	defer client.Close()
	var out bytes.Buffer
	app := &cli.App{
		Name: "analytics", Writer: &out, ErrWriter: &out,
		ExitErrHandler: func(*cli.Context, error) {},
		Commands:       Commands(client),
	}
	err := app.RunContext(context.Background(), process.Arrange(app, append([]string{"analytics"}, args...)))
	if err != nil {
		fmt.Fprintf(&out, "exit %d: %v\n", fault.ExitCode(err), err)
	}
	return out.String()
}
