package query

import (
	"fmt"
	"math/rand/v2"
	"time"

	"analytics/engine/event"
)

// visit is somebody who looks at a site.
type visit struct {
	visitor, session, user []byte
	source, channel        []byte
	country, device        int
	path                   []byte
	bot                    bool
}

// life fills the world with events of all kinds but AI requests, spread over days before noon: visits
// of 50,000 visitors to 5,000 pages, agents with their tasks and tools, activities and samples.
func (w *world) life(n, days int) {
	w.t.Helper()
	r := rand.New(rand.NewPCG(3, 4))
	open := make([]visit, 8)
	for i := range open {
		open[i] = visitor(r)
	}
	w.spread(n, days, func(at time.Time) { w.happen(r, &open[r.IntN(len(open))], at) })
}

// happen begins an event of any kind; what happens on a site is of the visit.
func (w *world) happen(r *rand.Rand, v *visit, at time.Time) {
	switch r.IntN(20) {
	case 0, 1:
		w.tool(r, at)
	case 2:
		w.task(r, at)
	case 3:
		e := w.begin(event.Activity, at)
		e.SetText(event.ActivityCategory, pick(r, "authentication", "data_access", "change"))
		e.SetText(event.ActivityAction, pick(r, "login", "logout", "read", "update", "delete"))
		e.SetText(event.ActivityActor, fmt.Appendf(nil, "user-%d", r.IntN(500)))
		e.SetText(event.ActivityOutcome, pick(r, "success", "success", "failure"))
		e.SetText(event.ActivitySeverity, pick(r, "low", "low", "high"))
	case 4:
		e := w.begin(event.Metric, at)
		e.SetText(event.MetricName, pick(r, "cpu_percent", "memory_percent", "disk_percent", "queue"))
		e.SetFloat(event.MetricValue, 100*r.Float64())
		e.SetText(event.MetricUnit, []byte("percent"))
	case 5, 6, 7, 8:
		e := w.begin(event.Engagement, at)
		v.on(e, event.EngagementSite, event.EngagementPath, event.EngagementVisitorID, event.EngagementBotClass)
		e.SetInt(event.EngagementTimeOnPageMS, int64(1000*(1+30*r.ExpFloat64())))
		e.SetInt(event.EngagementScrollDepth, r.Int64N(101))
		e.SetInt(event.EngagementClicks, r.Int64N(4))
	case 9:
		e := w.begin(event.Custom, at)
		v.on(e, event.CustomSite, event.CustomPath, event.CustomVisitorID, event.CustomBotClass)
		e.SetText(event.CustomName, pick(r, "link_click", "outbound_click", "signup", "search"))
	default:
		if r.IntN(3) == 0 {
			*v = visitor(r)
		}
		v.path = fmt.Appendf(v.path[:0], "/articles/%d", min(r.IntN(5000), r.IntN(5000), r.IntN(5000)))
		w.page(r, v, at)
	}
}

func visitor(r *rand.Rand) visit {
	s := r.IntN(12)
	v := visit{
		visitor: fmt.Appendf(nil, "%016x", uint64(1+r.IntN(50_000))*0x9e3779b97f4a7c15),
		session: fmt.Appendf(nil, "%016x", r.Uint64()),
		source:  fmt.Appendf(nil, "source-%d", s), channel: fmt.Appendf(nil, "channel-%d", s%5),
		country: min(r.IntN(40), r.IntN(40)), device: r.IntN(6), bot: r.IntN(10) == 0,
	}
	if r.IntN(4) == 0 {
		v.user = fmt.Appendf(nil, "user-%d", r.IntN(50_000))
	}
	return v
}

// on says where the visitor is, in the fields that a kind has for it.
func (v *visit) on(e *event.Event, site, path, id, class int) {
	e.SetText(site, []byte("example.com"))
	if v.path != nil {
		e.SetText(path, v.path)
	}
	e.SetID(id, v.visitor)
	e.SetText(event.SessionID, v.session)
	if v.user != nil {
		e.SetText(event.UserID, v.user)
	}
	if v.bot {
		e.SetText(class, []byte("crawler"))
	}
}

func (w *world) page(r *rand.Rand, v *visit, at time.Time) {
	e := w.begin(event.PageView, at)
	v.on(e, event.PageSite, event.PagePath, event.PageVisitorID, event.PageBotClass)
	e.SetText(event.PageSource, v.source)
	e.SetText(event.PageChannel, v.channel)
	e.SetText(event.PageCountry, fmt.Appendf(nil, "C%d", v.country))
	e.SetText(event.PageCity, fmt.Appendf(nil, "city-%d", v.country*5+r.IntN(5)))
	e.SetText(event.PageDevice, [][]byte{[]byte("desktop"), []byte("mobile")}[v.device%2])
	e.SetText(event.PageBrowser, [][]byte{[]byte("Chrome"), []byte("Safari"), []byte("Firefox")}[v.device/2])
	e.SetText(event.PageOS, [][]byte{[]byte("Windows"), []byte("iOS"), []byte("Linux")}[v.device/2])
	e.SetInt(event.PageStatusCode, 200)
	if v.bot {
		e.SetText(event.PageBotName, pick(r, "GPTBot", "Googlebot", "bingbot"))
	}
}

func (w *world) tool(r *rand.Rand, at time.Time) {
	e := w.begin(event.ToolCall, at)
	tool := r.IntN(30)
	e.SetText(event.ToolTool, fmt.Appendf(nil, "tool-%d", tool))
	e.SetText(event.ToolServer, fmt.Appendf(nil, "server-%d", tool%4))
	e.SetText(event.Agent, fmt.Appendf(nil, "agent-%d", r.IntN(6)))
	e.SetText(event.UserID, fmt.Appendf(nil, "user-%d", r.IntN(50_000)))
	e.SetText(event.ConversationID, fmt.Appendf(nil, "conv-%d", w.n/20))
	e.SetBool(event.ToolSuccess, r.IntN(20) > 0)
	e.SetInt(event.ToolDurationMS, int64(200_000*(0.1+r.ExpFloat64())))
	e.SetInt(event.ToolResultBytes, r.Int64N(20_000))
}

func (w *world) task(r *rand.Rand, at time.Time) {
	e := w.begin(event.AgentTask, at)
	e.SetText(event.Agent, fmt.Appendf(nil, "agent-%d", r.IntN(6)))
	e.SetText(event.TaskTask, pick(r, "plan", "write", "review"))
	e.SetText(event.TaskStatus, pick(r, "done", "done", "done", "failed"))
	e.SetText(event.ConversationID, fmt.Appendf(nil, "conv-%d", w.n/20))
	e.SetBool(event.TaskSuccess, r.IntN(10) > 0)
	e.SetInt(event.TaskDurationMS, int64(5_000_000*(0.1+r.ExpFloat64())))
}
