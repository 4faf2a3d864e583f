package outbox

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"analytics/engine/arguments"
	"analytics/engine/fault"
	"analytics/engine/plural"
	"analytics/engine/web"
)

// Commands is `analytics outbox`.
func Commands(client *web.Client) []*cli.Command {
	c := &commands{client}
	asJSON := &cli.BoolFlag{Name: "json", Usage: "print JSON"}
	return []*cli.Command{{
		Name: "outbox", Usage: "the messages to all channels: waiting, delivered, given up",
		Subcommands: []*cli.Command{
			{
				Name: "list", Usage: "list the messages, the newest first",
				Description: "A message that could not be delivered is tried again, after 1 s and then less and\n" +
					"less often, every 15 minutes at last, for 72 hours. Then it is dead, and stays for retry.\n" +
					"Example: analytics outbox list --state dead",
				Flags: []cli.Flag{
					&cli.StringFlag{Name: "state", Usage: "pending, delivered or dead"},
					&cli.StringFlag{Name: "channel", Usage: "messages to that channel"},
					&cli.IntFlag{Name: "limit", Usage: "how many", Value: 100},
					asJSON,
				},
				Action: c.list,
			},
			{
				Name: "show", Usage: "show a message and what became of it", ArgsUsage: "ID",
				Description: "Example: analytics outbox show 4f2a9c01b7de",
				Flags:       []cli.Flag{asJSON}, Action: c.show,
			},
			{
				Name: "retry", Usage: "send a message, or all that are not delivered, now", ArgsUsage: "[ID]",
				Description: "Opens a channel that was closed, too. Example: analytics outbox retry 4f2a9c01b7de",
				Flags:       []cli.Flag{asJSON}, Action: c.retry,
			},
			{
				Name: "drop", Usage: "forget a message that is not delivered", ArgsUsage: "ID",
				Description: "Example: analytics outbox drop 4f2a9c01b7de",
				Flags:       []cli.Flag{asJSON}, Action: c.drop,
			},
			{
				Name: "channels", Usage: "list the channels, what they are for and whether they are open",
				Description: "Example: analytics outbox channels",
				Flags:       []cli.Flag{asJSON}, Action: c.channels,
			},
		},
	}}
}

// TestCommand is the verb that tries a channel, for whoever has verbs about channels.
func TestCommand(client *web.Client) *cli.Command {
	return &cli.Command{
		Name: "test", Usage: "send a test message to a channel and wait for what comes of it", ArgsUsage: "CHANNEL",
		Description: "Example: analytics alerts test discord",
		Flags:       []cli.Flag{&cli.BoolFlag{Name: "json", Usage: "print JSON"}},
		Action:      (&commands{client}).test,
	}
}

// commands is what the verbs need.
type commands struct{ client *web.Client }

// listed is the answer of the list.
type listed struct {
	Status  Status  `json:"status"`
	Letters []Entry `json:"letters"`
	Total   int     `json:"total"`
}

func (c *commands) list(x *cli.Context) error {
	query := url.Values{"limit": {fmt.Sprint(x.Int("limit"))}}
	for _, name := range []string{"state", "channel"} {
		if v := x.String(name); v != "" {
			query.Set(name, v)
		}
	}
	var got listed
	if err := c.client.JSON(x.Context, http.MethodGet, "/v1/outbox", query, nil, &got); err != nil {
		return err
	}
	if x.Bool("json") {
		return web.PrintJSON(x.App.Writer, got)
	}
	sum(x.App.Writer, &got.Status)
	if len(got.Letters) == 0 {
		return nil
	}
	t := tabwriter.NewWriter(x.App.Writer, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tCHANNEL\tREPORT\tPERIOD\tSTATE\tATTEMPTS\tNEXT\tDELIVERED\tPROBLEM")
	for _, e := range got.Letters {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\t%s\n", e.ID, e.Channel, e.Report, e.Period, e.State,
			e.Attempts, second(e.Next), second(e.Delivered), dash(web.Clean(e.Problem)))
	}
	return t.Flush()
}

// sum says how many there are, and what stops them.
func sum(w io.Writer, s *Status) {
	fmt.Fprintf(w, "%d waiting, %d delivered, %d given up\n", s.Pending, s.Delivered, s.Dead)
	for _, c := range s.Channels {
		if c.Problem != "" {
			fmt.Fprintf(w, "%s is %s: %s\n", c.Name, c.State, web.Clean(c.Problem))
		}
	}
	if len(s.Channels) == 0 {
		fmt.Fprintln(w, "There is no channel; set report.discord, report.email or report.notify.")
	}
}

// one is the message that the verb names.
func one(x *cli.Context) (path string, err error) {
	id, err := arguments.One(x, "ID", "analytics outbox list")
	return "/v1/outbox/" + url.PathEscape(id), err
}

func (c *commands) show(x *cli.Context) error {
	path, err := one(x)
	if err != nil {
		return err
	}
	var got Opened
	if err := c.client.JSON(x.Context, http.MethodGet, path, nil, nil, &got); err != nil {
		return err
	}
	if x.Bool("json") {
		return web.PrintJSON(x.App.Writer, got)
	}
	say(x.App.Writer, &got.Entry)
	if got.Message == nil {
		return nil
	}
	return web.PrintJSON(x.App.Writer, got.Message)
}

// say tells how a message stands, a line each.
func say(w io.Writer, e *Entry) {
	fmt.Fprintf(w, "%s of %s to %s is %s, put in at %s, tried %s.\n", web.Clean(e.Report), web.Clean(e.Period),
		e.Channel, e.State, second(e.Created), plural.Of(e.Attempts, "time"))
	if !e.Next.IsZero() {
		fmt.Fprintf(w, "Next try at %s.\n", second(e.Next))
	}
	if !e.Delivered.IsZero() {
		fmt.Fprintf(w, "Delivered at %s, message %s.\n", second(e.Delivered), dash(web.Clean(e.MessageID)))
	}
	if e.Problem != "" {
		fmt.Fprintf(w, "Problem: %s\n", web.Clean(e.Problem))
	}
	if e.Do != "" {
		fmt.Fprintf(w, "What to do: %s\n", web.Clean(e.Do))
	}
}

func (c *commands) retry(x *cli.Context) error {
	if !x.Args().Present() {
		return c.retryAll(x)
	}
	path, err := one(x)
	if err != nil {
		return err
	}
	var got Entry
	if err := c.client.JSON(x.Context, http.MethodPost, path+"/retry", nil, nil, &got); err != nil {
		return err
	}
	if x.Bool("json") {
		return web.PrintJSON(x.App.Writer, got)
	}
	say(x.App.Writer, &got)
	return nil
}

func (c *commands) retryAll(x *cli.Context) error {
	var got struct {
		Retried int    `json:"retried"`
		Status  Status `json:"status"`
	}
	if err := c.client.JSON(x.Context, http.MethodPost, "/v1/outbox/retry", nil, nil, &got); err != nil {
		return err
	}
	if x.Bool("json") {
		return web.PrintJSON(x.App.Writer, got)
	}
	fmt.Fprintf(x.App.Writer, "%d tried again: ", got.Retried)
	sum(x.App.Writer, &got.Status)
	return nil
}

func (c *commands) drop(x *cli.Context) error {
	path, err := one(x)
	if err != nil {
		return err
	}
	var got Entry
	if err := c.client.JSON(x.Context, http.MethodDelete, path, nil, nil, &got); err != nil {
		return err
	}
	if x.Bool("json") {
		return web.PrintJSON(x.App.Writer, got)
	}
	fmt.Fprintf(x.App.Writer, "%s of %s to %s is dropped.\n", web.Clean(got.Report), web.Clean(got.Period), got.Channel)
	return nil
}

func (c *commands) channels(x *cli.Context) error {
	var got struct {
		Channels []Standing `json:"channels"`
	}
	if err := c.client.JSON(x.Context, http.MethodGet, "/v1/channels", nil, nil, &got); err != nil {
		return err
	}
	if x.Bool("json") {
		return web.PrintJSON(x.App.Writer, got)
	}
	if len(got.Channels) == 0 {
		fmt.Fprintln(x.App.Writer, "There is no channel; set report.discord, report.email or report.notify.")
		return nil
	}
	t := tabwriter.NewWriter(x.App.Writer, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "CHANNEL\tTYPE\tFOR\tSEVERITIES\tSTATE\tWAITING\tGIVEN UP\tPROBLEM")
	for _, s := range got.Channels {
		severities := "all"
		if len(s.Severities) > 0 {
			severities = strings.Join(s.Severities, ",")
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%d\t%d\t%s\n", s.Name, s.Kind, strings.Join(s.Topics, ","), severities, s.State,
			s.Pending, s.Dead, dash(web.Clean(s.Problem)))
	}
	return t.Flush()
}

func (c *commands) test(x *cli.Context) error {
	name, err := arguments.One(x, "CHANNEL", "analytics outbox channels")
	if err != nil {
		return err
	}
	var got Trial
	path := "/v1/channels/" + url.PathEscape(name) + "/test"
	if err := c.client.JSON(x.Context, http.MethodPost, path, nil, nil, &got); err != nil {
		return err
	}
	if x.Bool("json") {
		if err := web.PrintJSON(x.App.Writer, got); err != nil || got.Delivered {
			return err
		}
	}
	if got.Delivered {
		fmt.Fprintf(x.App.Writer, "%s (%s): delivered in %.0f ms\n", got.Channel, got.Kind, got.Milliseconds)
		return nil
	}
	text := web.Clean(got.Problem)
	if got.Do != "" {
		text += "; what to do: " + web.Clean(got.Do)
	}
	return fault.New(fault.Unavailable, "not_delivered", "%s (%s): not delivered after %.0f ms: %s", got.Channel,
		got.Kind, got.Milliseconds, text)
}

func second(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
