package query

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"analytics/engine/store"
)

// TestMonthsAnswerWhatEventsDo: questions over months have the same answer from cells of months, of days and of
// hours together as from events. The months of a zone are not those of another, and have no weeks.
func TestMonthsAnswerWhatEventsDo(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 9))
	zone := []string{"UTC", "Europe/Berlin"}[r.IntN(2)]
	w := newWorld(t, Config{Timezone: zone})
	w.requests(10_000, 100)
	w.life(10_000, 100)
	w.daily()
	one := func(of ...string) string { return of[r.IntN(len(of))] }
	for i := range 48 {
		q := Question{
			TZ: one("", "", "America/New_York"), Interval: one("", "month", "month", "week"), Limit: r.IntN(2) * 5,
			Compare: one("", "", "previous"),
		}
		by := ""
		switch r.IntN(4) {
		case 0:
			q.Metrics = []string{"requests", "cost", "users", "p95_duration_ms", "total_tokens"}
			by, q.Filter = one("", "model", "agent", "project"), one("", "", "model!=model-3", "provider==provider-a")
		case 1:
			q.Metrics = []string{"page_views", "visitors"}
			by, q.Filter = one("", "country", "source", "path"), one("", "", "country!=C3", "path=~*/1*")
		case 2:
			q.Metrics = []string{"tool_calls", "p95_duration_ms"}
			by, q.Filter = one("", "tool", "server"), one("", "tool!=tool-7")
		default:
			q.Metrics = []string{"sessions", "visitors", "bounce_rate"}
			by = one("", "channel", "landing_page")
		}
		if by != "" {
			q.By = []string{by}
		}
		q.To = noon.Add(-time.Duration(r.Int64N(int64(15 * 24 * time.Hour))))
		q.From = q.To.AddDate(0, 0, -60-r.IntN(25))
		fast, err := w.desk.Answer(context.Background(), store.Default, q)
		if err != nil {
			t.Fatalf("seed %d: %+v: %v", seed, q, err)
		}
		months := slices.ContainsFunc(fast.Meta.Sources.Cubes, func(name string) bool {
			return strings.HasSuffix(name, "_monthly")
		})
		if fits := q.TZ == "" && q.Interval != "week"; fits && !months && q.Metrics[0] == "requests" {
			t.Errorf("seed %d: question %d, %+v, is counted from %v", seed, i, q, fast.Meta.Sources.Cubes)
		} else if cut := q.Interval == "week" || q.Interval == "month" && q.TZ != ""; cut && months {
			t.Errorf("seed %d: question %d, %+v, is counted from months", seed, i, q)
		}
		q.Raw = true
		slow, err := w.desk.Answer(context.Background(), store.Default, q)
		if err != nil {
			t.Fatalf("seed %d: %+v: %v", seed, q, err)
		}
		if got, want := rowsOf(fast), rowsOf(slow); got != want {
			t.Fatalf("seed %d: question %d, %+v\nfrom %+v:\n%s\nfrom events:\n%s", seed, i, q, fast.Meta.Sources, got, want)
		}
	}
}
