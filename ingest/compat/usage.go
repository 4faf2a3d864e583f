package compat

import (
	"github.com/tidwall/gjson"

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
	switch {
	case !v.IsObject():
		return wire.Usage{}
	case v.Get("prompt_tokens").Exists() || v.Get("completion_tokens").Exists():
		return consistent(chatUsage(v, "prompt_tokens", "completion_tokens"))
	case v.Get("input_tokens_details").IsObject() || v.Get("output_tokens_details.reasoning_tokens").Exists():
		return consistent(chatUsage(v, "input_tokens", "output_tokens"))
	case v.Get("input_tokens").Exists() || v.Get("output_tokens").Exists():
		u := chatUsage(v, "input_tokens", "output_tokens")
		u.Input = sum(u.Input, u.CacheRead, u.CacheWrite)
		return consistent(u)
	case v.Get("promptTokenCount").Exists() || v.Get("totalTokenCount").Exists():
		thoughts := count(v, "thoughtsTokenCount")
		return consistent(wire.Usage{
			Input:     sum(count(v, "promptTokenCount"), count(v, "toolUsePromptTokenCount")),
			CacheRead: count(v, "cachedContentTokenCount"),
			Output:    sum(count(v, "candidatesTokenCount"), thoughts), Reasoning: thoughts,
		})
	case v.Get("inputTokens").Exists() || v.Get("outputTokens").Exists():
		u := wire.Usage{
			CacheRead:  count(v, "cacheReadInputTokens", "cacheReadInputTokenCount"),
			CacheWrite: count(v, "cacheWriteInputTokens", "cacheWriteInputTokenCount"),
			Output:     count(v, "outputTokens"),
		}
		u.Input = sum(count(v, "inputTokens"), u.CacheRead, u.CacheWrite)
		return consistent(u)
	}
	return wire.Usage{}
}

// chatUsage reads totals and their parts by all names that are in use for them.
func chatUsage(v gjson.Result, input, output string) wire.Usage {
	in, out := v.Get(input+"_details"), v.Get(output+"_details")
	return wire.Usage{
		Input: count(v, input), Output: count(v, output),
		CacheRead: count(in, "cached_tokens").Or(
			count(v, "cache_read_input_tokens", "prompt_cache_hit_tokens", "cached_tokens")),
		CacheWrite: count(in, "cache_write_tokens", "cache_creation_tokens", "cache_creation_input_tokens").
			Or(count(v, "cache_creation_input_tokens", "cache_write_tokens")),
		CacheWrite1h: count(in, "cache_creation_token_details.ephemeral_1h_input_tokens").
			Or(count(v, "cache_creation.ephemeral_1h_input_tokens")),
		AudioInput: count(in, "audio_tokens"), ImageInput: count(in, "image_tokens"),
		Reasoning:   count(out, "reasoning_tokens", "thinking_tokens"),
		AudioOutput: count(out, "audio_tokens"), ImageOutput: count(out, "image_tokens"),
		WebSearches: count(v, "server_tool_use.web_search_requests").
			Or(count(in, "web_search_requests")),
	}
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
