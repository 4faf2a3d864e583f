package mcp

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/urfave/cli/v2"

	"analytics/engine/auth"
	"analytics/engine/web"
)

// Commands is `analytics mcp`.
func Commands(client *web.Client, version string) []*cli.Command {
	return []*cli.Command{{
		Name: "mcp", Usage: "let a model ask, by the Model Context Protocol over standard input and output",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "agent", Usage: "answer about this agent only"},
			&cli.StringFlag{Name: "project", Usage: "answer about this project only"},
			&cli.StringFlag{Name: "site", Usage: "answer about this site only"},
		},
		Description: "A program such as a coding assistant starts it; POST /mcp is the same over HTTP.\n" +
			"Example: claude mcp add analytics -- analytics mcp --data /var/lib/analytics",
		Action: func(x *cli.Context) error {
			bound := auth.Binding{Agent: x.String("agent"), Project: x.String("project"), Site: x.String("site")}
			s := New(version, bound, over(client))
			pipe := newStdio(x.App.Reader, x.App.Writer)
			err := s.Run(x.Context, &sdk.IOTransport{Reader: pipe, Writer: pipe})
			if errors.Is(err, io.EOF) || x.Context.Err() != nil {
				return nil
			}
			return err
		},
	}}
}

// over asks the server of the data folder.
func over(client *web.Client) Ask {
	return func(ctx context.Context, path string, values url.Values) ([]byte, error) {
		resp, err := client.Do(ctx, http.MethodGet, path, values, "", nil)
		if err != nil {
			return nil, err
		}
		defer resp.Body.Close()
		return io.ReadAll(resp.Body)
	}
}
