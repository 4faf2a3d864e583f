package paths

import (
	"cmp"
	"slices"

	"analytics/engine/event"
	"analytics/rollup/sessions"
)

// clicks are the names of events that are clicks on links.
var clicks = []string{"link_click", "outbound_click", "file_download"}

// Links counts clicks on links.
type Links struct {
	links map[link]*Link
	views map[place]int64 // sessions that saw a page
	total int64
}

type link struct{ site, page, kind, target string }

// Link is how often one link was clicked.
type Link struct {
	Site   string
	Page   string // empty where all pages are counted together
	Kind   string // link_click, outbound_click or file_download
	Target string
	// Clicks are all; Sessions those in which it was clicked. Share is Clicks of all clicks.
	Clicks, Sessions int64
	Share            float64
	// Rate is Sessions over the sessions that saw the page, 0 where all pages are counted together.
	Rate float64
}

// NewLinks counts from nothing.
func NewLinks() *Links { return &Links{map[link]*Link{}, map[place]int64{}, 0} }

// Add counts a session.
func (l *Links) Add(s *sessions.Session) {
	if !counts(s) {
		return
	}
	pages := pagesOf(s)
	slices.Sort(pages)
	for _, path := range slices.Compact(pages) {
		at := place{s.Site, path}
		if l.views[at] > 0 || len(l.views) < maxPages {
			l.views[at]++
		}
	}
	met := map[link]bool{}
	for i := range s.Steps {
		p := &s.Steps[i]
		if p.Kind != event.Custom || p.Target == "" || !slices.Contains(clicks, p.Name) {
			continue
		}
		l.total++
		k := link{s.Site, p.Path, p.Name, p.Target}
		if l.links[k] == nil && len(l.links) >= maxPairs {
			k = link{Other, Other, Other, Other}
		}
		if l.links[k] == nil {
			l.links[k] = &Link{Site: k.site, Page: k.page, Kind: k.kind, Target: k.target}
		}
		l.links[k].Clicks++
		if !met[k] {
			met[k] = true
			l.links[k].Sessions++
		}
	}
}

// Rows are the most clicked links, at most limit, with the others as the last row, (other); total is
// all clicks. By page they are links on a page, and otherwise targets on all pages of a site: a session
// that clicked the same target on two pages is then counted for each.
func (l *Links) Rows(limit int, byPage bool) (rows []Link, total int64) {
	all := map[link]Link{}
	beyond := Link{Site: Other, Page: Other, Kind: Other, Target: Other}
	for k, n := range l.links {
		if k.site == Other {
			beyond.Clicks, beyond.Sessions = n.Clicks, n.Sessions
			continue
		}
		if !byPage {
			k.page = ""
		}
		sum := all[k]
		sum.Site, sum.Page, sum.Kind, sum.Target = k.site, k.page, k.kind, k.target
		sum.Clicks, sum.Sessions = sum.Clicks+n.Clicks, sum.Sessions+n.Sessions
		all[k] = sum
	}
	for k, n := range all {
		n.Share = share(n.Clicks, l.total)
		if byPage {
			n.Rate = min(1, share(n.Sessions, l.views[place{k.site, k.page}]))
		}
		rows = append(rows, n)
	}
	slices.SortFunc(rows, func(a, b Link) int {
		return cmp.Or(cmp.Compare(b.Clicks, a.Clicks), cmp.Compare(a.Target, b.Target),
			cmp.Compare(a.Site, b.Site), cmp.Compare(a.Page, b.Page), cmp.Compare(a.Kind, b.Kind))
	})
	for _, n := range rows[min(limit, len(rows)):] {
		beyond.Clicks, beyond.Sessions = beyond.Clicks+n.Clicks, beyond.Sessions+n.Sessions
	}
	rows = rows[:min(limit, len(rows))]
	if beyond.Clicks > 0 {
		beyond.Share = share(beyond.Clicks, l.total)
		rows = append(rows, beyond)
	}
	return rows, l.total
}
