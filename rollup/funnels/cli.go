package funnels

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"analytics/engine/arguments"
	"analytics/engine/fault"
	"analytics/engine/web"
)

// Commands is `analytics funnels create|list|show|delete`.
func Commands(client *web.Client) []*cli.Command {
	c := &commands{client}
	asJSON := &cli.BoolFlag{Name: "json", Usage: "print JSON"}
	text := func(name, usage string) cli.Flag { return &cli.StringFlag{Name: name, Usage: usage} }
	return []*cli.Command{{
		Name: "funnels", Usage: "how many people go through steps in an order",
		Subcommands: []*cli.Command{
			{
				Name: "create", Usage: "define a funnel", ArgsUsage: "NAME",
				Description: "Example:\n  analytics funnels create signup --step 'page:/pricing*' " +
					"--step 'event:signup;plan==pro' --window 7d",
				Flags: []cli.Flag{
					&cli.GenericFlag{Name: "step", Value: new(texts),
						Usage: "page:PATH or event:NAME, with * and ?; once for each step, in order"},
					text("window", "how long after the first step the last one may come ("+DefaultWindow+")"),
					asJSON,
				},
				Action: c.create,
			},
			{
				Name: "list", Usage: "list the funnels", Description: "Example:\n  analytics funnels list",
				Flags: []cli.Flag{asJSON}, Action: c.list,
			},
			{
				Name: "show", Usage: "count a funnel", ArgsUsage: "NAME",
				Description: "Example:\n  analytics funnels show signup --since 30d --by channel",
				Flags: []cli.Flag{
					text("since", "first steps from then on: 24h, 7d, a date or a moment (30d)"),
					text("until", "and until then (now)"), text("days", "whole days up to now, instead of since"),
					text("by", "one of "+join(Dimensions())), text("limit", "how many values of it (20)"),
					text("per", "visitor or session (visitor)"), text("tz", "time zone of dates"),
					&cli.BoolFlag{Name: "include-bots", Usage: "count bots, too"}, asJSON,
					&cli.StringFlag{Name: "export", Usage: "write to FILE.csv or FILE.json", TakesFile: true},
				},
				Action: c.show,
			},
			{
				Name: "delete", Usage: "forget a funnel; events stay", ArgsUsage: "NAME",
				Description: "Example:\n  analytics funnels delete signup", Action: c.delete,
			},
		},
	}}
}

// texts is a flag that may be given several times. The library's own cuts values at commas.
type texts []string

// Set adds one.
func (t *texts) Set(v string) error {
	*t = append(*t, v)
	return nil
}

// String is what help shows.
func (t *texts) String() string { return strings.Join(*t, " ") }

type commands struct{ client *web.Client }

func pathOf(name string) string { return "/v1/funnels/" + url.PathEscape(name) }

func (c *commands) create(x *cli.Context) error {
	name, err := arguments.One(x, "NAME", "analytics funnels list")
	if err != nil {
		return err
	}
	f := Funnel{Name: name, Window: x.String("window"), Steps: []string{}}
	if steps, ok := x.Generic("step").(*texts); ok && steps != nil {
		f.Steps = *steps
	}
	if err := c.client.JSON(x.Context, http.MethodPost, "/v1/funnels", nil, f, &f); err != nil {
		return err
	}
	if x.Bool("json") {
		return web.PrintJSON(x.App.Writer, f)
	}
	_, err = fmt.Fprintf(x.App.Writer, "%s has %d steps; `analytics funnels show %s` counts them.\n",
		f.Name, len(f.Steps), f.Name)
	return err
}

func (c *commands) list(x *cli.Context) error {
	var got struct {
		Funnels []Funnel `json:"funnels"`
	}
	if err := c.client.JSON(x.Context, http.MethodGet, "/v1/funnels", nil, nil, &got); err != nil {
		return err
	}
	if x.Bool("json") {
		return web.PrintJSON(x.App.Writer, got)
	}
	if len(got.Funnels) == 0 {
		_, err := fmt.Fprintln(x.App.Writer, "No funnels. `analytics funnels create --help` says how to define one.")
		return err
	}
	t := tabwriter.NewWriter(x.App.Writer, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "name\twindow\tcreated\tsteps")
	for _, f := range got.Funnels {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", web.Clean(f.Name), web.Clean(f.Window),
			f.Created.Format(time.DateOnly), web.Clean(strings.Join(f.Steps, " → ")))
	}
	return t.Flush()
}

func (c *commands) delete(x *cli.Context) error {
	name, err := arguments.One(x, "NAME", "analytics funnels list")
	if err != nil {
		return err
	}
	if err := c.client.JSON(x.Context, http.MethodDelete, pathOf(name), nil, nil, nil); err != nil {
		return err
	}
	_, err = fmt.Fprintf(x.App.Writer, "%s is deleted.\n", web.Clean(name))
	return err
}

func (c *commands) show(x *cli.Context) error {
	name, err := arguments.One(x, "NAME", "analytics funnels list")
	if err != nil {
		return err
	}
	values := url.Values{}
	for _, flag := range []string{"since", "until", "days", "by", "limit", "per", "tz"} {
		if x.IsSet(flag) {
			values.Set(flag, x.String(flag))
		}
	}
	if x.Bool("include-bots") {
		values.Set("include_bots", "true")
	}
	file := x.String("export")
	format := strings.TrimPrefix(filepath.Ext(file), ".")
	if file != "" && format != "csv" && format != "json" {
		return fault.At(fault.Invalid, "unknown_format", "export",
			"the name of the file must end in .csv or .json, unlike %q", file)
	}
	values.Set("format", cmp.Or(format, "json"))
	resp, err := c.client.Do(x.Context, http.MethodGet, pathOf(name), values, "", nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if file != "" {
		n, err := web.Save(x.Context, "export", file, resp.Body)
		if err == nil {
			fmt.Fprintf(x.App.ErrWriter, "wrote %s (%d bytes)\n", file, n)
		}
		return err
	}
	if x.Bool("json") {
		_, err := io.Copy(x.App.Writer, resp.Body)
		return err
	}
	var t Table
	if err := json.NewDecoder(resp.Body).Decode(&t); err != nil {
		return fmt.Errorf("this is not the answer of a funnel: %w", err)
	}
	return t.print(x.App.Writer)
}

// print prints the table for people.
func (t *Table) print(w io.Writer) error {
	if entered, _ := t.Totals["entered"].(float64); entered == 0 {
		_, err := fmt.Fprintln(w, "Nobody took the first step in this range. Widen --since.")
		return err
	}
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i, c := range t.Columns {
		fmt.Fprint(out, strings.Repeat("\t", min(i, 1)), strings.ReplaceAll(c.Name, "_", " "))
	}
	fmt.Fprintln(out)
	for _, row := range t.Rows {
		for i, c := range t.Columns {
			fmt.Fprint(out, strings.Repeat("\t", min(i, 1)), shown(c, row[c.Name]))
		}
		fmt.Fprintln(out)
	}
	if err := out.Flush(); err != nil {
		return err
	}
	for _, note := range t.Meta.Notes {
		if _, err := fmt.Fprintln(w, "\nNote:", note); err != nil {
			return err
		}
	}
	return nil
}

func shown(c Column, cell any) string {
	v, isNumber := cell.(float64)
	switch {
	case cell == nil:
		return "-"
	case c.Unit == "ratio":
		return fmt.Sprintf("%.1f %%", 100*v)
	case c.Unit == "s":
		return time.Duration(v * float64(time.Second)).Round(time.Second / 10).String()
	case isNumber:
		return fmt.Sprintf("%.0f", v)
	}
	text, _ := cell.(string)
	return cmp.Or(web.Clean(text), "(none)")
}
