package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"analytics/engine/fault"
	"analytics/engine/web"
	"analytics/ingest/agentlogs"
)

// Commands is `analytics import`.
func Commands(client *web.Client, now func() time.Time) []*cli.Command {
	return []*cli.Command{{
		Name: "import", Usage: "send a file of events, or the logs of a coding agent",
		ArgsUsage: "FILE|-  or  --from AGENT [PATH…]", Category: "data",
		Description: "FILE holds one JSON object a line, or one JSON array, as `analytics export " +
			"--format ndjson` and\nPOST /v1/events have them; plain, .gz or .zst. - is standard " +
			"input. Events may be of any age.\n\n" +
			"With --from the logs of " + strings.Join(agentlogs.Agents(), " or ") + " are read instead: " +
			"those in the files, folders or\nglobs named, or else where the agent keeps them. Each " +
			"answer of a model counts once, and nothing\nthat was said is kept.\n\n" +
			"A run that was stopped can be started again: events without an id get one made of " +
			"their text and\nplace in the file, so what is stored already is counted as a " +
			"duplicate.\n\nExample: analytics import events.ndjson.gz\n" +
			"         analytics import --from claude-code",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "from", Usage: "the agent whose logs are read: " +
				strings.Join(agentlogs.Agents(), " or ")},
			&cli.BoolFlag{Name: "dry-run", Usage: "with --from: say what is in the logs, send nothing"},
			&cli.BoolFlag{Name: "json", Usage: "print the report as JSON"},
			&cli.IntFlag{Name: "from-line", Value: 1, Usage: "skip the lines before this one"},
		},
		Action: func(c *cli.Context) error { return load(c, client, now) },
	}}
}

// open opens what the command line names.
func open(c *cli.Context, now func() time.Time) (name string, src *source, err error) {
	if c.Int("from-line") < 1 {
		return "", nil, fault.At(fault.Invalid, "invalid_flag", "from-line", "--from-line counts from 1")
	}
	if agent := c.String("from"); c.IsSet("from") {
		if c.IsSet("from-line") {
			return "", nil, fault.At(fault.Invalid, "invalid_flag", "from-line",
				"--from-line is for a file of events, not for logs; what is stored is not stored twice")
		}
		src, err = openLogs(agent, c.Args().Slice(), now)
		return agent, src, err
	}
	if c.Bool("dry-run") {
		return "", nil, fault.At(fault.Invalid, "invalid_flag", "dry-run", "--dry-run is for --from")
	}
	if c.NArg() != 1 {
		return "", nil, fault.New(fault.Invalid, "one_file",
			"import needs one file, or - for standard input: analytics import FILE")
	}
	src, err = openSource(c.Args().First(), c.App.Reader)
	return c.Args().First(), src, err
}

// load runs the import and tells how it went.
func load(c *cli.Context, client *web.Client, now func() time.Time) error {
	name, src, err := open(c, now)
	if err != nil {
		return err
	}
	defer src.Close()
	if c.Bool("dry-run") {
		report, err := look(name, src, now)
		if err != nil {
			return err
		}
		return show(c, report)
	}
	r := run{
		client: client, name: name, source: src, fromLine: c.Int("from-line"),
		splitter: newSplitter(src.lines), progress: newProgress(c.App.ErrWriter, src.size, now),
		now: now,
	}
	ctx, release := signal.NotifyContext(c.Context, os.Interrupt, syscall.SIGTERM)
	defer release()
	defer context.AfterFunc(ctx, release)() // a second signal ends the process at once
	report, err := r.do(ctx)
	if e := show(c, report); e != nil && err == nil {
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

// show prints a report for people, or for programs if they asked.
func show(c *cli.Context, r *Report) error {
	if c.Bool("json") {
		return r.JSON(c.App.Writer)
	}
	return r.Text(c.App.Writer)
}

// stopped says how to go on after an import that did not reach the end.
func stopped(w io.Writer, r *Report, err error) error {
	skips := ""
	if r.Logs == nil {
		skips = fmt.Sprintf(" --from-line %d skips it.", r.NextLine)
	}
	fmt.Fprintf(w, "Stopped before the end; everything before %s %s is done. Run the same command "+
		"again to go on:\nwhat is stored already is not stored twice.%s\n", r.unit, grouped(r.NextLine), skips)
	if errors.Is(err, context.Canceled) {
		return fault.New(fault.Unavailable, "interrupted", "interrupted")
	}
	return err
}
