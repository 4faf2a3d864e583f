package pricing

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// LiteLLM's list has an object for each name. What is read of it are USD per token, with what
// follows the name of a price deciding when it counts:
//
//	input_cost_per_token                      the standard price
//	..._above_200k_tokens                     of longer prompts
//	..._above_1hr                             of cache writes that last
//	..._batches, ..._flex, ..._priority       of tiers
//
// and the fee of a web search. Names without a provider's prefix belong to litellm_provider.

// liteRates are the names of prices.
var liteRates = map[string]component{
	"input_cost_per_token":              input,
	"cache_read_input_token_cost":       cacheRead,
	"cache_creation_input_token_cost":   cacheWrite,
	"input_cost_per_audio_token":        audioInput,
	"input_cost_per_image_token":        imageInput,
	"output_cost_per_token":             output,
	"output_cost_per_reasoning_token":   reasoning,
	"output_cost_per_audio_token":       audioOutput,
	"output_cost_per_image_token":       imageOutput,
	"input_cost_per_request":            request,
	"input_cost_per_token_cache_hit":    cacheRead,
	"cache_read_input_audio_token_cost": components, // not told apart in events
	"output_cost_per_token_thinking":    components,
	"input_cost_per_audio_per_second":   components,
	"output_cost_per_second":            components,
	"input_cost_per_character":          components,
}

// liteTiers are the endings that name a tier.
var liteTiers = map[string]tier{"_batches": batch, "_flex": flex, "_priority": priority}

var liteAbove = regexp.MustCompile(`_above_(\d+)k_tokens$`)

// liteProviders are LiteLLM's names of providers that neither `prefixes` nor `aliases` has.
var liteProviders = map[string]string{
	"cohere_chat": "cohere", "text-completion-openai": "openai", "vertex_ai-language-models": "google",
	"codestral": "mistral", "text-completion-codestral": "mistral",
}

// listed is a model of a list with providers.
type listed struct {
	provider, name string
	price          *price
}

// litePrice is where a price counts.
type litePrice struct {
	c    component
	tier tier
	over int64
}

func parseLiteLLM(entries map[string]json.RawMessage, version []byte) (*File, error) {
	f := &File{Format: "litellm", Version: string(version)}
	var bad problems
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		if name == "sample_spec" {
			continue
		}
		l, err := liteEntry(name, entries[name], version)
		switch {
		case err != nil:
			bad.add(name, err)
		case l == nil:
			f.Other++
		default:
			f.models = append(f.models, *l)
			f.Prices++
		}
	}
	if err := bad.err(); err != nil {
		return nil, err
	}
	if f.Prices == 0 {
		return nil, errors.New("the price file has no price of tokens in it")
	}
	return f, nil
}

// liteEntry reads one entry, nil if it has no price of tokens.
func liteEntry(name string, text json.RawMessage, version []byte) (*listed, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil || fields == nil {
		return nil, errors.New("is not an object")
	}
	rates := map[litePrice]int64{}
	for field, value := range fields {
		at, ok := litePriceOf(field)
		if !ok || at.c == components || string(value) == "null" {
			continue
		}
		pico, err := litePico(value)
		if err != nil {
			return nil, fmt.Errorf("%s %w", field, err)
		}
		rates[at] = pico
	}
	if pico, ok, err := liteSearch(fields["search_context_cost_per_query"]); err != nil {
		return nil, err
	} else if ok {
		rates[litePrice{c: webSearch}] = pico
	}
	_, in := rates[litePrice{c: input}]
	_, out := rates[litePrice{c: output}]
	if !in && !out {
		return nil, nil
	}
	var provider string
	_ = json.Unmarshal(fields["litellm_provider"], &provider)
	id, model := liteName(fold(name), fold(provider))
	p := &price{key: []byte("litellm/" + name), version: version, provider: id}
	p.sheets = []sheet{{levels: liteLevels(rates, standard, model)}}
	p.providerTiers(id)
	for _, t := range []tier{batch, flex, priority} {
		if levels := liteLevels(rates, t, model); levels != nil {
			p.tiers[t] = p.tierLevels(model, levels)
		}
	}
	return &listed{provider: id, name: model, price: p}, nil
}

// litePico is USD as pico-USD.
func litePico(value json.RawMessage) (int64, error) {
	var r Rate
	if err := json.Unmarshal(value, &r); err != nil {
		return 0, err
	}
	return r.pico(perOne)
}

// liteSearch is the fee of a web search; where it depends on how much is looked at, of a medium one.
func liteSearch(value json.RawMessage) (pico int64, ok bool, err error) {
	var sizes map[string]json.RawMessage
	if json.Unmarshal(value, &sizes) != nil || sizes["search_context_size_medium"] == nil {
		return 0, false, nil
	}
	if pico, err = litePico(sizes["search_context_size_medium"]); err != nil {
		return 0, false, fmt.Errorf("search_context_size_medium %w", err)
	}
	return pico, true, nil
}

// litePriceOf reads the name of a price: its component, then endings in any order.
func litePriceOf(field string) (at litePrice, ok bool) {
	hour := false
	for {
		if c, known := liteRates[field]; known {
			at.c = c
			if hour && c == cacheWrite {
				at.c = cacheWrite1h
			}
			return at, !hour || c == cacheWrite
		}
		rest, cut := field, false
		for ending, t := range liteTiers {
			if rest, cut = strings.CutSuffix(field, ending); cut {
				at.tier = t
				break
			}
		}
		if !cut {
			if rest, cut = strings.CutSuffix(field, "_above_1hr"); cut {
				hour = true
			}
		}
		if m := liteAbove.FindStringSubmatch(field); !cut && m != nil {
			thousands, _ := strconv.ParseInt(m[1], 10, 32) // digits only, by the pattern
			at.over, rest, cut = thousands*1000, strings.TrimSuffix(field, m[0]), true
		}
		if !cut {
			return at, false
		}
		field = rest
	}
}

// liteLevels are the prices of a tier, nil if it has none. A price that a longer prompt does not
// change stays.
func liteLevels(rates map[litePrice]int64, t tier, model string) []level {
	var edges []int64
	for at := range rates {
		if at.tier == t && !slices.Contains(edges, at.over) {
			edges = append(edges, at.over)
		}
	}
	if !slices.Contains(edges, 0) {
		return nil
	}
	slices.Sort(edges)
	l := emptyLevel()
	var levels []level
	for _, edge := range edges {
		for at, pico := range rates {
			if at.tier == t && at.over == edge {
				l.pico[at.c] = pico
			}
		}
		if l.over = edge; edge == 0 {
			l.over = unknown
		}
		full := l
		full.fill(model)
		levels = append(levels, full)
	}
	return levels
}

// liteName is the provider's id and the model's name: of `azure/gpt-4o`, and of `gpt-4o` whose
// provider is told beside.
func liteName(name, provider string) (id, model string) {
	id = provider
	if strings.HasPrefix(provider, "vertex_ai") {
		id = "google"
	}
	if prefix, rest, ok := strings.Cut(name, "/"); ok && rest != "" && (prefix == provider ||
		aliases[prefix] != "" || prefixes[prefix] != "" || prefix == "azure" || prefix == "bedrock") {
		id, name = prefix, rest
	}
	for _, names := range []map[string]string{aliases, prefixes, liteProviders} {
		if known, ok := names[id]; ok {
			return known, name
		}
	}
	return id, name
}

// over is the list as a table with the kept one's knowledge of providers: what they are called, and
// whose models they sell.
func (f *File) over(kept *table) *table {
	t := &table{version: f.Version, dates: kept.dates, byID: map[string]*provider{}}
	add := func(p *provider) *provider {
		t.providers = append(t.providers, p)
		t.byID[p.id] = p
		return p
	}
	for _, k := range kept.providers {
		add(&provider{id: k.id, family: k.family, called: k.called, fallback: k.fallback,
			exact: map[string]int{}})
	}
	for _, m := range f.models {
		p := t.byID[m.provider]
		if p == nil {
			p = add(&provider{id: m.provider, exact: map[string]int{}})
		}
		if _, taken := p.exact[m.name]; !taken {
			p.exact[m.name] = len(p.models)
			p.models = append(p.models, model{price: m.price})
		}
	}
	return t
}
