package compat

import (
	"strings"

	"github.com/tidwall/gjson"

	"analytics/ingest/wire"
)

// langfuseUsage reads the tokens of a generation. usageDetails is either OpenAI's shape, or a map in
// which every key is a share of its own: input does not include input_cached_tokens there. usage is
// the older form, with totals only.
func langfuseUsage(v gjson.Result) wire.Usage {
	if details := v.Get("usageDetails"); details.IsObject() {
		if u := detailedUsage(details); u.Known() {
			return u
		}
	}
	usage := v.Get("usage")
	if unit := strings.ToUpper(text(usage, "unit")); unit != "" && unit != "TOKENS" {
		return wire.Usage{} // characters, seconds and the like
	}
	if u := usageOf(usage); u.Known() {
		return u
	}
	if !usage.IsObject() {
		return wire.Usage{}
	}
	u := wire.Usage{
		Input: count(usage, "input", "promptTokens"), Output: count(usage, "output", "completionTokens"),
	}
	return consistent(u)
}

func detailedUsage(v gjson.Result) wire.Usage {
	openAI := v.Get("prompt_tokens").Exists() || v.Get("completion_tokens").Exists() ||
		v.Get("input_tokens_details").IsObject() || v.Get("output_tokens_details").IsObject()
	if openAI {
		return usageOf(v)
	}
	var u wire.Usage
	v.ForEach(func(key, value gjson.Result) bool {
		n := count(value, "@this")
		if !n.Known {
			return true
		}
		name := strings.ToLower(key.Str)
		share := shareOf(&u, name)
		if share != nil {
			*share = sum(*share, n)
		}
		switch {
		case name == "total" || name == "total_tokens":
		case isOutput(name):
			u.Output = sum(u.Output, n)
		case share != nil || strings.HasPrefix(name, "input") || strings.HasPrefix(name, "prompt"):
			u.Input = sum(u.Input, n)
		}
		return true
	})
	// The total tells on clients whose input includes its shares after all.
	in, out := count(v, "input", "input_tokens"), count(v, "output", "output_tokens")
	if total := count(v, "total", "total_tokens"); total.Known && in.Known && out.Known &&
		total.N == in.N+out.N && u.CacheRead.N+u.CacheWrite.N <= in.N && u.Reasoning.N <= out.N {
		u.Input, u.Output = in, out
	}
	if u.CacheWrite1h.Known {
		u.CacheWrite = sum(u.CacheWrite, u.CacheWrite1h)
	}
	return consistent(u)
}

func isOutput(name string) bool {
	return strings.HasPrefix(name, "output") || strings.HasPrefix(name, "completion") ||
		strings.HasPrefix(name, "reasoning")
}

// shareOf is the part that a key of usageDetails counts, nil for the rest of input and output.
func shareOf(u *wire.Usage, name string) *wire.Count {
	has := func(words ...string) bool {
		for _, w := range words {
			if !strings.Contains(name, w) {
				return false
			}
		}
		return true
	}
	out := isOutput(name)
	switch {
	case has("cache", "creat", "1h") || has("ephemeral_1h"):
		return &u.CacheWrite1h
	case has("cache", "creat") || has("cache", "write"):
		return &u.CacheWrite
	case has("cache"):
		return &u.CacheRead
	case has("reason") || has("thinking"):
		return &u.Reasoning
	case has("audio") && out:
		return &u.AudioOutput
	case has("audio"):
		return &u.AudioInput
	case has("image") && out:
		return &u.ImageOutput
	case has("image"):
		return &u.ImageInput
	}
	return nil
}

// langfuseCost is the client's own figure in USD.
func langfuseCost(v gjson.Result) (usd float64, ok bool) {
	if cost, ok := number(v, "costDetails.total", "usage.totalCost"); ok && cost >= 0 {
		return cost, true
	}
	v.Get("costDetails").ForEach(func(_, share gjson.Result) bool {
		if n, good := number(share, "@this"); good && n >= 0 {
			usd, ok = usd+n, true
		}
		return true
	})
	if ok {
		return usd, true
	}
	in, known := number(v, "usage.inputCost")
	out, also := number(v, "usage.outputCost")
	return max(in, 0) + max(out, 0), known || also
}
