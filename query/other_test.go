package query

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/rollup/cube"
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

// TestOtherIsACountWithoutWhatIsShown asks once more, with the groups that are shown filtered out.
func TestOtherIsACountWithoutWhatIsShown(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 8))
	w := newWorld(t, Config{})
	for range 600 {
		w.random(r, noon.Add(-time.Duration(r.Int64N(int64(48*time.Hour)))))
	}
	w.commit()
	w.seal(noon.Add(-6 * time.Hour))
	for _, q := range []Question{
		{Metrics: []string{"requests", "cost", "users", "p50_duration_ms"}, By: []string{"model"}},
		{Metrics: []string{"requests", "avg_duration_ms"}, By: []string{"status_code"}, Interval: "day"},
		{Metrics: []string{"page_views", "visitors"}, By: []string{"path"}, Compare: "previous"},
		{Metrics: []string{"tool_calls", "users"}, By: []string{"tool"}, Interval: "hour", Compare: "previous"},
		{Metrics: []string{"samples", "max_value", "avg_value"}, By: []string{"name"}, Interval: "day"},
	} {
		q.From, q.To, q.Limit, q.Other = noon.Add(-24*time.Hour), noon, 1+r.IntN(2), true
		a, err := w.desk.Answer(context.Background(), store.Default, q)
		if err != nil {
			t.Fatalf("seed %d, %v: %v", seed, q, err)
		}
		lead := a.Column(q.By[0])
		rest := q
		rest.By, rest.Limit, rest.Other = nil, 0, false
		var got [][]any
		for _, row := range a.Rows {
			if row[lead] == cube.Other {
				got = append(got, slices.Delete(slices.Clone(row), lead, lead+1))
				continue
			}
			text := `""`
			if row[lead] != nil {
				text = spelled(row[lead])
			}
			if c := q.By[0] + "!=" + text; !strings.Contains(rest.Filter, c) {
				rest.Filter = strings.Trim(rest.Filter+";"+c, ";")
			}
		}
		b, err := w.desk.Answer(context.Background(), store.Default, rest)
		if err != nil {
			t.Fatalf("seed %d, %v: %v", seed, rest, err)
		}
		if fmt.Sprint(got) != fmt.Sprint(b.Rows) || len(got) == 0 {
			t.Errorf("seed %d, %v by %v: got\n%v, want\n%v", seed, q.Metrics, q.By, got, b.Rows)
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
