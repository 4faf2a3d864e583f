package orders

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"analytics/engine/arguments"
	"analytics/engine/fault"
	"analytics/engine/web"
)

// Commands is `analytics exports`.
func Commands(client *web.Client) []*cli.Command {
	asJSON := &cli.BoolFlag{Name: "json", Usage: "print the answer as JSON"}
	return []*cli.Command{{
		Name: "exports", Usage: "order exports that the server makes, and fetch them", Category: "data",
		Subcommands: []*cli.Command{
			{
				Name: "create", Usage: "order an export",
				Description: "Example: analytics exports create --export-type parquet --start-date 2026-11-01",
				Flags: []cli.Flag{asJSON,
					&cli.StringFlag{Name: "export-type", Usage: "csv, json, ndjson or parquet"},
					&cli.StringFlag{Name: "format", Usage: "full, or a type of events"},
					&cli.StringFlag{Name: "start-date", Usage: "the first day, or a moment"},
					&cli.StringFlag{Name: "end-date", Usage: "the last day, or a moment"},
				},
				Action: func(c *cli.Context) error { return create(c, client) },
			},
			{
				Name: "list", Usage: "list what was ordered, and how far it is", Flags: []cli.Flag{asJSON},
				Description: "Example: analytics exports list",
				Action:      func(c *cli.Context) error { return list(c, client) },
			},
			{
				Name: "download", Usage: "fetch a completed export", ArgsUsage: "ID",
				Description: "Example: analytics exports download --output requests.csv ID",
				Flags: []cli.Flag{&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Value: "-",
					Usage: "the file to write, - for standard output"}},
				Action: func(c *cli.Context) error { return fetch(c, client) },
			},
			{
				Name: "delete", Usage: "delete an export", ArgsUsage: "ID",
				Description: "Example: analytics exports delete ID",
				Action: func(c *cli.Context) error {
					id, err := oneID(c)
					if err != nil {
						return err
					}
					return client.JSON(c.Context, http.MethodDelete, path+"/"+id, nil, nil, nil)
				},
			},
		},
	}}
}

// oneID is the command's argument.
func oneID(c *cli.Context) (string, error) {
	id, err := arguments.One(c, "ID", "analytics exports list")
	if err == nil && !isID(id) {
		err = fault.At(fault.NotFound, "unknown_export", "id", "%.40q is no export's id; `analytics exports list` "+
			"shows them", id)
	}
	return id, err
}

func create(c *cli.Context, client *web.Client) error {
	query := url.Values{}
	for flag, name := range map[string]string{"export-type": "export_type", "format": "format",
		"start-date": "start_date", "end-date": "end_date"} {
		if c.IsSet(flag) {
			query.Set(name, c.String(flag))
		}
	}
	var b body
	if err := client.JSON(c.Context, http.MethodPost, path, query, nil, &b); err != nil {
		return err
	}
	if c.Bool("json") {
		return web.PrintJSON(c.App.Writer, b)
	}
	note := ""
	if !client.Running(c.Context) {
		note = "; it is made when the server runs"
	}
	_, err := fmt.Fprintf(c.App.Writer, "%s %s%s\n", b.ID, b.State, note)
	return err
}

func list(c *cli.Context, client *web.Client) error {
	var all struct {
		Exports []body `json:"exports"`
	}
	if err := client.JSON(c.Context, http.MethodGet, path, nil, nil, &all); err != nil {
		return err
	}
	if c.Bool("json") {
		return web.PrintJSON(c.App.Writer, all)
	}
	if len(all.Exports) == 0 {
		_, err := fmt.Fprintln(c.App.Writer,
			"There are no exports; `analytics exports create` orders one.")
		return err
	}
	w := tabwriter.NewWriter(c.App.Writer, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "EXPORT\tSTATUS\tDONE\tEVENTS\tBYTES\tWHAT\tEXPIRES")
	for _, b := range all.Exports {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%.0f %%\t%d\t%d\t%s as %s\t%s\n", b.ID, b.State, b.Progress*100,
			b.Total, b.Bytes, b.Type, b.ExportType, b.Expires)
	}
	return w.Flush()
}

// fetch writes a file beside its target and renames it, or writes to standard output.
func fetch(c *cli.Context, client *web.Client) (err error) {
	id, err := oneID(c)
	if err != nil {
		return err
	}
	resp, err := client.Do(c.Context, http.MethodGet, path+"/"+id+"/download", nil, "", nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if c.String("output") == "-" {
		_, err = io.Copy(c.App.Writer, resp.Body)
		return err
	}
	_, err = web.Save(c.Context, "output", c.String("output"), resp.Body)
	return err
}
