package query

import (
	"context"
	"slices"
	"strings"
	"time"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/query/answer"
	"analytics/query/catalog"
	"analytics/query/filter"
	"analytics/rollup"
	"analytics/rollup/cube"
)

// ofPopular are the parameters of the list of popular content.
var ofPopular = []Param{
	{Name: "limit", Help: "how many pages, 20 if not said"},
	bySite,
	{Name: "trend", Help: "only what goes up, down or is stable"},
	{Name: "filter", Help: "conditions on path, site and content_id: path=~/blog/*"},
}

// contentFields are what content can be filtered by.
var contentFields = []string{"path", "site", "content_id"}

var popularColumns = []Column{
	{Name: "path", Kind: answer.KindDimension, Type: catalog.String},
	{Name: "site", Kind: answer.KindDimension, Type: catalog.String},
	{Name: "content_id", Kind: answer.KindDimension, Type: catalog.String},
	{Name: "views_7d", Kind: answer.KindMetric, Type: catalog.Integer},
	{Name: "views_7d_change", Kind: answer.KindMetric, Type: catalog.Number, Unit: "ratio"},
	{Name: "trend", Kind: answer.KindDimension, Type: catalog.String},
	{Name: "views_30d", Kind: answer.KindMetric, Type: catalog.Integer},
	{Name: "visitors_7d", Kind: answer.KindMetric, Type: catalog.Integer},
	{Name: "visitors_30d", Kind: answer.KindMetric, Type: catalog.Integer},
	{Name: "avg_time_on_page_seconds", Kind: answer.KindMetric, Type: catalog.Number, Unit: "s"},
	{Name: "avg_scroll_depth", Kind: answer.KindMetric, Type: catalog.Number, Unit: "percent"},
	{Name: "clicks", Kind: answer.KindMetric, Type: catalog.Integer},
	{Name: "quality", Kind: answer.KindMetric, Type: catalog.Number},
}

// popular lists content by the views of 30 days, as the job for it made it last.
func popular(ctx context.Context, d *Desk, tenant store.Tenant, p Params, _ string) (*Answer, error) {
	limit, err := p.whole("limit", 20)
	if err != nil {
		return nil, err
	}
	if way := p.get("trend"); way != "" && !slices.Contains([]string{"up", "down", "stable"}, way) {
		return nil, fault.At(fault.Invalid, "invalid_parameter", "trend",
			"%q is no trend; use up, down or stable", clip(way))
	}
	text, err := p.filter("")
	if err != nil {
		return nil, err
	}
	where, err := d.onlyOn(event.PageView, text, "content", contentFields)
	if err != nil {
		return nil, err
	}
	a := &Answer{Columns: popularColumns, Meta: Meta{
		From: d.now().In(d.zone).AddDate(0, 0, -30), To: d.now().In(d.zone), TZ: d.zone.String(),
		Exact: true, Watermark: d.now().In(d.zone),
	}}
	if d.cfg.Mill == nil {
		return a, nil
	}
	made, ok, err := d.cfg.Mill.Performance(tenant)
	if err != nil {
		return nil, err
	}
	if !ok {
		a.Meta.Note("the job content_analytics_aggregation, which makes this, has not run yet")
		return a, nil
	}
	a.Meta.To, a.Meta.Watermark = made.AsOf.In(d.zone), made.AsOf.In(d.zone)
	y, m, day := a.Meta.To.Date()
	a.Meta.From = time.Date(y, m, day-29, 0, 0, 0, 0, d.zone)
	rows, err := passing(event.PageView, where, len(made.Content), func(e *event.Event, i int) {
		c := &made.Content[i]
		e.Reset(event.PageView)
		e.SetInt(event.Timestamp, int64(event.MicrosOf(made.AsOf)))
		e.SetID(event.EventID, []byte("content"))
		e.SetText(event.PagePath, []byte(c.Path))
		e.SetText(event.PageSite, []byte(c.Site))
		e.SetText(event.PageContentID, []byte(c.ContentID))
	})
	if err != nil {
		return nil, err
	}
	for _, i := range rows {
		c := &made.Content[i]
		if way := p.get("trend"); way != "" && way != c.Trend {
			continue
		}
		if a.Meta.Groups++; len(a.Rows) < limit {
			a.Rows = append(a.Rows, popularRow(c))
		}
	}
	return a, nil
}

// onlyOn are the conditions of a filter that is on some fields of a kind and no others.
func (d *Desk) onlyOn(kind event.Kind, text, what string, fields []string) ([]cube.Predicate, error) {
	conditions, err := filter.Parse(text)
	if err != nil {
		return nil, err
	}
	for _, c := range conditions {
		if !slices.Contains(fields, c.Name) {
			return nil, fault.At(fault.Invalid, "invalid_combination", "filter",
				"%s cannot be filtered by %s; it can be by %s", what, clip(c.Name), strings.Join(fields, ", "))
		}
	}
	where, _, err := d.catalog.Predicates(kind, conditions)
	return where, err
}

func popularRow(c *rollup.Content) []any {
	return []any{
		c.Path, orNull(c.Site), orNull(c.ContentID), c.Views7, known(c.Change, 6), orNull(c.Trend),
		c.Views30, int64(c.Visitors7), int64(c.Visitors30), known(c.Seconds30, 6),
		known(c.Scroll30, 6), c.Clicks30, known(c.Quality, 1),
	}
}

// known is a number, or null.
func known(v *float64, digits int) any {
	if v == nil {
		return nil
	}
	return round(*v, digits)
}
