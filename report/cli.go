package report

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"analytics/engine/fault"
	"analytics/engine/web"
	"analytics/report/outbox"
)

// Commands is `analytics report`.
func Commands(client *web.Client) []*cli.Command {
	c := &commands{client}
	asJSON := &cli.BoolFlag{Name: "json", Usage: "print JSON"}
	report := func(name, usage string) *cli.Command {
		return &cli.Command{
			Name: name, Usage: usage,
			Description: "Prints Markdown. Example:\n  analytics report " + name + " --date yesterday --send",
			Flags: []cli.Flag{
				&cli.StringFlag{Name: "date", Usage: "a day such as 2026-11-20, today or yesterday",
					DefaultText: "yesterday"},
				&cli.BoolFlag{Name: "send", Usage: "keep it as a file and send it to the channels, too"},
				asJSON,
			},
			Action: func(x *cli.Context) error { return c.report(x, name) },
		}
	}
	return []*cli.Command{{
		Name: "report", Usage: "the daily reports, and what became of their messages",
		Subcommands: []*cli.Command{
			report("daily", "print all reports of a day"),
			report("costs", "print what a day cost, what changed and why"),
			report("traffic", "print who read the site on a day"),
			{
				Name: "outbox", Usage: "list the messages to all channels: waiting, delivered, given up",
				Description: "Example: analytics report outbox --state dead",
				Flags: []cli.Flag{
					&cli.StringFlag{Name: "state", Usage: "pending, delivered or dead"},
					&cli.BoolFlag{Name: "retry", Usage: "try again what waits or was given up"},
					asJSON,
				},
				Action: c.outbox,
			},
		},
	}}
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
	day := url.Values{}
	if date := x.String("date"); date != "" {
		day.Set("date", date)
	}
	shown := url.Values{"format": {format}, "date": day["date"]}
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
	err = c.client.JSON(x.Context, http.MethodPost, "/v1/reports/"+name+"/send", day, nil, &sent)
	if err != nil {
		return err
	}
	for _, e := range sent.Letters {
		if e.State != outbox.Delivered {
			return fault.New(fault.Unavailable, "not_delivered", "%s of %s is not delivered yet: %s; "+
				"a running server goes on trying", e.Report, e.Period, e.Problem)
		}
		fmt.Fprintf(x.App.ErrWriter, "%s of %s: delivered, message %s\n", e.Report, e.Period, e.MessageID)
	}
	return nil
}

func (c *commands) outbox(x *cli.Context) error {
	if x.Bool("retry") {
		var done struct{ Retried int }
		err := c.client.JSON(x.Context, http.MethodPost, "/v1/outbox/retry", nil, nil, &done)
		if err != nil {
			return err
		}
		fmt.Fprintf(x.App.ErrWriter, "%s tried again\n", plural(int64(done.Retried), "message"))
	}
	var got struct {
		Status  outbox.Status  `json:"status"`
		Letters []outbox.Entry `json:"letters"`
	}
	query := url.Values{}
	if state := x.String("state"); state != "" {
		query.Set("state", state)
	}
	if err := c.client.JSON(x.Context, http.MethodGet, "/v1/outbox", query, nil, &got); err != nil {
		return err
	}
	if x.Bool("json") {
		return web.PrintJSON(x.App.Writer, got)
	}
	s := got.Status
	fmt.Fprintf(x.App.Writer, "webhook %s: %d waiting, %d delivered, %d given up\n", s.Webhook, s.Pending,
		s.Delivered, s.Dead)
	if s.Problem != "" {
		fmt.Fprintf(x.App.Writer, "problem: %s\n", web.Clean(s.Problem))
	}
	if len(got.Letters) == 0 {
		return nil
	}
	t := tabwriter.NewWriter(x.App.Writer, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "CHANNEL\tREPORT\tPERIOD\tSTATE\tATTEMPTS\tNEXT\tDELIVERED\tMESSAGE\tPROBLEM")
	for _, e := range got.Letters {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\t%s\t%s\t%s\t%s\n", e.Channel, e.Report, e.Period, e.State, e.Attempts,
			second(e.Next), second(e.Delivered), dash(e.MessageID), dash(web.Clean(e.Problem)))
	}
	return t.Flush()
}

func second(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
