package pricing

import (
	"testing"
	"time"

	"analytics/engine/event"
)

func TestFindsModelsByTheirManyNames(t *testing.T) {
	b := book(t, nil)
	f := func(provider, model, want string) {
		t.Helper()
		got := ""
		if p := b.find(provider, model); p != nil {
			got = string(p.key)
		}
		if got != want {
			t.Errorf("find(%q, %q) = %q, want %q", provider, model, got, want)
		}
	}
	// No provider: the family decides.
	f("", "gpt-4o", "openai/gpt-4o")
	f("", " GPT-4o ", "openai/gpt-4o")
	f("", "claude-sonnet-4-5", "anthropic/claude-sonnet-4-5")
	f("", "gemini-2.5-pro", "google/gemini-2.5-pro")
	f("", "mistral-large-latest", "mistral/mistral-large")
	f("", "o3-mini", "openai/o3-mini")
	// Prefixes and paths.
	f("", "models/gemini-2.5-pro", "google/gemini-2.5-pro")
	f("", "openai/gpt-4o", "openai/gpt-4o")
	f("", "openai:gpt-4o", "openai/gpt-4o")
	f("", "openrouter/openai/gpt-4o", "openrouter/openai/gpt-4o")
	f("", "gemini/gemini-2.5-flash", "google/gemini-2.5-flash")
	f("", "vertex_ai/claude-sonnet-4-5@20250929", "google/claude-sonnet-4-5")
	f("", "projects/p/locations/us/publishers/anthropic/models/claude-opus-4-1@20250805",
		"google/claude-4-opus")
	f("litellm", "anthropic/claude-haiku-4-5", "anthropic/claude-haiku-4-5")
	f("gateway-of-ours", "gpt-4o", "openai/gpt-4o")
	// Bedrock.
	f("", "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
		"aws/regional.anthropic.claude-sonnet-4-5-20250929-v1:0")
	f("anthropic", "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
		"aws/global.anthropic.claude-sonnet-4-5-20250929-v1:0")
	f("", "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.amazon.nova-lite-v1:0",
		"aws/amazon.nova-lite-v1:0")
	f("", "bedrock/anthropic.claude-3-5-haiku-20241022-v1:0",
		"aws/regional.anthropic.claude-3-5-haiku-20241022-v1:0")
	// Fallback providers, and what the clouds call themselves.
	f("azure", "gpt-4.1", "openai/gpt-4.1")
	f("azure", "claude-opus-4-5", "anthropic/claude-opus-4-5")
	f("az.ai.openai", "gpt-4o", "openai/gpt-4o")
	f("x_ai", "grok-4.3", "x-ai/grok-4.3")
	f("gcp.gen_ai", "gemini-2.5-pro", "google/gemini-2.5-pro")
	// Dated snapshots the table does not list; one it does keeps its own price.
	f("", "gpt-5-mini-2031-02-03", "openai/gpt-5-mini")
	f("", "gpt-5-mini-20310203", "openai/gpt-5-mini")
	f("openai", "gpt-4o-20240513", "openai/gpt-4o-2024-05-13")
	f("openai", "gpt-4o-2024-05-13", "openai/gpt-4o-2024-05-13")
	f("google", "gemini-2.5-flash-001", "google/gemini-2.5-flash")
	// A compatible endpoint behind an OpenAI or Anthropic client.
	f("openai", "claude-sonnet-4-5", "anthropic/claude-sonnet-4-5")
	f("openai", "groq/openai/gpt-oss-20b", "groq/openai/gpt-oss-20b")
}

// TestNeverGuesses: hosts with a list of their own, local runtimes, unknown names and siblings.
func TestNeverGuesses(t *testing.T) {
	b := book(t, nil)
	f := func(provider, model, want string) {
		t.Helper()
		got := ""
		if p := b.find(provider, model); p != nil {
			got = string(p.key)
		}
		if got != want {
			t.Errorf("find(%q, %q) = %q, want %q", provider, model, got, want)
		}
	}
	f("groq", "gpt-4o", "")
	f("together", "deepseek-chat", "")
	f("ollama", "gpt-4o", "")
	f("", "ollama/deepseek-chat", "")
	f("", "deepseek-chat", "deepseek/deepseek-chat")
	f("", "gpt-99", "")
	f("", "claude-sonnet-9", "")
	f("openai", "ft:gpt-4.1-mini-2025-04-14:acme::x", "") // fine-tuned costs more than its base
	f("", "us.anthropic.claude-opus-99-v1:0", "")
	f("azure", "our-deployment", "")
	f("", "gpt-4o:free", "")
	f("", "gpt-4o-turbo-ultra", "")
	f("", "", "")
	f("openai", "/", "")
	f("", "openai/", "")
}

func TestTimeOfDayDecidesPrice(t *testing.T) {
	b := book(t, nil)
	u := Usage{InputUncached: 1_000_000}
	at := func(clock string) event.NanoUSD {
		when, err := time.Parse(time.DateTime, "2026-11-21 "+clock)
		if err != nil {
			t.Fatal(err)
		}
		nano, _, ok := b.Cost("deepseek", "deepseek-reasoner", event.MicrosOf(when), u)
		if !ok {
			t.Fatal("no price")
		}
		return nano
	}
	// DeepSeek took a quarter at night: 0.135 instead of 0.55 from 16:30 to 00:30.
	for clock, want := range map[string]event.NanoUSD{"00:29:59": 135_000_000,
		"00:30:00": 550_000_000, "16:29:59": 550_000_000, "16:30:00": 135_000_000} {
		if got := at(clock); got != want {
			t.Errorf("at %s %d, want %d", clock, got, want)
		}
	}
	night := sheet{dayFrom: 82800, dayTo: 3600}
	for clock, want := range map[int64]bool{0: true, 3599: true, 3600: false, 82799: false,
		82800: true} {
		if got := night.covers(event.Micros(clock * 1e6)); got != want {
			t.Errorf("23:00-01:00 covers second %d: %v, want %v", clock, got, want)
		}
	}
}

// FuzzFind looks for a name that breaks the look-up; what it finds must be an entry with a key.
func FuzzFind(f *testing.F) {
	b := book(f, nil)
	f.Add("", "openai/openai/gpt-4o-2024-05-13")
	f.Add("azure", "arn:aws:bedrock:::/a.b.c")
	f.Add("LITELLM", "::/:/@20250101")
	f.Fuzz(func(t *testing.T, provider, model string) {
		p := b.find(provider, model)
		if p != nil && (len(p.key) == 0 || len(p.sheets) == 0) {
			t.Errorf("find(%q, %q) is an empty entry", provider, model)
		}
	})
}
