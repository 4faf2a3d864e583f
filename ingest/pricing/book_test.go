package pricing

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"analytics/engine/event"
)

func day() event.Micros {
	return event.MicrosOf(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC))
}

func TestCostSource(t *testing.T) {
	b := book(t, map[string]Custom{
		"my-model": {InputPer1K: "0.01", OutputPer1K: "0.03"},
		"in-only":  {InputPer1M: "1"},
		"local":    {InputPer1K: "0", OutputPer1K: "0"},
	})
	some := Usage{InputUncached: 1000, OutputText: 100}
	f := func(name, model string, u *Usage, prepare func(*event.Event), source string, cost int64) {
		t.Helper()
		e := asked("", model, day(), Usage{})
		if u != nil {
			e = asked("", model, day(), *u)
		} else {
			for _, field := range []int{event.AIInputUncachedTokens, event.AICacheReadTokens,
				event.AICacheWriteTokens, event.AICacheWrite1hTokens, event.AIAudioInputTokens,
				event.AIOutputTextTokens, event.AIReasoningTokens, event.AIAudioOutputTokens} {
				e.Clear(field)
			}
		}
		if prepare != nil {
			prepare(e)
		}
		for range 2 { // pricing again changes nothing
			b.Price(e)
			if got := string(e.Text(event.AICostSource)); got != source {
				t.Errorf("%s: source %q, want %q", name, got, source)
			}
			if cost < 0 && e.Has(event.AICost) || cost >= 0 && !e.Has(event.AICost) ||
				cost >= 0 && e.Int(event.AICost) != cost {
				t.Errorf("%s: cost %d set %v, want %d", name, e.Int(event.AICost),
					e.Has(event.AICost), cost)
			}
			if source != Computed && (e.Has(event.AIPriceKey) || e.Has(event.AIPriceVersion)) {
				t.Errorf("%s: a price key without a computed cost", name)
			}
		}
	}
	said := func(usd float64) func(*event.Event) {
		return func(e *event.Event) { e.SetFloat(event.AICostUSD, usd) }
	}
	failed := func(e *event.Event) { e.SetBool(event.AISuccess, false) }
	f("known", "gpt-4o", &some, nil, Computed, 3_500_000) // 1000 x 2.5 + 100 x 10 micro
	f("known, client's figure beside", "gpt-4o", &some, said(0.5), Computed, 3_500_000)
	f("unknown", "no-such", &some, nil, Unpriced, -1)
	f("unknown, client's figure", "no-such", &some, said(0.0123), Client, 12_300_000)
	f("unknown, client says free", "no-such", &some, said(0), Client, 0)
	f("unknown, client's nonsense", "no-such", &some, said(-1), Unpriced, -1)
	f("known without usage", "gpt-4o", nil, nil, Unpriced, -1)
	f("known without usage, client's figure", "gpt-4o", nil, said(0.25), Client, 250_000_000)
	f("known, failed without usage", "gpt-4o", nil, failed, Computed, 0)
	status := func(code int64) func(*event.Event) {
		return func(e *event.Event) { failed(e); e.SetInt(event.AIStatusCode, code) }
	}
	f("known, refused", "gpt-4o", nil, status(429), Computed, 0)
	f("known, broken off after it began", "gpt-4o", nil, status(200), Unpriced, -1)
	f("unknown, failed without usage", "no-such", nil, failed, Unpriced, -1)
	f("known, no tokens", "gpt-4o", &Usage{}, nil, Computed, 0)
	f("custom", "my-model", &some, nil, Computed, 13_000_000) // 1000 x 10 + 100 x 30 micro
	f("custom, free", "local", &some, nil, Computed, 0)
	f("custom without output price", "in-only", &some, nil, Unpriced, -1)
	f("custom without output", "in-only", &Usage{InputUncached: 7}, nil, Computed, 7_000)
	f("audio model without audio price", "gpt-4o-audio-preview", &Usage{AudioInput: 1}, nil,
		Unpriced, -1)
	f("negative tokens", "gpt-4o", &Usage{InputUncached: -1}, nil, Unpriced, -1)
	f("beyond an int64", "o1-pro", &Usage{OutputText: 1 << 53}, nil, Unpriced, -1)
	f("forgotten price", "gpt-4o", &Usage{InputUncached: -1}, func(e *event.Event) {
		e.SetInt(event.AICost, 7)
		e.SetText(event.AIPriceKey, []byte("old"))
	}, Unpriced, -1)
}

func TestClientsFigureIsKeptBeside(t *testing.T) {
	b := book(t, nil)
	e := asked("", "gpt-4o", day(), Usage{InputUncached: 1000, OutputText: 100})
	e.SetFloat(event.AICostUSD, 0.5)
	b.Price(e)
	if got := e.Int(event.AIClientCost); got != 500_000_000 {
		t.Errorf("client_cost %d, want 500000000", got)
	}
	e.Reset(event.PageView)
	b.Price(e)
	e.Each(func(field int) { t.Errorf("a page view got field %d", field) })
}

func TestFromUSD(t *testing.T) {
	f := func(usd float64, want event.NanoUSD, ok bool) {
		t.Helper()
		if got, gotOK := FromUSD(usd); got != want || gotOK != ok {
			t.Errorf("FromUSD(%v) = %d %v, want %d %v", usd, got, gotOK, want, ok)
		}
	}
	f(0.1, 100_000_000, true)
	f(0.012345678, 12_345_678, true)
	f(1234.567891234, 1_234_567_891_234, true)
	f(math.Copysign(0, -1), 0, true)
	f(-0.01, 0, false)
	f(math.NaN(), 0, false)
	f(math.Inf(1), 0, false)
	f(1e11, 0, false)
}

// TestMillionEventsSumExactly sums a million random events and compares with big rationals made of
// the prices as they are published, in USD per million tokens.
func TestMillionEventsSumExactly(t *testing.T) {
	type published struct {
		model string
		usd   [5]string // in, cached, written, written for an hour, out; under every tier
	}
	models := []published{
		{"gpt-4o", [5]string{"2.5", "1.25", "2.5", "2.5", "10"}},
		{"gpt-5-nano", [5]string{"0.05", "0.005", "0.05", "0.05", "0.4"}},
		{"claude-opus-4-5", [5]string{"5", "0.5", "6.25", "10", "25"}},
		{"claude-haiku-4-5", [5]string{"1", "0.1", "1.25", "2", "5"}},
		{"gemini-2.5-pro", [5]string{"1.25", "0.125", "1.25", "1.25", "10"}},
		{"gemini-flash-1.5-8b", [5]string{"0.0375", "0.01", "0.0375", "0.0375", "0.15"}},
	}
	pico := make([][5]*big.Int, len(models))
	for i, m := range models {
		for j, usd := range m.usd {
			r, _ := new(big.Rat).SetString(usd)
			r.Mul(r, big.NewRat(1e6, 1))
			if !r.IsInt() {
				t.Fatal(usd)
			}
			pico[i][j] = r.Num()
		}
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	b := book(t, nil)
	e := asked("", "x", day(), Usage{})
	var sum int64
	want, cost, part := new(big.Int), new(big.Int), new(big.Int)
	thousand, count := big.NewInt(1000), big.NewInt(0)
	for range 1_000_000 {
		i := rng.IntN(len(models))
		e.SetText(event.AIModel, []byte(models[i].model))
		cost.SetInt64(0)
		for j, field := range []int{event.AIInputUncachedTokens, event.AICacheReadTokens,
			event.AICacheWriteTokens, event.AICacheWrite1hTokens, event.AIOutputTextTokens} {
			tokens := rng.Int64N(20_000)
			e.SetInt(field, tokens)
			cost.Add(cost, part.Mul(count.SetInt64(tokens), pico[i][j]))
		}
		b.Price(e)
		sum += e.Int(event.AICost)
		want.Add(want, halfEven(cost, thousand))
	}
	if want.Cmp(big.NewInt(sum)) != 0 {
		t.Errorf("sum %d nano-USD, want %s", sum, want)
	}
}

func TestBookIsSafeForConcurrentUseAndBounded(t *testing.T) {
	b := book(t, nil)
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(g), 2))
			for range 20_000 {
				name, want := "gpt-4o", Computed
				if n := rng.IntN(3 * cacheSlots); n > 5000 {
					name, want = fmt.Sprintf("made-up-%d", n), Unpriced
				}
				e := asked("", name, day(), Usage{InputUncached: 1})
				b.Price(e)
				if got := string(e.Text(event.AICostSource)); got != want {
					t.Errorf("%s: %s, want %s", name, got, want)
					return
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkPrice(b *testing.B) {
	bk := book(b, nil)
	e := asked("anthropic", "claude-sonnet-4-5-20250929", day(),
		Usage{InputUncached: 700, CacheWrite: 100, CacheRead: 200, OutputText: 500})
	b.ReportAllocs()
	for b.Loop() {
		bk.Price(e)
	}
}

func BenchmarkPriceParallel(b *testing.B) {
	bk := book(b, nil)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		e := asked("anthropic", "claude-sonnet-4-5-20250929", day(), Usage{InputUncached: 700})
		for pb.Next() {
			bk.Price(e)
		}
	})
}

func BenchmarkFind(b *testing.B) {
	bk := book(b, nil)
	for b.Loop() {
		bk.find("openrouter", "no/such-model-2026-01-01")
	}
}

func BenchmarkNewBook(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		book(b, nil)
	}
}
