package dashboard

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/engine/web"
	"analytics/query"
	"analytics/query/when"
)

// A filter is of a page, and some of its panels cannot be asked with it: tools have no model. Others have
// metrics of which some can: page views have a country, and time on pages has none. Which, the questions
// themselves say. Each is asked about an hour of 1970, before there was an event: it reads the filter and
// finds nothing to count. So no table of what fits can be wrong, and the browser asks only what is
// answered. The overview takes 0.5 ms.

// fitPath is where the browser asks which panels fit.
const fitPath = "/v1/dashboard/fit"

// fit says which panels of a page can be asked with the time and filter of its address.
type fit struct {
	// Panels are those of the page; what does not fit would show what the filter leaves out.
	Panels []panelFit `json:"panels"`
	// Problem is what is wrong with the address, in which case nothing can be asked.
	Problem string `json:"problem,omitempty"`
}

// panelFit says how a panel can be asked.
type panelFit struct {
	Fits    bool              `json:"fits"`
	Params  map[string]string `json:"params,omitempty"`  // instead of its own, if only some metrics fit
	Missing []string          `json:"missing,omitempty"` // metrics that do not
}

// fitting answers which panels fit.
func (d *Dashboard) fitting(w http.ResponseWriter, r *http.Request) error {
	given, err := web.Parameters(r, "page", "since", "from", "until", "tz", "filter", "id")
	if err != nil {
		return err
	}
	who := web.Identity(r.Context())
	all := seen(who)
	i := slices.IndexFunc(all, func(p Page) bool { return p.ID == given.Get("page") })
	if i < 0 {
		return fault.At(fault.NotFound, "unknown_page", "page", "there is no such page")
	}
	return web.JSON(w, http.StatusOK, d.fits(r.Context(), who, &all[i], given))
}

func (d *Dashboard) fits(ctx context.Context, who auth.Identity, on *Page, given url.Values) fit {
	_, err := when.Parse(when.Words{Since: given.Get("since"), From: given.Get("from"),
		Until: given.Get("until"), TZ: given.Get("tz")}, d.desk.Now(), d.desk.Zone(), "7d")
	if err != nil {
		return fit{Problem: fault.Of(err).Message}
	}
	answer := fit{Panels: make([]panelFit, len(on.Panels))}
	for i, p := range on.Panels {
		err := d.try(ctx, who, on, p, given)
		if err != nil && fault.Of(err).Code == "invalid_filter" {
			return fit{Problem: fault.Of(err).Message}
		}
		if err != nil {
			answer.Panels[i] = d.less(ctx, who, on, p, given)
		} else {
			answer.Panels[i].Fits = true
		}
	}
	return answer
}

// less is how a panel can be asked that does not fit with all of its metrics: with those that do, if the
// first does, which it is about.
func (d *Dashboard) less(ctx context.Context, who auth.Identity, on *Page, p Panel, given url.Values) panelFit {
	var some, missing []string
	for _, metric := range p.metrics() {
		with := append(slices.Clone(some), metric)
		if d.try(ctx, who, on, p.only(with...), given) == nil {
			some = with
		} else if missing = append(missing, metric); len(some) == 0 {
			return panelFit{}
		}
	}
	if len(some) == 0 {
		return panelFit{}
	}
	return panelFit{Fits: true, Params: p.only(some...).Params, Missing: missing}
}

// metrics are those of the panel's question.
func (p Panel) metrics() []string {
	v := p.verb()
	switch said := p.Params["metrics"]; {
	case said != "":
		return strings.Split(said, ",")
	case v == nil || len(v.Panels) > 0 || p.By != "":
		return nil
	}
	return v.Question.Metrics
}

// only is the panel with these metrics alone, in the order of the first if its own is of one left out.
func (p Panel) only(metrics ...string) Panel {
	order := p.Params["order"]
	if v := p.verb(); order == "" && v != nil {
		order = v.Question.Order
	}
	if order != "" && !slices.Contains(metrics, strings.TrimPrefix(order, "-")) {
		p = p.with("order", "-"+metrics[0])
	}
	return p.with("metrics", strings.Join(metrics, ","))
}

// notFiltered is why a panel does not fit that keeps to no filter.
var notFiltered = fault.New(fault.Invalid, "invalid_combination", "this keeps to no filter")

// try is nil if the panel can be asked with the filter, or has another fault than that it cannot.
func (d *Dashboard) try(ctx context.Context, who auth.Identity, on *Page, p Panel, given url.Values) error {
	v, filter := p.verb(), given.Get("filter")
	switch {
	case filter == "" || p.As == "trail" || !on.filtered():
		return nil
	case !slices.Contains(p.Takes, "filter") || len(who.Pages) > 0 && !p.filters(on, strings.Trim(p.Own+";"+filter, ";")):
		return notFiltered
	}
	values := url.Values{"filter": {strings.Trim(p.Own+";"+filter, ";")}}
	if v == nil { // funnels, each of which is asked by its name
		if v = verbAt(funnelsPath + "/show"); given.Get("id") == "" {
			return nil
		}
		values.Set("id", given.Get("id"))
	}
	for name, value := range p.Params {
		values.Set(name, value)
	}
	if slices.Contains(p.Takes, "from") {
		values.Set("from", "1970-01-02T00:00:00Z")
		values.Set("until", "1970-01-02T01:00:00Z")
	}
	err := query.Narrow(v, values, who.Bound)
	switch {
	case err != nil:
		return notFiltered
	case len(v.Panels) > 0:
		values.Set("panel", p.Part)
		_, err = d.desk.Page(ctx, who.Tenant, v, values)
	default:
		_, err = d.desk.Ask(ctx, who.Tenant, v, values)
	}
	if err == nil || slices.Contains([]string{"invalid_filter", "invalid_combination"}, fault.Of(err).Code) {
		return err
	}
	return nil // whoever asks for the panel is told
}

// filtered reports whether something on the page keeps to a filter.
func (p *Page) filtered() bool {
	return slices.ContainsFunc(p.Panels, func(one Panel) bool { return slices.Contains(one.Takes, "filter") })
}
