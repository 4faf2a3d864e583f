package events

import (
	"math"
	"math/bits"

	"github.com/cespare/xxhash/v2"

	"analytics/engine/event"
)

// sampler decides about whole traces by the hash of their ids, so that a trace is kept or left out
// whole, on every server and for every kind alike, and says how many an event that is kept stands
// for.
//
// A hash below keep, of 2^64, is kept. With 2^64 = whole × keep + rest, a hash below rest weighs
// whole+1 and the others whole: the weights of all hashes add up to 2^64 exactly, so totals are
// right on average for every rate, also where 1/rate is no whole number, and a trace has one weight.
// A weight of one is written too: it tells the share that was kept.
// A sampler that keeps everything has keep = 2^64-1 and gives no weights.
type sampler struct {
	keep, whole, rest uint64
}

// lowestRate is the least rate but zero: an event stands for event.MaxWeight at most.
const lowestRate = 1e-6

func samplerOf(rate float64) sampler {
	if rate >= 1 {
		return sampler{keep: math.MaxUint64}
	}
	s := sampler{keep: uint64(rate * (1 << 63) * 2)}
	if s.keep > 1 {
		s.whole, s.rest = bits.Div64(1, 0, s.keep)
	}
	return s
}

// takes reports whether an event is kept, and gives it the weight it then has. An event of a sender
// that samples itself, or one that was exported, comes with a weight, which is multiplied. What
// costs money, the audit trail and metrics are of kinds that have no weight and are always kept. So
// are failures, each of which stands for itself alone, and what belongs to no trace.
func (s *sampler) takes(e *event.Event) bool {
	weight, ok := e.Kind.Weight()
	if !ok {
		return true
	}
	if failed(e) || e.Int(weight) < 1 {
		e.Clear(weight)
	}
	if s.keep == math.MaxUint64 || !e.Has(event.TraceID) || failed(e) {
		return true
	}
	hash := xxhash.Sum64(e.Text(event.TraceID))
	if hash >= s.keep {
		return false
	}
	n := s.whole
	if hash < s.rest {
		n++
	}
	n *= uint64(max(1, e.Int(weight)))
	e.SetInt(weight, int64(min(n, event.MaxWeight)))
	return true
}

// failed reports whether an event is of something that failed.
func failed(e *event.Event) bool {
	switch e.Kind {
	case event.ToolCall:
		return !e.Bool(event.ToolSuccess)
	case event.AgentTask:
		return e.Has(event.TaskErrorType) || e.Has(event.TaskSuccess) && !e.Bool(event.TaskSuccess)
	case event.PageView:
		return e.Int(event.PageStatusCode) >= 400
	}
	return false
}
