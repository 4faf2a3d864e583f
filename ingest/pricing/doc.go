// Package pricing says what an AI request cost.
//
// It owns the kept price table (prices.json.gz, made by gen/extract.mjs from the MIT-licensed
// @pydantic/genai-prices, see LICENSE-genai-prices.txt), the prices of the configuration that go
// before it, the matching of model names, and the arithmetic.
//
// It promises that a cost is exact: prices are whole pico-USD per token, the sum over an event's
// token buckets is made in 128 bits and rounded once, half to even, to nano-USD. It promises that
// a cost says where it comes from: price_key is the entry that matched and price_version
// the table it is in. A model without a price is `unpriced` and has no cost; it never
// costs zero, unless the table or the configuration says that it is free.
//
// # Which price
//
// Prices set while running go first, then those of the configuration, those of the price file, and
// the kept ones; at each the name as it is given, then without a snapshot's date. The model that
// answered (response_model) decides, or the one asked for where that has no price; but not if it
// belongs to another provider than the name asked for, such as a cloud's: a bill does not move to
// somebody cheaper. price_key says which entry matched, and behind # what else decided (keyFor).
//
// # What is priced
//
// The disjoint buckets of an ai_request, each at its own price. Where the matched entry has none:
//
//	cached read          the input price (no discount)
//	cache write, 5 min   the input price (OpenAI, Gemini: writing costs nothing extra)
//	cache write, 1 hour  Claude: twice the input price, on every cloud; others: the 5-minute price
//	audio in, audio out  the text price; but unpriced for a model named for audio, as its own
//	                     price is many times that and missing from the table
//	image in             the input price
//	image out            the output price; but unpriced for a model named for images (not gpt-image,
//	                     whose output is images)
//	reasoning            the output price
//	web searches         left out of the cost, which price_key says: #searches=unpriced
//	input, output        none: an event with such tokens is unpriced
//
// Long prompts (Gemini over 200,000 tokens, GPT-5.4 over 271,999) move the whole request to another
// price; all input tokens count, cached and audio included. Prices that changed on a day or depend
// on the time of day are chosen by the event's timestamp. A fee per request (Perplexity) is added
// when any token was used.
//
// Tiers (batch, flex, priority, fast; tier.go) have the prices that the entry lists, then those of
// the provider's own rule, such as batches at half. A tier without either is priced as standard,
// and price_key says so: #priority=standard. Fees do not change with the tier.
//
// Not priced, because events do not carry them: video, hours of audio, searches in files, storage of
// caches, and provisioned capacity.
//
// It never reads a clock or the network, and never fails on an event.
package pricing
