package pricing

import (
	"strings"

	"analytics/engine/event"
)

// Where a cost comes from, in cost_source.
const (
	// Computed is a cost made of tokens and prices; price_key and price_version say which.
	Computed = "computed"
	// Client is the figure the client sent, taken because ours could not be made.
	Client = "client"
	// Unpriced is no cost at all.
	Unpriced = "unpriced"
)

// Book prices events. It is safe for concurrent use and never changes; With makes another.
type Book struct {
	table    *table
	custom   map[string]*price
	cache    *cache
	computed []byte
	client   []byte
	unpriced []byte
}

// NewBook opens the kept prices (some 10 ms) with the configured ones before them. The error lists
// every configured price that cannot be one.
func NewBook(custom map[string]Custom) (*Book, error) {
	t, err := load(embedded)
	if err != nil {
		return nil, err
	}
	return newBook(t, custom)
}

// With is the same book with other configured prices.
func (b *Book) With(custom map[string]Custom) (*Book, error) { return newBook(b.table, custom) }

func newBook(t *table, custom map[string]Custom) (*Book, error) {
	entries, err := compile(custom)
	if err != nil {
		return nil, err
	}
	return &Book{table: t, custom: entries, cache: newCache(), computed: []byte(Computed),
		client: []byte(Client), unpriced: []byte(Unpriced)}, nil
}

// Version names the kept table, such as "genai-prices/0.1.8", and the day it was published.
func (b *Book) Version() (version, date string) { return b.table.version, b.table.date }

// Price sets cost, cost_source, price_version, price_key and client_cost of an ai_request, from its
// timestamp, model, provider, success, token buckets and cost_usd. Pricing an event again gives the
// same, or what the newer book says. Events of other kinds are left alone. Of the fields it sets,
// texts belong to the book and must not be written to.
//
//	model        usage             the client's figure   cost          cost_source
//	priced       some              any                   ours          computed
//	priced       none, failed      none                  0             computed
//	else                           some                  the client's  client
//	else                           none                  not set       unpriced
func (b *Book) Price(e *event.Event) {
	if e.Kind != event.AIRequest {
		return
	}
	if e.Has(event.AICostUSD) {
		if nano, ok := FromUSD(e.Float(event.AICostUSD)); ok {
			e.SetInt(event.AIClientCost, int64(nano))
		}
	}
	p := b.entry(e.Text(event.AIProvider), e.Text(event.AIModel))
	if p != nil {
		if nano, ok := p.of(e); ok {
			e.SetInt(event.AICost, int64(nano))
			e.SetText(event.AICostSource, b.computed)
			e.SetText(event.AIPriceVersion, p.version)
			e.SetText(event.AIPriceKey, p.key)
			return
		}
	}
	e.Clear(event.AIPriceVersion)
	e.Clear(event.AIPriceKey)
	if e.Has(event.AIClientCost) {
		e.SetInt(event.AICost, e.Int(event.AIClientCost))
		e.SetText(event.AICostSource, b.client)
		return
	}
	e.Clear(event.AICost)
	e.SetText(event.AICostSource, b.unpriced)
}

// of is what the event costs at this price. Without any usage that is known only of a failed
// request, for which providers take nothing, and not when the client says otherwise.
func (p *price) of(e *event.Event) (event.NanoUSD, bool) {
	u, reported := usage(e)
	if !reported && (e.Has(event.AIClientCost) || !e.Has(event.AISuccess) ||
		e.Bool(event.AISuccess)) {
		return 0, false
	}
	return p.at(e.Time()).cost(&u)
}

// usage reads the token buckets, and whether any is set.
func usage(e *event.Event) (u Usage, reported bool) {
	reported = e.Has(event.AIInputUncachedTokens) || e.Has(event.AIOutputTextTokens) ||
		e.Has(event.AICacheReadTokens) || e.Has(event.AICacheWriteTokens) ||
		e.Has(event.AICacheWrite1hTokens) || e.Has(event.AIAudioInputTokens) ||
		e.Has(event.AIReasoningTokens) || e.Has(event.AIAudioOutputTokens)
	return Usage{
		InputUncached: e.Int(event.AIInputUncachedTokens),
		CacheRead:     e.Int(event.AICacheReadTokens),
		CacheWrite:    e.Int(event.AICacheWriteTokens),
		CacheWrite1h:  e.Int(event.AICacheWrite1hTokens),
		AudioInput:    e.Int(event.AIAudioInputTokens),
		OutputText:    e.Int(event.AIOutputTextTokens),
		Reasoning:     e.Int(event.AIReasoningTokens),
		AudioOutput:   e.Int(event.AIAudioOutputTokens),
	}, reported
}

// Cost is what a request would cost, and the entry that says so; not ok if it has no price.
func (b *Book) Cost(provider, model string, at event.Micros, u Usage) (
	nano event.NanoUSD, key string, ok bool) {
	p := b.entry([]byte(provider), []byte(model))
	if p == nil {
		return 0, "", false
	}
	nano, ok = p.at(at).cost(&u)
	return nano, string(p.key), ok
}

// entry is the price of a model, remembered.
func (b *Book) entry(provider, model []byte) *price {
	p, ok := b.cache.get(provider, model)
	if !ok {
		p = b.find(string(provider), string(model))
		b.cache.put(provider, model, p)
	}
	return p
}

// find looks a model up under its names as given and then, for a dated snapshot nobody lists, under
// those of the model; configured prices go before the table both times.
func (b *Book) find(provider, model string) *price {
	name := fold(model)
	if name == "" {
		return nil
	}
	undated := func(name string) []string { return b.table.dates.undated(forms(name)) }
	for _, names := range []func(string) []string{forms, undated} {
		if p := b.configured(fold(provider), name, names); p != nil {
			return p
		}
		if p := b.table.find(provider, name, names); p != nil {
			return p
		}
	}
	return nil
}

// configured looks a model up in the configuration: as `provider/model`, then by its names.
func (b *Book) configured(provider, name string, names func(string) []string) *price {
	if len(b.custom) == 0 {
		return nil
	}
	list := names(name)
	if prefix, rest, ok := strings.Cut(name, ":"); ok && b.table.strictly(prefix) != nil {
		list = append(list, names(rest)...)
	}
	for _, name := range list {
		if p := b.custom[provider+"/"+name]; p != nil {
			return p
		}
		if p := b.custom[name]; p != nil {
			return p
		}
	}
	return nil
}
