package dialect

import (
	"strings"

	"analytics/ingest/wire"
)

// openAIUsage is where OpenAI's APIs have their counts, and those who speak like it: chat and
// responses use other names, and details hang off either.
var openAIUsage = paths{
	"prompt_tokens": cInput, "input_tokens": cInput,
	"completion_tokens": cOutput, "output_tokens": cOutput,
	"total_tokens": cTotal, "cost": uCost,
	"cached_tokens":                       cCacheRead, // Moonshot
	"prompt_cache_hit_tokens":             cCacheRead, // DeepSeek
	"prompt_cache_miss_tokens":            cCacheMiss,
	"cache_read_input_tokens":             cCacheRead, // LiteLLM
	"cache_creation_input_tokens":         cCacheWrite,
	"num_search_queries":                  cWebSearches, // Perplexity
	"server_tool_use.web_search_requests": cWebSearches, // OpenRouter
	"reasoning_tokens":                    cReasoning,   // Perplexity
}

// inputDetails and outputDetails are parts of the counts beside them.
var (
	inputDetails = paths{
		"cached_tokens": cCacheRead, "cache_write_tokens": cCacheWrite,
		"cache_creation_tokens": cCacheWrite, "audio_tokens": cAudioInput,
		"image_tokens": cImageInput, "cached_tokens_details.audio_tokens": cAudioCached,
	}
	outputDetails = paths{
		"reasoning_tokens": cReasoning, "audio_tokens": cAudioOutput, "image_tokens": cImageOutput,
	}
	openAIUsageTree = []paths{openAIUsage,
		inputDetails.under("prompt_tokens_details", "input_tokens_details", "input_token_details"),
		outputDetails.under("completion_tokens_details", "output_tokens_details",
			"output_token_details"),
	}
)

// anthropicUsage is where Anthropic's messages have their counts.
var anthropicUsage = paths{
	"input_tokens": cInput, "output_tokens": cOutput,
	"cache_read_input_tokens":                  cCacheRead,
	"cache_creation_input_tokens":              cCacheWrite,
	"cache_creation.ephemeral_5m_input_tokens": cCacheWrite5m,
	"cache_creation.ephemeral_1h_input_tokens": cCacheWrite1h,
	"output_tokens_details.thinking_tokens":    cReasoning,
	"output_tokens_details.reasoning_tokens":   cReasoning,
	"server_tool_use.web_search_requests":      cWebSearches,
	"service_tier":                             uTier,
	"speed":                                    uSpeed,
}

// geminiUsage is where Gemini and Vertex have their counts.
var geminiUsage = []paths{
	{
		"promptTokenCount": cInput, "candidatesTokenCount": cOutput, "totalTokenCount": cTotal,
		"responseTokenCount":      cOutput, // Live API
		"cachedContentTokenCount": cCacheRead, "thoughtsTokenCount": cReasoning,
		"toolUsePromptTokenCount": cToolPrompt, "trafficType": uTier, "serviceTier": uTier,
		"promptTokensDetails.*": uPrompt, "cacheTokensDetails.*": uCached,
		"candidatesTokensDetails.*": uAnswer, "responseTokensDetails.*": uAnswer,
		"toolUsePromptTokensDetails.*": uToolUse,
		// Interactions, with other names for the same.
		"total_input_tokens": cInput, "total_output_tokens": cOutput, "total_tokens": cTotal,
		"total_cached_tokens": cCacheRead, "total_thought_tokens": cReasoning,
		"total_tool_use_tokens": cToolPrompt,
	},
	paths{"modality": uModality, "tokenCount": uTokens}.under("promptTokensDetails.*",
		"cacheTokensDetails.*", "candidatesTokensDetails.*", "responseTokensDetails.*",
		"toolUsePromptTokensDetails.*"),
}

// bedrockUsage is where Bedrock's Converse has its counts.
var bedrockUsage = paths{
	"inputTokens": cInput, "outputTokens": cOutput, "totalTokens": cTotal,
	"cacheReadInputTokens": cCacheRead, "cacheWriteInputTokens": cCacheWrite,
	"cacheReadInputTokenCount": cCacheRead, "cacheWriteInputTokenCount": cCacheWrite,
	"cacheDetails.*": uDetail, "cacheDetails.*.ttl": uModality, "cacheDetails.*.inputTokens": uTokens,
}

var (
	openAIUsageRoot    = tree(openAIUsageTree...)
	anthropicUsageRoot = tree(anthropicUsage)
	geminiUsageRoot    = tree(geminiUsage...)
	bedrockUsageRoot   = tree(bedrockUsage)
)

// OpenAIUsage reads the `usage` object of OpenAI's chat completions, responses, embeddings, images
// and transcriptions, and of servers that speak like it.
func OpenAIUsage(raw []byte) wire.Usage { t := read(openAIUsageRoot, raw); return t.openAI("") }

// AnthropicUsage reads the `usage` object of Anthropic's messages.
func AnthropicUsage(raw []byte) wire.Usage { t := read(anthropicUsageRoot, raw); return t.anthropic() }

// GeminiUsage reads the `usageMetadata` object of Gemini and Vertex.
func GeminiUsage(raw []byte) wire.Usage { t := read(geminiUsageRoot, raw); return t.gemini() }

// BedrockUsage reads the `usage` object of Bedrock's Converse.
func BedrockUsage(raw []byte) wire.Usage { t := read(bedrockUsageRoot, raw); return t.bedrock() }

func read(root *node, raw []byte) tally {
	var t tally
	s := scanner{root: root, take: t.value}
	s.reset()
	s.write(raw)
	s.finish()
	return t
}

// openAI: totals include their details. Two kinds of servers differ, and their numbers prove it:
// cached tokens beyond the input are not in it, and a total that is more than input and output by
// exactly the reasoning tokens (xAI), or at all (Gemini's door for OpenAI clients, which names no
// reasoning), has reasoning that the output leaves out.
func (t *tally) openAI(model string) wire.Usage {
	n := &t.n
	in, out, total, reasoning := n[cInput], n[cOutput], n[cTotal], n[cReasoning]
	if !in.Known && n[cCacheRead].Known && n[cCacheMiss].Known {
		in = wire.Some(n[cCacheRead].N + n[cCacheMiss].N)
	}
	if !in.Known && total.Known && total.N >= out.N {
		in = wire.Some(total.N - out.N)
	}
	if in.Known && out.Known && total.Known {
		switch gap := total.N - in.N - out.N; {
		case gap <= 0:
		case reasoning.Known && gap == reasoning.N:
			out.N += gap
		case !reasoning.Known && strings.Contains(model, "gemini"):
			out.N += gap
			reasoning = wire.Some(gap)
		}
	}
	if parts := n[cCacheRead].N + n[cCacheWrite].N; in.Known && parts > in.N {
		in.N += parts
	}
	return consistent(wire.Usage{
		Input: in, CacheRead: n[cCacheRead], CacheWrite: n[cCacheWrite],
		AudioInput: less(n[cAudioInput], n[cAudioCached]), ImageInput: n[cImageInput],
		Output: out, Reasoning: reasoning, AudioOutput: n[cAudioOutput],
		ImageOutput: n[cImageOutput], WebSearches: n[cWebSearches],
	})
}

// anthropic: input excludes what the cache read and wrote, output includes thinking.
func (t *tally) anthropic() wire.Usage {
	n := &t.n
	write := n[cCacheWrite]
	if split := n[cCacheWrite5m].N + n[cCacheWrite1h].N; split > write.N {
		write = wire.Some(split)
	}
	in := n[cInput]
	if in.Known {
		in.N += n[cCacheRead].N + write.N
	}
	return consistent(wire.Usage{
		Input: in, CacheRead: n[cCacheRead], CacheWrite: write, CacheWrite1h: n[cCacheWrite1h],
		Output: n[cOutput], Reasoning: n[cReasoning], WebSearches: n[cWebSearches],
	})
}

// gemini: the prompt includes what the cache held but not what tools put into it, and candidates
// leave thoughts out. The total tells servers apart that count tools as part of the prompt.
func (t *tally) gemini() wire.Usage {
	n := &t.n
	in, out, total := n[cInput], n[cOutput], n[cTotal]
	if n[cReasoning].Known {
		out = wire.Some(out.N + n[cReasoning].N)
	}
	if tool := n[cToolPrompt]; tool.Known && (!total.Known || total.N >= in.N+out.N+tool.N) {
		in = wire.Some(in.N + tool.N)
	}
	if !out.Known && in.Known && total.Known && total.N >= in.N {
		out = wire.Some(total.N - in.N)
	}
	audio := n[cAudioInput]
	if n[cAudioTool].Known {
		audio = wire.Some(audio.N + n[cAudioTool].N)
	}
	return consistent(wire.Usage{
		Input: in, CacheRead: n[cCacheRead], AudioInput: less(audio, n[cAudioCached]),
		ImageInput: n[cImageInput], Output: out, Reasoning: n[cReasoning],
		AudioOutput: n[cAudioOutput], ImageOutput: n[cImageOutput], WebSearches: n[cWebSearches],
	})
}

// bedrock: input excludes the cache, as with Anthropic.
func (t *tally) bedrock() wire.Usage {
	n := &t.n
	in := n[cInput]
	if in.Known {
		in.N += n[cCacheRead].N + n[cCacheWrite].N
	}
	return consistent(wire.Usage{Input: in, CacheRead: n[cCacheRead], CacheWrite: n[cCacheWrite],
		CacheWrite1h: n[cCacheWrite1h], Output: n[cOutput]})
}

// less is a count without a part that is counted elsewhere: cached audio is in the cached tokens.
func less(all, part wire.Count) wire.Count {
	if all.Known {
		all.N = max(0, all.N-part.N)
	}
	return all
}

// consistent makes parts fit into their totals, which the intake insists on: an event with a
// provider's odd sum is worth more than none. Audio gives way to what is cached, and a total grows
// to its parts.
func consistent(u wire.Usage) wire.Usage {
	u.CacheWrite1h.N = min(u.CacheWrite1h.N, u.CacheWrite.N)
	if u.Input.Known {
		u.Input.N = max(u.Input.N, u.CacheRead.N+u.CacheWrite.N)
		u.AudioInput.N = min(u.AudioInput.N, u.Input.N-u.CacheRead.N-u.CacheWrite.N)
		u.ImageInput.N = min(u.ImageInput.N, u.Input.N)
	}
	if u.Output.Known {
		u.Output.N = max(u.Output.N, u.Reasoning.N)
		u.AudioOutput.N = min(u.AudioOutput.N, u.Output.N-u.Reasoning.N)
		u.ImageOutput.N = min(u.ImageOutput.N, u.Output.N)
	}
	return u
}
