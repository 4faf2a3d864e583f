package otlp

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"

	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/engine/web"
	"analytics/ingest/events"
	"analytics/ingest/otlp/semconv"
)

// Door is all doors of this package. It is safe for concurrent use.
type Door struct {
	intake *events.Intake
	table  *semconv.Table
	log    *slog.Logger
	pool   sync.Pool // of *taking
	heavy  chan struct{}
	mux    *web.Mux
	counts [3]tally // by signal, in their order

	port   net.Listener // of gRPC; nil: none
	server *http.Server
}

// New makes the doors.
func New(intake *events.Intake, log *slog.Logger) (*Door, error) {
	table, err := semconv.New()
	if err != nil {
		return nil, fmt.Errorf("otlp: %w", err)
	}
	d := &Door{intake: intake, table: table, log: log, heavy: make(chan struct{}, maxHeavy)}
	d.pool.New = func() any { return &taking{door: d} }
	return d, nil
}

// prefixes are what exporters are told to put before /v1/traces: nothing by most, the others by
// what people moved here from.
var prefixes = []string{"", "/otlp", "/otel", "/api/public/otel"}

// Routes hangs the doors into the house. They tell errors in OTLP's own form, also for a missing
// key, so they ask for it themselves.
func (d *Door) Routes(mux *web.Mux) {
	d.mux = mux
	for i := range signals {
		s := &signals[i]
		for _, prefix := range prefixes {
			path := prefix + "/v1/" + s.name
			mux.Pass(path, auth.Ingest, func(w http.ResponseWriter, r *http.Request) error {
				if r.URL.Path != path {
					return fault.New(fault.NotFound, "unknown_route",
						"there is nothing at %s; did you mean %s?", web.Clean(r.URL.Path), path)
				}
				return d.post(w, r, s)
			})
		}
		mux.Pass(s.method(), auth.Ingest, func(w http.ResponseWriter, r *http.Request) error {
			return d.call(w, r, s)
		})
	}
}

// post answers a request over HTTP.
func (d *Door) post(w http.ResponseWriter, r *http.Request, s *signal) error {
	e, err := encodingOf(r.Header)
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return e.write(w, http.StatusMethodNotAllowed,
			status(e, 12, "OTLP comes by POST, not by "+web.Clean(r.Method)))
	}
	var out outcome
	if err == nil {
		out, err = d.admit(w, r, s, e)
	}
	if err == nil {
		return e.write(w, http.StatusOK, out.response(e))
	}
	no := d.refuse(r, err)
	switch no.status {
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", retryAfter)
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", `Bearer realm="analytics"`)
	}
	return e.write(w, no.status, status(e, no.code, no.text))
}

// admit takes in the body of who has a key.
func (d *Door) admit(
	w http.ResponseWriter, r *http.Request, s *signal, e encoding,
) (outcome, error) {
	who, err := d.who(r)
	if err != nil {
		return outcome{}, err
	}
	body, err := web.Body(w, r)
	if err != nil {
		return outcome{}, err
	}
	t := d.pool.Get().(*taking)
	t.ctx, t.who = r.Context(), who
	defer d.release(t)
	return t.take(s, e, body)
}

// who is who sends, if they may.
func (d *Door) who(r *http.Request) (auth.Identity, error) {
	return web.Admit(r.Context(), auth.Token(r.Header), auth.Ingest)
}

// release keeps the memory of a request for the next, unless it was an unusual one.
func (d *Door) release(t *taking) {
	t.reset()
	if t.body.Cap() <= maxKept && cap(t.lines.Bytes()) <= maxKept {
		d.pool.Put(t)
	}
}

// refuse says what the client is told. The access log knows the status alone; what is our own fault
// is logged with its cause.
func (d *Door) refuse(r *http.Request, err error) refusal {
	no := refusalOf(err)
	level := slog.LevelDebug
	if no.status >= http.StatusInternalServerError && r.Context().Err() == nil {
		level = slog.LevelError
	}
	d.log.LogAttrs(context.Background(), level, "otlp: a request was refused",
		slog.String("id", web.RequestID(r.Context())), slog.String("code", fault.Of(err).Code),
		slog.String("error", web.Clean(web.Scrub(err.Error()))))
	return no
}
