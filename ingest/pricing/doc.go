// Package pricing says what an AI request cost.
//
// It owns the kept price table (prices.json.gz, made by gen/extract.mjs from the MIT-licensed
// @pydantic/genai-prices, see LICENSE-genai-prices.txt), the prices of the configuration that go
// before it, the matching of model names, and the arithmetic.
//
// It promises that a cost is exact: prices are whole pico-USD per token, the sum over an event's
// token buckets is made in 128 bits and rounded once, half to even, to nano-USD. It promises that
// a cost says where it comes from: price_key is the entry of the table that matched and
// price_version the table it is in. A model without a price is `unpriced` and has no cost; it never
// costs zero, unless the table or the configuration says that it is free.
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
//	reasoning            the output price
//	input, output        none: an event with such tokens is unpriced
//
// A tier (Gemini over 200,000 tokens, GPT-5.4 over 271,999) is chosen by all input tokens, cached
// and audio included, and applies to the whole request. Prices that changed on a day or depend on
// the time of day are chosen by the event's timestamp. A fee per request (Perplexity) is added when
// any token was used.
//
// Not priced, because events do not carry them: tool use such as web searches, images, video, hours
// of audio. Service tiers (batch, flex, priority) are priced at the standard rate.
//
// It never reads a clock, a file or the network, and never fails on an event.
package pricing
