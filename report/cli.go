package report

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"analytics/engine/fault"
	"analytics/engine/web"
	"analytics/report/outbox"
)

// Commands is `analytics report` and `analytics outbox`.
func Commands(client *web.Client) []*cli.Command {
	c := &commands{client}
	asJSON := &cli.BoolFlag{Name: "json", Usage: "print JSON"}
	period := &cli.StringFlag{Name: "period", Value: string(Daily), Usage: "day, week or month"}
	report := func(name, usage, example string, more ...cli.Flag) *cli.Command {
		return &cli.Command{
			Name: name, Usage: usage,
			Description: "Prints Markdown.\n\nExample: analytics report " + name + example,
			Flags: append([]cli.Flag{
				&cli.StringFlag{Name: "date", DefaultText: "the newest that is over",
					Usage: "2026-11-20, 2026-W47, 2026-11, today or yesterday"},
				&cli.StringFlag{Name: "charts", Usage: "write the charts as PNG into this folder, too, and link to them"},
				&cli.BoolFlag{Name: "send", Usage: "keep it as a file and send it to the channels, too"},
				asJSON,
			}, more...),
			Action: func(x *cli.Context) error { return c.report(x, name) },
		}
	}
	return append(outbox.Commands(client), &cli.Command{
		Name: "report", Usage: "the reports of days, weeks and months: print them, send them",
		Subcommands: []*cli.Command{
			report("daily", "print all reports of a day", " --date yesterday --send"),
			report("weekly", "print all reports of a week", " --date 2026-W47"),
			report("monthly", "print all reports of a month", " --date 2026-11"),
			report("costs", "print what was spent, what changed and why", " --period week --charts . > costs.md", period),
			report("traffic", "print who read the site", " --period month --date 2026-10-01", period),
		},
	})
}

// commands is what the verbs need.
type commands struct{ client *web.Client }

func (c *commands) report(x *cli.Context, name string) error {
	if x.Args().Present() {
		return fault.New(fault.Invalid, "stray_argument", "%q is not expected here; the day goes "+
			"behind --date", x.Args().First())
	}
	format := "markdown"
	if x.Bool("json") {
		format = "json"
	}
	span := url.Values{}
	for _, name := range []string{"date", "period"} {
		if x.IsSet(name) {
			span.Set(name, x.String(name))
		}
	}
	shown := maps.Clone(span)
	shown.Set("format", format)
	if folder := x.String("charts"); folder != "" {
		shown.Set("charts", filepath.ToSlash(folder))
		if err := c.charts(x, name, span, folder); err != nil {
			return err
		}
	}
	resp, err := c.client.Do(x.Context, http.MethodGet, "/v1/reports/"+name, shown, "", nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(x.App.Writer, resp.Body); err != nil {
		return err
	}
	if !x.Bool("send") {
		return nil
	}
	var sent struct{ Letters []outbox.Entry }
	err = c.client.JSON(x.Context, http.MethodPost, "/v1/reports/"+name+"/send", span, nil, &sent)
	if err != nil {
		return err
	}
	var failed []string
	for _, e := range sent.Letters {
		if e.State != outbox.Delivered {
			failed = append(failed, undelivered(e))
			continue
		}
		fmt.Fprintf(x.App.ErrWriter, "%s of %s: delivered, message %s\n", e.Report, e.Period, e.MessageID)
	}
	if len(failed) > 0 {
		return fault.New(fault.Unavailable, "not_delivered", "%s", strings.Join(failed, "\n"))
	}
	return nil
}

// undelivered says why a report did not arrive, and what becomes of it.
func undelivered(e outbox.Entry) string {
	next := "a running server goes on trying"
	switch {
	case e.Do != "":
		next = e.Do
	case e.State == outbox.Dead || e.Next.IsZero():
		next = "`analytics outbox retry` tries again"
	}
	return fmt.Sprintf("%s of %s is not delivered to %s: %s; %s", e.Report, e.Period, e.Channel,
		cmp.Or(e.Problem, "it waits for others to be sent"), next)
}

// charts writes the pictures of reports into a folder. A report of nothing has none.
func (c *commands) charts(x *cli.Context, name string, span url.Values, folder string) error {
	w, err := named(name, span.Get("period"))
	if err != nil {
		return err
	}
	asked := maps.Clone(span)
	asked.Set("period", string(w.unit))
	for _, about := range w.subjects {
		resp, err := c.client.Do(x.Context, http.MethodGet, "/v1/reports/"+string(about)+"/chart", asked, "", nil)
		if fault.Of(err).Code == noChart {
			continue
		}
		if err != nil {
			return err
		}
		if err := os.MkdirAll(folder, 0o750); err != nil {
			return errors.Join(fault.At(fault.Invalid, "cannot_write", "charts", "%v", err), resp.Body.Close())
		}
		_, said, err := mime.ParseMediaType(resp.Header.Get("Content-Disposition"))
		if err == nil {
			_, err = web.Save(x.Context, "charts", filepath.Join(folder, filepath.Base(said["filename"])), resp.Body)
		}
		if err := errors.Join(err, resp.Body.Close()); err != nil {
			return err
		}
	}
	return nil
}
