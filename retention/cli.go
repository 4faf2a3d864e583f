package retention

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/urfave/cli/v2"

	"analytics/engine/arguments"
	"analytics/engine/web"
	"analytics/retention/backup"
	"analytics/retention/erase"
	"analytics/retention/export"
	"analytics/retention/export/orders"
	"analytics/retention/lake"
)

// Commands are the room's verbs.
func Commands(client *web.Client, local func() Local) []*cli.Command {
	return slices.Concat(export.Commands(client), orders.Commands(client), commands(client), archive(client),
		erase.Commands(client), backup.Commands(client, func() backup.Local { return local().backup() }))
}

// commands is `analytics retention plan|run`.
func commands(client *web.Client) []*cli.Command {
	shared := []cli.Flag{
		&cli.BoolFlag{Name: "all", Usage: "show every segment on a line of its own"},
		&cli.BoolFlag{Name: "json", Usage: "print the answer as JSON"},
	}
	accept := &cli.BoolFlag{Name: "accept-clock",
		Usage: "delete although the clock jumped, because it is right now"}
	dry := &cli.BoolFlag{Name: "dry-run", Usage: "say what would be done, and why"}
	return []*cli.Command{{
		Name: "retention", Usage: "let events, counts and reports go that are older than they are kept for",
		Category: "data",
		Description: "Raw events are kept for analytics.retention_days. What was counted of them stays longer: by hour\n" +
			"for retention.hourly_keep_days, then by day for retention.daily_keep_days. How many events there\n" +
			"were is kept for ever. Files of reports are kept for retention.reports_keep_days. A job lets go\n" +
			"what is over every night.\n\n" +
			"Example: analytics retention plan --all",
		Subcommands: []*cli.Command{
			{
				Name: "plan", Usage: "say what the next run would do, and why", Flags: shared,
				Description: "Example: analytics retention plan --all",
				Action: func(c *cli.Context) error {
					return ask(c, client, http.MethodGet, "/v1/retention/plan", nil)
				},
			},
			{
				Name: "run", Usage: "do now what the plan says",
				Flags:       append([]cli.Flag{dry, accept}, shared...),
				Description: "Example: analytics retention run --dry-run",
				Action: func(c *cli.Context) error {
					return ask(c, client, http.MethodPost, "/v1/retention/run", url.Values{
						"dry_run":      {strconv.FormatBool(c.Bool(dry.Name))},
						"accept_clock": {strconv.FormatBool(c.Bool(accept.Name))},
					})
				},
			},
		},
	}}
}

// ask asks for what the command and its flags say.
func ask(c *cli.Context, client *web.Client, method, path string, query url.Values) error {
	if err := arguments.None(c); err != nil {
		return err
	}
	return show(c.Context, c.App.Writer, client, method, path, query, c.Bool("json"), c.Bool("all"))
}

// show sends the request and prints the answer.
func show(ctx context.Context, w io.Writer, client *web.Client, method, path string,
	query url.Values, asJSON, all bool,
) error {
	if asJSON {
		resp, err := client.Do(ctx, method, path, query, "", nil)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		_, err = io.Copy(w, resp.Body)
		return err
	}
	var r reply
	if err := client.JSON(ctx, method, path, query, nil, &r); err != nil {
		return err
	}
	return r.print(w, all)
}

// archive is `analytics archive plan|run|verify|adopt`.
func archive(client *web.Client) []*cli.Command {
	asJSON := []cli.Flag{&cli.BoolFlag{Name: "json", Usage: "print the answer as JSON"}}
	verb := func(name, usage, method, path string) *cli.Command {
		return &cli.Command{Name: name, Usage: usage, Flags: asJSON, Description: "Example: analytics archive " + name,
			Action: func(c *cli.Context) error {
				var a archived
				if err := client.JSON(c.Context, method, path, nil, nil, &a); err != nil {
					return err
				}
				if c.Bool("json") {
					if err := web.PrintJSON(c.App.Writer, a); err != nil {
						return err
					}
				} else if err := a.print(c.App.Writer, name == "verify"); err != nil {
					return err
				}
				return a.fault()
			}}
	}
	return []*cli.Command{{
		Name: "archive", Usage: "sealed days as Parquet files, in a folder or a bucket", Category: "data",
		Subcommands: []*cli.Command{
			verb("plan", "say what is archived, and what waits", http.MethodGet, "/v1/archive/plan"),
			verb("run", "archive now what is due", http.MethodPost, "/v1/archive/run"),
			verb("verify", "read every archived file again", http.MethodPost, "/v1/archive/verify"),
			adoptCommand(client),
		},
	}}
}

// adoptCommand is `analytics archive adopt`.
func adoptCommand(client *web.Client) *cli.Command {
	return &cli.Command{
		Name: "adopt", Usage: "after a restore, take over what was archived since the backup",
		Description: "A restore does this by itself; the command is for when it could not, and for what is in doubt. Days\n" +
			"that were archived after the backup come back with all their events, and days whose files were\n" +
			"written anew are read from the new ones. Every file is held against its manifest first. What was\n" +
			"erased stays erased, and nothing that the store has is lost.\n\n" +
			"A day is refused if nothing proves that this store archived it, or if events are missing though\n" +
			"nothing was erased; --trust takes it all the same. Exit code 1: a day was not taken over.\n\n" +
			"Example: analytics archive adopt --dry-run",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "dry-run", Usage: "say what would be taken over, and why not"},
			&cli.BoolFlag{Name: "trust", Usage: "take over also what nothing proves to be right"},
			&cli.BoolFlag{Name: "json", Usage: "print the answer as JSON"},
		},
		Action: func(c *cli.Context) error { return askAdopt(c, client) },
	}
}

func askAdopt(c *cli.Context, client *web.Client) error {
	if err := arguments.None(c); err != nil {
		return err
	}
	q := url.Values{"progress": {"true"}, "dry_run": {strconv.FormatBool(c.Bool("dry-run"))},
		"trust": {strconv.FormatBool(c.Bool("trust"))}}
	resp, err := client.Do(c.Context, http.MethodPost, "/v1/archive/adopt", q, "", nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	done, err := web.Follow[lake.Adopted](c.App.ErrWriter, resp.Body)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		err = web.PrintJSON(c.App.Writer, done)
	} else {
		err = printAdopted(c.App.Writer, done)
	}
	if err != nil {
		return err
	}
	return failed(done)
}
