package alerts

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"analytics/engine/fault"
	"analytics/engine/web"
	"analytics/report/outbox"
)

// Commands is `analytics alerts`.
func Commands(client *web.Client) []*cli.Command {
	c := &commands{client}
	asJSON := &cli.BoolFlag{Name: "json", Usage: "print JSON"}
	return []*cli.Command{{
		Name: "alerts", Usage: "what passed its threshold, and the rules",
		Subcommands: []*cli.Command{
			{
				Name: "list", Usage: "list the alerts, the newest first",
				Description: "Example: analytics alerts list --state open",
				Flags: []cli.Flag{
					&cli.StringFlag{Name: "state", Usage: "open, acknowledged or resolved"},
					&cli.StringFlag{Name: "severity", Usage: "low, medium, high or critical"},
					&cli.IntFlag{Name: "limit", Usage: "how many", Value: 100},
					asJSON,
				},
				Action: c.list,
			},
			{
				Name: "ack", Usage: "note that somebody knows of an alert", ArgsUsage: "ID",
				Description: "Example: analytics alerts ack daily_cost-100-email-2026-11-20",
				Flags:       []cli.Flag{asJSON}, Action: c.step("ack", "acknowledge"),
			},
			{
				Name: "resolve", Usage: "end an alert before its period is over", ArgsUsage: "ID",
				Description: "Example: analytics alerts resolve daily_cost-100-email-2026-11-20",
				Flags:       []cli.Flag{asJSON}, Action: c.step("resolve", "resolve"),
			},
			{
				Name: "show", Usage: "show an alert and its history", ArgsUsage: "ID",
				Description: "Example: analytics alerts show daily_cost-100-email-2026-11-20",
				Flags:       []cli.Flag{asJSON}, Action: c.show,
			},
			{
				Name: "rules", Usage: "list the rules, and what is spent of each",
				Description: "Example: analytics alerts rules",
				Flags:       []cli.Flag{asJSON}, Action: c.rules,
			},
			outbox.TestCommand(client),
		},
	}}
}

// commands is what the verbs need.
type commands struct{ client *web.Client }

func (c *commands) list(x *cli.Context) error {
	query := url.Values{"limit": {fmt.Sprint(x.Int("limit"))}}
	if state := x.String("state"); state != "" {
		query.Set("state", state)
	}
	if severity := x.String("severity"); severity != "" {
		query.Set("severity", severity)
	}
	var got struct {
		Alerts []Incident `json:"alerts"`
		Total  int        `json:"total"`
	}
	if err := c.client.JSON(x.Context, http.MethodGet, "/v1/alerts", query, nil, &got); err != nil {
		return err
	}
	if x.Bool("json") {
		return web.PrintJSON(x.App.Writer, got)
	}
	if len(got.Alerts) == 0 {
		fmt.Fprintln(x.App.Writer, "No alerts. `analytics alerts rules` shows what is watched.")
		return nil
	}
	t := tabwriter.NewWriter(x.App.Writer, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tSTATE\tSEVERITY\tSPENT\tTHRESHOLD\tOPENED\tTOLD\tACKNOWLEDGED BY")
	for _, i := range got.Alerts {
		told := "no"
		if i.Notified {
			told = "yes"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", web.Clean(i.ID), i.State, i.Severity,
			dollars(i.Value), dollars(i.Threshold), i.Opened.UTC().Format("2006-01-02 15:04:05Z"), told,
			cmp.Or(web.Clean(i.AcknowledgedBy), "-"))
	}
	return t.Flush()
}

// one is the alert that the verb names.
func one(x *cli.Context, verb string) (path string, err error) {
	id := x.Args().First()
	if id == "" || x.Args().Len() > 1 {
		return "", fault.New(fault.Invalid, "missing_argument",
			"name one alert: analytics alerts %s ID; `analytics alerts list` shows them", verb)
	}
	return "/v1/alerts/" + id, nil
}

// step is a verb that moves an alert on.
func (c *commands) step(verb, door string) cli.ActionFunc {
	return func(x *cli.Context) error {
		path, err := one(x, verb)
		if err != nil {
			return err
		}
		var got Incident
		if err := c.client.JSON(x.Context, http.MethodPost, path+"/"+door, nil, nil, &got); err != nil {
			return err
		}
		if x.Bool("json") {
			return web.PrintJSON(x.App.Writer, got)
		}
		by := ""
		if n := len(got.History); n > 0 {
			last := got.History[n-1]
			by = " by " + web.Clean(last.By) + " at " + last.At.Format(time.RFC3339)
		}
		fmt.Fprintf(x.App.Writer, "%s is %s%s.\n", web.Clean(got.ID), got.State, by)
		return nil
	}
}

func (c *commands) show(x *cli.Context) error {
	path, err := one(x, "show")
	if err != nil {
		return err
	}
	var got Incident
	if err := c.client.JSON(x.Context, http.MethodGet, path, nil, nil, &got); err != nil {
		return err
	}
	if x.Bool("json") {
		return web.PrintJSON(x.App.Writer, got)
	}
	fmt.Fprintf(x.App.Writer, "%s is %s, severity %s.\n%s\n", web.Clean(got.ID), got.State,
		got.Severity, web.Clean(got.Message))
	for _, h := range got.History {
		fmt.Fprintf(x.App.Writer, "%s  %s by %s\n", h.At.UTC().Format(time.RFC3339), h.State,
			web.Clean(h.By))
	}
	return nil
}

func (c *commands) rules(x *cli.Context) error {
	var got struct {
		Rules []Standing `json:"rules"`
	}
	if err := c.client.JSON(x.Context, http.MethodGet, "/v1/alerts/rules", nil, nil, &got); err != nil {
		return err
	}
	if x.Bool("json") {
		return web.PrintJSON(x.App.Writer, got)
	}
	if len(got.Rules) == 0 {
		fmt.Fprintln(x.App.Writer, "No rules. They are set in analytics.yaml, under analytics.alerts.")
		return nil
	}
	t := tabwriter.NewWriter(x.App.Writer, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "RULE\tTHRESHOLD\tACTION\tPERIOD\tSPENT\tLEFT\tALERT")
	for _, r := range got.Rules {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Type, dollars(r.Threshold), r.Action, r.Period,
			dollars(r.Spent), dollars(r.Left), cmp.Or(r.Incident, "-"))
	}
	return t.Flush()
}
