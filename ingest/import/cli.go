package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"analytics/engine/fault"
	"analytics/engine/web"
)

// Commands is `analytics import`.
func Commands(client *web.Client, now func() time.Time) []*cli.Command {
	return []*cli.Command{{
		Name: "import", Usage: "send a file of events", ArgsUsage: "FILE|-", Category: "data",
		Description: "FILE holds one JSON object a line, or one JSON array, as `analytics export " +
			"--format ndjson` and\nPOST /v1/events have them; plain, .gz or .zst. - is standard " +
			"input. Events may be of any age.\n\n" +
			"A run that was stopped can be started again: events without an id get one made of " +
			"their text and\nplace in the file, so what is stored already is counted as a " +
			"duplicate.\n\nExample: analytics import events.ndjson.gz",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "json", Usage: "print the report as JSON"},
			&cli.IntFlag{Name: "from-line", Value: 1, Usage: "skip the lines before this one"},
		},
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return fault.New(fault.Invalid, "one_file",
					"import needs one file, or - for standard input: analytics import FILE")
			}
			if c.Int("from-line") < 1 {
				return fault.At(fault.Invalid, "invalid_flag", "from-line",
					"--from-line counts from 1")
			}
			return load(c, client, now)
		},
	}}
}

// load runs the import and tells how it went.
func load(c *cli.Context, client *web.Client, now func() time.Time) error {
	src, err := openSource(c.Args().First(), c.App.Reader)
	if err != nil {
		return err
	}
	defer src.Close()
	r := run{
		client: client, name: c.Args().First(), source: src, fromLine: c.Int("from-line"),
		splitter: newSplitter(src.lines), progress: newProgress(c.App.ErrWriter, src.size, now),
		now: now,
	}
	ctx, release := signal.NotifyContext(c.Context, os.Interrupt, syscall.SIGTERM)
	defer release()
	defer context.AfterFunc(ctx, release)() // a second signal ends the process at once
	report, err := r.do(ctx)
	print := report.Text
	if c.Bool("json") {
		print = report.JSON
	}
	if e := print(c.App.Writer); e != nil && err == nil {
		err = e
	}
	if err != nil {
		return stopped(c.App.ErrWriter, report, err)
	}
	if report.Rejected > 0 {
		return fault.New(fault.Conflict, "events_rejected", "%s of %s events were rejected",
			grouped(report.Rejected), grouped(report.events()))
	}
	return nil
}

// stopped says how to go on after an import that did not reach the end.
func stopped(w io.Writer, r *Report, err error) error {
	fmt.Fprintf(w, "Stopped before the end; everything before %s %s is done. Run the same command "+
		"again to go on:\nwhat is stored already is not stored twice. --from-line %d skips it.\n",
		r.unit, grouped(r.NextLine), r.NextLine)
	if errors.Is(err, context.Canceled) {
		return fault.New(fault.Unavailable, "interrupted", "interrupted")
	}
	return err
}
