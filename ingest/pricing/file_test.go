package pricing

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"analytics/engine/event"
)

// liteLLM is LiteLLM's form with what its entries look like; the figures are made up, so that they
// cannot be mistaken for the kept ones.
const liteLLM = `{
 "sample_spec": {"input_cost_per_token": "not a price", "litellm_provider": "one of ..."},
 "gpt-4o": {"litellm_provider": "openai", "mode": "chat", "max_tokens": 16384,
   "input_cost_per_token": 3e-06, "output_cost_per_token": 1.2e-05,
   "cache_read_input_token_cost": 1.5e-06, "input_cost_per_token_batches": 1e-06,
   "output_cost_per_token_batches": 4e-06, "input_cost_per_token_priority": 6e-06,
   "output_cost_per_token_priority": 2.4e-05, "supports_vision": true,
   "search_context_cost_per_query": {"search_context_size_low": 0.03,
     "search_context_size_medium": 0.035, "search_context_size_high": 0.05}},
 "claude-x": {"litellm_provider": "anthropic", "input_cost_per_token": 4e-06,
   "output_cost_per_token": 2e-05, "cache_creation_input_token_cost": 5e-06,
   "cache_creation_input_token_cost_above_1hr": 8e-06, "cache_read_input_token_cost": 4e-07,
   "input_cost_per_token_above_200k_tokens": 8e-06,
   "output_cost_per_token_above_200k_tokens": 3e-05,
   "cache_creation_input_token_cost_above_1hr_above_200k_tokens": 1.6e-05},
 "azure/gpt-4o": {"litellm_provider": "azure", "input_cost_per_token": 5e-06,
   "output_cost_per_token": 1e-05},
 "vertex_ai/claude-x@20260101": {"litellm_provider": "vertex_ai-anthropic_models",
   "input_cost_per_token": 7e-06, "output_cost_per_token": 1e-05},
 "eu.anthropic.claude-x-v1:0": {"litellm_provider": "bedrock_converse",
   "input_cost_per_token": 9e-06, "output_cost_per_token": 1e-05},
 "dall-e-3": {"litellm_provider": "openai", "mode": "image_generation", "input_cost_per_image": 0.04}
}`

func TestLiteLLMsListGoesBeforeTheKeptOne(t *testing.T) {
	f := with(t, liteLLM)
	if f.source.File.Prices != 5 || f.source.File.Other != 1 {
		t.Errorf("%d prices and %d others, want 5 and 1", f.source.File.Prices, f.source.File.Other)
	}
	check := func(provider, model, tier string, u Usage, nano int64, key string) {
		t.Helper()
		e := asked(provider, model, day(), u)
		if tier != "" {
			e.SetText(event.AITier, []byte(tier))
		}
		f.Price(e)
		if got := e.Int(event.AICost); got != nano || string(e.Text(event.AIPriceKey)) != key {
			t.Errorf("%s %s %s: %d %q, want %d %q", provider, model, tier, got,
				e.Text(event.AIPriceKey), nano, key)
		}
		if v := string(e.Text(event.AIPriceVersion)); strings.HasPrefix(key, "litellm/") !=
			strings.HasPrefix(v, "litellm/") {
			t.Errorf("%s: version %q", model, v)
		}
	}
	in := Usage{InputUncached: 1000, CacheRead: 100, OutputText: 10}
	check("openai", "gpt-4o", "", in, 3_270_000, "litellm/gpt-4o") // 3000 + 150 + 120 micro
	// 1000 x 1 + 10 x 4, and cached ones at the tier's input: 100 x 1
	check("openai", "gpt-4o", "batch", in, 1_140_000, "litellm/gpt-4o#batch")
	check("openai", "gpt-4o", "flex", in, 1_635_000, "litellm/gpt-4o#flex=half")
	check("openai", "gpt-4o", "priority", in, 6_840_000, "litellm/gpt-4o#priority")
	check("openai", "gpt-4o", "", Usage{WebSearches: 2}, 70_000_000, "litellm/gpt-4o")
	check("azure", "gpt-4o", "", in, 5_600_000, "litellm/azure/gpt-4o")
	check("", "openai/gpt-4o", "", in, 3_270_000, "litellm/gpt-4o")
	// 1 x 8 + 200000 x 16
	check("anthropic", "claude-x", "", Usage{InputUncached: 1, CacheWrite1h: 200_000},
		3_200_008_000, "litellm/claude-x")
	check("anthropic", "claude-x", "", Usage{CacheWrite1h: 10}, 80_000, "litellm/claude-x")
	check("gcp.vertex_ai", "claude-x@20260101", "", Usage{InputUncached: 1}, 7_000,
		"litellm/vertex_ai/claude-x@20260101")
	check("", "eu.anthropic.claude-x-v1:0", "", Usage{InputUncached: 1}, 9_000,
		"litellm/eu.anthropic.claude-x-v1:0")
	check("openai", "gpt-4.1", "", Usage{InputUncached: 1}, 2_000, "openai/gpt-4.1")
	check("groq", "gpt-4o", "", Usage{InputUncached: 1}, 0, "") // another host's price is none
}

func TestOwnListKnowsTiersLongPromptsAndPatterns(t *testing.T) {
	b := with(t, `{"format": "analytics-prices/1", "prices": {
		"our-*": {"input_per_1m": 1, "output_per_1m": 2},
		"our-large*": {"input_per_1m": "3.5", "output_per_1m": 4, "web_search_per_1k": 5,
			"tiers": {"batch": {"input_per_1m": 0.5, "output_per_1m": 1}},
			"above": {"1000": {"input_per_1m": 7, "output_per_1m": 8}}},
		"azure/gpt-*": {"input_per_1m": 2.5, "output_per_1m": 8}}}`)
	check := func(provider, model, tier string, u Usage, nano int64, key string) {
		t.Helper()
		e := asked(provider, model, day(), u)
		e.SetText(event.AITier, []byte(tier))
		b.Price(e)
		if got := e.Int(event.AICost); got != nano || string(e.Text(event.AIPriceKey)) != key {
			t.Errorf("%s %s %s: %d %q, want %d %q", provider, model, tier, got,
				e.Text(event.AIPriceKey), nano, key)
		}
	}
	check("", "our-small", "", Usage{InputUncached: 10}, 10_000, "file/our-*")
	check("", "our-large-2", "", Usage{InputUncached: 10}, 35_000, "file/our-large*")
	check("", "our-large-2", "", Usage{InputUncached: 1001, WebSearches: 1}, 12_007_000,
		"file/our-large*")
	check("", "our-large-2", "batch", Usage{InputUncached: 10}, 5_000, "file/our-large*#batch")
	check("", "our-large-2", "flex", Usage{InputUncached: 10}, 35_000, "file/our-large*#flex=standard")
	check("azure", "gpt-4o", "", Usage{InputUncached: 10}, 25_000, "file/azure/gpt-*")
	check("openai", "gpt-4.1", "", Usage{InputUncached: 10}, 20_000, "openai/gpt-4.1")
}

func TestBadEntriesOfAFileAreAllNamed(t *testing.T) {
	f := func(text string, want ...string) {
		t.Helper()
		_, err := ParseFile([]byte(text))
		if err == nil {
			t.Errorf("%.60s was taken", text)
			return
		}
		for _, w := range want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("error lacks %q:\n%v", w, err)
			}
		}
	}
	f(`{"a": {"input_cost_per_token": "x"}, "b": {"output_cost_per_token": -1}, "c": 3,
		"d": {"input_cost_per_token": 1e-6}}`, `"a"`, `"b"`, `"c"`)
	f(`{"format": "analytics-prices/1", "prices": {"a": {"input_per_1m": "x"},
		"b": {"input_per_1m": 1, "output": 2}, "c": {"cache_read_per_1m": 1},
		"d": {"input_per_1m": 1, "tiers": {"slow": {"input_per_1m": 1}}},
		"e": {"input_per_1m": 1, "above": {"-5": {"input_per_1m": 1}}}}}`,
		`"a"`, `"b"`, `"c"`, `"d"`, `"e"`)
	f(`{"format": "analytics-prices/9", "prices": {}}`, "analytics-prices/1")
	f(`[]`, "not an object")
	f(`{"dall-e-3": {"input_cost_per_image": 1}}`, "no price of tokens")
}

func TestReadFile(t *testing.T) {
	if f, err := ReadFile(""); f != nil || err != nil {
		t.Errorf("no path gave %v %v", f, err)
	}
	if _, err := ReadFile(filepath.Join(t.TempDir(), "none.json")); err == nil {
		t.Error("a missing file gave no error")
	}
	path := filepath.Join(t.TempDir(), "prices.json")
	if err := os.WriteFile(path, []byte(liteLLM), 0o600); err != nil {
		t.Fatal(err)
	}
	if f, err := ReadFile(path); err != nil || f.Prices != 5 {
		t.Errorf("%+v %v", f, err)
	}
}

func FuzzParseFile(f *testing.F) {
	f.Add([]byte(liteLLM))
	f.Add([]byte(`{"format": "analytics-prices/1", "prices": {"a*": {"input_per_1m": 1}}}`))
	kept, err := load(embedded)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := ParseFile(text)
		if err != nil {
			return
		}
		b, err := newBook(kept, Source{File: file})
		if err != nil {
			t.Fatal(err)
		}
		e := asked("openai", "gpt-4o", day(), Usage{InputUncached: 1000, OutputText: 10})
		b.Price(e)
		if e.Has(event.AICost) && e.Int(event.AICost) < 0 {
			t.Errorf("cost %d", e.Int(event.AICost))
		}
	})
}

// with is a book with a price file.
func with(t *testing.T, text string) *Book {
	t.Helper()
	f, err := ParseFile([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	b, err := book(t, nil).Using(Source{File: f})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestKeptTiersAreOfTheTable(t *testing.T) {
	b := book(t, nil)
	found := map[string]*price{}
	for _, p := range b.kept.providers {
		for _, m := range p.models {
			found[string(m.price.key)] = m.price
		}
	}
	for key, k := range keptTiers {
		p := found[key]
		if p == nil {
			t.Errorf("the kept table has no %s", key)
			continue
		}
		for _, r := range []Rate{k.input, k.read, k.output} {
			if _, err := r.pico(per1M); err != nil && k.times == 0 {
				t.Errorf("%s: %q %v", key, r, err)
			}
		}
		if now := levelOf(p.at(day()).levels, 1); k.times == 0 &&
			p.tiers[k.tier].levels[0].pico[input] <= now.pico[input] {
			t.Errorf("%s: priority is no dearer than standard", key)
		}
	}
}
