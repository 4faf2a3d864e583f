package compat

import (
	"slices"

	"github.com/tidwall/gjson"

	"analytics/ingest/dialect"
	"analytics/ingest/wire"
)

// usageOf reads the tokens of a provider's answer in whatever shape it has, LiteLLM's mixture
// included. The shape says what the totals include:
//
//	prompt_tokens, completion_tokens        OpenAI chat, LiteLLM: everything
//	input_tokens with input_tokens_details  OpenAI responses: everything
//	input_tokens else                       Anthropic: no cached tokens
//	promptTokenCount                        Gemini: cached tokens, but not the thoughts
//	inputTokens                             Bedrock: no cached tokens
func usageOf(v gjson.Result) wire.Usage {
	has := func(names ...string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return v.Get(n).Exists() })
	}
	raw := []byte(v.Raw)
	switch {
	case !v.IsObject():
		return wire.Usage{}
	case has("prompt_tokens", "completion_tokens", "input_tokens_details"):
		u := dialect.OpenAIUsage(raw)
		u.CacheWrite1h = count(v, "cache_creation.ephemeral_1h_input_tokens",
			"prompt_tokens_details.cache_creation_token_details.ephemeral_1h_input_tokens")
		return consistent(u)
	case has("input_tokens", "output_tokens"):
		return consistent(dialect.AnthropicUsage(raw))
	case has("promptTokenCount", "totalTokenCount"):
		return consistent(dialect.GeminiUsage(raw))
	case has("inputTokens", "outputTokens"):
		return consistent(dialect.BedrockUsage(raw))
	}
	return wire.Usage{}
}

// sum adds what is known; it is unknown when nothing is.
func sum(all ...wire.Count) (s wire.Count) {
	for _, c := range all {
		s = wire.Count{N: s.N + c.N, Known: s.Known || c.Known}
	}
	return s
}

// consistent makes the parts fit into their totals, as the intake wants them. Parts that are more
// than the total prove that the total does not include them.
func consistent(u wire.Usage) wire.Usage {
	if u.CacheWrite1h.N > u.CacheWrite.N {
		u.CacheWrite = u.CacheWrite1h
	}
	if cached := u.CacheRead.N + u.CacheWrite.N; u.Input.Known && cached > u.Input.N {
		u.Input.N += cached
	}
	if u.Output.Known && u.Reasoning.N > u.Output.N {
		u.Output.N += u.Reasoning.N
	}
	// Cached audio is counted by both names, and written audio may be thought about: the part that
	// has its own price for sure stays.
	if u.Input.Known {
		left := u.Input.N - u.CacheRead.N - u.CacheWrite.N
		u.AudioInput, left = within(u.AudioInput, left)
		u.ImageInput, _ = within(u.ImageInput, left)
	}
	if u.Output.Known {
		left := u.Output.N - u.Reasoning.N
		u.AudioOutput, left = within(u.AudioOutput, left)
		u.ImageOutput, _ = within(u.ImageOutput, left)
	}
	return u
}

// within is a part that is at most what is left, and what is left then.
func within(part wire.Count, left int64) (wire.Count, int64) {
	part.N = min(part.N, max(left, 0))
	return part, left - part.N
}
