package importer

import (
	"cmp"
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
	"analytics/ingest/accesslog"
	"analytics/ingest/agentlogs"
)

// Commands is `analytics import`. --follow keeps how far it is in the client's data folder.
func Commands(client *web.Client, now func() time.Time) []*cli.Command {
	agents, servers := strings.Join(agentlogs.Agents(), " or "), strings.Join(accesslog.Names(), ", ")
	return []*cli.Command{{
		Name: "import", Usage: "send a file of events, logs of a web server or of a coding agent",
		ArgsUsage: "FILE|-  or  --from SERVER FILE…  or  --from AGENT [PATH…]", Category: "data",
		Description: "FILE holds one JSON object a line, or one JSON array, as `analytics export " +
			"--format ndjson` and\nPOST /v1/events have them; plain, .gz or .zst. - is standard " +
			"input. Events may be of any age.\n\n" +
			"With --from and a server the files are access logs: " + servers + ".\n" +
			"Common, combined and JSON are told apart by themselves, also with a virtual host in front;\n" +
			"--log-format takes nginx's log_format or Apache's LogFormat as it stands in the " +
			"configuration,\nor the names of the columns of W3C files without #Fields, such as CloudFront's " +
			"real-time logs.\nRequests for pages become page views. Styles, scripts and pictures only show " +
			"that a browser\nasked; redirects and 5xx are left out. --follow goes on as the log grows, over " +
			"rotation and restarts.\n\n" +
			"With --from and an agent its logs are read: " + agents + "; " +
			"those in the files,\nfolders or globs named, or else where the agent keeps them. Each " +
			"answer of a model counts once,\nand nothing that was said is kept.\n\n" +
			"A run that was stopped can be started again: events without an id get one made of " +
			"their text and\nplace in the file, so what is stored already is counted as a " +
			"duplicate.\n\nExample: analytics import events.ndjson.gz\n" +
			"         analytics import --from nginx --site example.com /var/log/nginx/access.log*\n" +
			"         analytics import --from nginx --site example.com --follow /var/log/nginx/access.log\n" +
			"         analytics import --from apache --log-format '%v %h %l %u %t \"%r\" %>s %b' access.log\n" +
			"         analytics import --from cloudfront --dry-run logs/*.gz\n" +
			"         analytics import --from cloudfront --log-format 'timestamp c-ip sc-status cs-method cs-host " +
			"cs-uri-stem' live.log\n" +
			"         analytics import --from claude-code",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "from", Usage: "whose logs are read: " + servers + "; " + agents},
			&cli.StringFlag{Name: "site", Usage: "the site of access logs that do not name it"},
			&cli.StringFlag{Name: "log-format", Usage: "nginx's log_format, Apache's LogFormat, or names of columns"},
			&cli.StringFlag{Name: "timezone", Usage: "of times in access logs that name none (UTC)"},
			&cli.BoolFlag{Name: "follow", Usage: "go on reading the access logs as they grow"},
			&cli.BoolFlag{Name: "dry-run", Usage: "with --from: say what is in the logs, send nothing"},
			&cli.BoolFlag{Name: "json", Usage: "print the report as JSON"},
			&cli.IntFlag{Name: "from-line", Value: 1, Usage: "skip the lines before this one"},
		},
		Action: func(c *cli.Context) error {
			if c.Bool("follow") {
				return keepOn(c, client, now)
			}
			return load(c, client, now)
		},
	}}
}

// open opens what the command line names.
func open(c *cli.Context, now func() time.Time) (name string, src *source, err error) {
	if c.Int("from-line") < 1 {
		return "", nil, fault.At(fault.Invalid, "invalid_flag", "from-line", "--from-line counts from 1")
	}
	from := c.String("from")
	if !accesslog.Known(from) {
		if err := needless(c, "is for access logs: --from nginx", "site", "log-format", "timezone", "follow"); err != nil {
			return "", nil, err
		}
	}
	if c.IsSet("from") {
		if err := needless(c, "is for a file of events, not for logs; what is stored is not stored twice",
			"from-line"); err != nil {
			return "", nil, err
		}
		if accesslog.Known(from) {
			src, err = openAccess(accessOf(c), c.App.Reader, now)
		} else {
			src, err = openLogs(from, c.Args().Slice(), now)
		}
		return from, src, err
	}
	if err := needless(c, "is for --from", "dry-run"); err != nil {
		return "", nil, err
	}
	if c.NArg() != 1 {
		return "", nil, fault.New(fault.Invalid, "one_file",
			"import needs one file, or - for standard input: analytics import FILE")
	}
	src, err = openSource(c.Args().First(), c.App.Reader)
	return c.Args().First(), src, err
}

func accessOf(c *cli.Context) *accessLogs {
	return &accessLogs{
		from: c.String("from"), layout: c.String("log-format"), site: c.String("site"),
		zone: c.String("timezone"), files: c.Args().Slice(),
	}
}

// needless refuses flags that would do nothing.
func needless(c *cli.Context, why string, names ...string) error {
	for _, name := range names {
		if c.IsSet(name) {
			return fault.At(fault.Invalid, "invalid_flag", name, "--%s %s", name, why)
		}
	}
	return nil
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
		if report != nil {
			err = cmp.Or(show(c, report), err)
		}
		return err
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
	if report.Access != nil {
		accessOf(c).twice(ctx, client, report.Access.Last, c.App.ErrWriter)
	}
	if e := show(c, report); e != nil && err == nil {
		err = e
	}
	if code := fault.Of(err).Code; err != nil && report.Access != nil &&
		(code == "unknown_format" || code == accesslog.CutFile) {
		return err // another run would not get further
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

// keepOn follows logs until the first signal, which is how it ends.
func keepOn(c *cli.Context, client *web.Client, now func() time.Time) error {
	if !accesslog.Known(c.String("from")) {
		return fault.At(fault.Invalid, "invalid_flag", "follow", "--follow is for access logs: --from nginx")
	}
	if err := needless(c, "does not go with --follow", "dry-run", "from-line"); err != nil {
		return err
	}
	f, err := newFollow(client, accessOf(c), client.Folder(), c.App.ErrWriter, now)
	if err != nil {
		return err
	}
	ctx, release := signal.NotifyContext(c.Context, os.Interrupt, syscall.SIGTERM)
	defer release()
	defer context.AfterFunc(ctx, release)() // a second signal ends the process at once
	if !client.Running(ctx) {
		return fault.New(fault.Unavailable, "no_server", "--follow needs the server; start it with analytics serve")
	}
	accessOf(c).twice(ctx, client, now(), c.App.ErrWriter)
	err = f.do(ctx)
	return cmp.Or(show(c, f.run.report), err)
}

// show prints a report for people, or for programs if they asked.
func show(c *cli.Context, r *Report) error {
	if c.Bool("json") {
		return web.PrintJSON(c.App.Writer, r)
	}
	return r.Text(c.App.Writer)
}

// stopped says how to go on after an import that did not reach the end.
func stopped(w io.Writer, r *Report, err error) error {
	skips := ""
	if r.Logs == nil && r.Access == nil {
		skips = fmt.Sprintf(" --from-line %d skips it.", r.NextLine)
	}
	fmt.Fprintf(w, "Stopped before the end; everything before %s %s is done. Run the same command "+
		"again to go on:\nwhat is stored already is not stored twice.%s\n", r.unit, grouped(r.NextLine), skips)
	if errors.Is(err, context.Canceled) {
		return fault.New(fault.Unavailable, "interrupted", "interrupted")
	}
	return err
}
