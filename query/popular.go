package query

import (
	"cmp"
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
	"analytics/query/when"
	"analytics/rollup"
	"analytics/rollup/cube"
)

// ofPopular are the parameters of the list of popular content.
var ofPopular = []Param{
	{Name: "limit", Help: "how many pages, 20 if not said"},
	bySite,
	{Name: "trend", Help: "only what goes up, down or is stable"},
	{Name: "filter", Help: "conditions on path, site and content_id: path=~/blog/*"},
	{Name: "compare", Help: "previous or year: add the numbers of 30 days of those 30 days"},
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
func popular(ctx context.Context, d *Desk, tenant store.Tenant, p Params, since string) (*Answer, error) {
	q, err := p.question(Question{Limit: 20}, since)
	if err != nil {
		return nil, err
	}
	limit := q.Limit
	if way := p.get("trend"); way != "" && !slices.Contains([]string{"up", "down", "stable"}, way) {
		return nil, fault.At(fault.Invalid, "invalid_parameter", "trend",
			"%q is no trend; use up, down or stable", clip(way))
	}
	where, err := d.onlyOn(event.PageView, q.Filter, "content", contentFields)
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
	rows, err := contentWhere(made.Content, where, made.AsOf)
	if err != nil {
		return nil, err
	}
	way := p.get("trend")
	for _, c := range rows {
		if way == "" || way == c.Trend {
			a.Rows = append(a.Rows, popularRow(&c))
		}
	}
	a.Meta.Groups = len(a.Rows)
	if q.Compare == "" {
		a.Rows = a.Rows[:min(limit, len(a.Rows))]
		return a, nil
	}
	if way != "" || made.Pages > len(made.Content) {
		limit = min(limit, len(a.Rows)) // of what is only there before nobody knows what it has now
	}
	return a, d.popularBefore(ctx, tenant, a, q.Compare, limit, where, made.Content)
}

// popularBefore puts beside the numbers of 30 days what they were before. The week has its own comparison.
func (d *Desk) popularBefore(
	ctx context.Context, tenant store.Tenant, a *Answer, compare string, limit int, where []cube.Predicate,
	now []rollup.Content,
) error {
	ctx, leave, err := d.enter(ctx, tenant)
	if err != nil {
		return err
	}
	defer leave()
	y, m, day := a.Meta.To.Date()
	old := when.Range{From: a.Meta.From, To: time.Date(y, m, day+1, 0, 0, 0, 0, d.zone), Zone: d.zone}.Before(compare)
	a.Meta.ComparedFrom, a.Meta.ComparedTo = old.From, old.To
	a.Meta.Notes = append(a.Meta.Notes, "today is not over, and is compared with a whole day")
	all, err := d.cfg.Mill.ContentUntil(ctx, tenant, old.To.Add(-time.Microsecond))
	if err != nil {
		return err
	}
	if all, err = contentWhere(all, where, old.From); err != nil {
		return err
	}
	paths := map[[2]string]string{} // an article keeps its path, though another was viewed most
	for _, c := range now {
		if c.ContentID != "" {
			paths[[2]string{c.Site, c.ContentID}] = c.Path
		}
	}
	var before [][]any
	for _, c := range all {
		c.Path = cmp.Or(paths[[2]string{c.Site, c.ContentID}], c.Path)
		before = append(before, popularRow(&c))
	}
	if limit > len(a.Rows) {
		a.Meta.Groups += gone(a.Rows, before, 3)
	}
	beside(a, before, limit, "views_7d", "views_7d_change", "visitors_7d")
	return nil
}

// contentWhere is the content that passes the conditions.
func contentWhere(all []rollup.Content, where []cube.Predicate, at time.Time) (left []rollup.Content, err error) {
	rows, err := passing(event.PageView, where, len(all), func(e *event.Event, i int) {
		c := &all[i]
		e.Reset(event.PageView)
		e.SetInt(event.Timestamp, int64(event.MicrosOf(at)))
		e.SetID(event.EventID, []byte("content"))
		e.SetText(event.PagePath, []byte(c.Path))
		e.SetText(event.PageSite, []byte(c.Site))
		e.SetText(event.PageContentID, []byte(c.ContentID))
	})
	for _, i := range rows {
		left = append(left, all[i])
	}
	return left, err
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
