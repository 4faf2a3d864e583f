package report

import (
	"fmt"
	"strings"
	"time"

	"analytics/query"
)

// trafficReport writes the report. It is pure: the same answers give the same report.
func trafficReport(day Span, now time.Time, a trafficAnswers) Report {
	r := Report{
		Name: trafficName(day.Unit), Title: day.title() + " traffic report", Span: day, Written: now,
		Partial: now.Before(day.To),
	}
	r.Headline, r.Empty = trafficHeadline(a)
	r.add(viewChanges(day, a))
	r.add(trafficSummary(day, a.day))
	r.add(classTable(a.day, a.classes))
	r.add(spanTable(a))
	r.add(engagementTable(day, a.engagement))
	r.add(pageTable(a))
	r.add(patternTable(a.patterns))
	r.add(transitionTable(a.transitions))
	r.add(countryTable(day, a.countries))
	for _, t := range []struct {
		title, key, label, one string
		card                   int
		answer                 *query.Answer
	}{
		{"Channels", "channel", "Channel", "channel", 5, a.channels},
		{"Sources", "source", "Source", "source", 5, a.sources},
		{"Referrers", "referrer_host", "Referrer", "referrer", 0, a.referrers},
		{"Devices", "device", "Device", "device", 3, a.devices},
		{"Browsers", "browser", "Browser", "browser", 0, a.browsers},
		{"Operating systems", "os", "System", "system", 0, a.systems},
	} {
		r.add(viewTable(t.title, t.key, t.label, t.one, t.card, t.answer))
	}
	r.add(timeTable(day, a.hours))
	r.Chart = trafficChart(day, a.hours, a.hoursAll)
	for _, s := range r.Sections {
		if s.Title == "Bots and people" {
			r.say("Bots are left out everywhere but in \"Bots and people\" and where a column says so.")
		}
	}
	r.note(a.day, a.classes, a.engagement, a.pages, a.read, a.hours)
	return r
}

// trafficHeadline says how many came, what changed, what was read and from where.
func trafficHeadline(a trafficAnswers) (says []string, empty bool) {
	views, was := asCount(total(a.day, "page_views")), asCount(total(a.day, "page_views_previous"))
	all := int64(0)
	for _, l := range lines(a.classes) {
		all += l.count("page_views")
	}
	if all == 0 && was == 0 {
		return []string{"No page views were recorded " + a.span.now() + ", nor " + a.span.in() + "."}, true
	}
	line := plural(views, "page view")
	if n := asCount(total(a.day, "visitors")); n > 0 {
		line += " by " + plural(n, "visitor")
	}
	switch c := change(views, was).(type) {
	case Change:
		line += ", " + Show(c) + " " + a.span.on()
	default:
		line += "; there were none " + a.span.in()
	}
	out := append([]string{line + "."}, viewReasons(a)...)
	if bots := all - views; bots > 0 {
		out = append(out, fmt.Sprintf("Bots made another %s, %s of all.", plural(bots, "page view"),
			percent(float64(bots)/float64(all))))
	}
	var most []string
	for _, pick := range []struct {
		word, dimension string
		answer          *query.Answer
	}{{"page", "path", a.pages}, {"source", "source", a.sources}, {"country", "country", first(a.countries)}} {
		for _, l := range lines(pick.answer) {
			// A page that led to another of the same site is no source worth a headline.
			own := pick.dimension == "source" && strings.EqualFold(l.name("source"), "internal")
			if !own && l.cell(pick.dimension) != nil && l.count("page_views") > 0 {
				most = append(most, fmt.Sprintf("%s %s (%s)", pick.word, l.name(pick.dimension),
					grouped(l.count("page_views"))))
				break
			}
		}
	}
	if len(most) > 0 {
		out = append(out, "Most page views: "+strings.Join(most, ", ")+".")
	}
	return out, false
}

func first(a []*query.Answer) *query.Answer {
	if len(a) == 0 {
		return nil
	}
	return a[0]
}

func trafficSummary(span Span, a *query.Answer) Section {
	s := Section{Title: "The " + string(span.Unit) + " in figures", Columns: []Column{
		text("what", ""), number(string(span.Unit), upper(string(span.Unit))).carded(), number("before", upper(span.before())),
		number("change", "Change").carded(),
	}, Card: 4}
	for _, m := range []struct{ label, metric string }{
		{"Page views", "page_views"}, {"Visitors", "visitors"}, {"Sessions", "sessions"},
	} {
		now, was := asCount(total(a, m.metric)), asCount(total(a, m.metric+"_previous"))
		if now != 0 || was != 0 {
			s.Rows = append(s.Rows, []any{m.label, now, was, change(now, was)})
		}
	}
	for _, m := range []struct {
		label, metric string
		read          func(any) any
	}{
		{"Bounce rate", "bounce_rate", as[Share]}, {"Mean session", "avg_session_seconds", as[Seconds]},
		{"Pages per session", "pages_per_session", as[Mean]},
	} {
		now, was := m.read(total(a, m.metric)), m.read(total(a, m.metric+"_previous"))
		if now != nil && len(s.Rows) > 0 {
			s.Rows = append(s.Rows, []any{m.label, now, was, changeOf(now, was)})
		}
	}
	return s
}

// classTable splits the day between people and each class of bot. Who has no class, or the class
// human or ghost, is a person; as visitors do not add up, people come from their own answer.
func classTable(people, classes *query.Answer) Section {
	s := Section{Title: "Bots and people", Card: 4, Columns: []Column{
		text("class", "Who"), number("page_views", "Page views").carded(),
		number("share", "Share").carded(), number("visitors", "Visitors"),
		number("sessions", "Sessions"),
	}}
	all := asCount(total(classes, "page_views"))
	put := func(who string, views, visitors, sessions int64) {
		if views > 0 && all > 0 {
			s.Rows = append(s.Rows,
				[]any{who, views, Share(float64(views) / float64(all)), visitors, sessions})
		}
	}
	put("people", asCount(total(people, "page_views")), asCount(total(people, "visitors")),
		asCount(total(people, "sessions")))
	for _, l := range lines(classes) {
		if class := l.cell("bot_class"); class != nil && class != "human" && class != "ghost" {
			put("bots: "+l.name("bot_class"), l.count("page_views"), l.count("visitors"),
				l.count("sessions"))
		}
	}
	return s
}

// spanTable counts the windows that end with the day.
func spanTable(a trafficAnswers) Section {
	s := Section{Title: "The last days", Note: "Windows that end with the day.", Columns: []Column{
		text("window", "Window"), number("sessions", "Sessions"), number("visitors", "Visitors"),
		number("page_views", "Page views"), number("bots", "Page views of bots"),
	}}
	some := false
	for i, span := range spans {
		if i >= len(a.spans) || a.spans[i] == nil {
			continue
		}
		views := asCount(total(a.spans[i], "page_views"))
		bots := asCount(total(a.spanBots[i], "page_views")) - views
		some = some || views+bots > 0
		s.Rows = append(s.Rows, []any{span.label, asCount(total(a.spans[i], "sessions")),
			asCount(total(a.spans[i], "visitors")), views, bots})
	}
	if !some {
		return Section{}
	}
	return s
}

func engagementTable(span Span, a *query.Answer) Section {
	if asCount(total(a, "engagements")) == 0 && asCount(total(a, "engagements_previous")) == 0 {
		return Section{}
	}
	s := Section{Title: "Engagement", Card: 5, Columns: []Column{
		text("what", ""), number(string(span.Unit), upper(string(span.Unit))).carded(), number("before", upper(span.before())),
	}}
	for _, m := range []struct {
		label, metric string
		read          func(any) any
	}{
		{"Tracked sessions", "tracked_sessions", nil}, {"Reads measured", "engagements", nil},
		{"Mean time on page", "avg_time_on_page_seconds", as[Seconds]},
		{"Mean scroll depth", "avg_scroll_depth", as[Depth]}, {"Clicks", "clicks", nil},
	} {
		now, was := total(a, m.metric), total(a, m.metric+"_previous")
		if m.read != nil {
			now, was = m.read(now), m.read(was)
		}
		s.Rows = append(s.Rows, []any{m.label, now, was})
	}
	return s
}
