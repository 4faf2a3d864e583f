package query

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
)

func TestWhatIsShownAndOtherMakeTheTotal(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 7))
	w := newWorld(t, Config{})
	for range 400 {
		w.random(r, noon.Add(-time.Duration(r.Int64N(int64(48*time.Hour)))))
	}
	w.commit()
	w.seal(noon.Add(-6 * time.Hour))
	for _, q := range []Question{
		{Metrics: []string{"requests", "cost", "errors"}, By: []string{"model"}},
		{Metrics: []string{"requests", "total_tokens"}, By: []string{"status_code"}, Share: true},
		{Metrics: []string{"tool_calls", "errors"}, By: []string{"user_id"}, Interval: "day"},
		{Metrics: []string{"page_views"}, By: []string{"path"}, Filter: "bot_class!=scanner"},
		{Metrics: []string{"page_views"}, By: []string{"bot_name"}, Interval: "hour"},
		{Metrics: []string{"events"}, By: []string{"type"}},
	} {
		q.From, q.To, q.Limit, q.Other = noon.Add(-48*time.Hour), noon, 1+r.IntN(3), true
		a, err := w.desk.Answer(context.Background(), store.Default, q)
		if err != nil {
			t.Fatalf("seed %d, %v: %v", seed, q, err)
		}
		for _, name := range q.Metrics {
			sum := int64(0)
			for _, row := range a.Rows {
				sum += wholeOf(row[a.Column(name)])
			}
			if want := wholeOf(a.Totals[name]); sum != want {
				t.Errorf("seed %d, %s by %v: rows make %d, the total is %d", seed, name, q.By, sum, want)
			}
		}
	}
}

func wholeOf(cell any) int64 {
	switch v := cell.(type) {
	case int64:
		return v
	case event.NanoUSD:
		return int64(v)
	}
	return 0
}
