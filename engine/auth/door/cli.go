package door

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"analytics/engine/arguments"
	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/engine/web"
)

// Commands is `analytics keys` and `analytics dashboard`.
func Commands(client *web.Client, now func() time.Time) []*cli.Command {
	c := &commands{client: client, now: now}
	asJSON := &cli.BoolFlag{Name: "json", Usage: "print JSON"}
	return []*cli.Command{
		{
			Name: "keys", Category: "access", Usage: "make, list, rotate and revoke API keys",
			Subcommands: []*cli.Command{
				{
					Name: "create", Usage: "make a key and print its secret, this once",
					ArgsUsage: "NAME",
					Description: "The secret stands alone on standard output.\n\n" +
						"Example: KEY=$(analytics keys create web-app --scope ingest --scope query)",
					Flags: []cli.Flag{
						&cli.StringSliceFlag{Name: "scope",
							Usage: "ingest, query, export, admin, backfill or public; may be repeated"},
						&cli.StringFlag{Name: "agent", Usage: "let it see the events of this agent only; with --scope query"},
						&cli.StringFlag{Name: "project", Usage: "let it see the events of this project only; with --scope query"},
						&cli.StringFlag{Name: "site", Usage: "let it see what happens on this site only; with --scope query"},
						&cli.StringFlag{Name: "expires", Usage: "90d, 12h or a date; never unless said"},
						asJSON,
					},
					Action: c.create,
				},
				{
					Name: "list", Usage: "list the keys, without their secrets",
					Description: "Example: analytics keys list --json",
					Flags:       []cli.Flag{asJSON}, Action: c.list,
				},
				{
					Name: "rotate", Usage: "give a key a new secret and print it", ArgsUsage: "ID",
					Description: "The old secret works until --overlap has passed.\n\n" +
						"Example: KEY=$(analytics keys rotate f3kQ81xZ --overlap 24h)",
					Flags: []cli.Flag{
						&cli.StringFlag{Name: "overlap", Value: "24h",
							Usage: "how long the old secret still works; 0s ends it at once"},
						asJSON,
					},
					Action: c.rotate,
				},
				{
					Name: "revoke", Usage: "end a key, at once and for good", ArgsUsage: "ID",
					Description: "Example: analytics keys revoke f3kQ81xZ",
					Flags:       []cli.Flag{asJSON}, Action: c.revoke,
				},
			},
		},
		{
			Name: "dashboard", Category: "access", Usage: "let people look: links, users with a password, shares",
			Subcommands: []*cli.Command{
				{
					Name: "link", Usage: "print a link that logs one browser in, once, within an hour",
					Description: "Example: analytics dashboard link",
					Flags:       []cli.Flag{asJSON}, Action: c.link,
				},
				c.usersVerb(asJSON), c.shareVerb(asJSON), c.sharesVerb(asJSON),
			},
		},
	}
}

// usersVerb is `analytics dashboard users`.
func (c *commands) usersVerb(asJSON cli.Flag) *cli.Command {
	return &cli.Command{
		Name: "users", Usage: "who logs in with a name and a password",
		Subcommands: []*cli.Command{
			{
				Name: "set", Usage: "make a user, or give one a new password", ArgsUsage: "NAME",
				Description: "The password is asked for on a terminal, and else read from standard input. A new one\n" +
					"ends the sessions of before.\n\n" +
					"Example: analytics dashboard users set anna@example.com --scope query --scope admin",
				Flags: []cli.Flag{
					&cli.StringSliceFlag{Name: "scope",
						Usage: "query, export or admin; may be repeated (query and export; of a user who is there: what he has)"},
					asJSON,
				},
				Action: c.setUser,
			},
			{
				Name: "list", Usage: "list the users", Flags: []cli.Flag{asJSON}, Action: c.listUsers,
				Description: "Example: analytics dashboard users list",
			},
			{
				Name: "remove", Usage: "end a user and his sessions", ArgsUsage: "NAME", Action: c.removeUser,
				Description: "Example: analytics dashboard users remove anna@example.com",
			},
		},
	}
}

// shareVerb is `analytics dashboard share`.
func (c *commands) shareVerb(asJSON cli.Flag) *cli.Command {
	return &cli.Command{
		Name: "share", Usage: "print a link by which anybody may look, and do nothing else, until it ends",
		ArgsUsage: "[PAGE]",
		Description: "PAGE is what stands behind the server's address when you look at it. The share shows that\n" +
			"page alone; --pages names others, or all. Without PAGE and --pages it shows all of the\n" +
			"dashboard. A filter in PAGE is what one sees first and can take away; the pages, --site,\n" +
			"--agent and --project are limits that the server keeps.\n\n" +
			"Example: analytics dashboard share '/?page=traffic&since=30d' --expires 14d --name board\n" +
			"         analytics dashboard share --pages traffic,content --site example.com",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "expires", Value: "7d", Usage: "how long it lasts, at most 365d"},
			&cli.StringFlag{Name: "name", Usage: "what it is for, to find it again"},
			&cli.StringSliceFlag{Name: "pages", Usage: "show these pages, such as traffic,content, or all (the one of PAGE)"},
			&cli.StringFlag{Name: "site", Usage: "show what happens on this site only"},
			&cli.StringFlag{Name: "agent", Usage: "show the events of this agent only"},
			&cli.StringFlag{Name: "project", Usage: "show the events of this project only"},
			asJSON,
		},
		Action: c.share,
	}
}

// sharesVerb is `analytics dashboard shares`.
func (c *commands) sharesVerb(asJSON cli.Flag) *cli.Command {
	return &cli.Command{
		Name: "shares", Usage: "list what is shared, and end it",
		Flags: []cli.Flag{asJSON}, Action: c.listShares,
		Description: "Example: analytics dashboard shares\n" +
			"         analytics dashboard shares end f3kQ81xZ",
		Subcommands: []*cli.Command{{
			Name: "end", Usage: "end a share and who came by it", ArgsUsage: "ID", Action: c.unshare,
			Description: "Example: analytics dashboard shares end f3kQ81xZ",
		}},
	}
}

// commands is what the verbs need.
type commands struct {
	client *web.Client
	now    func() time.Time
}

func (c *commands) create(x *cli.Context) error {
	name, err := arguments.One(x, "NAME", "")
	if err != nil {
		return err
	}
	if len(x.StringSlice("scope")) == 0 {
		return fault.At(fault.Invalid, "missing_scope", "scope", "say what the key may do: "+
			"--scope ingest, query, export, admin, backfill or public; several are possible")
	}
	body := map[string]any{"name": name, "scopes": x.StringSlice("scope")}
	bind(x, body)
	if text := x.String("expires"); text != "" {
		at, err := expiry(text, c.now())
		if err != nil {
			return err
		}
		body["expires"] = at
	}
	return c.printSecret(x, "/v1/keys", nil, body, "Key %s (%s) has the scopes %s. "+
		"This is its secret; it cannot be shown again:\n")
}

// bind puts what was said of a binding into a body; an empty name is refused there.
func bind(x *cli.Context, body map[string]any) {
	for _, flag := range []string{"agent", "project", "site"} {
		if x.IsSet(flag) {
			body[flag] = x.String(flag)
		}
	}
}

func (c *commands) rotate(x *cli.Context) error {
	id, err := arguments.One(x, "ID", "")
	if err != nil {
		return err
	}
	return c.printSecret(x, "/v1/keys/"+url.PathEscape(id)+"/rotate",
		url.Values{"overlap": {x.String("overlap")}}, nil,
		"Key %s (%s, %s) has a new secret; it cannot be shown again:\n")
}

// printSecret keeps what people read and what scripts read apart.
func (c *commands) printSecret(x *cli.Context, path string, query url.Values, body any,
	note string,
) error {
	var got issued
	err := c.client.JSON(x.Context, http.MethodPost, path, query, body, &got)
	if err != nil {
		return err
	}
	if x.Bool("json") {
		return web.PrintJSON(x.App.Writer, got)
	}
	fmt.Fprintf(x.App.ErrWriter, note, got.ID, got.Name, join(got.Scopes))
	fmt.Fprintln(x.App.Writer, got.Secret)
	return nil
}

func (c *commands) list(x *cli.Context) error {
	if err := arguments.None(x); err != nil {
		return err
	}
	var got struct {
		Keys []auth.Key `json:"keys"`
	}
	err := c.client.JSON(x.Context, http.MethodGet, "/v1/keys", nil, nil, &got)
	if err != nil || x.Bool("json") {
		return firstError(err, func() error { return web.PrintJSON(x.App.Writer, got) })
	}
	t := tabwriter.NewWriter(x.App.Writer, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tTYPE\tNAME\tSCOPES\tBOUND TO\tSTATE\tSECRETS\tCREATED\tEXPIRES\tLAST USED")
	for _, k := range got.Keys {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\t%s\n", k.ID, k.Type, k.Name,
			join(k.Scopes), cmp.Or(k.Bound.String(), "-"), k.State, k.Secrets, date(k.Created), date(k.Expires),
			minute(k.LastUsed))
	}
	return t.Flush()
}

func (c *commands) revoke(x *cli.Context) error {
	id, err := arguments.One(x, "ID", "")
	if err != nil {
		return err
	}
	var got auth.Key
	err = c.client.JSON(x.Context, http.MethodDelete, "/v1/keys/"+url.PathEscape(id), nil, nil, &got)
	if err != nil || x.Bool("json") {
		return firstError(err, func() error { return web.PrintJSON(x.App.Writer, got) })
	}
	fmt.Fprintf(x.App.Writer, "Key %s (%s) is revoked.\n", got.ID, got.Name)
	return nil
}

func (c *commands) link(x *cli.Context) error {
	if err := arguments.None(x); err != nil {
		return err
	}
	if !c.client.Running(x.Context) {
		return fault.New(fault.Unavailable, "not_running",
			"no server runs on this data folder, so there is no page to open; start `analytics serve`")
	}
	var got struct {
		URL     string `json:"url"`
		Expires int    `json:"expires_in_seconds"`
	}
	err := c.client.JSON(x.Context, http.MethodPost, "/v1/dashboard/links", nil, nil, &got)
	if err != nil || x.Bool("json") {
		return firstError(err, func() error { return web.PrintJSON(x.App.Writer, got) })
	}
	fmt.Fprintln(x.App.Writer, got.URL)
	return nil
}

func (c *commands) setUser(x *cli.Context) error {
	name, err := arguments.One(x, "NAME", "")
	if err != nil {
		return err
	}
	password, err := readPassword(os.Stdin, x.App.Reader, x.App.ErrWriter)
	if err != nil {
		return err
	}
	var got auth.User
	body := map[string]any{"password": password, "scopes": x.StringSlice("scope")}
	err = c.client.JSON(x.Context, http.MethodPut, "/v1/dashboard/users/"+url.PathEscape(name), nil, body, &got)
	if err != nil || x.Bool("json") {
		return firstError(err, func() error { return web.PrintJSON(x.App.Writer, got) })
	}
	fmt.Fprintf(x.App.Writer, "%s can log in, with the scopes %s.\n", got.Name, join(got.Scopes))
	return nil
}

func (c *commands) listUsers(x *cli.Context) error {
	if err := arguments.None(x); err != nil {
		return err
	}
	var got struct {
		Users []auth.User `json:"users"`
	}
	err := c.client.JSON(x.Context, http.MethodGet, "/v1/dashboard/users", nil, nil, &got)
	if err != nil || x.Bool("json") {
		return firstError(err, func() error { return web.PrintJSON(x.App.Writer, got) })
	}
	if len(got.Users) == 0 {
		fmt.Fprintln(x.App.Writer, "There are no users; `analytics dashboard users set NAME` makes one.")
		return nil
	}
	t := tabwriter.NewWriter(x.App.Writer, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "NAME\tSCOPES\tCREATED\tPASSWORD OF")
	for _, u := range got.Users {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", u.Name, join(u.Scopes), date(u.Created), date(u.Changed))
	}
	return t.Flush()
}

func (c *commands) removeUser(x *cli.Context) error {
	name, err := arguments.One(x, "NAME", "")
	if err != nil {
		return err
	}
	err = c.client.JSON(x.Context, http.MethodDelete, "/v1/dashboard/users/"+url.PathEscape(name), nil, nil, nil)
	if err != nil {
		return err
	}
	fmt.Fprintf(x.App.Writer, "%s is logged out and cannot log in any more.\n", name)
	return nil
}

func (c *commands) share(x *cli.Context) error {
	if x.NArg() > 1 {
		return fault.New(fault.Invalid, "bad_usage", "a share opens one page; put quotes around what holds an &")
	}
	if !c.client.Running(x.Context) {
		return fault.New(fault.Unavailable, "not_running",
			"no server runs on this data folder, so there is no page to share; start `analytics serve`")
	}
	var got shared
	body := map[string]any{"name": x.String("name"), "page": x.Args().First(), "expires": x.String("expires"),
		"pages": x.StringSlice("pages")}
	bind(x, body)
	err := c.client.JSON(x.Context, http.MethodPost, "/v1/dashboard/shares", nil, body, &got)
	if err != nil || x.Bool("json") {
		return firstError(err, func() error { return web.PrintJSON(x.App.Writer, got) })
	}
	fmt.Fprintf(x.App.ErrWriter, "Share %s shows %s to whoever has this link, until %s:\n",
		got.ID, shows(got.Share), minute(got.Expires))
	fmt.Fprintln(x.App.Writer, got.URL)
	return nil
}

func (c *commands) listShares(x *cli.Context) error {
	if err := arguments.None(x); err != nil {
		return err
	}
	var got struct {
		Shares []auth.Share `json:"shares"`
	}
	err := c.client.JSON(x.Context, http.MethodGet, "/v1/dashboard/shares", nil, nil, &got)
	if err != nil || x.Bool("json") {
		return firstError(err, func() error { return web.PrintJSON(x.App.Writer, got) })
	}
	if len(got.Shares) == 0 {
		fmt.Fprintln(x.App.Writer, "Nothing is shared; `analytics dashboard share` makes a link.")
		return nil
	}
	t := tabwriter.NewWriter(x.App.Writer, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tNAME\tPAGE\tSHOWS\tCREATED\tEXPIRES")
	for _, s := range got.Shares {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", s.ID, s.Name, s.Page, shows(s), minute(s.Created), minute(s.Expires))
	}
	return t.Flush()
}

func (c *commands) unshare(x *cli.Context) error {
	id, err := arguments.One(x, "ID", "")
	if err != nil {
		return err
	}
	err = c.client.JSON(x.Context, http.MethodDelete, "/v1/dashboard/shares/"+url.PathEscape(id), nil, nil, nil)
	if err != nil {
		return err
	}
	fmt.Fprintf(x.App.Writer, "Share %s has ended.\n", id)
	return nil
}
