package rollup

import (
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"analytics/engine/arguments"
	"analytics/engine/event"
	"analytics/engine/plural"
	"analytics/engine/web"
	"analytics/rollup/bots/history"
)

// Commands are the room's verbs.
func Commands(client *web.Client) []*cli.Command {
	return append(history.Commands(client), commands(client)...)
}

// commands is `analytics rollup status|check|rebuild`.
func commands(client *web.Client) []*cli.Command {
	asJSON := &cli.BoolFlag{Name: "json", Usage: "print the answer as JSON"}
	scope := []cli.Flag{
		&cli.StringFlag{Name: "from", Usage: "from this time or date on; everything unless given"},
		&cli.StringFlag{Name: "to", Usage: "up to this time or date, without it"},
		&cli.StringSliceFlag{Name: "type", Usage: "only this type of event, such as ai_request"},
		asJSON,
	}
	dry := &cli.BoolFlag{Name: "dry-run", Usage: "compare only, and say what differs"}
	return []*cli.Command{{
		Name: "rollup", Category: "data",
		Usage: "look after the cubes that answer most questions",
		Subcommands: []*cli.Command{
			{
				Name: "status", Usage: "say how far the cubes are", Flags: []cli.Flag{asJSON},
				Description: "Example: analytics rollup status",
				Action:      func(c *cli.Context) error { return status(c, client) },
			},
			{
				Name: "check", Usage: "compare every hour of every cube with its events",
				Flags: scope, Description: "Example: analytics rollup check --from 2026-11-01",
				Action: func(c *cli.Context) error {
					r, err := eachDay(c, client, true)
					if err != nil {
						return err
					}
					if err := r.show(c); err != nil {
						return err
					}
					return r.Err()
				},
			},
			{
				Name: "rebuild", Usage: "make the cubes anew from events",
				Flags:       append([]cli.Flag{dry}, scope...),
				Description: "Example: analytics rollup rebuild --from 2026-11-01 --to 2026-11-08",
				Action: func(c *cli.Context) error {
					r, err := eachDay(c, client, c.Bool(dry.Name))
					if err != nil {
						return err
					}
					return r.show(c)
				},
			},
		},
	}}
}

func status(c *cli.Context, client *web.Client) error {
	if err := arguments.None(c); err != nil {
		return err
	}
	var s Status
	if err := client.JSON(c.Context, "GET", "/v1/rollup/status", nil, nil, &s); err != nil {
		return err
	}
	if c.Bool("json") {
		return web.PrintJSON(c.App.Writer, s)
	}
	fmt.Fprintf(c.App.Writer, "complete until %s (days in %s)\n",
		s.Watermark.Format(time.RFC3339), s.Zone)
	if !s.SessionsUntil.IsZero() {
		fmt.Fprintf(c.App.Writer, "sessions stored until %s\n", s.SessionsUntil.Format(time.RFC3339))
	}
	fmt.Fprintln(c.App.Writer)
	w := tabwriter.NewWriter(c.App.Writer, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "type\tsealed\tnot yet\tsegments\tdays\tstale\tfirst hour\tlast hour")
	for _, t := range s.Types {
		if t.Sealed+t.Head == 0 {
			continue
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%s\t%s\n", t.Type, t.Sealed, t.Head, t.Segments,
			t.Days, t.Stale, t.First.Format("2006-01-02 15:04"), t.Last.Format("2006-01-02 15:04"))
	}
	return w.Flush()
}

// eachDay asks for one day of one type at a time, so that progress can be shown and a stop loses
// little, and adds the reports.
func eachDay(c *cli.Context, client *web.Client, dry bool) (*Report, error) {
	if err := arguments.None(c); err != nil {
		return nil, err
	}
	scopes, err := plan(c, client)
	if err != nil {
		return nil, err
	}
	total := &Report{DryRun: dry, Differences: []Difference{}}
	bar := web.Bar(c.App.ErrWriter, len(scopes), "days")
	for _, s := range scopes {
		var r Report
		err := client.JSON(c.Context, "POST", "/v1/rollup/rebuild", s.values(dry), nil, &r)
		if err != nil {
			_ = bar.Exit()
			return nil, err
		}
		total.add(&r)
		_ = bar.Add(1)
	}
	return total, bar.Finish()
}

// plan lists the days of types that have events and are asked for.
func plan(c *cli.Context, client *web.Client) ([]Scope, error) {
	var s Status
	if err := client.JSON(c.Context, "GET", "/v1/rollup/status", nil, nil, &s); err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		return nil, err
	}
	m := Mill{Config: Config{Zone: zone}}
	low, high := event.Hour(0), latest
	if text := c.String("from"); text != "" {
		if low, err = m.hour("from", text, 0); err != nil {
			return nil, err
		}
	}
	if text := c.String("to"); text != "" {
		if high, err = m.hour("to", text, time.Hour-time.Microsecond); err != nil {
			return nil, err
		}
	}
	asked, err := kindsNamed(c.StringSlice("type"))
	if err != nil {
		return nil, err
	}
	var scopes []Scope
	for _, kind := range kindsOf(Scope{Kinds: asked}) {
		for _, t := range s.Types {
			if t.Type != kind.String() || t.First.IsZero() {
				continue
			}
			first, end := event.MicrosOf(t.First).Hour(), event.MicrosOf(t.Last).Hour()+1
			for h := max(first, low); h < min(end, high); h = (h/24 + 1) * 24 {
				scopes = append(scopes, Scope{Kinds: []event.Kind{kind}, From: h,
					To: min((h/24+1)*24, end, high)})
			}
		}
	}
	return scopes, nil
}

// add makes r the report of both.
func (r *Report) add(o *Report) {
	if r.From.IsZero() || o.From.Before(r.From) {
		r.From = o.From
	}
	if o.To.After(r.To) {
		r.To = o.To
	}
	r.Hours += o.Hours
	r.Cells += o.Cells
	r.Unproven += o.Unproven
	r.Older += o.Older
	r.Found += o.Found
	r.Segments += o.Segments
	r.Days += o.Days
	r.Differences = append(r.Differences, o.Differences...)
	r.Differences = r.Differences[:min(len(r.Differences), maxDifferences)]
}

// show prints the report for people, or as JSON.
func (r *Report) show(c *cli.Context) error {
	if c.Bool("json") {
		return web.PrintJSON(c.App.Writer, r)
	}
	w := c.App.Writer
	fmt.Fprintf(w, "%s compared, %s, %s\n", plural.Of(r.Hours, "hour"), plural.Of(r.Cells, "cell"),
		plural.Of(r.Found, "difference"))
	for _, d := range r.Differences {
		fmt.Fprintf(w, "  %s  %s  %s\n", d.Hour.Format("2006-01-02 15:04"), d.Cube, d.What)
	}
	if more := r.Found - len(r.Differences); more > 0 {
		fmt.Fprintf(w, "  and %d more\n", more)
	}
	if r.Unproven > 0 {
		fmt.Fprintf(w, "%s no events left to compare with\n", plural.Of(r.Unproven, "hour has", "hours have"))
	}
	if r.Older > 0 && r.DryRun {
		fmt.Fprintf(w, "%s made by older definitions; a running server makes them again, or `analytics rollup "+
			"rebuild` does\n", plural.Of(r.Older, "block was", "blocks were"))
	}
	if !r.DryRun {
		fmt.Fprintf(w, "%s rebuilt\n", plural.Of(r.Segments, "segment"))
	}
	return nil
}
