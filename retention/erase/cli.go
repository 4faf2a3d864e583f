package erase

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"analytics/engine/arguments"
	"analytics/engine/fault"
	"analytics/engine/plural"
	"analytics/engine/web"
)

// Commands is `analytics erase` and `analytics erasures`.
func Commands(client *web.Client) []*cli.Command {
	asJSON := &cli.BoolFlag{Name: "json", Usage: "print the answer as JSON"}
	return []*cli.Command{
		{
			Name: "erase", Usage: "forget a person: all events of a user or a visitor", Category: "data",
			Description: "From store, cubes, archive and, when they are restored, backups; and from letters, alerts,\n" +
				"budgets, rules, funnels, reports and exports. It says what was found there and what is left,\n" +
				"and why. It cannot be undone.\n\n" +
				"With --everything all events of the tenant go, with all that was counted of them and with the\n" +
				"archive. What was set up stays: keys, users, sites, budgets, rules, funnels and prices; and so\n" +
				"do alerts, letters and reports that were written.\n\n" +
				"Example: analytics erase --user anna@example.com --dry-run\n" +
				"         analytics erase --user anna@example.com --yes",
			Flags: []cli.Flag{
				&cli.StringFlag{Name: "user", Usage: "the user_id, as events have it; also of activities whose actor it is"},
				&cli.StringFlag{Name: "visitor", Usage: "the visitor_id, as the sessions list shows it"},
				&cli.BoolFlag{Name: "everything", Usage: "all events, whoever's they are"},
				&cli.BoolFlag{Name: "dry-run", Usage: "say how many events it would be"},
				&cli.BoolFlag{Name: "yes", Usage: "do it"},
				asJSON,
			},
			Action: func(c *cli.Context) error { return run(c, client) },
		},
		{
			Name: "erasures", Usage: "list what was erased, and when", Category: "data",
			Description: "Whose events they were is not kept.\n\nExample: analytics erasures",
			Flags:       []cli.Flag{asJSON},
			Action:      func(c *cli.Context) error { return list(c, client) },
		},
	}
}

func run(c *cli.Context, client *web.Client) error {
	if err := arguments.None(c); err != nil {
		return err
	}
	body := wish{User: c.String("user"), Visitor: c.String("visitor"), Everything: c.Bool("everything")}
	if _, _, err := body.scope(); err != nil {
		return fault.New(fault.Invalid, "bad_usage", "say what is to be erased: one of --user, --visitor and --everything")
	}
	dry := c.Bool("dry-run")
	if !dry && !c.Bool("yes") {
		return fault.New(fault.Invalid, "not_confirmed",
			"this cannot be undone; look with --dry-run what it takes, then say --yes")
	}
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	q := url.Values{"dry_run": {strconv.FormatBool(dry)}, "progress": {strconv.FormatBool(!dry)}}
	resp, err := client.Do(c.Context, http.MethodPost, "/v1/erasures", q, "application/json", bytes.NewReader(text))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	report := new(Report)
	if dry {
		err = json.NewDecoder(resp.Body).Decode(report)
	} else {
		report, err = web.Follow[Report](c.App.ErrWriter, resp.Body)
	}
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return web.PrintJSON(c.App.Writer, report)
	}
	fmt.Fprintln(c.App.Writer, sentence(report))
	for _, f := range report.Beside {
		fmt.Fprintln(c.App.Writer, web.Clean(say(f, report.DryRun)))
	}
	return nil
}

// sentence says what an erasure did, or would.
func sentence(r *Report) string {
	was, were := " was erased", "s were erased"
	if r.DryRun {
		was, were = " would be erased", "s would be erased"
	}
	if r.Total == 0 && r.Pruned == 0 {
		return "No event" + were + "."
	}
	var parts []string
	for _, kind := range slices.Sorted(maps.Keys(r.Events)) {
		parts = append(parts, fmt.Sprintf("%d %s", r.Events[kind], kind))
	}
	s := fmt.Sprintf("%s: %s.", plural.Of(r.Total, "event"+was, "event"+were), strings.Join(parts, ", "))
	if r.Pruned > 0 {
		s += " " + plural.Of(r.Pruned, "stretch without events lost its figures of it.",
			"stretches without events lost their figures of it.")
	}
	return s
}

func list(c *cli.Context, client *web.Client) error {
	var got struct {
		Erasures []Done `json:"erasures"`
	}
	err := client.JSON(c.Context, http.MethodGet, "/v1/erasures", nil, nil, &got)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return web.PrintJSON(c.App.Writer, got)
	}
	if len(got.Erasures) == 0 {
		fmt.Fprintln(c.App.Writer, "Nothing was erased.")
		return nil
	}
	t := tabwriter.NewWriter(c.App.Writer, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tAT\tWHAT\tSTATE")
	for _, e := range got.Erasures {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", e.ID, e.At.Format("2006-01-02 15:04Z"), e.Scope, e.State)
	}
	return t.Flush()
}
