package semconv

import (
	"strings"

	"github.com/tidwall/gjson"

	"analytics/ingest/wire"
)

// usage is the tokens of a request with the native meaning. The second result says that the meaning
// of input had to be guessed where the guess matters.
func (r *reading) usage(whose string) (wire.Usage, bool) {
	u := wire.Usage{
		Input: r.count(input), Output: r.count(output), CacheRead: r.count(cacheRead),
		CacheWrite: r.count(cacheWrite), CacheWrite1h: r.count(cacheWrite1h),
		Reasoning: r.count(reasoning), AudioInput: r.count(audioInput), AudioOutput: r.count(audioOutput),
	}
	exclusive := r.from.exclusiveInput
	known := exclusive || r.from.inclusiveInput
	if metadata := r.text(providerMetadata); metadata != "" {
		var proof bool
		u, proof = vercelUsage(u, metadata)
		exclusive, known = exclusive || proof, known || proof
	}
	if details := r.text(usageDetails); details != "" {
		if d, ok := langfuseUsage(details); ok {
			return consistent(d), false
		}
	}
	cached := u.CacheRead.N + u.CacheWrite.N
	all := r.count(total)
	sums := all.Known && u.Input.Known && u.Output.Known
	if !exclusive && cached > 0 && u.Input.Known {
		switch {
		case cached > u.Input.N, sums && u.Input.N+cached+u.Output.N == all.N:
			exclusive, known = true, true
		case sums && u.Input.N+u.Output.N == all.N:
			known = true
		}
	}
	if exclusive && u.Input.Known {
		u.Input.N += cached
	}
	if extra := r.count(toolInput); r.from.toolInput && extra.Known && u.Input.Known {
		u.Input.N += extra.N
	}
	if u.Reasoning.N > 0 && u.Output.Known {
		apart := r.from.exclusiveOutput || u.Reasoning.N > u.Output.N
		if sums && u.Input.N+u.Output.N+u.Reasoning.N == all.N {
			apart = true
		}
		if apart {
			u.Output.N += u.Reasoning.N
		}
	}
	return consistent(u), !known && cached > 0 && whose == "anthropic"
}

// maxTokens is more than any request has; beyond it a number is a mistake.
const maxTokens = 1 << 40

func (r *reading) count(f field) wire.Count {
	n, ok := r.number(f)
	if !ok || n < 0 || n > maxTokens {
		return wire.Count{}
	}
	return wire.Some(int64(n))
}

// consistent makes wholes at least as large as their parts, as the native door demands.
func consistent(u wire.Usage) wire.Usage {
	u.CacheWrite = atLeast(u.CacheWrite, u.CacheWrite1h.N)
	u.Input = atLeast(u.Input, u.CacheRead.N+u.CacheWrite.N+u.AudioInput.N)
	u.Output = atLeast(u.Output, u.Reasoning.N+u.AudioOutput.N)
	return u
}

func atLeast(whole wire.Count, parts int64) wire.Count {
	if parts > whole.N {
		return wire.Some(parts)
	}
	return whole
}

// vercelUsage adds what the Vercel AI SDK keeps apart, as each provider says it. Anthropic's own
// input excludes what was cached; that the span has the same number proves that it does too.
func vercelUsage(u wire.Usage, metadata string) (_ wire.Usage, exclusive bool) {
	if !gjson.Valid(metadata) {
		return u, false
	}
	m := gjson.Parse(metadata)
	u.CacheRead = u.CacheRead.Or(first(m, "openai.cachedPromptTokens", "anthropic.usage.cache_read_input_tokens",
		"anthropic.cacheReadInputTokens", "bedrock.usage.cacheReadInputTokens",
		"google.usageMetadata.cachedContentTokenCount"))
	u.CacheWrite = u.CacheWrite.Or(first(m, "anthropic.usage.cache_creation_input_tokens",
		"anthropic.cacheCreationInputTokens", "bedrock.usage.cacheWriteInputTokens"))
	u.CacheWrite1h = u.CacheWrite1h.Or(first(m, "anthropic.usage.cache_creation.ephemeral_1h_input_tokens"))
	u.CacheWrite = u.CacheWrite.Or(first(m, "anthropic.usage.cache_creation.ephemeral_5m_input_tokens"))
	u.Reasoning = u.Reasoning.Or(first(m, "openai.reasoningTokens", "google.usageMetadata.thoughtsTokenCount"))
	own := first(m, "anthropic.usage.input_tokens")
	return u, own.Known && own == u.Input
}

// first is the first of some paths where a number is.
func first(v gjson.Result, paths ...string) wire.Count {
	for _, path := range paths {
		if n, ok := tokensOf(v.Get(path)); ok {
			return wire.Some(n)
		}
	}
	return wire.Count{}
}

func tokensOf(v gjson.Result) (int64, bool) {
	if v.Type != gjson.Number && v.Type != gjson.String {
		return 0, false
	}
	n := v.Float()
	return int64(n), n >= 0 && n <= maxTokens && (n > 0 || v.Type == gjson.Number)
}

// langfuseUsage reads langfuse.observation.usage_details: OpenAI's shape, or a map in which every
// key is a share of its own, unless a total proves that input and output are wholes.
func langfuseUsage(details string) (u wire.Usage, ok bool) {
	if !gjson.Valid(details) {
		return u, false
	}
	v := gjson.Parse(details)
	if v.Get("prompt_tokens").Exists() || v.Get("input_tokens_details").IsObject() {
		u = wire.Usage{
			Input:  first(v, "prompt_tokens", "input_tokens"),
			Output: first(v, "completion_tokens", "output_tokens"),
			CacheRead: first(v, "prompt_tokens_details.cached_tokens",
				"input_tokens_details.cached_tokens"),
			Reasoning: first(v, "completion_tokens_details.reasoning_tokens",
				"output_tokens_details.reasoning_tokens"),
			AudioInput:  first(v, "prompt_tokens_details.audio_tokens"),
			AudioOutput: first(v, "completion_tokens_details.audio_tokens"),
		}
		return u, u.Known()
	}
	v.ForEach(func(key, value gjson.Result) bool {
		if n, good := tokensOf(value); good {
			addShare(&u, strings.ToLower(key.Str), n)
		}
		return true
	})
	in, out, all := first(v, "input", "input_tokens"), first(v, "output", "output_tokens"), first(v, "total")
	if all.Known && in.Known && out.Known && all.N == in.N+out.N {
		u.Input, u.Output = in, out
	}
	return u, u.Known()
}

// addShare adds the share of tokens that a key of usage_details counts.
func addShare(u *wire.Usage, key string, n int64) {
	out := strings.HasPrefix(key, "output") || strings.HasPrefix(key, "completion")
	whole := &u.Input
	var part *wire.Count
	switch {
	case strings.HasPrefix(key, "total"):
		return
	case strings.Contains(key, "ephemeral_1h"), strings.Contains(key, "cache_creation_1h"):
		u.CacheWrite = wire.Some(u.CacheWrite.N + n)
		part = &u.CacheWrite1h
	case strings.Contains(key, "cache") &&
		(strings.Contains(key, "creat") || strings.Contains(key, "write")):
		part = &u.CacheWrite
	case strings.Contains(key, "cache"):
		part = &u.CacheRead
	case strings.Contains(key, "reason"):
		part, out = &u.Reasoning, true
	case strings.Contains(key, "audio") && out:
		part = &u.AudioOutput
	case strings.Contains(key, "audio"):
		part = &u.AudioInput
	case !out && !strings.HasPrefix(key, "input") && !strings.HasPrefix(key, "prompt"):
		return // units of somebody's own
	}
	if out {
		whole = &u.Output
	}
	*whole = wire.Some(whole.N + n)
	if part != nil {
		*part = wire.Some(part.N + n)
	}
}

// cost is the sender's own figure in USD.
func (r *reading) cost() (usd float64, ok bool) {
	if usd, ok = r.number(cost); ok && usd >= 0 {
		return usd, true
	}
	if text := r.text(costDetails); text != "" && gjson.Valid(text) {
		v := gjson.Parse(text)
		if all := v.Get("total"); all.Type == gjson.Number && all.Num >= 0 {
			return all.Num, true
		}
		usd, ok = 0, false
		v.ForEach(func(_, share gjson.Result) bool {
			if share.Type == gjson.Number && share.Num >= 0 {
				usd, ok = usd+share.Num, true
			}
			return true
		})
		if ok {
			return usd, true
		}
	}
	in, known := r.number(costInput)
	out, also := r.number(costOutput)
	if in < 0 || out < 0 {
		return 0, false
	}
	return in + out, known || also
}
