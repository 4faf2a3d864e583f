package gateway

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"sync/atomic"
	"time"

	"analytics/engine/auth"
	"analytics/engine/store"
	"analytics/engine/web"
	"analytics/ingest/events"
)

// Gateway passes calls on to their upstreams and records them. It is safe for concurrent use.
type Gateway struct {
	state    atomic.Pointer[state]
	recorder *recorder
	budgets  *budgets     // nil for none
	shelf    *store.Shelf // when the results of batches were first fetched
	now      func() time.Time
	log      *slog.Logger

	// life ends the calls that nobody waits for any more.
	life context.Context
	kill context.CancelCauseFunc
	// calls are all under way, also those whose callers have left.
	calls  *crowd
	drains chan struct{} // a place for each answer that is read for nobody
	held   atomic.Int64  // bytes of requests that are kept
}

// The reasons for which a call is ended at its upstream.
var (
	errGone    = errors.New("the caller left")
	errIdle    = errors.New("the upstream sent nothing for too long")
	errDrained = errors.New("the caller left, and the rest of the answer took too long")
	errCut     = errors.New("the answer was cut")
	errEnding  = errors.New("the server is ending")
)

// New makes a gateway that keeps its small state on the shelf. allow is network.allow: the private
// address ranges that upstreams may be in.
func New(
	intake *events.Intake, shelf *store.Shelf, cfg Config, allow []netip.Prefix, now func() time.Time,
	log *slog.Logger,
) (*Gateway, error) {
	g := &Gateway{
		recorder: newRecorder(intake, log), shelf: shelf, now: now, log: log,
		drains: make(chan struct{}, maxDrains), calls: newCrowd(),
	}
	g.life, g.kill = context.WithCancelCause(context.Background())
	return g, g.Use(cfg, allow)
}

// Use takes over a configuration for the calls that come from now on.
func (g *Gateway) Use(cfg Config, allow []netip.Prefix) error {
	next, err := newState(cfg, allow)
	if err != nil {
		return err
	}
	if before := g.state.Swap(next); before != nil {
		for _, up := range before.upstreams {
			up.transport.CloseIdleConnections()
		}
	}
	return nil
}

// Routes hangs the door into the house.
func (g *Gateway) Routes(mux *web.Mux) { mux.Pass(prefix, auth.Ingest, g.serve) }

// Measure adds the gateway's numbers to /metrics.
func (g *Gateway) Measure(m *web.Metrics) {
	rows := func(read func() float64) func(func(float64, ...string)) {
		return func(emit func(float64, ...string)) { emit(read()) }
	}
	m.Func(web.Counter, "analytics_gateway_rows_total", "Calls of the gateway that were stored.", nil,
		rows(func() float64 { return float64(g.recorder.stored.Load()) }))
	m.Func(web.Counter, "analytics_gateway_rows_lost_total", "Calls that could not be stored.", nil,
		rows(func() float64 { return float64(g.recorder.lost.Load()) }))
	m.Func(web.Gauge, "analytics_gateway_rows_queued", "Calls that wait to be stored.", nil,
		rows(func() float64 { return float64(len(g.recorder.queue)) }))
	m.Func(web.Gauge, "analytics_gateway_drains", "Answers read for callers who have left.", nil,
		rows(func() float64 { return float64(len(g.drains)) }))
}

// Counts is how many rows were stored since the start, and how many could not be.
func (g *Gateway) Counts() (stored, lost int64) {
	return g.recorder.stored.Load(), g.recorder.lost.Load()
}

// Run writes the rows of calls until ctx ends. Then it ends what is still read for callers who have
// left, and writes all that is there.
func (g *Gateway) Run(ctx context.Context) {
	writing, stop := context.WithCancel(context.Background())
	defer stop()
	unwatch := context.AfterFunc(ctx, func() {
		defer stop()
		g.kill(errEnding)
		ended := make(chan struct{})
		go func() { g.calls.wait(); close(ended) }()
		select {
		case <-ended:
		case <-time.After(endPatience):
			g.log.Warn("the gateway's last calls did not end in time")
		}
	})
	defer unwatch()
	g.recorder.run(writing)
}

// Close writes what came after Run had ended. It is called once, before the store is closed.
func (g *Gateway) Close() error {
	g.kill(errEnding)
	g.recorder.close()
	for _, up := range g.state.Load().upstreams {
		up.transport.CloseIdleConnections()
	}
	return nil
}

// serve answers one call.
func (g *Gateway) serve(w http.ResponseWriter, r *http.Request) error {
	g.calls.enter()
	defer g.calls.leave()
	c := &call{g: g, state: g.state.Load(), w: w, r: r, start: g.now()}
	name, rest := split(r.URL.EscapedPath())
	c.up = c.state.upstreams[name]
	c.rest = rest
	if no := c.enter(name); no != nil {
		return c.refuse(no)
	}
	return c.serve()
}
