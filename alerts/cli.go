package alerts

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"analytics/engine/fault"
	"analytics/engine/web"
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
					&cli.IntFlag{Name: "limit", Usage: "how many", Value: 100},
					asJSON,
				},
				Action: c.list,
			},
			{
				Name: "ack", Usage: "note that somebody knows of an alert", ArgsUsage: "ID",
				Description: "Example: analytics alerts ack daily_cost-100-email-2026-11-20",
				Flags:       []cli.Flag{asJSON}, Action: c.acknowledge,
			},
			{
				Name: "rules", Usage: "list the rules, and what is spent of each",
				Description: "Example: analytics alerts rules",
				Flags:       []cli.Flag{asJSON}, Action: c.rules,
			},
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
	var got struct {
		Alerts []Incident `json:"alerts"`
		Total  int        `json:"total"`
	}
	if err := c.client.JSON(x.Context, http.MethodGet, "/v1/alerts", query, nil, &got); err != nil {
		return err
	}
	if x.Bool("json") {
		return encode(x, got)
	}
	if len(got.Alerts) == 0 {
		fmt.Fprintln(x.App.Writer, "No alerts. `analytics alerts rules` shows what is watched.")
		return nil
	}
	t := tabwriter.NewWriter(x.App.Writer, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tSTATE\tSPENT\tTHRESHOLD\tOPENED\tTOLD\tACKNOWLEDGED BY")
	for _, i := range got.Alerts {
		told := "no"
		if i.Notified {
			told = "yes"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", web.Clean(i.ID), i.State, dollars(i.Value),
			dollars(i.Threshold), i.Opened.UTC().Format("2006-01-02 15:04:05Z"), told,
			cmp.Or(web.Clean(i.AcknowledgedBy), "-"))
	}
	return t.Flush()
}

func (c *commands) acknowledge(x *cli.Context) error {
	id := x.Args().First()
	if id == "" || x.Args().Len() > 1 {
		return fault.New(fault.Invalid, "missing_argument",
			"name one alert: analytics alerts ack ID; `analytics alerts list` shows them")
	}
	var got Incident
	path := "/v1/alerts/" + id + "/acknowledge"
	if err := c.client.JSON(x.Context, http.MethodPost, path, nil, nil, &got); err != nil {
		return err
	}
	if x.Bool("json") {
		return encode(x, got)
	}
	by := ""
	if !got.Acknowledged.IsZero() {
		by = " by " + web.Clean(got.AcknowledgedBy) + " at " + got.Acknowledged.Format(time.RFC3339)
	}
	fmt.Fprintf(x.App.Writer, "%s is %s%s.\n", web.Clean(got.ID), got.State, by)
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
		return encode(x, got)
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

func encode(x *cli.Context, v any) error {
	out := json.NewEncoder(x.App.Writer)
	out.SetIndent("", "  ")
	return out.Encode(v)
}
