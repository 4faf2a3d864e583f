package budget

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"analytics/engine/config"
	"analytics/engine/event"
	"analytics/engine/store"
)

// TestSumsMadeWhileEventsComeMissNothing has eight senders store bodies, some of them twice, while sums
// are made again and hours are sealed without pause. A row that fell between a snapshot and the counting,
// or into both, would show in the sum.
func TestSumsMadeWhileEventsComeMissNothing(t *testing.T) {
	w := newWorld(t, daily(dollar, Notify), Definition{Name: "g", Limit: 1, Period: "30d", By: []string{"model"}})
	ctx, stop := context.WithCancel(t.Context())
	var beside, senders sync.WaitGroup
	beside.Go(func() {
		for ctx.Err() == nil {
			if err := w.Rebuild(ctx); err != nil && ctx.Err() == nil {
				t.Error(err)
			}
		}
	})
	beside.Go(func() {
		for ctx.Err() == nil {
			if _, err := w.store.Seal(ctx, 0, true); err != nil && ctx.Err() == nil {
				t.Error(err)
			}
		}
	})
	for s := range 8 {
		senders.Go(func() {
			for i := range 60 {
				id := fmt.Sprintf("row-%d-%d", s, i)
				nano := event.NanoUSD(s*1000 + i)
				w.take(row(id, w.now, nano, "a", "k"), row(id+"b", w.now, nano, "b", "k"))
				w.take(row(id, w.now, nano, "a", "k"))
				if i%10 == 0 {
					w.take(row(id, w.now, nano, "a", "k"), row(id+"c", w.now, nano, "c", "k"))
				}
			}
		})
	}
	senders.Wait()
	stop()
	beside.Wait()
	want := w.rows(w.now.Add(-time.Hour))
	if got := event.NanoUSD(w.standing("d").Spent); got != want || want == 0 {
		t.Errorf("got %d, the rows are %d", got, want)
	}
	all, err := w.Standings(t.Context(), store.Default, "g")
	sum := event.NanoUSD(0)
	for _, s := range all {
		sum += event.NanoUSD(s.Spent)
	}
	if err != nil || sum != want || len(all) != 3 {
		t.Errorf("by model: got %d in %d groups, the rows are %d: %v", sum, len(all), want, err)
	}
}

// TestPricesThatChangeLater has rows rewritten, as a repricing does, and erased.
func TestPricesThatChangeLater(t *testing.T) {
	w := newWorld(t, daily(dollar, Pause))
	w.spend(2*dollar, 0)
	if v := w.ask("1", 1); v.Code != CodePaused {
		t.Errorf("got %+v", v)
	}
	day := event.MicrosOf(w.now.Truncate(24 * time.Hour)).Hour()
	_, err := w.store.Rewrite(t.Context(), store.Default, event.AIRequest, day, func(e *event.Event) bool {
		changed := e.Int(event.AICost) != dollar/2
		e.SetInt(event.AICost, dollar/2)
		return changed
	})
	if err != nil {
		t.Fatal(err)
	}
	if s := w.standing("d"); s.Spent != dollar/2 || s.State != Within {
		t.Errorf("repriced: got %s, %s", s.Spent, s.State)
	}
	if err := w.store.Erase(t.Context(), store.Default); err != nil {
		t.Fatal(err)
	}
	if s := w.standing("d"); s.Spent != 0 {
		t.Errorf("erased: got %s", s.Spent)
	}
}

func TestConfigOfBudgets(t *testing.T) {
	f := func(text string, want ...string) {
		t.Helper()
		var root struct {
			Budgets Config `yaml:"budgets"`
		}
		root.Budgets = DefaultConfig()
		path := filepath.Join(t.TempDir(), "a.yaml")
		if err := os.WriteFile(path, []byte("budgets:\n"+text), 0o600); err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprint(config.Load(path, nil, &root))
		if len(want) == 0 && got != "<nil>" {
			t.Errorf("%s: %s", text, got)
		}
		for _, part := range want {
			if !strings.Contains(got, part) {
				t.Errorf("%s: got %s, want %q in it", text, got, part)
			}
		}
	}
	f("  fail: open\n  limits:\n    - {name: keys, limit: 1.00, period: day, action: throttle, at: [50, 100], " +
		"scope: {model: 'gpt-*'}, by: [api_key_id], timezone: Europe/Berlin}\n" +
		"    - {name: w, limit: 20, period: week, week_start: sunday}\n")
	f("  fail: ajar\n  unknown_price: guess\n  output_tokens: 0\n  throttle_per_minute: 0\n  assume_cost: -1\n",
		"fail is closed or open", "unknown_price is", "output_tokens", "throttle_per_minute", "assume_cost")
	f("  limits:\n    - {name: a, limit: 0}\n    - {name: b, limit: 1}\n    - {name: b, limit: 2}\n",
		"limits[0]", "more than 0", "limits[2]", "two budgets")
}

// BenchmarkRebuild makes the sums of four budgets from a million sealed rows, which is what a start does.
func BenchmarkRebuild(b *testing.B) {
	w := newWorld(b, Definition{Name: "m", Limit: dollar, Period: "month"},
		Definition{Name: "d", Limit: dollar, Period: "24h"},
		Definition{Name: "k", Limit: dollar, Period: "week", By: []string{"api_key_id"}},
		Definition{Name: "g", Limit: dollar, Period: "day", Scope: map[string]string{"model": "gpt-*"}})
	const rows = 1_000_000
	for n := 0; n < rows; {
		var batch event.Batch
		for range 5000 {
			at := w.now.Add(-time.Duration(n) * 80 * time.Hour / rows)
			batch.Add(row(fmt.Sprintf("row-%08d", n), at, event.NanoUSD(n), fmt.Sprintf("gpt-%d", n%20),
				fmt.Sprintf("key-%d", n%100)))
			n++
		}
		if _, err := w.store.Append(b.Context(), store.Default, &batch); err != nil {
			b.Fatal(err)
		}
		if _, err := w.store.Seal(b.Context(), 0, n%100_000 == 0); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if err := w.Rebuild(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkNote looks at an event that two of three budgets count, and counts it.
func BenchmarkNote(b *testing.B) {
	w := newWorld(b, Definition{Name: "m", Limit: dollar, Period: "month"},
		Definition{Name: "k", Limit: dollar, Period: "week", By: []string{"api_key_id"}},
		Definition{Name: "g", Limit: dollar, Period: "day", Scope: map[string]string{"model": "claude-*"}})
	e := row("x", w.now, 5, "gpt-4o", "k")
	var body Body
	b.ReportAllocs()
	for b.Loop() {
		w.Begin(&body, store.Default)
		body.Note(e)
		body.Settle(store.Receipt{Accepted: 1}, nil)
	}
}

// BenchmarkReserve reserves for a call, beside 64 under way.
func BenchmarkReserve(b *testing.B) {
	w := newWorld(b, Definition{Name: "m", Limit: dollar, Period: "month", Action: Pause},
		Definition{Name: "k", Limit: dollar, Period: "24h", By: []string{"api_key_id"}, Action: Pause})
	for i := range 64 {
		w.ask(fmt.Sprint("call-", i), 1000)
	}
	for b.Loop() {
		if v := w.ask("mine", 1); !v.Allowed {
			b.Fatal(v.Reason)
		}
	}
}
