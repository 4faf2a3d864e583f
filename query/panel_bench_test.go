//go:build unix

package query

import (
	"context"
	"flag"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"analytics/engine/store"
)

var firstTime = flag.Bool("first", false, "ask each panel as if nobody had asked before")

// forgetAll lets go what is kept.
func (all *blocks) forgetAll() {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.each, all.words, all.bytes = nil, nil, 0
}

// BenchmarkPanel13Months asks what a dashboard asks, of 13 months with -events AI requests, a million unless
// said, and as many other events. Questions that no cube answers are skipped: their cost is that of events. One
// is slow if two idle cores take more than 50 ms for it; cpu-ms is what to compare while others work there.
func BenchmarkPanel13Months(b *testing.B) {
	w := newWorld(b, Config{})
	w.requests(*benchEvents, 395)
	w.life(*benchEvents, 395)
	w.daily()
	q := Question{From: noon.AddDate(0, -13, 0).Add(time.Hour), To: noon}
	ask := func(name string, q Question) {
		b.Run(name, func(b *testing.B) { w.bench(b, q) })
	}
	q.Metrics = []string{"cost", "requests", "total_tokens"}
	ask("totals", q)
	q.Interval = "day"
	ask("by_day", q)
	q.Interval, q.By = "month", []string{"model"}
	ask("by_model_and_month", q)
	q.Interval, q.Metrics = "", []string{"requests", "p50_duration_ms", "p95_duration_ms", "users"}
	ask("quantiles_by_model", q)
	q.TZ, q.Interval = "Europe/Berlin", "week"
	ask("berlin_by_week", q)
	for _, panel := range slices.Concat(verbPanels(), strings.Fields(dashboardPanels), strings.Fields(hardPanels)) {
		b.Run(panel, func(b *testing.B) { w.benchPanel(b, panel) })
	}
}

// verbPanels are the named questions with nothing said but the range, /group/name?panel=name.
func verbPanels() (all []string) {
	for i := range verbs {
		v := &verbs[i]
		name := strings.TrimPrefix(v.Path(), "/v1/")
		switch {
		case v.Operand != "" || v.Trail || v.List || v.Table != nil && len(v.Panels) == 0:
		case len(v.Panels) == 0:
			all = append(all, name)
		default:
			for _, p := range v.Panels {
				all = append(all, name+"?panel="+p.Name)
			}
		}
	}
	return all
}

// dashboardPanels are the questions of report/dashboard/assets/pages.js that are not the verbs' own.
const dashboardPanels = `
requests/stats?metrics=cost,requests,errors,total_tokens,p95_duration_ms,unpriced_requests&compare=previous
query?metrics=page_views,visitors,avg_time_on_page_seconds,avg_scroll_depth&compare=previous
costs/trends?metrics=cost&compare=previous
requests/trends?metrics=requests,errors
requests/models?by=model&metrics=cost,requests,errors&order=-cost&limit=6
agents/list?metrics=requests,agent_tasks,errors,cost&limit=6
content/trends?metrics=page_views,visitors
content/top?metrics=page_views,visitors,avg_time_on_page_seconds&limit=7
traffic/sources?metrics=sessions,visitors,bounce_rate&by=source&limit=6
tools/list?by=tool&metrics=tool_calls,errors,avg_duration_ms&limit=6
costs/trends?metrics=cost&by=model&order=-cost&limit=5&other=true
costs/breakdown?by=agent&limit=8
costs/breakdown?by=project&limit=8
costs/breakdown?by=user_id&limit=8
costs/breakdown?by=prompt_id&limit=8
costs/breakdown?by=api_key_id&limit=8
requests/stats?compare=previous
requests/trends?metrics=p95_duration_ms&compare=previous
requests/trends?metrics=requests&by=model&order=-requests&limit=5&other=true
requests/models?limit=50
requests/models?by=provider&metrics=requests,errors,cost,p95_duration_ms
agents/trends?metrics=agent_tasks&by=agent&order=-agent_tasks&limit=5&other=true
query?metrics=agent_tasks,avg_duration_ms&by=agent,task,status&limit=20&order=-agent_tasks
tools/stats?metrics=tool_calls,tools,errors,success_rate,avg_duration_ms,p95_duration_ms,users&compare=previous
tools/trends?metrics=p95_duration_ms&compare=previous
sessions/stats?filter=site!=""&compare=previous
sessions/trends?metrics=sessions,visitors&filter=site!=""
content/stats?compare=previous
content/trends?metrics=avg_time_on_page_seconds&compare=previous
content/top?limit=30
agents/show?id=agent-1&panel=requests
agents/show?id=agent-1&panel=models
tools/show?id=tool-3&panel=calls
`

// hardPanels are those that have many groups, many buckets, or days of another zone.
const hardPanels = `
costs/summary?interval=hour
requests/trends?interval=hour
requests/stats?interval=hour
requests/stats?interval=day
content/trends?interval=hour
sessions/trends?interval=hour
sessions/trends?interval=day
query?metrics=requests,users,p95_duration_ms&interval=hour
query?metrics=users&by=model&interval=week
query?metrics=p50_duration_ms,p95_duration_ms,p99_duration_ms&by=model&interval=day
query?metrics=requests,cost&by=model&interval=day&tz=America/New_York
query?metrics=requests,p95_duration_ms,users&by=model&interval=day&tz=America/New_York
query?metrics=requests,p95_duration_ms,users&by=model&interval=week&tz=America/New_York
query?metrics=requests,p95_duration_ms,users&by=model&interval=month&tz=America/New_York
query?metrics=requests,p95_duration_ms,users&by=model&interval=week&tz=Asia/Kathmandu
query?metrics=requests,p95_duration_ms,users&by=model&interval=month&tz=Asia/Kathmandu
query?metrics=page_views,visitors&interval=day&tz=America/New_York
query?metrics=page_views,visitors&interval=week&tz=Asia/Kathmandu
query?metrics=requests,p95_duration_ms,users&by=model&filter=project==project-1
query?metrics=requests,p95_duration_ms,users&by=agent&filter=model==model-1
query?metrics=requests,p95_duration_ms,users&by=model,agent&filter=provider==provider-a&interval=month
query?metrics=requests,p95_duration_ms,users&by=model&compare=year&interval=month
query?metrics=requests,cost&by=user_id&limit=20
query?metrics=requests,cost&by=user_id&limit=20&filter=model==model-1
query?metrics=requests,cost&by=model&filter=user_id==user-77
query?metrics=page_views,visitors&by=path&limit=20&interval=month
content/top?interval=month
query?metrics=page_views,visitors&by=city&limit=20
query?metrics=page_views,visitors&by=country,device,browser&limit=20
query?metrics=sessions,visitors,p95_session_seconds&by=landing_page&limit=20
query?metrics=tool_calls,p95_duration_ms,users,conversations&by=tool&interval=week
query?metrics=activities,actors&by=category,action&interval=day
query?metrics=errors&by=model,error_type,status_code&interval=week
`

// benchPanel asks a question as a path below /v1/ and its parameters.
func (w *world) benchPanel(b *testing.B, panel string) {
	b.Helper()
	path, query, _ := strings.Cut(panel, "?")
	i := slices.IndexFunc(verbs, func(v Verb) bool { return v.Path() == "/v1/"+path })
	if i < 0 {
		b.Fatalf("there is no verb %s", path)
	}
	values := url.Values{"from": {noon.AddDate(0, -13, 0).Add(time.Hour).Format(time.RFC3339)}}
	for _, given := range strings.Split(query, "&") {
		if name, value, ok := strings.Cut(given, "="); ok {
			values.Set(name, value)
		}
	}
	ask := func() *Answer {
		answer := w.desk.Ask
		if values.Has("panel") {
			answer = w.desk.panel
		}
		a, err := answer(context.Background(), store.Default, &verbs[i], values)
		if err != nil {
			b.Skip(err)
		}
		return a
	}
	src := ask().Meta.Sources
	if len(src.Cubes) == 0 {
		b.Skip("no cube has what is asked")
	}
	before := processor()
	for b.Loop() {
		if *firstTime {
			b.StopTimer()
			w.desk.blocks.forgetAll()
			b.StartTimer()
		}
		ask()
	}
	b.ReportMetric(float64((processor()-before).Microseconds())/1000/float64(b.N), "cpu-ms")
	b.ReportMetric(float64(src.RawRows+src.HeadRows), "rows")
	b.ReportMetric(float64(src.Cells), "cells")
}

// processor is the time that this process took of all cores.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
