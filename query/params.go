package query

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"analytics/engine/fault"
	"analytics/query/catalog"
	"analytics/query/filter"
	"analytics/query/when"
)

// Param is a parameter of a question: ?name=value in a URL, --name value in the shell.
type Param struct {
	Name  string
	Alias []string
	Help  string
	Bool  bool
	// Word is what help calls the value of a parameter that can be an operand.
	Word string
	// Required must be given.
	Required bool
	// Field makes the value a condition on that field: a name, several with commas between them, or
	// a pattern. What is required is a name and nothing else.
	Field string
}

// condition is the condition that a value of the parameter stands for.
func (k *Param) condition(value string) filter.Condition {
	c := filter.Condition{Name: k.Field, Op: filter.Equal, Values: []string{value}}
	switch {
	case k.Required:
	case strings.ContainsAny(value, "*?"):
		c.Op = filter.Glob
	case strings.Contains(value, ","):
		c.Op, c.Values = filter.In, split(value)
	}
	return c
}

// within are the parameters of time.
var within = []Param{
	{Name: "since", Help: "start: 1h, 24h, 7d, 30d, today, a date or a moment"},
	{Name: "until", Alias: []string{"to"}, Help: "end: the same words; now by default"},
	{Name: "from", Help: "start; the same as since"},
	{Name: "days", Help: "the last N whole days of the zone, today included"},
	{Name: "tz", Help: "time zone of days, such as Europe/Berlin"},
}

// common are the parameters that every question takes.
var common = append(within[:len(within):len(within)], []Param{
	{Name: "filter", Help: "conditions: provider==openai;status_code>=500;model=~gpt-4*"},
	{Name: "model", Help: "only models whose name contains this (exactly: --filter model==NAME)"},
	{Name: "include_bots", Help: "count what bots did, too", Bool: true},
	{Name: "raw", Help: "answer from events alone, not from cubes: slower, and the same", Bool: true},
}...)

// shaping are the parameters of questions that are answered with groups or buckets.
var shaping = []Param{
	{Name: "metrics", Word: "METRICS", Help: "numbers to show, such as cost,requests"},
	{Name: "by", Help: "dimensions to count by, such as model,provider"},
	{Name: "interval", Alias: []string{"group_by"}, Help: "hour, day, week or month"},
	{Name: "compare", Help: "previous or year: add the numbers of that range"},
	{Name: "order", Help: "column to order by; -cost for the largest first"},
	{Name: "limit", Help: "how many groups"},
	{Name: "share", Help: "add each row's share of the first metric's total", Bool: true},
	{Name: "other", Help: "add what the limit cuts off as one more row, (other)", Bool: true},
	{Name: "smooth", Help: "over time: add moving averages over N buckets"},
}

// lists are the parameters of lists of events.
var lists = []Param{
	{Name: "limit", Help: "how many events, newest first"},
	{Name: "fields", Help: "columns to show, or all"},
	{Name: "cursor", Help: "where to go on: meta.next of the page before"},
}

// ofType is the parameter of lists of more than one type of events.
var ofType = []Param{{Name: "type", Help: "only events of this type, such as page_view"}}

// hidden are accepted everywhere and documented elsewhere.
var hidden = []Param{{Name: "format"}}

// Params are the values given for the parameters of a question.
type Params struct {
	values url.Values
	// given is how the asker spelled the names of the parameters.
	given map[string]string
	// conditions are what parameters of single fields ask for.
	conditions filter.Conditions
	// Now is when the question is asked, Zone the days it means unless it says otherwise.
	Now  time.Time
	Zone *time.Location
	// streamed says that the rows of the answer are written as they are made.
	streamed bool
}

// readParams checks names: each must be known, and given once.
func readParams(
	values url.Values, known []Param, now time.Time, zone *time.Location,
) (Params, error) {
	p := Params{values: url.Values{}, given: map[string]string{}, Now: now, Zone: zone}
	var names []string
	for _, k := range known {
		names = append(append(names, k.Name), k.Alias...)
	}
	sorted := make([]string, 0, len(values))
	for name := range values {
		sorted = append(sorted, name)
	}
	slices.Sort(sorted) // so that of several faults the same one is told each time
	for _, given := range sorted {
		name := canonical(given, known)
		if name == "" {
			hint := ""
			if near := catalog.Nearest(given, names); len(near) > 0 {
				hint = "; did you mean " + catalog.Choices(near) + "?"
			}
			return p, fault.At(fault.Invalid, "unknown_parameter", clip(given),
				"there is no parameter %q here%s", clip(given), hint)
		}
		if len(values[given]) > 1 || p.values.Has(name) {
			return p, fault.At(fault.Invalid, "invalid_parameter", name, "%s is given twice", name)
		}
		p.values.Set(name, strings.TrimSpace(values[given][0]))
		p.given[name] = given
	}
	for _, k := range known {
		v := p.get(k.Name)
		if k.Required && v == "" {
			return p, fault.At(fault.Invalid, "missing_parameter", k.Name, "%s is missing: %s", k.Word, k.Help)
		}
		if k.Field != "" && v != "" {
			p.conditions = append(p.conditions, k.condition(v))
		}
	}
	return p, nil
}

// canonical is the parameter's own name; - and _ are the same.
func canonical(given string, known []Param) string {
	name := strings.ReplaceAll(given, "-", "_")
	for _, k := range known {
		if k.Name == name || slices.Contains(k.Alias, name) {
			return k.Name
		}
	}
	return ""
}

func (p Params) get(name string) string { return p.values.Get(name) }

// blame makes a fault name the parameter as the asker spelled it, and of a range what was given of it.
func (p Params) blame(err error) error {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return err
	}
	names := []string{f.Field}
	if f.Field == "from" {
		names = []string{"from", "since", "days", "until"}
	}
	for _, name := range names {
		if as := p.given[name]; as != "" && as != f.Field {
			told := *f
			told.Field = as
			return &told
		} else if as != "" {
			return err
		}
	}
	return err
}

// question makes a question of the parameters, with the defaults of the verb for what they leave
// out.
func (p Params) question(defaults Question, length string) (Question, error) {
	q := defaults
	r, err := when.Parse(when.Words{
		Since: p.get("since"), From: p.get("from"), Until: p.get("until"), Days: p.get("days"),
		TZ: p.get("tz"),
	}, p.Now, p.Zone, length)
	if err != nil {
		return q, p.blame(err)
	}
	q.From, q.To, q.TZ, q.Streamed = r.From, r.To, r.Zone.String(), p.streamed
	if q.Filter, err = p.filter(defaults.Filter); err != nil {
		return q, err
	}
	if v := p.get("metrics"); v != "" {
		q.Metrics = split(v)
	}
	if v := p.get("by"); v != "" {
		q.By = split(v)
	}
	if v := p.get("interval"); v != "" {
		q.Interval = strings.ToLower(v)
	}
	if v := p.get("compare"); v != "" {
		q.Compare = strings.ToLower(v)
	}
	if v := p.get("order"); v != "" {
		q.Order = v
	} else if q.Interval != "" && len(q.By) == 0 {
		q.Order = "" // a verb's own order is of groups; buckets of time have theirs
	}
	if err := q.comparable(); err != nil {
		return q, err
	}
	if q.Limit, err = p.whole("limit", defaults.Limit); err != nil {
		return q, err
	}
	if q.Share, err = p.truth("share", defaults.Share); err != nil {
		return q, err
	}
	// As a default it is for what it is possible for.
	if q.Other, err = p.truth("other", defaults.Other && len(q.By) == 1 && q.Limit > 0); err != nil {
		return q, err
	}
	if q.Smooth, err = p.whole("smooth", defaults.Smooth); err != nil {
		return q, err
	}
	if q.Raw, err = p.truth("raw", defaults.Raw); err != nil {
		return q, err
	}
	q.IncludeBots, err = p.truth("include_bots", defaults.IncludeBots)
	return q, err
}

// filter joins the verb's own filter, the given one and the shorthands.
func (p Params) filter(own string) (string, error) {
	all := own
	for _, part := range []string{
		p.conditions.String(), p.get("filter"), modelFilter(p.get("model")),
	} {
		if part == "" {
			continue
		}
		if _, err := filter.Parse(part); err != nil {
			return "", err
		}
		if all != "" {
			all += ";"
		}
		all += part
	}
	return all, nil
}

func modelFilter(model string) string {
	if model == "" {
		return ""
	}
	if !strings.ContainsAny(model, "*?") {
		model = "*" + model + "*"
	}
	return filter.Conditions{}.And("model", filter.Glob, model).String()
}

func (p Params) whole(name string, standard int) (int, error) {
	v := p.get(name)
	if v == "" {
		return standard, nil
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > 1_000_000 {
		return 0, fault.At(fault.Invalid, "invalid_parameter", name,
			"%s must be a whole number from 1 to 1000000, not %q", name, clip(v))
	}
	return n, nil
}

func (p Params) truth(name string, standard bool) (bool, error) {
	if !p.values.Has(name) {
		return standard, nil
	}
	switch strings.ToLower(p.get(name)) {
	case "true", "1", "yes", "": // ?include_bots alone means yes
		return true, nil
	case "false", "0", "no":
		return false, nil
	}
	return false, fault.At(fault.Invalid, "invalid_parameter", name,
		"%s must be true or false, not %q", name, clip(p.get(name)))
}

// split reads a list of names: commas between them, no name twice.
func split(list string) []string {
	var names []string
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.TrimSpace(name); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// clip keeps what is echoed to the asker short.
func clip(s string) string {
	if len(s) > 64 {
		return s[:64] + "…"
	}
	return s
}
