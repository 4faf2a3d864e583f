package rollup

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/rollup/cube"
)

// Performance is how the content of all sites does: the newest is on the shelf "days" under
// "content", and is made anew every quarter of an hour.
type Performance struct {
	Version int       `json:"version"`
	AsOf    time.Time `json:"as_of"`
	Zone    string    `json:"zone"`
	// Pages is how many there are; Content lists the most viewed of them.
	Pages   int       `json:"pages"`
	Content []Content `json:"content"`
}

// Content is how one page or article does, seen by people; bots are left out. With a content id it
// is all its pages together, and Path is the most viewed of them.
type Content struct {
	Site      string `json:"site"`
	ContentID string `json:"content_id,omitempty"`
	Path      string `json:"path"`
	// Views and the rest are of the last 7 and 30 local days, today included, and scaled up where
	// events are sampled. Visitors are those of each day: an id lasts a day.
	Views7     int64  `json:"views_7d"`
	Views30    int64  `json:"views_30d"`
	Visitors7  uint64 `json:"visitors_7d"`
	Visitors30 uint64 `json:"visitors_30d"`
	// Seconds is the mean time on the page, null when nobody reported one; Scroll the mean depth in
	// percent.
	Seconds7  *float64 `json:"avg_time_on_page_seconds_7d"`
	Seconds30 *float64 `json:"avg_time_on_page_seconds_30d"`
	Scroll30  *float64 `json:"avg_scroll_depth_30d"`
	Clicks30  int64    `json:"clicks_30d"`
	// Change is the views of the last 7 days over those of an average week of the 23 days before
	// them, minus one; null when there were none before. Trend is up, down or stable: see trendOf.
	Change *float64 `json:"change"`
	Trend  string   `json:"trend"`
	// Quality is how it is read, from 0 to 100: half of it the mean time on the page, of a minute at
	// most, half the mean scroll depth. It is null when nobody reported on it.
	Quality *float64 `json:"quality"`
}

// trendFrom is the change from which on it is a trend: today is not over, which makes a seventh at
// most. trendViews is how many views the better week must have; fewer go up and down by chance.
const (
	trendFrom  = 0.2
	trendViews = 10
	// wellRead is the mean time on a page that is worth all of the half that time counts.
	wellRead = 60.0
)

const (
	contentVersion = 2
	contentKey     = "content"
	// maxContent keeps the value below what a shelf takes.
	maxContent = 1000
)

// The time buckets of content: the rest of 30 days, the 7 days before the last 7, the last 7.
const (
	older = iota
	before
	last
	windows
)

// olderDays is how many days older is.
const olderDays = 16

// Contents makes the content performance of all tenants anew.
func (m *Mill) Contents(ctx context.Context) error {
	for _, t := range m.Tenants() {
		p, err := m.performance(ctx, t)
		if err != nil {
			return err
		}
		v, err := json.Marshal(p)
		if err != nil {
			return err
		}
		if err := m.Store.Shelf(t, "days").Put(ctx, contentKey, v); err != nil {
			return err
		}
	}
	return nil
}

// Performance reads what Contents made last; ok is false before the first time.
func (m *Mill) Performance(t store.Tenant) (p Performance, ok bool, err error) {
	v, ok, err := m.Store.Shelf(t, "days").Get(contentKey)
	if err != nil || !ok {
		return p, false, err
	}
	if err := json.Unmarshal(v, &p); err != nil || p.Version != contentVersion {
		return p, false, nil // of another version: the next run replaces it
	}
	return p, true, nil
}

// contentEdges are the edges of the windows in local days, of which the last is that of a moment.
func (m *Mill) contentEdges(at time.Time) []event.Micros {
	y, month, d := at.In(m.Zone).Date()
	var edges []event.Micros
	for _, ago := range [windows + 1]int{29, 13, 6, -1} {
		edges = append(edges, event.MicrosOf(time.Date(y, month, d-ago, 0, 0, 0, 0, m.Zone)))
	}
	return edges
}

func (m *Mill) performance(ctx context.Context, t store.Tenant) (*Performance, error) {
	now := m.Now()
	content, pages, err := m.content(ctx, t, now, maxContent)
	if err != nil {
		return nil, err
	}
	return &Performance{Version: contentVersion, AsOf: now.UTC(), Zone: m.Zone.String(),
		Pages: pages, Content: content}, nil
}

// ContentUntil is all content of the 30 local days that end with the one of a moment, the most viewed
// first, made now.
func (m *Mill) ContentUntil(ctx context.Context, t store.Tenant, at time.Time) ([]Content, error) {
	all, _, err := m.content(ctx, t, at, math.MaxInt)
	return all, err
}

// content is the most viewed content of the 30 local days that end with the one of a moment, and how much
// there is.
func (m *Mill) content(
	ctx context.Context, t store.Tenant, at time.Time, most int,
) (content []Content, pages int, err error) {
	edges := m.contentEdges(at)
	fill := func(id uint8, measures ...string) (*cube.Table, error) {
		c, ok := cube.ByID(id)
		if !ok {
			return nil, fmt.Errorf("rollup: there is no cube %d", id)
		}
		spec := cube.Spec{Kind: c.Kind, Dims: []string{"site", "content_id", "path"},
			Measures: measures, Edges: edges, Filter: []cube.Predicate{{
				Field: "bot_class", Compare: cube.In, Values: []string{"", "human", "ghost"}}}}
		f, err := m.Fill(ctx, t, c, spec, edges[0], edges[windows])
		if err == nil {
			f.Table.Sort()
		}
		return f.Table, err
	}
	views, err := fill(cube.Pages, "rows", "distinct(visitor_id)")
	if err != nil {
		return nil, 0, err
	}
	times, err := fill(cube.Engagement, "sum(time_on_page_ms)", "count(time_on_page_ms)",
		"sum(scroll_depth)", "count(scroll_depth)", "sum(clicks)")
	if err != nil {
		return nil, 0, err
	}
	all := map[page]*tally{}
	addViews(all, views, edges)
	addTimes(all, times, edges)
	keys := make([]page, 0, len(all))
	for k := range all {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b page) int {
		return cmp.Or(cmp.Compare(all[b].total(), all[a].total()), cmp.Compare(a.site, b.site),
			cmp.Compare(a.content, b.content), cmp.Compare(a.path, b.path))
	})
	content = make([]Content, 0, min(len(keys), most))
	for _, k := range keys[:cap(content)] {
		content = append(content, all[k].content(k))
	}
	return content, len(keys), nil
}

// page is what is counted as one: a content id, or a path without one.
type page struct{ site, content, path string }

// tally is a page while it is counted.
type tally struct {
	views    [windows]int64
	visitors [windows][]cube.Part
	seconds  [windows]mean
	scroll   mean
	clicks   int64
	top      string // the path with most views
	topViews int64
}

type mean struct{ sum, n int64 }

func (a mean) add(b mean) mean { return mean{a.sum + b.sum, a.n + b.n} }

// over is the mean divided by scale, nil of nothing.
func (a mean) over(scale float64) *float64 {
	if a.n == 0 {
		return nil
	}
	v := float64(a.sum) / float64(a.n) / scale
	return &v
}

func find(all map[page]*tally, t *cube.Table, g int) *tally {
	k := page{t.Dim(0, g), t.Dim(1, g), t.Dim(2, g)}
	path := k.path
	if k.content != "" {
		k.path = ""
	}
	if all[k] == nil {
		all[k] = &tally{top: path}
	}
	return all[k]
}

func addViews(all map[page]*tally, t *cube.Table, edges []event.Micros) {
	paths := map[page]int64{}
	for g := range t.Len() {
		y := find(all, t, g)
		w := slices.Index(edges, t.Time(g))
		n, _ := t.Int(0, g)
		y.views[w] += n
		y.visitors[w] = append(y.visitors[w], cube.Part{Table: t, Measure: 1, Group: g})
		k := page{t.Dim(0, g), t.Dim(1, g), t.Dim(2, g)}
		paths[k] += n
		if paths[k] > y.topViews {
			y.top, y.topViews = k.path, paths[k]
		}
	}
}

func addTimes(all map[page]*tally, t *cube.Table, edges []event.Micros) {
	for g := range t.Len() {
		y := find(all, t, g)
		w := slices.Index(edges, t.Time(g))
		var v [5]int64
		for i := range v {
			v[i], _ = t.Int(i, g)
		}
		y.seconds[w] = y.seconds[w].add(mean{v[0], v[1]})
		y.scroll = y.scroll.add(mean{v[2], v[3]})
		y.clicks += v[4]
	}
}

func (y *tally) total() int64 { return y.views[older] + y.views[before] + y.views[last] }

func (y *tally) content(k page) Content {
	c := Content{Site: k.site, ContentID: k.content, Path: y.top,
		Views7: y.views[last], Views30: y.total(), Clicks30: y.clicks,
		Seconds7: y.seconds[last].over(1000), Scroll30: y.scroll.over(1)}
	c.Visitors7, _ = cube.UniqueAcross(y.visitors[last]...)
	c.Visitors30, _ = cube.UniqueAcross(slices.Concat(y.visitors[:]...)...)
	c.Seconds30 = y.seconds[older].add(y.seconds[before]).add(y.seconds[last]).over(1000)
	week := float64(y.views[older]+y.views[before]) * 7 / (7 + olderDays)
	if week > 0 {
		change := float64(y.views[last])/week - 1
		c.Change = &change
	}
	c.Trend = trendOf(float64(y.views[last]), week)
	if c.Seconds30 != nil && c.Scroll30 != nil {
		quality := math.Round(50*min(*c.Seconds30/wellRead, 1) + *c.Scroll30/2)
		c.Quality = &quality
	}
	return c
}

// trendOf compares the views of a week with those of an average week before it.
func trendOf(now, prior float64) string {
	switch {
	case max(now, prior) < trendViews:
		return "stable"
	case now >= prior*(1+trendFrom):
		return "up"
	case now <= prior*(1-trendFrom):
		return "down"
	}
	return "stable"
}
