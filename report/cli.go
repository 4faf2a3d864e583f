package report

import (
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/urfave/cli/v2"

	"analytics/engine/fault"
	"analytics/engine/web"
	"analytics/report/outbox"
)

// Commands is `analytics report` and `analytics outbox`.
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
	return append(outbox.Commands(client), &cli.Command{
		Name: "report", Usage: "the daily reports: print them, send them",
		Subcommands: []*cli.Command{
			report("daily", "print all reports of a day"),
			report("costs", "print what a day cost, what changed and why"),
			report("traffic", "print who read the site on a day"),
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
