package register

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"analytics/engine/plural"
	"analytics/ingest/pricing"
)

func newTable(w io.Writer, head string) *tabwriter.Writer {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, head)
	return t
}

// print says what the model is priced by, then what else there is of that name.
func (s *shown) print(w io.Writer, model string) error {
	switch {
	case s.Match != nil:
		fmt.Fprintf(w, "%s is priced by %s (%s)\n\n", model, s.Match.Key, s.Match.Version)
	case model != "" && s.Found == 0:
		fmt.Fprintf(w, "%s has no price. Give it one: analytics pricing set %s --input-per-1m … "+
			"--output-per-1m …\n", model, model)
		return nil
	case model != "":
		fmt.Fprintf(w, "%s itself has no price; these are of a similar name.\n\n", model)
	}
	if s.Match != nil && s.Found == 0 {
		s.Entries = append(s.Entries, *s.Match)
		s.Found = 1
	}
	if err := s.table(w); err != nil {
		return err
	}
	if more := s.Found - len(s.Entries); more > 0 {
		fmt.Fprintf(w, "and %d more; --limit shows them\n", more)
	}
	fmt.Fprintf(w, "\nUSD for a million tokens. Kept prices: %s of %s.\n", s.Table, s.Published)
	return nil
}

func (s *shown) table(w io.Writer) error {
	t := newTable(w, "price\ttier\tprompts\tin\tcached\twritten\t1h\tout\tother\tsource")
	for _, e := range s.Entries {
		for _, l := range e.Lines {
			prompts := "all"
			if l.Above > 0 {
				prompts = fmt.Sprintf("> %d", l.Above)
			}
			if l.From != "" {
				prompts += " from " + l.From
			}
			if l.Hours != "" {
				prompts += " " + l.Hours + " UTC"
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", e.Key, l.Tier, prompts,
				dash(l.Input), dash(l.CacheRead), dash(l.CacheWrite), dash(l.CacheWrite1h),
				dash(l.Output), others(&l), e.Source)
		}
	}
	return t.Flush()
}

func dash(n json.Number) string {
	if n == "" {
		return "-"
	}
	return n.String()
}

// others are the prices that few models have, where they say something new.
func others(l *pricing.Line) string {
	var list []string
	add := func(name string, n, like json.Number) {
		if n != "" && n != like {
			list = append(list, name+" "+n.String())
		}
	}
	add("reasoning", l.Reasoning, l.Output)
	add("audio in", l.AudioInput, l.Input)
	add("audio out", l.AudioOutput, l.Output)
	add("image in", l.ImageInput, l.Input)
	add("image out", l.ImageOutput, l.Output)
	add("1k searches", l.WebSearch, "0")
	add("request", l.PerRequest, "")
	if list == nil {
		return "-"
	}
	return strings.Join(list, ", ")
}

var reasons = map[string]string{
	"no_price": "no price", "no_usage": "no tokens reported", "reprice": "priced by now: reprice",
}

func printMissing(w io.Writer, days int, list []Missing) error {
	if len(list) == 0 {
		fmt.Fprintf(w, "All requests of the last %s have a price.\n", plural.Of(days, "day"))
		return nil
	}
	t := newTable(w, "model\tprovider\trequests\twith the client's figure\ttokens\twhy\tclosest price")
	for _, m := range list {
		closest := m.Closest
		if closest == "" {
			closest = "-"
		}
		fmt.Fprintf(t, "%s\t%s\t%d\t%d\t%d\t%s\t%s\n", clean(m.Model), clean(m.Provider), m.Requests,
			m.Client, m.Tokens, reasons[m.Reason], closest)
	}
	return t.Flush()
}

func (c *checked) print(w io.Writer) error {
	fmt.Fprintf(w, "%s: %s (%s), %s without prices of tokens\n", c.Format, plural.Of(c.Prices, "price"),
		c.Version, plural.Of(c.Other, "entry", "entries"))
	fmt.Fprintf(w, "%s new, %s another price than the kept one\n", plural.Of(c.Added, "model is", "models are"),
		plural.Of(c.Found, "has", "have"))
	if c.Found == 0 {
		return nil
	}
	t := newTable(w, "\nmodel\tkept as\tprice\tkept\tfile")
	for _, d := range c.Differing {
		for _, p := range d.Prices {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", clean(d.Key), d.Kept, p.Price, dash(p.Kept), dash(p.List))
		}
	}
	return t.Flush()
}

// print is the report for people.
func (r *Report) print(w io.Writer) error {
	what := "repriced"
	if r.DryRun {
		what = "would be repriced; nothing was changed"
	}
	fmt.Fprintf(w, "%s - %s: %s, %d %s\n", r.From.Format(time.RFC3339),
		r.To.Format(time.RFC3339), plural.Of(r.Requests, "request"), r.Changed, what)
	if r.Gone > 0 {
		fmt.Fprintf(w, "%s\n", plural.Of(r.Gone, "request has no event left and keeps its cost",
			"requests have no events left and keep their costs"))
	}
	if len(r.Models) == 0 {
		return nil
	}
	t := newTable(w, "\nmodel\tprovider\tchanged\tunpriced before\tbefore\tafter\tdifference\tprice")
	for _, m := range r.Models {
		key := m.Key
		if key == "" {
			key = "-"
		}
		fmt.Fprintf(t, "%s\t%s\t%d\t%d\t%s\t%s\t%s\t%s\n", clean(m.Model), clean(m.Provider),
			m.Requests, m.Unpriced, m.Before, m.After, m.Delta, clean(key))
	}
	fmt.Fprintf(t, "total\t\t%d\t\t%s\t%s\t%s\t\n", r.Changed, r.Before, r.After, r.Delta)
	return t.Flush()
}

// clean keeps what clients named from writing to the terminal.
func clean(text string) string {
	if text == "" {
		return "-"
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r >= 0x202a && r <= 0x202e ||
			r >= 0x2066 && r <= 0x2069 {
			return -1
		}
		return r
	}, text)
}
