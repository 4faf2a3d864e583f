package pricing

import (
	"math"
	"math/bits"

	"analytics/engine/event"
)

// Usage is the tokens of a request in the disjoint buckets of an ai_request event.
type Usage struct {
	InputUncached int64
	CacheRead     int64
	CacheWrite    int64 // five-minute or unspecified time to live
	CacheWrite1h  int64
	AudioInput    int64
	OutputText    int64
	Reasoning     int64
	AudioOutput   int64
}

// maxTokens is more than any bucket of an event may hold (event.MaxNumber). With it the sums below
// stay inside 128 bits: 8 buckets x 2^54 tokens x 2^40 pico-USD.
const maxTokens = 1 << 54

// picoPerNano is how many pico-USD are one nano-USD.
const picoPerNano = 1000

// cost is what the usage costs at the sheet's prices, rounded half to even to nano-USD. It is not
// ok when a bucket that has tokens has no price, or when the sum is beyond an int64.
func (s *sheet) cost(u *Usage) (nano event.NanoUSD, ok bool) {
	tokens := [buckets]int64{input: u.InputUncached, cacheRead: u.CacheRead,
		cacheWrite: u.CacheWrite, cacheWrite1h: u.CacheWrite1h, audioInput: u.AudioInput,
		output: u.OutputText, reasoning: u.Reasoning, audioOutput: u.AudioOutput}
	var any uint64
	for _, n := range tokens {
		any |= uint64(n) // a negative number sets the top bit
	}
	if any >= maxTokens {
		return 0, false
	}
	if any == 0 {
		return 0, true
	}
	l := s.level(tokens[input] + tokens[cacheRead] + tokens[cacheWrite] + tokens[cacheWrite1h] +
		tokens[audioInput])
	high, low := uint64(0), uint64(l.pico[request])
	for c, n := range tokens {
		if n == 0 {
			continue
		}
		pico := l.pico[c]
		if pico == unknown {
			return 0, false
		}
		h, lo := bits.Mul64(uint64(n), uint64(pico))
		var carry uint64
		low, carry = bits.Add64(low, lo, 0)
		high += h + carry
	}
	if high >= picoPerNano {
		return 0, false
	}
	quotient, rest := bits.Div64(high, low, picoPerNano)
	if rest > picoPerNano/2 || rest == picoPerNano/2 && quotient&1 == 1 {
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
