package sites

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"analytics/engine/arguments"
	"analytics/engine/web"
)

type commands struct{ client *web.Client }

// Commands is `analytics sites add|list|remove`.
func Commands(client *web.Client) []*cli.Command {
	c := &commands{client}
	asJSON := &cli.BoolFlag{Name: "json", Usage: "print the answer as JSON"}
	return []*cli.Command{{
		Name: "sites", Category: "access", Usage: "the web sites that browsers may send events for",
		Subcommands: []*cli.Command{
			{Name: "add", Usage: "register a site and print what its pages need", ArgsUsage: "DOMAIN",
				Description: "Example: analytics sites add --origin https://blog.example.com example.com",
				Flags: []cli.Flag{asJSON,
					&cli.StringSliceFlag{Name: "origin", Usage: "where its pages come from; may be repeated; " +
						"https://DOMAIN and https://www.DOMAIN unless given"},
					&cli.StringFlag{Name: "mode", Usage: "who counts its views: tracker or server",
						Value: string(Tracker)},
					&cli.StringFlag{Name: "website-id", Usage: "the id in pages that have Umami's script"}},
				Action: c.add},
			{Name: "list", Usage: "list the registered sites", Flags: []cli.Flag{asJSON},
				Description: "Example: analytics sites list", Action: c.list},
			{Name: "remove", Usage: "end a site; what it sent stays", ArgsUsage: "DOMAIN",
				Description: "Example: analytics sites remove example.com",
				Flags:       []cli.Flag{asJSON}, Action: c.remove},
		},
	}}
}

func (c *commands) add(x *cli.Context) error {
	domain, err := arguments.One(x, "DOMAIN, such as example.com", "")
	if err != nil {
		return err
	}
	n := New{Domain: domain, Origins: x.StringSlice("origin"), Mode: Mode(x.String("mode")),
		WebsiteID: x.String("website-id")}
	var s shown
	if err := c.client.JSON(x.Context, http.MethodPost, "/v1/sites", nil, n, &s); err != nil {
		return err
	}
	if x.Bool("json") {
		return web.PrintJSON(x.App.Writer, s)
	}
	fmt.Fprintf(x.App.ErrWriter, "%s is registered. Put this into the <head> of its pages:\n", s.Domain)
	fmt.Fprintln(x.App.Writer, s.Snippet)
	return nil
}

func (c *commands) list(x *cli.Context) error {
	if err := arguments.None(x); err != nil {
		return err
	}
	var l listed
	if err := c.client.JSON(x.Context, http.MethodGet, "/v1/sites", nil, nil, &l); err != nil {
		return err
	}
	if x.Bool("json") {
		return web.PrintJSON(x.App.Writer, l)
	}
	if len(l.Sites) == 0 {
		fmt.Fprintln(x.App.Writer, "No site is registered. `analytics sites add DOMAIN` registers one.")
		return nil
	}
	t := tabwriter.NewWriter(x.App.Writer, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "DOMAIN\tMODE\tKEY\tORIGINS\tWEBSITE ID")
	for _, s := range l.Sites {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", s.Domain, s.Mode, s.KeyID, strings.Join(s.Origins, " "), s.WebsiteID)
	}
	return t.Flush()
}

func (c *commands) remove(x *cli.Context) error {
	domain, err := arguments.One(x, "DOMAIN, such as example.com", "")
	if err != nil {
		return err
	}
	var s shown
	path := "/v1/sites/" + url.PathEscape(domain)
	if err := c.client.JSON(x.Context, http.MethodDelete, path, nil, nil, &s); err != nil {
		return err
	}
	if x.Bool("json") {
		return web.PrintJSON(x.App.Writer, s)
	}
	fmt.Fprintf(x.App.Writer, "%s is not registered any more; nothing is taken in for it from now on.\n", s.Domain)
	return nil
}
