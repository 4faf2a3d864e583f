package book

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"analytics/alerts/rules"
	"analytics/engine/arguments"
	"analytics/engine/fault"
	"analytics/engine/web"
)

// Command is `analytics alerts silence`.
func Command(client *web.Client) *cli.Command {
	c := &commands{client}
	asJSON := &cli.BoolFlag{Name: "json", Usage: "print JSON"}
	return &cli.Command{
		Name: "silence", Usage: "keep messages back for a while",
		Subcommands: []*cli.Command{
			{
				Name: "add", Usage: "keep the messages of rules back; what goes on is told when it ends", ArgsUsage: "[RULE]",
				Description: "Example: analytics alerts silence add 'error*' --group 'model=gpt-*' --for 2h " +
					"--why 'the provider is down'",
				Flags: []cli.Flag{
					&cli.StringSliceFlag{Name: "group", Usage: "DIMENSION=PATTERN, such as model=gpt-*"},
					&cli.StringFlag{Name: "for", Usage: "how long, such as 2h or 7d"},
					&cli.StringFlag{Name: "from", Usage: "when it begins: RFC 3339 (now)"},
					&cli.StringFlag{Name: "until", Usage: "when it ends: RFC 3339, in place of --for"},
					&cli.StringFlag{Name: "why", Usage: "for whoever wonders later"}, asJSON,
				},
				Action: c.addSilence,
			},
			{
				Name: "list", Usage: "list silences and maintenance windows",
				Description: "Example: analytics alerts silence list", Flags: []cli.Flag{asJSON}, Action: c.listSilences,
			},
			{
				Name: "remove", Usage: "end a silence now", ArgsUsage: "ID",
				Description: "Example: analytics alerts silence remove s1", Action: c.removeSilence,
			},
		},
	}
}

// commands is what the verbs need.
type commands struct{ client *web.Client }

func (c *commands) addSilence(x *cli.Context) error {
	if x.Args().Len() > 1 {
		return fault.New(fault.Invalid, "too_many_arguments",
			"name one pattern of rules, in quotes: analytics alerts silence add 'error*' --for 2h --why …")
	}
	body := map[string]any{"rule": x.Args().First(), "why": x.String("why")}
	group := map[string]string{}
	for _, word := range x.StringSlice("group") {
		name, pattern, ok := strings.Cut(word, "=")
		if !ok {
			return fault.At(fault.Invalid, "invalid_flag", "group", "--group is DIMENSION=PATTERN, not %.60q", word)
		}
		group[name] = pattern
	}
	if len(group) > 0 {
		body["group"] = group
	}
	if text := x.String("for"); text != "" {
		if _, err := rules.ParseSpan(text); err != nil {
			return fault.At(fault.Invalid, "invalid_flag", "for", "--for is a length of time such as 2h or 7d")
		}
		body["for"] = text
	}
	for _, flag := range []string{"from", "until"} {
		text := x.String(flag)
		if text == "" {
			continue
		}
		if _, err := time.Parse(time.RFC3339, text); err != nil {
			return fault.At(fault.Invalid, "invalid_flag", flag, "--%s is a moment such as 2026-11-21T08:00:00Z", flag)
		}
		body[flag] = text
	}
	var got SilenceStanding
	if err := c.client.JSON(x.Context, http.MethodPost, "/v1/alerts/silences", nil, body, &got); err != nil {
		return err
	}
	if x.Bool("json") {
		return web.PrintJSON(x.App.Writer, got)
	}
	fmt.Fprintf(x.App.Writer, "%s: %s is silenced until %s. `analytics alerts silence remove %s` ends it.\n", got.ID,
		web.Clean(got.Scope.String()), rules.Moment(got.Until), got.ID)
	return nil
}

func (c *commands) listSilences(x *cli.Context) error {
	var got QuietList
	if err := c.client.JSON(x.Context, http.MethodGet, "/v1/alerts/silences", nil, nil, &got); err != nil {
		return err
	}
	if x.Bool("json") {
		return web.PrintJSON(x.App.Writer, got)
	}
	out := x.App.Writer
	if len(got.Silences)+len(got.Maintenance) == 0 {
		fmt.Fprintln(out, "Nothing is silenced. `analytics alerts silence add RULE --for 2h --why …` does it; "+
			"maintenance windows stand in analytics.yaml, under alerts.maintenance.")
		return nil
	}
	var rows [][]string
	for _, s := range got.Silences {
		rows = append(rows, []string{s.ID, s.State, s.Scope.String(), rules.Moment(s.From), rules.Moment(s.Until),
			s.Who, s.Why})
	}
	if len(rows) > 0 {
		if err := rules.Table(out, []string{"ID", "STATE", "OF", "FROM", "UNTIL", "WHO", "WHY"}, rows); err != nil ||
			len(got.Maintenance) == 0 {
			return err
		}
		fmt.Fprintln(out)
	}
	rows = nil
	for _, m := range got.Maintenance {
		state := "waiting"
		if m.Active {
			state = "active"
		}
		rows = append(rows, []string{m.Name, state, m.Scope.String(), m.When, rules.Moment(m.Begins),
			rules.Moment(m.Ends)})
	}
	return rules.Table(out, []string{"MAINTENANCE", "STATE", "OF", "WHEN", "BEGINS", "ENDS"}, rows)
}

func (c *commands) removeSilence(x *cli.Context) error {
	id, err := arguments.One(x, "ID", "analytics alerts silence list")
	if err != nil {
		return err
	}
	path := "/v1/alerts/silences/" + url.PathEscape(id)
	if err := c.client.JSON(x.Context, http.MethodDelete, path, nil, nil, nil); err != nil {
		return err
	}
	fmt.Fprintf(x.App.Writer, "The silence %s is over.\n", cmp.Or(web.Clean(id), "-"))
	return nil
}
