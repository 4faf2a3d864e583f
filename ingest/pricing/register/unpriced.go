package register

import (
	"cmp"
	"context"
	"slices"
	"time"

	"analytics/engine/columns"
	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/ingest/pricing"
)

// Missing is a model whose requests have no cost of ours.
type Missing struct {
	Provider string `json:"provider"`
	Model    string `json:"model"`
	Requests int64  `json:"requests"`
	// Client is how many of them have the client's own figure as their cost.
	Client int64 `json:"with_client_cost"`
	Tokens int64 `json:"tokens"`
	// Reason is no_price, no_usage (the model has a price, the requests no tokens), or reprice: it
	// has a price by now.
	Reason string `json:"reason"`
	// Closest is the key of the price with the most similar name: a hint, nothing more.
	Closest string `json:"closest,omitempty"`
}

const (
	// maxMissing is how many models are listed, most requests first.
	maxMissing = 100
	// maxKnown bounds the models that are told apart while counting.
	maxKnown = 10_000
)

// counted are the fields that counting them needs.
var counted = append([]int{event.Timestamp, event.AIModel, event.AIProvider, event.AICostSource,
	event.AIClientCost}, tokenFields...)

var tokenFields = []int{event.AIInputUncachedTokens, event.AICacheReadTokens,
	event.AICacheWriteTokens, event.AICacheWrite1hTokens, event.AIAudioInputTokens,
	event.AIOutputTextTokens, event.AIReasoningTokens, event.AIAudioOutputTokens}

// Unpriced lists the models without a price in the time before now.
func (r *Register) Unpriced(ctx context.Context, t store.Tenant, since time.Duration) ([]Missing, error) {
	now := event.MicrosOf(r.house.Now())
	from := now - event.Micros(since/time.Microsecond)
	n := r.house.Store.Snapshot(store.Range{Tenant: t, Kind: event.AIRequest, From: from, To: now + 1<<40})
	defer n.Release()
	found := map[[2]string]*Missing{}
	var e event.Event
	for _, c := range n.Chunks() {
		fields := slices.Clone(counted)
		slices.Sort(fields)
		rec, err := c.Read(ctx, fields)
		if err != nil {
			return nil, err
		}
		rows := columns.NewRows(event.AIRequest, rec)
		for i := range int(rec.NumRows()) {
			rows.Event(&e, i)
			if e.Time() >= from && string(e.Text(event.AICostSource)) != pricing.Computed {
				note(found, &e)
			}
		}
		rec.Release()
	}
	return r.explain(found), nil
}

func note(found map[[2]string]*Missing, e *event.Event) {
	key := [2]string{string(e.Text(event.AIProvider)), string(e.Text(event.AIModel))}
	m := found[key]
	if m == nil {
		if len(found) >= maxKnown {
			return
		}
		m = &Missing{Provider: key[0], Model: key[1]}
		found[key] = m
	}
	m.Requests++
	if e.Has(event.AIClientCost) {
		m.Client++
	}
	for _, f := range tokenFields {
		m.Tokens += e.Int(f)
	}
}

// explain says why, and what to look at.
func (r *Register) explain(found map[[2]string]*Missing) []Missing {
	list := make([]Missing, 0, len(found))
	for _, m := range found {
		list = append(list, *m)
	}
	slices.SortFunc(list, func(a, b Missing) int {
		return cmp.Or(cmp.Compare(b.Requests, a.Requests), cmp.Compare(a.Model, b.Model),
			cmp.Compare(a.Provider, b.Provider))
	})
	list = list[:min(len(list), maxMissing)]
	book := r.Book()
	for i := range list {
		m := &list[i]
		_, known := book.Find(m.Provider, m.Model)
		switch {
		case !known:
			m.Reason, m.Closest = "no_price", book.Closest(m.Model)
		case m.Tokens == 0:
			m.Reason = "no_usage"
		default:
			m.Reason = "reprice"
		}
	}
	return list
}
