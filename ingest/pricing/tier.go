package pricing

import "bytes"

// A tier is how a request was served: later for less, or sooner for more. Providers report it as
// service_tier, speed or traffic type, each with words of its own.
type tier uint8

const (
	standard tier = iota
	batch
	flex
	priority
	fast
	other // a tier by a name we do not know, or whose price is a contract's
	tierEnd
)

var tierNames = [tierEnd]string{"standard", "batch", "flex", "priority", "fast", "other"}

// tierWords are the names providers give their tiers, in lower case. `auto` is what is asked for
// and not what was served; where nobody says what was, it was served like any other.
var tierWords = map[string]tier{
	"": standard, "standard": standard, "default": standard, "auto": standard, "normal": standard,
	"on_demand": standard, "ondemand": standard, "on-demand": standard, "standard_only": standard,
	"batch": batch, "batches": batch, "batch_api": batch,
	"flex": flex, "on_demand_flex": flex,
	"priority": priority, "on_demand_priority": priority, "performance": priority,
	"fast": fast, "turbo": fast,
}

// maxTierWord is the longest of them.
const maxTierWord = 18

// tierOf reads an event's tier.
func tierOf(word []byte) tier {
	if len(word) == 0 {
		return standard
	}
	if t, ok := tierWords[string(word)]; ok {
		return t
	}
	if len(word) > maxTierWord {
		return other
	}
	var room [maxTierWord]byte
	lower := append(room[:0], bytes.TrimSpace(word)...)
	for i, c := range lower {
		if 'A' <= c && c <= 'Z' {
			lower[i] = c + 'a' - 'A'
		}
	}
	if t, ok := tierWords[string(lower)]; ok {
		return t
	}
	return other
}

// tierPrice is the price of a tier: levels of its own, or the standard prices of tokens times
// num / den. The zero value is one that is not known.
type tierPrice struct {
	levels   []level
	below    int64 // levels are for prompts of fewer tokens than this; 0 for all
	num, den uint64
	// whole leaves tokens read from a cache at the standard price.
	whole bool
	// rule is how the price key says that the price is a provider's rule and not its table's.
	rule string
}

// half is what providers that sell batches at half price say of them.
var half = tierPrice{num: 1, den: 2, rule: "=half"}

// providerTiers are the rules that providers publish for all their models.
//
//	anthropic  batches are 50 % of all usage, cache reads and writes included
//	           (docs.claude.com, batch processing)
//	openai     batch and flex are half of input, cached input and output
//	           (platform.openai.com/docs/pricing, tables Batch and Flex)
//	google     batch and flex are 50 %; what is read from a cache costs the same as without
//	           (ai.google.dev/gemini-api/docs/optimization and .../batch-api)
//	aws        batch inference is 50 % of on demand (aws.amazon.com/bedrock/pricing)
//	groq       batch is 50 % (console.groq.com/docs/batch)
//	mistral    batch is 50 % (docs.mistral.ai, batch inference)
//
// Azure sells OpenAI's models in batches at half, too, and finds them in OpenAI's list.
var providerTiers = map[string]map[tier]tierPrice{
	"anthropic": {batch: half},
	"openai":    {batch: half, flex: half},
	"azure":     {batch: half},
	"google": {batch: {num: 1, den: 2, whole: true, rule: "=half"},
		flex: {num: 1, den: 2, whole: true, rule: "=half"}},
	"aws":     {batch: half},
	"groq":    {batch: half},
	"mistral": {batch: half},
}

// keptTier is the price of a model in a tier, in USD per million tokens; times is how often the
// standard price instead.
type keptTier struct {
	tier                tier
	input, read, output Rate
	times               uint64
}

// keptTiers are the tiers the kept table lacks, as providers list them (2026-11):
// openai.com/api-priority-processing, and for Claude's fast mode, which multiplies every price,
// platform.claude.com/docs/en/build-with-claude/fast-mode and the lists of its resellers.
var keptTiers = map[string]keptTier{
	"openai/gpt-4o":             {tier: priority, input: "4.25", read: "2.125", output: "17"},
	"openai/gpt-4.1":            {tier: priority, input: "3.5", read: "0.875", output: "14"},
	"openai/gpt-5":              {tier: priority, input: "2.5", read: "0.25", output: "20"},
	"openai/gpt-5-mini":         {tier: priority, input: "0.45", read: "0.045", output: "3.6"},
	"openai/gpt-5.1":            {tier: priority, input: "2.5", read: "0.25", output: "20"},
	"openai/gpt-5.2":            {tier: priority, input: "3.5", read: "0.35", output: "28"},
	"openai/gpt-5.4":            {tier: priority, input: "5", read: "0.5", output: "30"},
	"openai/gpt-5.4-mini":       {tier: priority, input: "1.5", read: "0.15", output: "9"},
	"openai/gpt-5.5":            {tier: priority, input: "12.5", read: "1.25", output: "75"},
	"anthropic/claude-opus-4-6": {tier: fast, times: 6},
	"anthropic/claude-opus-4-7": {tier: fast, times: 6},
	"anthropic/claude-opus-5":   {tier: fast, times: 2},
}

// keptTiers gives an entry the tiers of its provider and its own.
func (p *price) keptTiers(provider, model string) {
	p.providerTiers(provider)
	k, ok := keptTiers[provider+"/"+model]
	switch {
	case !ok:
	case k.times > 0:
		p.tiers[k.tier] = tierPrice{num: k.times, den: 1}
	default:
		l := emptyLevel()
		for c, rate := range map[component]Rate{input: k.input, cacheRead: k.read, output: k.output} {
			l.pico[c], _ = rate.pico(per1M) // a test reads them all
		}
		p.tiers[k.tier] = p.tierLevels(model, []level{l})
	}
}

// providerTiers gives an entry the rules of its provider.
func (p *price) providerTiers(provider string) {
	for t, rule := range providerTiers[provider] {
		p.tiers[t] = rule
	}
}

// tierLevels is a tier with levels of its own. Searches and fees cost what they cost elsewhere. A
// tier with one level of a model with several says nothing about long prompts.
func (p *price) tierLevels(id string, levels []level) tierPrice {
	now := &p.sheets[len(p.sheets)-1]
	t := tierPrice{levels: levels, num: 1, den: 1}
	for i := range levels {
		l := &levels[i]
		l.pico[webSearch], l.pico[request] = now.levels[0].pico[webSearch], now.levels[0].pico[request]
		l.fill(id)
	}
	if len(levels) == 1 && len(now.levels) > 1 {
		t.below = now.levels[1].over + 1
	}
	return t
}

// emptyLevel has no price at all.
func emptyLevel() level {
	l := level{over: unknown}
	for i := range l.pico {
		l.pico[i] = unknown
	}
	return l
}

// charge is what a request is charged by, and how its price key says so.
type charge struct {
	tier    tier
	known   bool // the tier has a price; otherwise the standard one was taken
	unasked bool // there were searches without a price, which the cost leaves out
}

// keyForms is how many forms a price key has.
const keyForms = int(tierEnd) * 4

func (c charge) form() int {
	n := int(c.tier) * 4
	if c.known {
		n++
	}
	if c.unasked {
		n += 2
	}
	return n
}

// keyFor is the price key: the entry that matched, and behind # what else decided:
//
//	openai/gpt-5                     the standard price
//	openai/gpt-5#priority            the price of that tier
//	openai/gpt-5#batch=half          the tier's by the provider's rule
//	openai/gpt-5#priority=standard   a tier without a price: the standard one was taken
//	openai/o1#searches=unpriced      searches are not in the cost: they have no price
func (p *price) keyFor(c charge) []byte {
	form := c.form()
	if key := p.keys[form].Load(); key != nil {
		return *key
	}
	key := bytes.Clone(p.key)
	if c.tier != standard {
		key = append(append(key, '#'), tierNames[c.tier]...)
		if !c.known {
			key = append(key, "=standard"...)
		} else {
			key = append(key, p.tiers[c.tier].rule...)
		}
	}
	if c.unasked {
		key = append(key, "#searches=unpriced"...)
	}
	p.keys[form].Store(&key)
	return key
}
