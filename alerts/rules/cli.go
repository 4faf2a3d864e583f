package rules

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"analytics/engine/arguments"
	"analytics/engine/fault"
	"analytics/engine/web"
)

// Verbs are those of `analytics alerts rules` but for the list, which shows other rules as well.
func Verbs(client *web.Client) []*cli.Command {
	c := &commands{client}
	asJSON := &cli.BoolFlag{Name: "json", Usage: "print JSON"}
	set := []cli.Flag{
		&cli.StringFlag{Name: "when", Usage: "what fires, such as 'error_rate > 5%' or 'cost >= 10'"},
		&cli.StringFlag{Name: "metric", Usage: "the metric, where --no-data alone fires"},
		&cli.StringFlag{Name: "filter", Usage: "of which events, such as 'provider==openai'"},
		&cli.StringSliceFlag{Name: "by", Usage: "an alert for each value of this dimension"},
		&cli.StringFlag{Name: "window", Usage: "over how long: 5m to 30d (5m)"},
		&cli.StringFlag{Name: "for", Usage: "how long it has to hold before it fires, such as 10m"},
		&cli.StringFlag{Name: "min", Usage: "smallest sample, such as 50 or 'requests >= 50'"},
		&cli.StringFlag{Name: "resolve", Usage: "threshold beyond which it is over, such as 3%"},
		&cli.StringFlag{Name: "no-data", Usage: "fires when no event came for so long, such as 30m"},
		&cli.StringFlag{Name: "severity", Usage: strings.Join(Severities, ", ") + " (medium)"},
		&cli.StringFlag{Name: "renotify", Usage: "tell it again after so long, such as 4h"},
		&cli.IntFlag{Name: "groups", Usage: "most alerts that are open at once", DefaultText: strconv.Itoa(stdGroups)},
		&cli.BoolFlag{Name: "include-bots", Usage: "count what bots do"},
		&cli.BoolFlag{Name: "disabled", Usage: "keep it without using it"},
		asJSON,
	}
	return []*cli.Command{
		{
			Name: "set", Usage: "keep a rule, new or changed", ArgsUsage: "NAME",
			Description: "Example: analytics alerts rules set failing --when 'error_rate > 5%' --by model " +
				"--window 15m --min 50 --for 10m --severity high",
			Flags: set, Action: c.setRule,
		},
		{
			Name: "test", Usage: "evaluate a rule now, and change nothing", ArgsUsage: "[NAME]",
			Description: "Example: analytics alerts rules test failing\n" +
				"   Example: analytics alerts rules test --when 'error_rate > 5%' --by model --window 1h",
			Flags: set, Action: c.tryRule,
		},
		{
			Name: "show", Usage: "show a rule", ArgsUsage: "NAME",
			Description: "Example: analytics alerts rules show failing", Flags: []cli.Flag{asJSON}, Action: c.showRule,
		},
		{
			Name: "enable", Usage: "use a rule again", ArgsUsage: "NAME",
			Description: "Example: analytics alerts rules enable failing", Action: c.turnRule(true),
		},
		{
			Name: "disable", Usage: "keep a rule without using it", ArgsUsage: "NAME",
			Description: "Example: analytics alerts rules disable failing", Action: c.turnRule(false),
		},
		{
			Name: "delete", Usage: "forget a rule; its alerts are resolved", ArgsUsage: "NAME",
			Description: "Example: analytics alerts rules delete failing", Action: c.deleteRule,
		},
	}
}

// commands is what the verbs need.
type commands struct{ client *web.Client }

// ruleName is the only argument of a verb about one rule.
func ruleName(x *cli.Context) (name, path string, err error) {
	name, err = arguments.One(x, "NAME", "analytics alerts rules")
	return name, "/v1/alerts/rules/" + url.PathEscape(name), err
}

// ruleOf makes a rule of the flags.
func ruleOf(x *cli.Context) (r Rule, err error) {
	r = Rule{Metric: x.String("metric"), Filter: x.String("filter"), Severity: x.String("severity"),
		Groups: x.Int("groups"), IncludeBots: x.Bool("include-bots")}
	for _, name := range x.StringSlice("by") {
		if name != "" {
			r.By = append(r.By, name)
		}
	}
	if x.Bool("disabled") {
		off := false
		r.Enabled = &off
	}
	bad := func(flag, form string) error {
		return fault.At(fault.Invalid, "invalid_flag", flag, "--%s is %s, not %.60q", flag, form, x.String(flag))
	}
	if text := x.String("when"); text != "" {
		metric, operator, value, ok := ParseCondition(text)
		if !ok {
			return r, bad("when", "METRIC OPERATOR NUMBER such as 'error_rate > 5%', the operator one of "+
				strings.Join(Operators, " "))
		}
		r.Metric, r.Operator, r.Threshold = metric, operator, &value
	}
	for flag, to := range map[string]*Span{
		"window": &r.Window, "for": &r.For, "no-data": &r.NoData, "renotify": &r.Renotify,
	} {
		if text := x.String(flag); text != "" {
			if *to, err = ParseSpan(text); err != nil {
				return r, bad(flag, "a length of time such as 5m, 1h30m or 7d")
			}
		}
	}
	if text := x.String("resolve"); text != "" {
		v, ok := ParseNumber(text)
		if !ok {
			return r, bad("resolve", "a number such as 3% or 100")
		}
		r.Resolve = &v
	}
	if text := x.String("min"); text != "" {
		var ok bool
		if r.Minimum, ok = ParseNumber(text); !ok {
			var operator string
			r.MinimumMetric, operator, r.Minimum, ok = ParseCondition(text)
			ok = ok && operator == ">="
		}
		if !ok {
			return r, bad("min", "a count such as 50, or 'requests >= 50'")
		}
	}
	return r, nil
}

func (c *commands) setRule(x *cli.Context) error {
	_, path, err := ruleName(x)
	if err != nil {
		return err
	}
	r, err := ruleOf(x)
	if err != nil {
		return err
	}
	return c.putRule(x, path, r)
}

func (c *commands) putRule(x *cli.Context, path string, r Rule) error {
	var got Standing
	if err := c.client.JSON(x.Context, http.MethodPut, path, nil, r, &got); err != nil {
		return err
	}
	return shown(x, got, printRule)
}

func (c *commands) showRule(x *cli.Context) error {
	_, path, err := ruleName(x)
	if err != nil {
		return err
	}
	var got Standing
	if err := c.client.JSON(x.Context, http.MethodGet, path, nil, nil, &got); err != nil {
		return err
	}
	return shown(x, got, printRule)
}

// turnRule switches a rule on or off.
func (c *commands) turnRule(on bool) cli.ActionFunc {
	return func(x *cli.Context) error {
		_, path, err := ruleName(x)
		if err != nil {
			return err
		}
		var got Standing
		if err := c.client.JSON(x.Context, http.MethodGet, path, nil, nil, &got); err != nil {
			return err
		}
		got.Enabled = &on
		return c.putRule(x, path, got.Rule)
	}
}

func (c *commands) deleteRule(x *cli.Context) error {
	name, path, err := ruleName(x)
	if err != nil {
		return err
	}
	if err := c.client.JSON(x.Context, http.MethodDelete, path, nil, nil, nil); err != nil {
		return err
	}
	fmt.Fprintf(x.App.Writer, "The rule %s is deleted.\n", web.Clean(name))
	return nil
}

// tryRule evaluates the rule that is named, or the one that the flags make.
func (c *commands) tryRule(x *cli.Context) error {
	r, err := ruleOf(x)
	if err != nil {
		return err
	}
	if r.Name = x.Args().First(); x.Args().Len() > 1 || r.Name == "" && r.Metric == "" {
		return fault.New(fault.Invalid, "missing_argument", "name one rule, or say what it is: "+
			"analytics alerts rules test NAME, or analytics alerts rules test --when 'error_rate > 5%%'")
	}
	var got Trial
	if err := c.client.JSON(x.Context, http.MethodPost, "/v1/alerts/rules/test", nil, r, &got); err != nil {
		return err
	}
	return shown(x, got, printTrial)
}

// shown prints an answer as JSON, or for people.
func shown[T any](x *cli.Context, v T, print func(io.Writer, T) error) error {
	if x.Bool("json") {
		return web.PrintJSON(x.App.Writer, v)
	}
	return print(x.App.Writer, v)
}
