package budget

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"analytics/engine/arguments"
	"analytics/engine/fault"
	"analytics/engine/web"
)

// Commands is `analytics budgets`.
func Commands(client *web.Client) []*cli.Command {
	c := &commands{client}
	asJSON := &cli.BoolFlag{Name: "json", Usage: "print JSON"}
	return []*cli.Command{{
		Name: "budgets", Usage: "what may be spent, what is, and what stops when it is used up",
		Subcommands: []*cli.Command{
			{
				Name: "set", Usage: "keep a budget, new or changed", ArgsUsage: "NAME",
				Description: "Example: analytics budgets set team --limit 1.00 --period day --action pause_requests " +
					"--scope 'model=gpt-*' --by api_key_id --at 50,80,100 --tz Europe/Berlin",
				Flags: []cli.Flag{
					&cli.StringFlag{Name: "limit", Usage: "USD for each period", Required: true},
					&cli.StringFlag{Name: "period", Value: "month",
						Usage: "hour, day, week, month, or a rolling period such as 24h or 30d"},
					&cli.StringFlag{Name: "action", Value: string(Notify), Usage: "notify, throttle or pause_requests"},
					&cli.StringSliceFlag{Name: "scope", Usage: "FIELD=PATTERN, with FIELD one of " + dimensionNames},
					&cli.StringSliceFlag{Name: "by", Usage: "a budget for each value of this field"},
					&cli.StringFlag{Name: "at", Usage: "percentages at which to tell people, such as 50,80,100"},
					&cli.StringFlag{Name: "tz", Usage: "time zone of the calendar"},
					&cli.StringFlag{Name: "week-start", Usage: "first day of a week (monday)"},
					asJSON,
				},
				Action: c.set,
			},
			{
				Name: "list", Usage: "list the budgets and where they stand",
				Description: "Example: analytics budgets list", Flags: []cli.Flag{asJSON}, Action: c.list,
			},
			{
				Name: "status", Usage: "show where a budget stands, or all", ArgsUsage: "[NAME]",
				Description: "Example: analytics budgets status team", Flags: []cli.Flag{asJSON}, Action: c.list,
			},
			{
				Name: "delete", Usage: "forget a budget", ArgsUsage: "NAME",
				Description: "Example: analytics budgets delete team", Action: c.delete,
			},
			{
				Name: "pause", Usage: "stop a budget's requests now", ArgsUsage: "NAME",
				Description: "Example: analytics budgets pause team --for 2h",
				Flags: []cli.Flag{
					&cli.DurationFlag{Name: "for", Usage: "how long", DefaultText: "until it is unpaused"}, asJSON,
				},
				Action: c.pause,
			},
			{
				Name: "unpause", Usage: "let a budget's requests go on until its period ends", ArgsUsage: "NAME",
				Description: "Example: analytics budgets unpause team", Flags: []cli.Flag{asJSON}, Action: c.unpause,
			},
		},
	}}
}

// commands is what the verbs need.
type commands struct{ client *web.Client }

// name is the only argument.
func name(x *cli.Context) (string, error) {
	one, err := arguments.One(x, "NAME", "analytics budgets list")
	return url.PathEscape(one), err
}

func (c *commands) set(x *cli.Context) error {
	path, err := name(x)
	if err != nil {
		return err
	}
	d := Definition{
		Period: x.String("period"), Action: Action(x.String("action")), By: words(x, "by"),
		Timezone: x.String("tz"), WeekStart: x.String("week-start"),
	}
	if err := d.Limit.UnmarshalJSON([]byte(strings.TrimPrefix(x.String("limit"), "$"))); err != nil {
		return fault.At(fault.Invalid, "invalid_flag", "limit", "--limit is USD such as 1.00, not %.40q",
			x.String("limit"))
	}
	if d.Scope, err = Scopes(words(x, "scope")); err != nil {
		return fault.At(fault.Invalid, "invalid_flag", "scope", "%v", err)
	}
	for part := range strings.SplitSeq(x.String("at"), ",") {
		if part == "" {
			continue
		}
		n, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(part, "%")))
		if err != nil {
			return fault.At(fault.Invalid, "invalid_flag", "at", "--at is percentages such as 50,80,100")
		}
		d.At = append(d.At, n)
	}
	return c.send(x, http.MethodPut, "/v1/budgets/"+path, d)
}

// words are the values of a flag that may be given often, or once with commas.
func words(x *cli.Context, flag string) (all []string) {
	for _, v := range x.StringSlice(flag) {
		if v != "" {
			all = append(all, v)
		}
	}
	return all
}

func (c *commands) list(x *cli.Context) error {
	path := "/v1/budgets"
	if x.Args().Len() > 0 {
		one, err := name(x)
		if err != nil {
			return err
		}
		path += "/" + one
	}
	return c.send(x, http.MethodGet, path, nil)
}

func (c *commands) delete(x *cli.Context) error {
	path, err := name(x)
	if err != nil {
		return err
	}
	if err := c.client.JSON(x.Context, http.MethodDelete, "/v1/budgets/"+path, nil, nil, nil); err != nil {
		return err
	}
	fmt.Fprintf(x.App.Writer, "The budget %s is deleted.\n", web.Clean(x.Args().First()))
	return nil
}

func (c *commands) pause(x *cli.Context) error {
	path, err := name(x)
	if err != nil {
		return err
	}
	body := map[string]string{}
	if d := x.Duration("for"); d != 0 {
		body["for"] = d.String()
	}
	return c.send(x, http.MethodPost, "/v1/budgets/"+path+"/pause", body)
}

func (c *commands) unpause(x *cli.Context) error {
	path, err := name(x)
	if err != nil {
		return err
	}
	return c.send(x, http.MethodPost, "/v1/budgets/"+path+"/unpause", nil)
}

// send asks, and prints the budgets that are answered.
func (c *commands) send(x *cli.Context, method, path string, in any) error {
	var got listed
	if err := c.client.JSON(x.Context, method, path, nil, in, &got); err != nil {
		return err
	}
	if x.Bool("json") {
		return web.PrintJSON(x.App.Writer, got)
	}
	if len(got.Budgets) == 0 {
		fmt.Fprintln(x.App.Writer, "Nothing to show. `analytics budgets set NAME --limit 1.00 --period day` "+
			"makes a budget.")
		return nil
	}
	t := tabwriter.NewWriter(x.App.Writer, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "BUDGET\tOF\tPERIOD\tLIMIT\tSPENT\tRESERVED\tLEFT\tACTION\tSTATE\tUNTIL")
	for _, b := range got.Budgets {
		end := b.To
		if b.State == Paused {
			end = b.Resumes
		}
		ends := "-"
		if !end.IsZero() {
			ends = end.UTC().Format(time.RFC3339)
		}
		of := cmp.Or(web.Clean(b.Of()), "all")
		if len(b.By) > 0 && len(b.Group) == 0 {
			of = "each " + strings.Join(b.By, " ")
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", web.Clean(b.Name), of, b.Period,
			b.Limit, b.Spent, b.Reserved, b.Left, b.Action, b.State, ends)
	}
	return t.Flush()
}
