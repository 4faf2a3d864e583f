package jobs

import (
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"analytics/engine/arguments"
	"analytics/engine/web"
)

// Commands are the verbs `jobs list` and `jobs run`.
func Commands(client *web.Client) []*cli.Command {
	asJSON := &cli.BoolFlag{Name: "json", Usage: "print JSON"}
	return []*cli.Command{{
		Name: "jobs", Usage: "what runs by itself, and how it went",
		Subcommands: []*cli.Command{
			{
				Name: "list", Usage: "list the jobs with their last runs", Flags: []cli.Flag{asJSON},
				Description: "Example: analytics jobs list",
				Action:      func(c *cli.Context) error { return list(c, client) },
			},
			{
				Name: "run", Usage: "run a job now and wait for it", ArgsUsage: "NAME",
				Description: "Example: analytics jobs run daily_cost_report",
				Flags:       []cli.Flag{asJSON},
				Action:      func(c *cli.Context) error { return runOne(c, client) },
			},
		},
	}}
}

func list(c *cli.Context, client *web.Client) error {
	var answer struct {
		Jobs []Status `json:"jobs"`
	}
	if err := client.JSON(c.Context, "GET", "/v1/jobs", nil, nil, &answer); err != nil {
		return err
	}
	if c.Bool("json") {
		return web.PrintJSON(c.App.Writer, answer)
	}
	w := tabwriter.NewWriter(c.App.Writer, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "JOB\tSCHEDULE\tSTATE\tLAST RUN\tTOOK\tPERIOD\tNEXT")
	for _, j := range answer.Jobs {
		last, took := "-", "-"
		if !j.Last.Started.IsZero() {
			last = j.Last.Started.Format("2006-01-02 15:04:05Z")
			if !j.Last.Finished.IsZero() {
				took = j.Last.Finished.Sub(j.Last.Started).Round(time.Millisecond).String()
			}
		}
		state := string(j.Last.State)
		if j.Running {
			state = string(Running)
		}
		if j.Last.Error != "" {
			state += " (" + j.Last.Error + ")"
		}
		period := j.Last.Period
		if period == "" {
			period = "-"
		}
		next := "at the start"
		if !j.Next.IsZero() {
			next = j.Next.Format("2006-01-02 15:04:05Z")
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", j.Name, j.Schedule, state, last, took, period, next)
	}
	return w.Flush()
}

func runOne(c *cli.Context, client *web.Client) error {
	name, err := arguments.One(c, "NAME", "analytics jobs list")
	if err != nil {
		return err
	}
	var answer struct {
		Job     string  `json:"job"`
		State   State   `json:"state"`
		Elapsed float64 `json:"elapsed_ms"`
	}
	if err := client.JSON(c.Context, "POST", "/v1/jobs/"+name+"/run", nil, nil, &answer); err != nil {
		return err
	}
	if c.Bool("json") {
		return web.PrintJSON(c.App.Writer, answer)
	}
	fmt.Fprintf(c.App.Writer, "%s: %s in %.0f ms\n", answer.Job, answer.State, answer.Elapsed)
	return nil
}
