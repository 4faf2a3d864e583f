package funnels

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/urfave/cli/v2"

	"analytics/engine/arguments"
	"analytics/engine/web"
)

// Commands is `analytics funnels create|delete`. `list` and `show` are with the questions.
func Commands(client *web.Client) *cli.Command {
	c := &commands{client}
	asJSON := &cli.BoolFlag{Name: "json", Usage: "print JSON"}
	text := func(name, usage string) cli.Flag { return &cli.StringFlag{Name: name, Usage: usage} }
	return &cli.Command{
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
				Name: "delete", Usage: "forget a funnel; events stay", ArgsUsage: "NAME",
				Description: "Example:\n  analytics funnels delete signup", Action: c.delete,
			},
		},
	}
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
