package query

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/query/catalog"
	"analytics/query/filter"
)

// shorthand is a parameter that means something only where events have a field: others do not offer it.
type shorthand struct{ param, field string }

var (
	ofModels = shorthand{"model", "model"}
	ofBotted = shorthand{"include_bots", botClass}
)

// vacuous are parameters that say nothing where they are not offered, and are no fault there: no bots
// are among AI requests, whether they are left out or not. Programs send them with every question.
var vacuous = []Param{{Name: "include_bots", Bool: true}}

// takesVacuous reports whether the verb is one that is asked about all kinds of events.
func (v *Verb) takesVacuous() bool { return !v.Fixed && !v.Trail && v.Table == nil }

// unoffered are the shorthands that the questions of the table do not offer.
var unoffered = sync.OnceValue(func() map[string][]string {
	all, c := map[string][]string{}, catalog.New()
	for i := range verbs {
		v := &verbs[i]
		for _, s := range []shorthand{ofModels, ofBotted} {
			if !v.some(func(f *Form) bool { return s.fits(c, f) }) {
				all[v.Path()] = append(all[v.Path()], s.param)
			}
		}
	}
	return all
})

// filterExamples are examples of filters, of groups and verbs whose events do not have what AI requests have.
var filterExamples = map[string]string{
	"traffic": "country==DE;device==mobile;browser=~Fire*", "sessions": "source==Google;country==DE;device==mobile",
	"traffic links": "name==outbound_click;path=~/blog/*",
	"content":       "path=~/blog/*;site==example.com", "agents": "agent==writer;user_id!=ann",
	"tools": "agent==writer;user_id!=ann", "conversations": "agent==writer;model=~gpt-4*",
	"trace": "agent==writer;user_id!=ann", "audit": "actor==ann;action=~login*",
}

// offered are the parameters without the shorthands for what nothing has that the verb is about, and with an
// example of what it can be filtered by.
func (v *Verb) offered(params []Param) []Param {
	less := unoffered()[v.Path()]
	params = slices.DeleteFunc(params, func(p Param) bool { return slices.Contains(less, p.Name) })
	for i := range params {
		example := cmp.Or(filterExamples[v.Group+" "+v.Name], filterExamples[v.Group])
		if params[i].Name == "filter" && example != "" {
			params[i].Help = "conditions: " + example
		}
	}
	return params
}

// some reports whether f holds for one of the answers of the verb.
func (v *Verb) some(f func(*Form) bool) bool {
	if len(v.Panels) == 0 {
		return f(&v.Form)
	}
	return slices.ContainsFunc(v.Panels, func(p Panel) bool { return f(&p.Form) })
}

// fits reports whether what the form asks by itself can be asked with a condition on the field.
func (s shorthand) fits(c *catalog.Catalog, f *Form) bool {
	field, err := c.Filterable(s.field)
	switch {
	case err != nil || f.Table != nil:
		return false
	case f.List:
		kinds := f.Kinds
		if len(kinds) == 0 {
			kinds = event.Sent()
		}
		return slices.ContainsFunc(kinds, field.Has)
	case len(f.Question.Metrics) == 0:
		return true
	}
	own, err := filter.Parse(f.Question.Filter)
	if err == nil {
		_, err = c.Choose(f.Question.Metrics, f.Question.By, own.And(s.field, filter.NotEqual, "?"))
	}
	return err == nil
}

// forPanels are the parameters for the answers of a page: each is for those that it can be for.
func (v *Verb) forPanels() (params []Param) {
	for _, p := range shaping {
		if v.some(func(f *Form) bool { return f.shaped(p.Name) }) {
			params = append(params, p)
		}
	}
	return params
}

// shaped reports whether a parameter of the shape of answers is for this answer of a page: an interval
// for what is over time, a limit for what has one, and a comparison for every question.
func (f *Form) shaped(param string) bool {
	switch param {
	case "interval":
		return f.Trend
	case "limit":
		return f.List || f.Question.Limit > 0
	case "compare":
		return !f.List && f.Table == nil
	}
	return false
}

// of are the parameters as they are for one answer of a page. Where it is the only one that is asked for,
// all are to be for it.
func (p Params) of(f *Form) (Params, error) {
	mine := p
	mine.values = map[string][]string{}
	for name, values := range p.values {
		shape := slices.ContainsFunc(shaping, func(s Param) bool { return s.Name == name })
		switch {
		case !shape || f.shaped(name):
			mine.values[name] = values
		case p.get("panel") != "":
			return p, fault.At(fault.Invalid, "unknown_parameter", name, "the panel %s takes no %s", p.get("panel"), name)
		}
	}
	return mine, nil
}

// without says of a parameter that other questions take that this one does not, and which of its group do.
// What no question takes is a slip, and stays the fault it is.
func (v *Verb) without(f *fault.Error) error {
	takes := func(w *Verb) bool { return canonical(f.Field, w.Params()) != "" }
	if !slices.ContainsFunc(verbs, func(w Verb) bool { return takes(&w) }) {
		return f
	}
	who, why := strings.TrimSpace(v.Group+" "+v.Name), ""
	if isTime := func(p Param) bool { return canonical(f.Field, []Param{p}) != "" }; v.Fixed &&
		slices.ContainsFunc(within, isTime) {
		return fault.At(fault.Invalid, f.Code, f.Field, "%s is always of the same time and takes no %s", who, f.Field)
	}
	var others []string
	for i := range verbs {
		if w := &verbs[i]; w.Group == v.Group && takes(w) {
			others = append(others, w.Name)
		}
	}
	switch n := len(others); n {
	case 0:
	case 1:
		why = "; " + v.Group + " " + others[0] + " does"
	default:
		why = "; " + v.Group + " " + strings.Join(others[:n-1], ", ") + " and " + others[n-1] + " do"
	}
	return fault.At(fault.Invalid, f.Code, f.Field, "%s takes no %s%s", who, f.Field, why)
}
