package demo

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"analytics/engine/web"
)

// Serve serves a data folder. first runs before anybody is let in, with a client of the product.
type Serve func(c *cli.Context, dir string, first func(*web.Client) error) error

// Commands is the verb `demo`.
func Commands(serve Serve) []*cli.Command {
	return []*cli.Command{{
		Name: "demo", Usage: "look around in thirty invented days of a small team",
		Description: "Serves a throw-away folder filled with invented events and goes on inventing " +
			"while you look.\nAsk it from another terminal with the --data it prints.\n\n" +
			"Example: analytics demo",
		Action: func(c *cli.Context) error { return run(c, serve) },
	}}
}

func run(c *cli.Context, serve Serve) error {
	dir, err := os.MkdirTemp("", "analytics-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	// Who reads no further, as `demo | head` does, ends it like Ctrl-C: the folder goes.
	heard, deaf := signal.NotifyContext(c.Context, syscall.SIGPIPE)
	defer deaf()
	c.Context = heard
	live, stop := context.WithCancel(c.Context)
	defer stop()
	return serve(c, dir, func(client *web.Client) error {
		feed := NewFeed(func(
			ctx context.Context, path, contentType string, body io.Reader,
		) (*http.Response, error) {
			return client.Do(ctx, http.MethodPost, path, nil, contentType, body)
		}, time.Now)
		begin := time.Now()
		n, err := feed.Past(c.Context, func(done, total int) {
			fmt.Fprintf(c.App.ErrWriter, "\rinventing day %d of %d ", done, total)
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(c.App.ErrWriter, "\r%d events of thirty invented days taken in, in %.1f s\n\n",
			n, time.Since(begin).Seconds())
		go func() {
			if err := feed.Live(live); err != nil {
				fmt.Fprintln(c.App.ErrWriter, "the demo's live events ended:", err)
			}
		}()
		return nil
	})
}
