package throttle

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"analytics/engine/arguments"
	"analytics/engine/fault"
	"analytics/engine/plural"
	"analytics/engine/web"
)

type commands struct{ client *web.Client }

// Commands is `analytics throttle list|show|reset`.
func Commands(client *web.Client) []*cli.Command {
	c := &commands{client}
	asJSON := &cli.BoolFlag{Name: "json", Usage: "print the answer as JSON"}
	whom := []cli.Flag{asJSON,
		&cli.StringFlag{Name: "ip", Usage: "the visitor's address, in place of FINGERPRINT"},
		&cli.StringFlag{Name: "user-agent", Usage: "and its user agent"}}
	return []*cli.Command{{
		Name: "throttle", Category: "data", Usage: "who asks too much, and is slowed down",
		Description: "Levels are kept by the running server and forgotten when it stops.\n\n" +
			"Example: analytics throttle list",
		Subcommands: []*cli.Command{
			{Name: "list", Usage: "list the visitors that are slowed down",
				Flags: []cli.Flag{asJSON,
					&cli.StringFlag{Name: "level", Usage: "only this one: warning, severe or blocked"},
					&cli.IntFlag{Name: "limit", Usage: "how many", Value: standardLimit}},
				Description: "Example: analytics throttle list --level blocked", Action: c.list},
			{Name: "show", Usage: "say how much a visitor is slowed down, and why",
				ArgsUsage: "[FINGERPRINT]", Flags: whom, Action: c.show,
				Description: "Example: analytics throttle show --ip 203.0.113.7 --user-agent curl/8.5.0"},
			{Name: "reset", Usage: "let a visitor in again", ArgsUsage: "[FINGERPRINT]",
				Flags:       append(whom, &cli.BoolFlag{Name: "all", Usage: "let everybody in again"}),
				Description: "Example: analytics throttle reset 9f86d081884c7d65", Action: c.reset},
		},
	}}
}

func (c *commands) list(x *cli.Context) error {
	if err := arguments.None(x); err != nil {
		return err
	}
	q := url.Values{"limit": {strconv.Itoa(x.Int("limit"))}}
	if level := x.String("level"); level != "" {
		q.Set("level", level)
	}
	var l listed
	if err := c.client.JSON(x.Context, http.MethodGet, "/v1/throttle", q, nil, &l); err != nil {
		return err
	}
	if x.Bool("json") {
		return web.PrintJSON(x.App.Writer, l)
	}
	return l.print(x.App.Writer)
}

func (l listed) print(out io.Writer) error {
	if !l.Enabled {
		fmt.Fprintln(out, "Throttling is switched off (throttle.enabled).")
		return nil
	}
	if l.Found == 0 {
		fmt.Fprintln(out, "Nobody is slowed down.")
		return nil
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "FINGERPRINT\tLEVEL\tRATE\tUNTIL\tREASONS")
	for _, v := range l.Throttled {
		var why []string
		for _, name := range v.Reasons {
			if n := v.Counts[name]; n > 0 {
				name += "=" + strconv.Itoa(n)
			}
			why = append(why, name)
		}
		fmt.Fprintf(t, "%s\t%s\t×%g\t%s\t%s\n", v.Fingerprint, v.Level, v.Multiplier,
			v.Until.Format(time.DateTime), strings.Join(why, ", "))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if more := l.Found - len(l.Throttled); more > 0 {
		fmt.Fprintf(out, "and %d more; see --limit\n", more)
	}
	return nil
}

func (c *commands) show(x *cli.Context) error {
	n, err := whom(x)
	if err != nil {
		return err
	}
	q := url.Values{}
	for name, value := range map[string]string{
		"fingerprint": n.Fingerprint, "ip": n.IP, "user_agent": n.UserAgent,
	} {
		if value != "" {
			q.Set(name, value)
		}
	}
	var d Decision
	if err := c.client.JSON(x.Context, http.MethodGet, "/v1/throttle/decision", q, nil, &d); err != nil {
		return err
	}
	if x.Bool("json") {
		return web.PrintJSON(x.App.Writer, d)
	}
	fmt.Fprintf(x.App.Writer, "%s: may ask at %g of the rate\n", d.Level, d.Multiplier)
	if len(d.Reasons) > 0 {
		fmt.Fprintf(x.App.Writer, "because of %s\n", strings.Join(d.Reasons, ", "))
	}
	if !d.Allowed {
		fmt.Fprintf(x.App.Writer, "let in again in %s if nothing happens\n",
			time.Duration(d.RetryAfter)*time.Second)
	}
	return nil
}

func (c *commands) reset(x *cli.Context) error {
	s := resetting{All: x.Bool("all")}
	if !s.All || x.NArg() > 0 || x.IsSet("ip") {
		var err error
		if s.visitorName, err = whom(x); err != nil {
			return err
		}
	}
	var done resetDone
	if err := c.client.JSON(x.Context, http.MethodPost, "/v1/throttle/reset", nil, s, &done); err != nil {
		return err
	}
	if x.Bool("json") {
		return web.PrintJSON(x.App.Writer, done)
	}
	if done.Reset == 0 {
		fmt.Fprintln(x.App.Writer, "Nobody was slowed down.")
		return nil
	}
	fmt.Fprintf(x.App.Writer, "%s let in again.\n", plural.Of(done.Reset, "visitor is", "visitors are"))
	return nil
}

// whom is the visitor that the command line names. Flags behind an argument would not be read.
func whom(x *cli.Context) (visitorName, error) {
	fingerprint, err := arguments.Optional(x)
	n := visitorName{fingerprint, x.String("ip"), x.String("user-agent")}
	if err != nil {
		return n, err
	}
	if n == (visitorName{}) {
		return n, fault.New(fault.Invalid, "bad_usage", "%s needs a FINGERPRINT, or --ip and --user-agent",
			x.Command.HelpName)
	}
	return n, nil
}
