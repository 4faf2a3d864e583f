package query

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"analytics/engine/fault"
	"analytics/engine/web"
	"analytics/query/answer"
	"analytics/query/show"
	"analytics/query/trail"
	"analytics/rollup/funnels"
)

// Commands are the verbs of this room, asked through the client.
func Commands(client *web.Client) []*cli.Command {
	var all []*cli.Command
	groups := map[string]*cli.Command{}
	for i := range verbs {
		v := &verbs[i]
		c := command(v, client)
		if v.Name == "" {
			all = append(all, c)
			continue
		}
		g := groups[v.Group]
		if g == nil {
			g = &cli.Command{Name: v.Group, Usage: "questions about " + v.Group}
			if v.Group == "funnels" {
				g = funnels.Commands(client)
			}
			groups[v.Group] = g
			all = append(all, g)
		}
		g.Subcommands = append(g.Subcommands, c)
		if v.Main {
			g.Action, g.Flags, g.ArgsUsage = c.Action, c.Flags, c.ArgsUsage
		}
	}
	return all
}

func command(v *Verb, client *web.Client) *cli.Command {
	c := &cli.Command{
		Name: v.Name, Usage: v.Help, Description: "Example:\n  " + v.Example,
		ArgsUsage: strings.Join(v.usage(), " "),
		Action:    func(c *cli.Context) error { return run(c, v, client) },
	}
	if c.Name == "" {
		c.Name = v.Group
	}
	c.BashComplete = func(ctx *cli.Context) {
		// The library gives the command no other way to the last word than this.
		if n := len(os.Args); n > 2 && v.complete(ctx.App.Writer, os.Args[n-2]) {
			return
		}
		cli.DefaultCompleteWithFlags(c)(ctx)
	}
	for _, p := range v.Params() {
		name := strings.ReplaceAll(p.Name, "_", "-")
		var aliases []string
		for _, a := range p.Alias {
			aliases = append(aliases, strings.ReplaceAll(a, "_", "-"))
		}
		help := p.Help
		if p.Name == "filter" { // ; and > mean something to a shell
			help = strings.Replace(help, ": ", " (in quotes): ", 1)
		}
		if p.Bool {
			c.Flags = append(c.Flags, &cli.BoolFlag{Name: name, Aliases: aliases, Usage: help})
		} else {
			c.Flags = append(c.Flags, &cli.StringFlag{Name: name, Aliases: aliases, Usage: help})
		}
	}
	if v.takesVacuous() && canonical("include_bots", v.Params()) == "" { // as over HTTP: it says nothing here
		c.Flags = append(c.Flags, &cli.BoolFlag{Name: "include-bots", Hidden: true})
	}
	c.Flags = append(c.Flags,
		&cli.BoolFlag{Name: "json", Usage: "print the answer as JSON"},
		&cli.BoolFlag{Name: "watch", Usage: "ask again every two seconds until Ctrl-C"},
		&cli.StringFlag{Name: "export", Usage: "write to FILE.csv, .json, .ndjson, .arrow or .parquet",
			TakesFile: true})
	return c
}

// run asks the server and shows what it says, again and again if it is to be watched.
func run(c *cli.Context, v *Verb, client *web.Client) error {
	values, err := valuesOf(c, v)
	if err != nil {
		return err
	}
	asJSON, path := c.Bool("json"), c.String("export")
	if path != "" && c.Bool("watch") {
		return fault.At(fault.Invalid, "invalid_combination", "export",
			"an answer is watched on the screen or written to a file; leave --watch or --export out")
	}
	if path == "" && !c.Bool("watch") {
		return answerOn(c.Context, c.App.Writer, client, v, values, asJSON)
	}
	ctx, stop := signal.NotifyContext(c.Context, os.Interrupt, syscall.SIGTERM)
	defer stop()
	if path != "" {
		return exportVerb(ctx, c.App.ErrWriter, client, v, values, path)
	}
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	height := func() int { return heightOf(c.App.Writer) }
	if asJSON || screenOf(c.App.Writer).Plain {
		height = nil
	}
	return watch(ctx, c.App.Writer, height, tick.C,
		func(w io.Writer) error { return answerOn(ctx, w, client, v, values, asJSON) })
}

func get(
	ctx context.Context, client *web.Client, v *Verb, values url.Values, format string,
) (*http.Response, error) {
	values.Set("format", format)
	return client.Do(ctx, http.MethodGet, v.Path(), values, "", nil)
}

// answerOn asks once and writes the answer.
func answerOn(
	ctx context.Context, w io.Writer, client *web.Client, v *Verb, values url.Values, asJSON bool,
) error {
	resp, err := get(ctx, client, v, values, "json")
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if asJSON {
		if _, err := io.Copy(w, resp.Body); err != nil {
			return err
		}
		_, err := fmt.Fprintln(w)
		return err
	}
	s := screenOf(w)
	switch {
	case len(v.Panels) > 0:
		return showPage(w, s, resp.Body, v, values)
	case v.Trail:
		return showTrail(w, s, resp.Body, v)
	}
	a, err := answer.Decode(resp.Body)
	if err != nil {
		return err
	}
	return s.Answer(w, titleOf(v, values), a, v.emptyWith(values))
}

// conditional reports whether less passes with the parameter than without it.
func (k *Param) conditional() bool {
	return k.Field != "" || slices.Contains([]string{"filter", "model", "type", "trend"}, k.Name)
}

// emptyWith says what to do when there is nothing, where conditions were given, too.
func (v *Verb) emptyWith(values url.Values) string {
	for _, p := range v.Params() {
		if p.conditional() && values.Has(p.Name) && p.Name != v.Operand {
			return v.Empty + "\nOr nothing passes the conditions given."
		}
	}
	return v.Empty
}

// valuesOf makes the parameters of a URL of the flags and the operand.
func valuesOf(c *cli.Context, v *Verb) (url.Values, error) {
	values := url.Values{}
	for _, p := range v.Params() {
		name := strings.ReplaceAll(p.Name, "_", "-")
		switch {
		case !c.IsSet(name):
		case p.Bool:
			values.Set(p.Name, fmt.Sprint(c.Bool(name)))
		default:
			values.Set(p.Name, c.String(name))
		}
	}
	for _, arg := range c.Args().Slice() {
		if v.Operand == "" || values.Has(v.Operand) {
			return nil, stray(arg)
		}
		values.Set(v.Operand, arg)
	}
	return values, nil
}

// titleOf repeats the question in few words.
func titleOf(v *Verb, values url.Values) string {
	title := strings.TrimSpace(v.Group + " " + v.Name)
	if id := values.Get(v.Operand); id != "" && v.Group != "query" {
		title += " " + id
	}
	by := values.Get("by")
	if by == "" && v.Group != "query" {
		by = strings.Join(v.Question.By, ",")
	}
	if by != "" {
		title += " by " + strings.ReplaceAll(by, ",", ", ")
	}
	if f := values.Get("filter"); f != "" {
		title += " where " + f
	}
	if m := values.Get("model"); m != "" {
		title += " of models like " + m
	}
	return show.Clean(title)
}

// PrintOverview writes the overview of a range, such as "30d", as the verb does.
func PrintOverview(ctx context.Context, w io.Writer, client *web.Client, since string) error {
	v := &verbsOfAll[0]
	values := url.Values{"since": {since}}
	resp, err := client.Do(ctx, http.MethodGet, v.Path(), values, "", nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return showPage(w, screenOf(w), resp.Body, v, values)
}

// showPage shows the answers of a page that say something, one below the other.
func showPage(w io.Writer, s *show.Screen, body io.Reader, v *Verb, values url.Values) error {
	var all map[string]*Answer
	if err := json.NewDecoder(body).Decode(&all); err != nil {
		return fmt.Errorf("this is not a page of answers: %w", err)
	}
	shown := 0
	s.Part = true
	for _, panel := range v.Panels {
		a := all[panel.Name]
		if a == nil || show.Empty(a) || panel.Trend && s.Plain {
			continue
		}
		if shown++; shown > 1 {
			_, _ = fmt.Fprintln(w)
		}
		draw := s.Answer
		if panel.Trend {
			draw = s.Trend
		}
		if err := draw(w, panel.Title, a, ""); err != nil {
			return err
		}
	}
	if shown == 0 {
		_, err := fmt.Fprintln(w, s.Wrap(v.emptyWith(values)))
		return err
	}
	return nil
}

// showTrail draws a trail: a waterfall, or who did what.
func showTrail(w io.Writer, s *show.Screen, body io.Reader, v *Verb) error {
	var t trail.Trail
	if err := json.NewDecoder(body).Decode(&t); err != nil {
		return fmt.Errorf("this is not a trail: %w", err)
	}
	draw := s.Waterfall
	if v.Group == "audit" {
		draw = s.Log
	}
	return draw(w, v.Group+" "+show.Clean(t.ID), &t)
}

// screenOf is a plain screen unless the output is a terminal that can do more.
func screenOf(w io.Writer) *show.Screen {
	fd := int(descriptor(w))
	if !term.IsTerminal(fd) || os.Getenv("TERM") == "dumb" {
		return show.NewScreen(true, 0)
	}
	width, _, err := term.GetSize(fd)
	if err != nil {
		width = 0
	}
	s := show.NewScreen(false, width)
	s.Bare = os.Getenv("NO_COLOR") != ""
	return s
}

// heightOf is how many lines a terminal has, 0 where that is not known.
func heightOf(w io.Writer) int {
	_, height, err := term.GetSize(int(descriptor(w)))
	if err != nil {
		return 0
	}
	return height
}
