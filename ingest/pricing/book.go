package pricing

import (
	"bytes"
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

// Book prices events. It is safe for concurrent use and never changes; With and Using make others.
type Book struct {
	kept     *table
	lists    []*list  // what people wrote down, the first that knows a model decides
	tables   []*table // then price lists with their own providers; the kept one last
	source   Source
	free     *price
	cache    *cache
	computed []byte
	client   []byte
	unpriced []byte
}

// Source is the prices that go before the kept ones, in this order.
type Source struct {
	// Set is prices set while running.
	Set map[string]Custom
	// Custom is those of the configuration.
	Custom map[string]Custom
	// File is a price list, nil for none.
	File *File
}

// NewBook opens the kept prices (some 10 ms) with the configured ones before them. The error lists
// every configured price that cannot be one.
func NewBook(custom map[string]Custom) (*Book, error) {
	t, err := load(embedded)
	if err != nil {
		return nil, err
	}
	return newBook(t, Source{Custom: custom})
}

// With is the same book with other configured prices.
func (b *Book) With(custom map[string]Custom) (*Book, error) {
	s := b.source
	s.Custom = custom
	return newBook(b.kept, s)
}

// Using is the same kept prices behind others.
func (b *Book) Using(s Source) (*Book, error) { return newBook(b.kept, s) }

func newBook(t *table, s Source) (*Book, error) {
	b := &Book{kept: t, source: s, cache: newCache(), computed: []byte(Computed),
		client: []byte(Client), unpriced: []byte(Unpriced)}
	b.free = &price{key: []byte("openrouter/*:free"), version: []byte(t.version),
		provider: "openrouter", sheets: []sheet{{levels: []level{{over: unknown}}}}}
	set, err := compile("set", "", s.Set)
	if err != nil {
		return nil, err
	}
	custom, err := compile("custom", "analytics.costs.custom_pricing.", s.Custom)
	if err != nil {
		return nil, err
	}
	b.lists = []*list{set, custom}
	if s.File != nil && s.File.list != nil {
		b.lists = append(b.lists, s.File.list)
	}
	if s.File != nil && s.File.models != nil {
		b.tables = append(b.tables, s.File.over(t))
	}
	b.tables = append(b.tables, t)
	return b, nil
}

// Version names the kept table, such as "genai-prices/0.1.8", and the day it was published.
func (b *Book) Version() (version, date string) { return b.kept.version, b.kept.date }

// Price sets cost, cost_source, price_version, price_key and client_cost of an ai_request, from its
// timestamp, models, provider, tier, success, token buckets and cost_usd. Pricing an event again
// gives the same, or what the newer book says. Events of other kinds are left alone. Of the fields
// it sets, texts belong to the book and must not be written to.
//
//	model        usage             the client's figure   cost          cost_source
//	priced       some              any                   ours          computed
//	priced       none, refused     none                  0             computed
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
	p := b.entry(e.Text(event.AIProvider), e.Text(event.AIModel), e.Text(event.AIResponseModel))
	if p != nil {
		if nano, by, ok := p.of(e); ok {
			e.SetInt(event.AICost, int64(nano))
			e.SetText(event.AICostSource, b.computed)
			e.SetText(event.AIPriceVersion, p.version)
			e.SetText(event.AIPriceKey, p.keyFor(by))
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

// of is what the event costs at this price. Without any usage that is known only of a request that
// was refused, for which providers take nothing, and not when the client says otherwise. An answer
// that broke off after a good status was begun and is billed, nobody knows for how much.
func (p *price) of(e *event.Event) (event.NanoUSD, charge, bool) {
	u, reported := usage(e)
	begun := e.Has(event.AIStatusCode) && e.Int(event.AIStatusCode) < 400
	if !reported && (e.Has(event.AIClientCost) || !e.Has(event.AISuccess) ||
		e.Bool(event.AISuccess) || begun) {
		return 0, charge{}, false
	}
	return p.cost(e.Time(), tierOf(e.Text(event.AITier)), &u)
}

// usage reads the buckets, and whether any is set.
func usage(e *event.Event) (u Usage, reported bool) {
	u = Usage{
		InputUncached: e.Int(event.AIInputUncachedTokens),
		CacheRead:     e.Int(event.AICacheReadTokens),
		CacheWrite:    e.Int(event.AICacheWriteTokens),
		CacheWrite1h:  e.Int(event.AICacheWrite1hTokens),
		AudioInput:    e.Int(event.AIAudioInputTokens),
		ImageInput:    e.Int(event.AIImageInputTokens),
		OutputText:    e.Int(event.AIOutputTextTokens),
		Reasoning:     e.Int(event.AIReasoningTokens),
		AudioOutput:   e.Int(event.AIAudioOutputTokens),
		ImageOutput:   e.Int(event.AIImageOutputTokens),
		WebSearches:   e.Int(event.AIWebSearches),
	}
	reported = u != Usage{} || e.Has(event.AIInputUncachedTokens) ||
		e.Has(event.AIOutputTextTokens) || e.Has(event.AICacheReadTokens) ||
		e.Has(event.AICacheWriteTokens) || e.Has(event.AICacheWrite1hTokens) ||
		e.Has(event.AIAudioInputTokens) || e.Has(event.AIReasoningTokens) ||
		e.Has(event.AIAudioOutputTokens)
	return u, reported
}

// Cost is what a request would cost at the standard tier, and the entry that says so; not ok if it
// has no price.
func (b *Book) Cost(provider, model string, at event.Micros, u Usage) (
	nano event.NanoUSD, key string, ok bool) {
	p := b.entry([]byte(provider), []byte(model), nil)
	if p == nil {
		return 0, "", false
	}
	nano, by, ok := p.cost(at, standard, &u)
	return nano, string(p.keyFor(by)), ok
}

// entry is the price of a request, remembered.
func (b *Book) entry(provider, asked, answered []byte) *price {
	if bytes.Equal(asked, answered) {
		answered = nil
	}
	p, ok := b.cache.get(provider, asked, answered)
	if !ok {
		p = b.choose(fold(string(provider)), fold(string(asked)), fold(string(answered)))
		b.cache.put(provider, asked, answered, p)
	}
	return p
}

// find looks one name up.
func (b *Book) find(provider, model string) *price {
	return b.choose(fold(provider), fold(model), "")
}

// choose finds the price of a request from what was asked for and what answered, all folded: first
// under the names as given and then, for a dated snapshot nobody lists, under those of the model.
// Prices that people wrote down go before tables both times, and may name either model.
func (b *Book) choose(provider, asked, answered string) *price {
	undated := func(name string) []string { return b.kept.dates.undated(forms(name)) }
	free := b.isFree(provider, asked)
	for _, names := range []func(string) []string{forms, undated} {
		for _, l := range b.lists {
			if p := b.written(l, provider, answered, names); p != nil {
				return p
			}
			if p := b.written(l, provider, asked, names); p != nil {
				return p
			}
		}
		for _, t := range b.tables {
			p := t.choose(provider, asked, answered, names, undated)
			if p != nil && (!free || strings.HasSuffix(string(p.key), freeSuffix)) {
				return p
			}
		}
	}
	if free {
		return b.free
	}
	return nil
}

const freeSuffix = ":free"

// isFree reports whether a name is that of a free variant on OpenRouter. A table may know the model
// without the ending, for money.
func (b *Book) isFree(provider, name string) bool {
	return strings.HasSuffix(name, freeSuffix) && strings.Contains(name, "/") &&
		(provider == "" || b.kept.called(provider) == b.kept.byID["openrouter"])
}

// choose prefers the model that answered: an alias such as gpt-4o stands for a snapshot, a
// deployment for a model. But where the name that was asked for tells who is paid (a cloud's form,
// a prefix), the one that answered must not move the bill to somebody cheaper.
func (t *table) choose(provider, asked, answered string, names, more func(string) []string) *price {
	var of *price
	if asked != "" {
		of = t.find(provider, asked, names)
	}
	if answered == "" {
		return of
	}
	p := t.find(provider, answered, names)
	if p == nil {
		return of
	}
	if of == nil && asked != "" {
		of = t.find(provider, asked, more)
	}
	if of != nil && of.provider != p.provider {
		return of
	}
	return p
}

// written looks a model up in a list, also without the prefix of a provider that is known.
func (b *Book) written(l *list, provider, name string, names func(string) []string) *price {
	if len(l.exact) == 0 || name == "" {
		return nil
	}
	all := names(name)
	if prefix, rest, ok := strings.Cut(name, ":"); ok && b.kept.strictly(prefix) != nil {
		all = append(all, names(rest)...)
	}
	return l.find(provider, all)
}
