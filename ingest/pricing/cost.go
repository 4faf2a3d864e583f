package pricing

import (
	"math"
	"math/bits"

	"analytics/engine/event"
)

// Usage is what a request used, in the disjoint buckets of an ai_request event. Images are the
// exception: they are parts of InputUncached and OutputText that may have a price of their own.
type Usage struct {
	InputUncached int64
	CacheRead     int64
	CacheWrite    int64 // five-minute or unspecified time to live
	CacheWrite1h  int64
	AudioInput    int64
	ImageInput    int64 // of InputUncached
	OutputText    int64
	Reasoning     int64
	AudioOutput   int64
	ImageOutput   int64 // of OutputText
	WebSearches   int64
}

// maxCount is more than any bucket of an event may hold (event.MaxNumber). With it the sums below
// stay inside 128 bits: 12 buckets x 2^54 tokens x 2^40 pico-USD x a factor of 6.
const maxCount = 1 << 54

// picoPerNano is how many pico-USD are one nano-USD.
const picoPerNano = 1000

// counts is the usage by component, every token in one. It is not ok for what cannot be.
func (u *Usage) counts() (n [buckets]int64, any uint64, ok bool) {
	n = [buckets]int64{input: u.InputUncached, cacheRead: u.CacheRead, cacheWrite: u.CacheWrite,
		cacheWrite1h: u.CacheWrite1h, audioInput: u.AudioInput, imageInput: u.ImageInput,
		output: u.OutputText, reasoning: u.Reasoning, audioOutput: u.AudioOutput,
		imageOutput: u.ImageOutput, webSearch: u.WebSearches}
	for _, v := range n {
		any |= uint64(v) // a negative number sets the top bit
	}
	if any >= maxCount {
		return n, any, false
	}
	n[imageInput] = min(n[imageInput], n[input])
	n[imageOutput] = min(n[imageOutput], n[output])
	n[input] -= n[imageInput]
	n[output] -= n[imageOutput]
	return n, any, true
}

// cost is what the usage costs at a moment in a tier, rounded half to even to nano-USD, and what it
// was charged by. It is not ok when tokens have no price, or when the sum is beyond an int64.
func (p *price) cost(at event.Micros, t tier, u *Usage) (
	nano event.NanoUSD, by charge, ok bool) {
	by.tier = t
	n, any, ok := u.counts()
	if !ok {
		return 0, by, false
	}
	s, special := p.at(at), &p.tiers[t]
	prompt := n[input] + n[imageInput] + n[cacheRead] + n[cacheWrite] + n[cacheWrite1h] + n[audioInput]
	levels, num, den := s.levels, uint64(1), uint64(1)
	if t == fast && special.den == 0 { // where only one quicker tier is sold, it is called either
		special = &p.tiers[priority]
		if special.den != 0 {
			by.tier = priority
		}
	}
	if special.den != 0 && (special.below == 0 || prompt < special.below) {
		by.known, num, den = true, special.num, special.den
		if special.levels != nil {
			levels = special.levels
		}
	}
	if any == 0 {
		return 0, by, true
	}
	l := levelOf(levels, prompt)
	if n[webSearch] > 0 && l.pico[webSearch] == unknown {
		by.unasked, n[webSearch] = true, 0
	}
	high, low := bits.Mul64(uint64(l.pico[request]), den)
	for c, count := range n {
		if count == 0 {
			continue
		}
		pico := l.pico[c]
		if pico == unknown {
			return 0, by, false
		}
		times := num
		if component(c) >= tokens || special.whole && component(c) == cacheRead {
			times = den
		}
		h, lo := bits.Mul64(uint64(count), uint64(pico)*times)
		var carry uint64
		low, carry = bits.Add64(low, lo, 0)
		high += h + carry
	}
	nano, ok = rounded(high, low, picoPerNano*den)
	return nano, by, ok
}

// rounded is a sum by a unit, half to even. It is not ok beyond an int64.
func rounded(high, low, unit uint64) (nano event.NanoUSD, ok bool) {
	if high >= unit {
		return 0, false
	}
	quotient, rest := bits.Div64(high, low, unit)
	if rest > unit/2 || rest == unit/2 && quotient&1 == 1 {
		quotient++
	}
	return event.NanoUSD(quotient), quotient <= math.MaxInt64
}

// FromUSD turns a client's figure in USD into nano-USD, rounded half to even. It is not ok for what
// cannot be a cost: negative, not finite, or beyond an int64.
func FromUSD(usd float64) (nano event.NanoUSD, ok bool) {
	n := math.RoundToEven(usd * 1e9)
	if !(n >= 0 && n < math.MaxInt64) {
		return 0, false
	}
	return event.NanoUSD(n), true
}
