package query

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
)

var benchEvents = flag.Int("events", 1_000_000, "how many events the benchmarks of raw events have")

// requests fills the world with AI requests that look like life, spread over days before noon, one
// in a hundred of them failed, and seals what is not of the last hour.
func (w *world) requests(n, days int) {
	w.t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	models := make([][]byte, 20)
	for i := range models {
		models[i] = fmt.Appendf(nil, "model-%d", i)
	}
	w.spread(n, days, func(at time.Time) {
		m := min(r.IntN(20), r.IntN(20))
		e := w.begin(event.AIRequest, at)
		e.SetText(event.AIModel, models[m])
		e.SetText(event.AIProvider, []byte("provider-"+string(rune('a'+m%4)))) // a model has one
		e.SetText(event.AIEndpoint, []byte("/v1/chat/completions"))
		agent := r.IntN(6) // an agent works for one project and mostly asks one model
		e.SetText(event.Agent, fmt.Appendf(nil, "agent-%d", agent))
		e.SetText(event.Project, fmt.Appendf(nil, "project-%d", agent/2))
		e.SetText(event.UserID, fmt.Appendf(nil, "user-%d", min(r.IntN(5000), r.IntN(5000))))
		e.SetID(event.TraceID, fmt.Appendf(nil, "%016x%016x", r.Uint64(), r.Uint64()))
		e.SetInt(event.AIStatusCode, 200)
		e.SetBool(event.AISuccess, true)
		if r.IntN(100) == 0 {
			e.SetInt(event.AIStatusCode, 500)
			e.SetBool(event.AISuccess, false)
			e.SetText(event.AIErrorType, pick(r, "timeout", "server_error", "rate_limit"))
		}
		e.SetInt(event.AIInputUncachedTokens, r.Int64N(4000))
		e.SetInt(event.AICacheReadTokens, r.Int64N(2000))
		e.SetInt(event.AIOutputTextTokens, r.Int64N(1000))
		e.SetInt(event.AICost, r.Int64N(50_000_000))
		e.SetText(event.AICostSource, []byte("computed"))
		e.SetInt(event.AIDurationMS, int64(400_000*(0.2+r.ExpFloat64())))
		e.SetInt(event.AITTFBMS, int64(100_000*(0.2+r.ExpFloat64())))
	})
}

// spread adds n events, which begin begins, over days before noon, and seals as the jobs would.
func (w *world) spread(n, days int, begin func(at time.Time)) {
	w.t.Helper()
	span := time.Duration(days) * 24 * time.Hour
	day := 0
	for i := range n {
		at := noon.Add(-span + time.Duration(float64(span)*float64(i)/float64(n)))
		begin(at)
		w.add()
		if w.batch.Len() == 5000 {
			w.commit()
			if d := int(at.Unix() / 86400); d != day { // as the hourly job would
				day = d
				w.seal(at.Truncate(24 * time.Hour))
			}
		}
	}
	w.commit()
	w.seal(noon.Add(-time.Hour))
}

func (w *world) bench(b *testing.B, q Question) {
	b.Helper()
	var last *Answer
	for b.Loop() {
		a, err := w.desk.Answer(context.Background(), store.Default, q)
		if err != nil {
			b.Fatal(err)
		}
		last = a
	}
	src := last.Meta.Sources
	b.ReportMetric(float64(src.RawRows+src.HeadRows), "rows")
	b.ReportMetric(float64(src.Cells), "cells")
}

// BenchmarkRawGroupBy1M counts events with the cubes left aside.
func BenchmarkRawGroupBy1M(b *testing.B) {
	w := newWorld(b, Config{})
	w.requests(*benchEvents, 30)
	q := Question{From: noon.AddDate(0, 0, -30), To: noon, Raw: true}
	q.Metrics, q.By = []string{"requests", "total_tokens", "avg_duration_ms"}, []string{"model"}
	b.Run("by_model", func(b *testing.B) { w.bench(b, q) })
	q.Metrics = []string{"requests", "p50_duration_ms", "p95_duration_ms", "p99_duration_ms"}
	b.Run("quantiles_by_model", func(b *testing.B) { w.bench(b, q) })
	q.Metrics, q.By = []string{"requests"}, nil
	q.Interval = "day"
	b.Run("by_day", func(b *testing.B) { w.bench(b, q) })
	q.Interval, q.By, q.Limit = "", []string{"user_id"}, 20
	b.Run("top_users", func(b *testing.B) { w.bench(b, q) })
	q.Metrics, q.By, q.Interval, q.Limit = []string{"users"}, nil, "day", 0
	b.Run("users_by_day", func(b *testing.B) { w.bench(b, q) })
}

// BenchmarkNewestFailed lists the 50 newest failed requests, and finds a trace by its id.
func BenchmarkNewestFailed(b *testing.B) {
	w := newWorld(b, Config{})
	w.requests(*benchEvents, 30)
	l := Listing{
		Kinds: []event.Kind{event.AIRequest}, Filter: "success==false",
		From: noon.AddDate(0, 0, -30), To: noon,
	}
	list := func(b *testing.B, l Listing, want int) {
		var rows int64
		for b.Loop() {
			a, err := w.desk.List(context.Background(), store.Default, l)
			if err != nil || len(a.Rows) != want {
				b.Fatalf("%v, %v", a, err)
			}
			rows = a.Meta.Sources.RawRows + a.Meta.Sources.HeadRows
		}
		b.ReportMetric(float64(rows), "rows")
	}
	b.Run("newest_50", func(b *testing.B) { list(b, l, 50) })
	old := l
	old.To = noon.AddDate(0, 0, -12)
	b.Run("50_of_a_merged_day", func(b *testing.B) { list(b, old, 50) })
	all, err := w.desk.List(context.Background(), store.Default, Listing{
		Kinds: l.Kinds, From: l.From, To: noon.AddDate(0, 0, -9), Fields: []string{"trace_id"}, Limit: 1,
	})
	if err != nil {
		b.Fatal(err)
	}
	l.Filter = "trace_id==" + all.Rows[0][0].(string)
	b.Run("trace", func(b *testing.B) { list(b, l, 1) })
}
