package report

import (
	"cmp"
	"slices"

	"analytics/query"
)

// pageTable is the pages that were read most, by reports of engagement; where pages send none, by
// views.
func pageTable(a trafficAnswers) Section {
	type page struct {
		path            string
		views, visitors int64
		reports, clicks int64
		seconds, depth  any
	}
	pages := map[string]*page{}
	at := func(l line) *page {
		name := l.name("path")
		if pages[name] == nil {
			pages[name] = &page{path: name}
		}
		return pages[name]
	}
	for _, l := range lines(a.pages) {
		p := at(l)
		p.views, p.visitors = l.count("page_views"), l.count("visitors")
	}
	for _, l := range lines(a.read) {
		p := at(l)
		p.reports, p.clicks = l.count("engagements"), l.count("clicks")
		p.seconds = as[Seconds](l.cell("avg_time_on_page_seconds"))
		p.depth = as[Depth](l.cell("avg_scroll_depth"))
	}
	var all []*page
	for _, p := range pages {
		if p.views+p.reports > 0 {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b *page) int {
		return cmp.Or(cmp.Compare(b.reports, a.reports), cmp.Compare(b.views, a.views),
			cmp.Compare(a.path, b.path))
	})
	s := Section{Title: "Top pages by engagement", Card: 5, Columns: []Column{
		text("path", "Page"), number("page_views", "Page views").carded(),
		number("visitors", "Visitors"), number("engagements", "Reads"),
		number("seconds", "Time on page").carded(), number("depth", "Scroll depth"),
		number("clicks", "Clicks"),
	}}
	if len(lines(a.read)) == 0 {
		s.Title = "Top pages"
	}
	for _, p := range all[:min(len(all), topRows)] {
		s.Rows = append(s.Rows,
			[]any{p.path, p.views, p.visitors, p.reports, p.seconds, p.depth, p.clicks})
	}
	return s
}

// patternTable sorts reports of engagement into the five reading patterns, each into one.
func patternTable(a patternAnswers) Section {
	n := func(a *query.Answer) int64 { return asCount(total(a, "engagements")) }
	for _, answer := range []*query.Answer{
		a.all, a.engaged, a.reader, a.scanner, a.scannerAndReader, a.bounce,
	} {
		if answer == nil {
			return Section{}
		}
	}
	all := n(a.all)
	if all == 0 {
		return Section{}
	}
	engaged, reader := n(a.engaged), n(a.reader)-n(a.engaged)
	scanner, bounce := n(a.scanner)-n(a.scannerAndReader), n(a.bounce)
	s := Section{Title: "Reading patterns", Card: 5, Columns: []Column{
		text("pattern", "Pattern"), text("meaning", "Scrolled, and time on page"),
		number("reports", "Reads"), number("share", "Share").carded(),
	}}
	s.Columns[1].Card = false
	for _, p := range []struct {
		name, meaning string
		n             int64
	}{
		{"engaged", "over 75 %, over 30 s", engaged},
		{"reader", "over 50 %, over 15 s", reader},
		{"scanner", "over 30 %, under 20 s", scanner},
		{"bounce", "under 25 %, under 10 s", bounce},
		{"skimmer", "anything else", all - engaged - reader - scanner - bounce},
	} {
		s.Rows = append(s.Rows, []any{p.name, p.meaning, p.n, Share(float64(p.n) / float64(all))})
	}
	return s
}

// countryTable is where people are, over the day and the days before, or over the span.
func countryTable(span Span, spans []*query.Answer) Section {
	if span.Unit != Daily {
		return viewTable("Geography", "country", "Country", "country", 5, first(spans))
	}
	s := Section{Title: "Geography", Card: 5, Note: "Page views of windows that end with the day.",
		Columns: []Column{
			text("country", "Country"), number("day", "Day").carded(), number("visitors", "Visitors"),
			number("days3", "3 days"), number("days7", "7 days"),
		}}
	if len(spans) != 3 {
		return Section{}
	}
	var views [3]map[string]int64
	for i, a := range spans {
		views[i] = map[string]int64{}
		for _, l := range lines(a) {
			views[i][l.name("country")] = l.count("page_views")
		}
	}
	visitors := map[string]int64{}
	for _, l := range lines(spans[0]) {
		visitors[l.name("country")] = l.count("visitors")
	}
	known := false
	for _, l := range lines(spans[2])[:min(topRows, len(lines(spans[2])))] {
		name := l.name("country")
		known = known || l.cell("country") != nil
		if views[2][name] > 0 {
			s.Rows = append(s.Rows,
				[]any{name, views[0][name], visitors[name], views[1][name], views[2][name]})
		}
	}
	if !known {
		return Section{}
	}
	return s
}

// viewTable is page views by one dimension. A dimension that nothing has is left out.
func viewTable(title, key, label, one string, card int, a *query.Answer) Section {
	s := Section{Title: title, Card: card, Columns: []Column{
		text(key, label), number("page_views", "Page views").carded(), number("share", "Share"),
		number("visitors", "Visitors"),
	}}
	all, rest := asCount(total(a, "page_views")), asCount(total(a, "page_views"))
	known := false
	for _, l := range lines(a) {
		n := l.count("page_views")
		if n == 0 {
			continue
		}
		known = known || l.cell(key) != nil
		rest -= n
		s.Rows = append(s.Rows,
			[]any{l.name(key), n, Share(float64(n) / float64(all)), l.count("visitors")})
	}
	if !known {
		return Section{}
	}
	if others := groups(a) - len(a.Rows); others > 0 && rest > 0 {
		s.Rows = append(s.Rows,
			[]any{plural(int64(others), "other "+one), rest, Share(float64(rest) / float64(all)), nil})
	}
	return s
}

// timeTable is the day hour by hour, or the span day by day.
func timeTable(span Span, a *query.Answer) Section {
	s := Section{Title: "Hour by hour", Bar: "page_views", Columns: []Column{
		text("hour", "Hour"), number("page_views", "Page views"), number("visitors", "Visitors"),
	}}
	if span.Unit != Daily {
		s.Title, s.Columns[0] = "Day by day", text("date", "Day")
	}
	if asCount(total(a, "page_views")) == 0 {
		return Section{}
	}
	for _, l := range lines(a) {
		at := any(Clock(l.time()))
		if span.Unit != Daily {
			at = l.time().Format("Mon 2006-01-02")
		}
		s.Rows = append(s.Rows, []any{at, l.count("page_views"), l.count("visitors")})
	}
	return s
}

// transitionTable is from which page people went to which, most often.
func transitionTable(a *query.Answer) Section {
	s := Section{Title: "From page to page", Card: 3, Columns: []Column{
		text("from", "From"), text("to", "To"), number("count", "Times").carded(),
		number("share", "Share of who left it"),
	}}
	for _, l := range lines(a) {
		share := any(nil)
		if v, ok := l.cell("share").(float64); ok {
			share = Share(v)
		}
		s.Rows = append(s.Rows, []any{l.name("from_page"), l.name("to_page"), l.count("count"), share})
	}
	return s
}
