package alerts

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/urfave/cli/v2"

	"analytics/alerts/book"
	"analytics/alerts/lookout"
	"analytics/alerts/rules"
	"analytics/engine/arguments"
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
					&cli.StringFlag{Name: "rule", Usage: "of these rules, such as 'error*'"},
					&cli.StringFlag{Name: "since", Usage: "opened since then, such as 24h or 2026-11-01"},
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
			c.ruleCommand(client, asJSON), book.Command(client), lookout.Command(client),
			outbox.TestCommand(client),
		},
	}}
}

// commands is what the verbs need.
type commands struct{ client *web.Client }

func (c *commands) list(x *cli.Context) error {
	query := url.Values{"limit": {fmt.Sprint(x.Int("limit"))}}
	for _, name := range []string{"state", "severity", "rule", "since"} {
		if v := x.String(name); v != "" {
			query.Set(name, v)
		}
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
	var rows [][]string
	for _, i := range got.Alerts {
		told := "no"
		if i.Notified {
			told = "yes"
		} else if i.Silenced != "" {
			told = i.Silenced
		}
		value, threshold := dollars(i.Value), dollars(i.Threshold)
		if r := i.Reading; r != nil {
			value, threshold = figure(r, r.Value), figure(r, r.Threshold)
		}
		rows = append(rows, []string{i.ID, string(i.State), string(i.Severity), rules.Labels(i.Group), value, threshold,
			rules.Moment(i.Opened), told, i.AcknowledgedBy})
	}
	return rules.Table(x.App.Writer, []string{"ID", "STATE", "SEVERITY", "OF", "VALUE", "THRESHOLD", "OPENED", "TOLD",
		"ACKNOWLEDGED BY"}, rows)
}

// one is the alert that the verb names.
func one(x *cli.Context) (path string, err error) {
	id, err := arguments.One(x, "ID", "analytics alerts list")
	return "/v1/alerts/" + id, err
}

// step is a verb that moves an alert on.
func (c *commands) step(verb, door string) cli.ActionFunc {
	return func(x *cli.Context) error {
		path, err := one(x)
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
	path, err := one(x)
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
	printIncident(x.App.Writer, &got)
	return nil
}

// ruleCommand is `analytics alerts rules`; alone it lists.
func (c *commands) ruleCommand(client *web.Client, asJSON cli.Flag) *cli.Command {
	return &cli.Command{
		Name: "rules", Usage: "list, set and try rules: on spend, and on any metric",
		Description: "Example: analytics alerts rules\n" +
			"   `analytics alerts rules set NAME` makes one; those on spend stand in analytics.yaml",
		Flags: []cli.Flag{asJSON}, Action: c.rules,
		Subcommands: append([]*cli.Command{{
			Name: "list", Usage: "list the rules", Description: "Example: analytics alerts rules list",
			Flags: []cli.Flag{asJSON}, Action: c.rules,
		}}, rules.Verbs(client)...),
	}
}

func (c *commands) rules(x *cli.Context) error {
	if x.Args().Len() > 0 {
		return fault.New(fault.Invalid, "unknown_verb", "there is no verb %.40q of rules; there are list, set, test, "+
			"show, enable, disable and delete", x.Args().First())
	}
	var got ruleList
	if err := c.client.JSON(x.Context, http.MethodGet, "/v1/alerts/rules", nil, nil, &got); err != nil {
		return err
	}
	if x.Bool("json") {
		return web.PrintJSON(x.App.Writer, got)
	}
	return printRules(x.App.Writer, got)
}
