package dashboard

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/engine/web"
	"analytics/query/catalog"
	"analytics/query/filter"
	"analytics/query/listing"
)

// A share can be limited to pages, and to the events of an agent, project or site. The second is kept by
// the questions themselves (query.Narrow). The first is kept here: who has such a share may ask what the
// panels of those pages ask, word for word, but for the time and for conditions on what they show. So a
// page of visits tells no cost, neither as a metric nor by trying filters.

// seen are the pages that somebody sees, without the panels that he may not.
func seen(who auth.Identity) []Page {
	if !who.Limited() {
		return menu()
	}
	all := []Page{}
	for _, p := range menu() {
		if len(who.Pages) > 0 && !slices.Contains(who.Pages, p.ID) {
			continue
		}
		hidden := func(one Panel) bool { return !one.shows(p.Area, who.Bound) }
		p.Panels = slices.DeleteFunc(slices.Clone(p.Panels), hidden)
		if len(p.Panels) > 0 {
			all = append(all, p)
		}
	}
	return all
}

// shows reports whether a share with the binding shows the panel on a page of that area.
func (p Panel) shows(area Area, bound auth.Binding) bool {
	if p.Admin {
		return false
	}
	if bound.Free() {
		return true
	}
	if p.area != "" {
		area = p.area
	}
	v := p.verb()
	switch {
	case v == nil:
		return false
	case bound.Site != "":
		return area == Web && v.Narrows()
	}
	return area == AI && v.Narrows()
}

// names are the pages that a share may be limited to: those with something for who may only look.
func names() (all []string) {
	for _, p := range pages {
		if slices.ContainsFunc(p.Panels, func(one Panel) bool { return !one.Admin }) {
			all = append(all, p.ID)
		}
	}
	return all
}

// admit is nil if a panel of one of the pages asks what r asks.
func admit(r *http.Request, ids []string) error {
	values, err := url.ParseQuery(strings.ReplaceAll(r.URL.RawQuery, ";", "%3B"))
	if err != nil || r.Method != http.MethodGet {
		return notShared(ids)
	}
	if r.URL.Path == fitPath && slices.Contains(ids, values.Get("page")) {
		return nil
	}
	for _, p := range menu() {
		if !slices.Contains(ids, p.ID) {
			continue
		}
		for _, one := range p.Panels {
			if !one.Admin && one.asks(&p, r.URL.Path, values) {
				return nil
			}
		}
	}
	return notShared(ids)
}

func notShared(ids []string) error {
	return fault.New(fault.Forbidden, "not_shared", "this share shows the pages %s, and answers what they ask",
		strings.Join(ids, ", "))
}

// asks reports whether the panel of a page asks that.
func (p Panel) asks(on *Page, path string, values url.Values) bool {
	switch {
	case p.As == "trail":
		id, ok := strings.CutPrefix(path, "/v1/trace/")
		return ok && id != "" && !slices.Contains([]string{"list", "show"}, id) && len(values) == 0
	case p.Path == funnelsPath && strings.HasPrefix(path, funnelsPath+"/"):
	case p.Path != path:
		return false
	}
	for name, given := range values {
		fixed, isFixed := p.Params[name]
		switch {
		case len(given) != 1:
			return false
		case name == "metrics" && p.has(given[0]), name == "order" && p.has(strings.TrimPrefix(given[0], "-")):
		case isFixed && given[0] != fixed:
			return false
		case isFixed || slices.Contains(p.Takes, name):
		default:
			return false
		}
	}
	for name := range p.Params {
		if path == p.Path && !values.Has(name) {
			return false
		}
	}
	return !slices.Contains(p.Takes, "filter") || p.filters(on, values.Get("filter"))
}

// has reports whether all metrics are of the panel, which is asked for some where a filter fits no others.
func (p Panel) has(metrics string) bool {
	own := p.metrics()
	return !slices.ContainsFunc(strings.Split(metrics, ","), func(m string) bool { return !slices.Contains(own, m) })
}

// filters reports whether the panel may be asked with a filter: it has the panel's own conditions, and
// others only on what the page shows.
func (p Panel) filters(on *Page, text string) bool {
	given, err := filter.Parse(text)
	if err != nil {
		return false
	}
	own, err := filter.Parse(p.Own)
	if err != nil {
		return false
	}
	has := func(c filter.Condition) bool {
		return slices.ContainsFunc(given, func(g filter.Condition) bool { return g.String() == c.String() })
	}
	if slices.ContainsFunc(own, func(c filter.Condition) bool { return !has(c) }) {
		return false
	}
	shown := on.shown()
	return !slices.ContainsFunc(given, func(c filter.Condition) bool { return !slices.Contains(shown, c.Name) })
}

// shown are the names of what the page shows, by which it can be filtered: what its panels count by, the
// texts in its lists, and what everything of its area has.
func (p *Page) shown() (all []string) {
	all = map[Area][]string{AI: {"provider", "model", "agent", "project"}, Web: {"site", "path"}}[p.Area]
	for _, one := range p.Panels {
		if by := one.Params["by"]; by != "" {
			all = append(all, strings.Split(by, ",")...)
			continue
		}
		v := one.verb()
		if v == nil {
			continue
		}
		form := one.form(v)
		all = append(all, form.Question.By...)
		if !form.List {
			continue
		}
		fields := form.Fields
		if said := one.Params["fields"]; said != "" {
			fields = strings.Split(said, ",")
		}
		columns, err := listing.Columns(form.Kinds, fields)
		for _, c := range columns {
			if err == nil && c.Type == catalog.String {
				all = append(all, c.Name)
			}
		}
	}
	return all
}

// views is what a share may be limited to.
func views() web.Views { return web.Views{Pages: names(), Admit: admit} }
