package events

import (
	"math"

	"github.com/cespare/xxhash/v2"

	"analytics/engine/event"
)

// keepOf turns a rate into the largest hash that is kept.
func keepOf(rate float64) uint64 {
	if rate >= 1 {
		return math.MaxUint64
	}
	return uint64(rate * (1 << 63) * 2)
}

// keeps decides about an event by its trace, so that a trace is kept or left out whole, on every
// server alike. What costs money, failed, or is part of the audit trail is always kept: sums and
// reports must not depend on luck.
func (p *policy) keeps(e *event.Event) bool {
	if p.keep == math.MaxUint64 || !e.Has(event.TraceID) {
		return true
	}
	switch e.Kind {
	case event.AIRequest, event.Activity:
		return true
	case event.ToolCall:
		if !e.Bool(event.ToolSuccess) {
			return true
		}
	case event.AgentTask:
		if e.Has(event.TaskErrorType) || e.Has(event.TaskSuccess) && !e.Bool(event.TaskSuccess) {
			return true
		}
	case event.PageView:
		if e.Int(event.PageStatusCode) >= 400 {
			return true
		}
	}
	return xxhash.Sum64(e.Text(event.TraceID)) < p.keep
}
