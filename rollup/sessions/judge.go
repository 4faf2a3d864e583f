package sessions

import (
	"strings"

	"github.com/cespare/xxhash/v2"

	"analytics/engine/event"
	"analytics/ingest/enrich"
	"analytics/rollup/bots"
)

// judge says who a visit was of; sessions of the API are not judged.
func (m *Maker) judge(s *Session, open bool) {
	if !s.bag.web {
		return
	}
	f := s.facts()
	if open {
		f.Seen = m.cfg.Now
	}
	m.sites.tell(&f, s)
	v := bots.Judge(f, m.cfg.Bots)
	s.Bot = Verdict{Class: v.Class, Name: v.Name, Purpose: v.Purpose, Score: v.Score,
		Reasons: strings.Join(v.Reasons, ",")}
}

// facts is what the session itself tells.
func (s *Session) facts() bots.Facts {
	b := &s.bag
	side := [2]*side{&b.served, &b.tracked}[s.side()]
	f := bots.Facts{
		Start: s.Start, End: s.End, Times: side.times, Pages: side.pages, Walk: b.of.walks[s.side()],
		Direct: b.direct && !typed(s.Landing), Views: int(side.views), Missed: b.missed,
		Paths: int(s.Pages), Steps: side.order.Steps, Referred: side.referred,
		Ordered: side.order.Ordered, Sessions: b.visits.n, Apart: b.visits.apart(), UserAgent: s.UserAgent,
		Signals:     b.signals.Words(),
		Engagements: int(s.Engagements), Clicks: int(s.Clicks), Scroll: int(s.Scroll),
		Milliseconds: s.TimeOnPageMS, Tracked: b.byTracker, Served: b.byServer,
		Class: s.Bot.Class, Name: s.Bot.Name, Purpose: s.Bot.Purpose, Reasons: s.Bot.Reasons,
		Score: s.Bot.Score,
	}
	return f
}

// side is 1 if a session is judged by what a tracker, or nobody knows who, saw of it, and 0 if by what servers
// and logs did.
func (s *Session) side() int {
	if s.bag.tracked.views > 0 {
		return 1
	}
	return 0
}

// typed reports a path that people type, or that the first page leads to by itself, such as /en, /home or
// /login. That of no page is one.
func typed(path string) bool {
	path = strings.Trim(path, "/")
	return !strings.Contains(path, "/") && (len(path) <= typedMost || strings.HasPrefix(path, "index."))
}

const typedMost = 6

// side is the page views that a tracker, or that servers and logs saw.
type side struct {
	views    int64
	referred int            // of them by another page of the site
	times    []event.Micros // the first maxTimes
	pages    []uint32       // of these, by a hash
	order    bots.Sequence
	journey  trail
}

func (d *side) add(e *event.Event) {
	d.views++
	if len(d.times) < maxTimes {
		d.times = append(d.times, e.Time())
		d.pages = append(d.pages, uint32(xxhash.Sum64(e.Text(event.PagePath))))
	}
	d.order.Add(e.Text(event.PagePath))
	d.journey.add(e.Text(event.PagePath))
	if referred(e) {
		d.referred++
	}
}

// referred reports whether a page view says that another page of its site led to it.
func referred(e *event.Event) bool {
	return string(e.Text(event.PageChannel)) == enrich.Internal
}
