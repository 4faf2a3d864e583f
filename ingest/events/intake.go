package events

import (
	"context"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"analytics/engine/budget"
	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/ingest/decode"
	"analytics/ingest/enrich"
	"analytics/ingest/pricing"
)

// Intake takes bodies of events in. It is safe for concurrent use.
type Intake struct {
	store    *store.Store
	enricher *enrich.Enricher
	now      func() time.Time
	watch    func(*event.Event) // nil for nobody
	ledger   *budget.Ledger     // nil for none
	variety  variety
	policy   atomic.Pointer[policy]
	workers  sync.Pool
	counts   [len(kindSlots)]atomic.Int64 // accepted by kind
	rejected atomic.Int64
	repeated atomic.Int64
}

// policy is what a reload of the configuration changes, all at once.
type policy struct {
	book    *pricing.Book
	config  Config
	sampler sampler
}

// NewIntake makes an intake.
func NewIntake(
	st *store.Store, en *enrich.Enricher, book *pricing.Book, cfg Config, now func() time.Time,
) *Intake {
	in := &Intake{store: st, enricher: en, now: now}
	in.workers.New = func() any { return newWorker(in) }
	in.Reload(book, cfg)
	return in
}

// Watch lets f see each event once it is enriched, before it is stored: it must not keep it, and change
// nothing but who it says that the sender was.
// It is set before the first body comes.
func (in *Intake) Watch(f func(*event.Event)) { in.watch = f }

// Reload changes prices and configuration for the bodies that come from now on.
func (in *Intake) Reload(book *pricing.Book, cfg Config) {
	in.policy.Store(&policy{book: book, config: cfg, sampler: samplerOf(cfg.SamplingRate)})
}

// UsePrices changes prices alone.
func (in *Intake) UsePrices(book *pricing.Book) {
	for {
		was := in.policy.Load()
		now := *was
		now.book = book
		if in.policy.CompareAndSwap(was, &now) {
			return
		}
	}
}

// Body is what a sender sent, and what the sender may do.
type Body struct {
	Tenant   store.Tenant
	Text     []byte // not used after Take returns
	Lines    bool   // the sender says that it is a line for each event
	Strict   bool   // all or nothing
	Backfill bool   // timestamps may be older than a week
	Own      bool   // the house tells what was done, also while taking in events is switched off
	// LineIDs gives events without an id one made of their text and place, so that sending the
	// same file again stores nothing twice; Offset is where in the file the body starts.
	LineIDs bool
	Offset  int64
	// Recent looks the events' ids up in the last 24 hours although they have timestamps: what says
	// the same thing twice, such as a span and a log of one call, times it differently.
	Recent bool
	// Public says that a browser sends with a key that everybody can read. Address, Agent and Hints are
	// then taken from the connection, whatever the events say.
	Public  bool
	Address netip.Addr
	Agent   string
	Hints   string // as enrich.HintsOf has them
}

// Answer is what became of a body, as the sender gets it.
type Answer struct {
	Accepted   int     `json:"accepted"`
	Duplicates int     `json:"duplicates"`
	Rejected   int     `json:"rejected"`
	Errors     []Error `json:"errors"`
	// Dropped counts keys that no field knows, Sampled events that the sampling rate left out.
	Dropped int `json:"dropped_fields,omitempty"`
	Sampled int `json:"sampled,omitempty"`
}

// Error says what is wrong with one event of a body.
type Error struct {
	Index   int         `json:"index"`
	Code    decode.Code `json:"code"`
	Message string      `json:"message"`
}

// Take stores the events of a body. An error means that nothing of it counts; after one from the
// store, some may be stored all the same. In strict mode a body with a bad event is not stored,
// which the answer says by accepting nothing.
func (in *Intake) Take(ctx context.Context, b *Body) (Answer, error) {
	w := in.workers.Get().(*worker)
	defer in.release(w)
	return in.take(ctx, w, b)
}

func (in *Intake) take(ctx context.Context, w *worker, b *Body) (Answer, error) {
	p := in.policy.Load()
	if !p.config.Enabled && !b.Own {
		return Answer{}, fault.New(fault.Forbidden, "disabled",
			"taking in events is switched off; set analytics.enabled to true")
	}
	var receipt store.Receipt
	var err error
	if in.ledger != nil {
		in.ledger.Begin(&w.bill, b.Tenant)
		defer func() { w.bill.Settle(receipt, err) }()
	}
	if err := w.read(ctx, p, b); err != nil {
		return Answer{}, err
	}
	if b.Strict && w.answer.Rejected > 0 {
		in.rejected.Add(int64(w.answer.Rejected))
		return w.answer, nil
	}
	if receipt, err = in.store.Append(ctx, b.Tenant, &w.batch); err != nil {
		return Answer{}, err
	}
	w.answer.Accepted, w.answer.Duplicates = receipt.Accepted, receipt.Duplicates
	for kind, n := range w.counts {
		if n > 0 {
			in.counts[kind].Add(int64(n))
		}
	}
	in.rejected.Add(int64(w.answer.Rejected))
	in.repeated.Add(int64(receipt.Duplicates))
	return w.answer, nil
}

func (in *Intake) release(w *worker) {
	if cap(w.body) <= maxKept {
		in.workers.Put(w)
	}
}
