package lookout

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"analytics/alerts/anomaly"
	"analytics/alerts/rules"
	"analytics/engine/web"
)

// fewSeries is how many series are printed unless all are asked for.
const fewSeries = 30

// Command is `analytics alerts anomalies`.
func Command(client *web.Client) *cli.Command {
	return &cli.Command{
		Name: "anomalies", Usage: "show what is watched for anomalies, and how it stands",
		Description: "Example: analytics alerts anomalies --metric cost",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "metric", Usage: "of this metric, such as cost"},
			&cli.StringFlag{Name: "dimension", Usage: "by model, agent, api_key_id or site"},
			&cli.StringFlag{Name: "value", Usage: "of this model, agent, key or site"},
			&cli.StringFlag{Name: "state", Usage: "normal, high, low, settled, quiet or unknown"},
			&cli.BoolFlag{Name: "all", Usage: "as many as there are"},
			&cli.BoolFlag{Name: "json", Usage: "print JSON"},
		},
		Action: func(x *cli.Context) error { return run(x, client) },
	}
}

func run(x *cli.Context, client *web.Client) error {
	query := url.Values{}
	for _, name := range []string{"metric", "dimension", "value", "state"} {
		if x.IsSet(name) {
			query.Set(name, x.String(name))
		}
	}
	var got anomalies
	if err := client.JSON(x.Context, http.MethodGet, "/v1/alerts/anomalies", query, nil, &got); err != nil {
		return err
	}
	if x.Bool("json") {
		return web.PrintJSON(x.App.Writer, got)
	}
	return got.print(x.App.Writer, x.Bool("all"))
}

func (a *anomalies) print(out io.Writer, everything bool) error {
	if !a.Enabled {
		fmt.Fprintln(out, "Anomalies are not watched: alerts.anomalies.enabled is false.")
		return nil
	}
	shown := a.Series
	if !everything {
		shown = slices.DeleteFunc(slices.Clone(shown), func(s Standing) bool { return s.Days == 0 })
		shown = shown[:min(len(shown), fewSeries)]
	}
	var rows [][]string
	young, best := 0, 0
	for i := range shown {
		rows = append(rows, standingRow(&shown[i]))
	}
	for i := range a.Series {
		if !a.Series[i].Warm {
			young++
		}
		best = max(best, a.Series[i].Days)
	}
	head := []string{"METRIC", "OF", "STATE", "HOUR", "IS", "USUAL", "RANGE", "SO FAR", "BY", "DRIFT"}
	if err := rules.Table(out, head, rows); err != nil {
		return err
	}
	if left := len(a.Series) - len(shown); left > 0 {
		fmt.Fprintf(out, "… and %d more; --all shows them.\n", left)
	}
	if young > 0 {
		fmt.Fprintf(out, "%d of %d series are warming up: the hour of the week needs 21 days with data, and there are %d "+
			"at most. Meanwhile only what is far off is told.\n", young, len(a.Series), best)
	}
	for _, l := range a.Loops {
		fmt.Fprintf(out, "Loop: %s %s (%d points): %s\n", l.Dimension, web.Clean(l.Value), l.Points, web.Clean(signs(l)))
	}
	for _, k := range a.Checks {
		fmt.Fprintf(out, "Threshold: %s, %s\n", k.Level, web.Clean(k.Reason))
	}
	return nil
}

func standingRow(s *Standing) []string {
	of := "everything"
	if s.Dimension != "" {
		of = s.Dimension + " " + s.Value
	}
	state, running := string(s.State), ""
	if !s.Running.IsZero() {
		running = show(s.SoFar, s.Unit)
		if s.SoFarState == anomaly.High {
			state, running = "high", running+" (high)"
		}
	}
	usual, span := show(s.Expected, s.Unit), show(s.Low, s.Unit)+" to "+show(s.High, s.Unit)
	if s.Basis == anomaly.Nothing {
		usual, span = "", ""
	}
	drift := string(s.Drift)
	if s.Drift.Bad() {
		drift = fmt.Sprintf("%s, %.2g times", s.Drift, s.DriftFactor)
	}
	return []string{s.Metric, of, state, s.Hour.Format("Mon 15:04"), show(s.Is, s.Unit), usual, span, running,
		string(s.Basis), drift}
}

func signs(l Circling) string {
	all := make([]string, len(l.Signs))
	for i, s := range l.Signs {
		all[i] = s.Reason
	}
	return strings.Join(all, "; ")
}
