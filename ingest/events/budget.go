package events

import (
	"analytics/engine/budget"
	"analytics/engine/event"
)

// Charge tells the ledger of budgets what each stored ai_request cost. It is set before the first body
// comes.
func (in *Intake) Charge(l *budget.Ledger) { in.ledger = l }

// Tokens are what a request is expected to use at most.
type Tokens struct {
	In, Out int64
	// Cached says that the input is written to the provider's cache, which may cost more.
	Cached bool
}

// Estimate is what a request would cost now, as its event would be priced; not ok if nobody knows.
func (in *Intake) Estimate(provider, model, tier string, t Tokens) (nano event.NanoUSD, ok bool) {
	var e event.Event
	e.Reset(event.AIRequest)
	e.SetInt(event.Timestamp, int64(event.MicrosOf(in.now())))
	e.SetText(event.AIProvider, []byte(provider))
	e.SetText(event.AIModel, []byte(model))
	if tier != "" {
		e.SetText(event.AITier, []byte(tier))
	}
	if t.Cached {
		e.SetInt(event.AICacheWrite1hTokens, t.In)
	} else {
		e.SetInt(event.AIInputUncachedTokens, t.In)
	}
	if t.Out > 0 {
		e.SetInt(event.AIOutputTextTokens, t.Out)
	}
	in.policy.Load().book.Price(&e)
	return event.NanoUSD(e.Int(event.AICost)), e.Has(event.AICost)
}
