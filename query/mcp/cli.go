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
		},
		Description: "A program such as a coding assistant starts it; POST /mcp is the same over HTTP.\n" +
			"Example: claude mcp add analytics -- analytics mcp --data /var/lib/analytics",
		Action: func(x *cli.Context) error {
			s := New(version, auth.Binding{Agent: x.String("agent"), Project: x.String("project")}, over(client))
			in := io.NopCloser(x.App.Reader)
			err := s.Run(x.Context, &sdk.IOTransport{Reader: in, Writer: keepOpen{x.App.Writer}})
			if errors.Is(err, io.EOF) || x.Context.Err() != nil {
				return nil
			}
			return err
		},
	}}
}

// keepOpen leaves closing to who opened.
type keepOpen struct{ io.Writer }

func (keepOpen) Close() error { return nil }

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
