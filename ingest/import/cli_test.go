package importer

import (
	"bytes"
	"context"

	"github.com/urfave/cli/v2"
)

// run runs the command line `analytics import ARGS` and returns what it printed.
func (h *house) run(
	ctx context.Context, stdin string, args ...string,
) (out, notes string, err error) {
	h.t.Helper()
	var stdout, stderr bytes.Buffer
	app := &cli.App{
		Name: "analytics", Commands: Commands(h.client, h.now),
		Reader: bytes.NewBufferString(stdin), Writer: &stdout, ErrWriter: &stderr,
		ExitErrHandler: func(*cli.Context, error) {},
	}
	err = app.RunContext(ctx, append([]string{"analytics", "import"}, args...))
	return stdout.String(), stderr.String(), err
}
