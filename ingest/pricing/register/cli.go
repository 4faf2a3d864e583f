package register

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"analytics/engine/arguments"
	"analytics/engine/fault"
	"analytics/engine/web"
)

// rateFlags are the prices that `set` takes, as the configuration names them.
var rateFlags = []string{"input", "output", "cache_read", "cache_write", "cache_write_1h",
	"reasoning", "audio_input", "audio_output", "image_input", "image_output"}

type commands struct{ client *web.Client }

// Commands is `analytics pricing show|set|unset|unpriced|check|reprice`.
func Commands(client *web.Client) []*cli.Command {
	c := &commands{client}
	asJSON := &cli.BoolFlag{Name: "json", Usage: "print the answer as JSON"}
	set := []cli.Flag{asJSON,
		&cli.StringFlag{Name: "web-search-per-1k", Usage: "USD for 1,000 web searches"},
		&cli.StringFlag{Name: "per-request", Usage: "USD for a request"}}
	for _, name := range rateFlags {
		flag, what := strings.ReplaceAll(name, "_", "-"), strings.ReplaceAll(name, "_", " ")
		set = append(set, &cli.StringFlag{Name: flag + "-per-1m", Usage: "USD for a million tokens of " + what},
			&cli.StringFlag{Name: flag + "-per-1k", Usage: "the same for a thousand"})
	}
	return []*cli.Command{{
		Name: "pricing", Category: "data", Usage: "what models cost, and what they did cost",
		Subcommands: []*cli.Command{
			{Name: "show", Usage: "list prices, per million tokens", ArgsUsage: "[MODEL]",
				Flags: []cli.Flag{asJSON,
					&cli.StringFlag{Name: "provider", Usage: "only prices of this provider"},
					&cli.IntFlag{Name: "limit", Usage: "how many entries", Value: 100}},
				Description: "Example: analytics pricing show gpt-5 --provider openai", Action: c.show},
			{Name: "set", Usage: "give a model a price, at once and before all others", ArgsUsage: "MODEL",
				Flags: set, Action: c.set,
				Description: "MODEL may have stars and a provider before a slash. Example:\n" +
					"  analytics pricing set 'azure/our-*' --input-per-1m 2.5 --output-per-1m 10"},
			{Name: "unset", Usage: "take back a price that was set", ArgsUsage: "MODEL",
				Flags: []cli.Flag{asJSON}, Action: c.unset,
				Description: "Example: analytics pricing unset 'azure/our-*'"},
			{Name: "unpriced", Usage: "list the models whose requests have no price",
				Flags:       []cli.Flag{asJSON, &cli.IntFlag{Name: "days", Usage: "how far back", Value: 30}},
				Description: "Example: analytics pricing unpriced --days 7", Action: c.unpriced},
			{Name: "check", Usage: "read a price file and compare it with the kept prices",
				ArgsUsage: "[FILE]", Flags: []cli.Flag{asJSON}, Action: c.check,
				Description: "Without FILE it is the one in use. Example:\n" +
					"  analytics pricing check model_prices_and_context_window.json"},
			{Name: "reprice", Usage: "price history again by today's prices", Flags: []cli.Flag{asJSON,
				&cli.StringFlag{Name: "from", Usage: "from this time or date on", Required: true},
				&cli.StringFlag{Name: "to", Usage: "up to this time or date, without it; now unless given"},
				&cli.StringFlag{Name: "model", Usage: "only this model, or pattern such as gpt-5*"},
				&cli.BoolFlag{Name: "dry-run", Usage: "say what would change, and change nothing"}},
				Description: "Cut short, it is finished by the same command. Example:\n" +
					"  analytics pricing reprice --from 2026-11-01 --dry-run", Action: c.reprice},
		},
	}}
}

func (c *commands) show(x *cli.Context) error {
	q := url.Values{"limit": {strconv.Itoa(x.Int("limit"))}}
	model, err := arguments.Optional(x)
	if err != nil {
		return err
	}
	for name, value := range map[string]string{"model": model, "provider": x.String("provider")} {
		if value != "" {
			q.Set(name, value)
		}
	}
	var s shown
	if err := c.client.JSON(x.Context, http.MethodGet, "/v1/pricing", q, nil, &s); err != nil {
		return err
	}
	if x.Bool("json") {
		return web.PrintJSON(x.App.Writer, s)
	}
	return s.print(x.App.Writer, model)
}

func (c *commands) set(x *cli.Context) error {
	model, err := arguments.One(x, "MODEL", "")
	if err != nil {
		return err
	}
	body := map[string]any{"model": model}
	for _, name := range x.LocalFlagNames() { // FlagNames has the program's own, too
		if name != "json" {
			body[strings.ReplaceAll(name, "-", "_")] = x.String(name)
		}
	}
	return c.edit(x, "set", body, "now costs:")
}

func (c *commands) unset(x *cli.Context) error {
	model, err := arguments.One(x, "MODEL", "")
	if err != nil {
		return err
	}
	return c.edit(x, "unset", map[string]any{"model": model}, "costs again:")
}

func (c *commands) edit(x *cli.Context, verb string, body map[string]any, says string) error {
	var s shown
	err := c.client.JSON(x.Context, http.MethodPost, "/v1/pricing/"+verb, nil, body, &s)
	if err != nil {
		return err
	}
	if x.Bool("json") {
		return web.PrintJSON(x.App.Writer, s.Match)
	}
	if s.Match == nil {
		fmt.Fprintf(x.App.Writer, "%v has no price of its own now.\n", body["model"])
		return nil
	}
	fmt.Fprintf(x.App.Writer, "%v %s\n", body["model"], says)
	s.Entries = append(s.Entries, *s.Match)
	s.Match = nil
	if err := s.table(x.App.Writer); err != nil {
		return err
	}
	fmt.Fprintln(x.App.Writer, "It counts for new requests; `analytics pricing reprice` corrects old ones.")
	return nil
}

func (c *commands) unpriced(x *cli.Context) error {
	if err := arguments.None(x); err != nil {
		return err
	}
	var got struct {
		Days   int       `json:"days"`
		Models []Missing `json:"models"`
	}
	q := url.Values{"days": {strconv.Itoa(x.Int("days"))}}
	if err := c.client.JSON(x.Context, http.MethodGet, "/v1/pricing/unpriced", q, nil, &got); err != nil {
		return err
	}
	if x.Bool("json") {
		return web.PrintJSON(x.App.Writer, got)
	}
	return printMissing(x.App.Writer, got.Days, got.Models)
}

func (c *commands) check(x *cli.Context) error {
	path, err := arguments.Optional(x)
	if err != nil {
		return err
	}
	var text []byte
	if path != "" {
		if text, err = os.ReadFile(path); err != nil {
			return fault.New(fault.Invalid, "invalid_price_file", "cannot read %s", path).Wrap(err)
		}
	}
	resp, err := c.client.Do(x.Context, http.MethodPost, "/v1/pricing/check", nil, "application/json",
		bytes.NewReader(text))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var got checked
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil {
		return err
	}
	if x.Bool("json") {
		return web.PrintJSON(x.App.Writer, got)
	}
	return got.print(x.App.Writer)
}

func (c *commands) reprice(x *cli.Context) error {
	if err := arguments.None(x); err != nil {
		return err
	}
	q := url.Values{"progress": {"true"}, "dry_run": {strconv.FormatBool(x.Bool("dry-run"))}}
	for _, name := range []string{"from", "to", "model"} {
		if x.IsSet(name) {
			q.Set(name, x.String(name))
		}
	}
	resp, err := c.client.Do(x.Context, http.MethodPost, "/v1/pricing/reprice", q, "", nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	report, err := web.Follow[Report](x.App.ErrWriter, resp.Body)
	if err != nil {
		return err
	}
	if x.Bool("json") {
		return web.PrintJSON(x.App.Writer, report)
	}
	return report.print(x.App.Writer)
}
