package history

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"analytics/engine/arguments"
	"analytics/engine/web"
)

type commands struct{ client *web.Client }

// Commands is `analytics bots flag|unflag|list|reclassify|reputation`.
func Commands(client *web.Client) []*cli.Command {
	c := &commands{client}
	asJSON := &cli.BoolFlag{Name: "json", Usage: "print the answer as JSON"}
	dry := &cli.BoolFlag{Name: "dry-run", Usage: "say what would change, and change nothing"}
	since := &cli.StringFlag{Name: "since", Usage: "classify again what came since: 30d, 12h, a date or time"}
	until := &cli.StringFlag{Name: "until", Usage: "up to this time or date, without it; now unless given"}
	return []*cli.Command{{
		Name: "bots", Category: "data", Usage: "say who is a machine, also of what came long ago",
		Subcommands: []*cli.Command{
			{Name: "flag", Usage: "say that a user agent or fingerprint is a machine", Flags: []cli.Flag{
				&cli.StringFlag{Name: "user-agent", Usage: "pattern as in SQL's LIKE: % is any text"},
				&cli.StringFlag{Name: "fingerprint", Usage: "one that analytics bots reputation lists"},
				&cli.StringFlag{Name: "site", Usage: "only on this site"},
				&cli.StringFlag{Name: "class", Usage: "known_bot, or scanner"},
				&cli.StringFlag{Name: "name", Usage: "what to call it where no list has a name"},
				&cli.StringFlag{Name: "ip", Usage: "not possible: addresses are never kept"},
				since, dry, asJSON},
				Description: "It counts for what comes from now on, too. Example:\n" +
					"  analytics bots flag --user-agent '%python-httpx%' --since 30d --dry-run",
				Action: c.change("flag", "user-agent", "fingerprint", "site", "class", "name", "ip", "since")},
			{Name: "unflag", Usage: "take a rule back, and what it did", ArgsUsage: "ID",
				Flags: []cli.Flag{since, dry, asJSON}, Action: c.change("unflag", "since"),
				Description: "ID is the first column of `analytics bots list`. Example:\n" +
					"  analytics bots unflag --dry-run 1a2b3c4d"},
			{Name: "list", Usage: "list the rules that were set, and the points of verdicts",
				Flags: []cli.Flag{asJSON}, Action: c.list, Description: "Example: analytics bots list"},
			{Name: "reclassify", Usage: "say again of all that came who was a machine",
				Flags: []cli.Flag{since, until, dry, asJSON}, Action: c.change("reclassify", "since", "until"),
				Description: "For when lists, rules or points changed. Cut short, it is finished by the same " +
					"command. Example:\n  analytics bots reclassify --since 30d --dry-run"},
			{Name: "reputation", Usage: "list what the sessions of fingerprints were", Flags: []cli.Flag{
				&cli.StringFlag{Name: "since", Usage: "count sessions since: 30d, a date or time", Value: "30d"},
				&cli.StringFlag{Name: "fingerprint", Usage: "only this one"},
				&cli.IntFlag{Name: "limit", Usage: "how many, most bots first", Value: 50}, asJSON},
				Description: "A fingerprint is a user agent with a language; thousands of people may share it. " +
					"Example:\n  analytics bots reputation --since 7d --limit 10", Action: c.reputation},
		},
	}}
}

// change asks for a change with the flags that are set, and prints its report.
func (c *commands) change(verb string, flags ...string) cli.ActionFunc {
	return func(x *cli.Context) error {
		q := url.Values{"progress": {"true"}, "dry_run": {strconv.FormatBool(x.Bool("dry-run"))}}
		for _, name := range flags {
			if x.IsSet(name) {
				q.Set(strings.ReplaceAll(name, "-", "_"), x.String(name))
			}
		}
		err := arguments.None(x)
		if verb == "unflag" {
			var id string
			id, err = arguments.One(x, "ID", "analytics bots list")
			q.Set("id", id)
		}
		if err != nil {
			return err
		}
		resp, err := c.client.Do(x.Context, http.MethodPost, "/v1/bots/"+verb, q, "", nil)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		report, err := web.Follow[Report](x.App.ErrWriter, resp.Body)
		if err != nil {
			return err
		}
		if x.Bool("json") {
			return web.PrintJSON(x.App.Writer, report)
		}
		return report.print(x.App.Writer, verb == "unflag")
	}
}

func (c *commands) list(x *cli.Context) error {
	if err := arguments.None(x); err != nil {
		return err
	}
	var got listed
	if err := c.client.JSON(x.Context, http.MethodGet, "/v1/bots/rules", nil, nil, &got); err != nil {
		return err
	}
	if x.Bool("json") {
		return web.PrintJSON(x.App.Writer, got)
	}
	return got.print(x.App.Writer)
}

func (c *commands) reputation(x *cli.Context) error {
	if err := arguments.None(x); err != nil {
		return err
	}
	q := url.Values{"since": {x.String("since")}, "limit": {strconv.Itoa(x.Int("limit"))}}
	if x.IsSet("fingerprint") {
		q.Set("fingerprint", x.String("fingerprint"))
	}
	var got reputations
	if err := c.client.JSON(x.Context, http.MethodGet, "/v1/bots/reputation", q, nil, &got); err != nil {
		return err
	}
	if x.Bool("json") {
		return web.PrintJSON(x.App.Writer, got)
	}
	return got.print(x.App.Writer)
}

// plain is text for a terminal: what visitors send must not move its cursor.
func plain(text string, most int) string {
	text = web.Clean(text)
	if r := []rune(text); len(r) > most {
		text = string(r[:most-1]) + "…"
	}
	return text
}
