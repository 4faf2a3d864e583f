package export

import (
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/urfave/cli/v2"

	"analytics/engine/arguments"
	"analytics/engine/fault"
	"analytics/engine/web"
)

// Commands is `analytics export`.
func Commands(client *web.Client) []*cli.Command {
	return []*cli.Command{{
		Name: "export", Usage: "take events away as Parquet, CSV or NDJSON", Category: "data",
		Description: "NDJSON is what POST /v1/events and `analytics import` take. " +
			"The file appears when it is whole.\n\n" +
			"Example: analytics export --type ai_request --since 30d --output requests.parquet",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "type", Usage: "one of " + kindNames()},
			&cli.StringFlag{Name: "since", Aliases: []string{"from"}, Value: "30d",
				Usage: "where it begins: 24h, 7d, 30d, a date or a moment"},
			&cli.StringFlag{Name: "until", Aliases: []string{"to"},
				Usage: "where it ends, now unless said"},
			&cli.StringFlag{Name: "format", Usage: strings.Join(Formats(), ", ") +
				"; by the name of the output unless said"},
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Value: "-",
				Usage: "the file to write, - for standard output"},
		},
		Action: func(c *cli.Context) error {
			if err := arguments.None(c); err != nil {
				return err
			}
			if c.String("type") == "" {
				return fault.At(fault.Invalid, "missing_type", "type",
					"say which events: --type with one of %s", kindNames())
			}
			d := download{kind: c.String("type"),
				since: c.String("since"), until: c.String("until"),
				format: c.String("format"), output: c.String("output"), out: c.App.Writer,
				notes: c.App.ErrWriter}
			ctx, stop := signal.NotifyContext(c.Context, os.Interrupt, syscall.SIGTERM)
			defer stop() // so that Ctrl-C leaves no half file
			return d.run(ctx, client)
		},
	}}
}
