package compat

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/tidwall/gjson"

	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/engine/web"
	"analytics/ingest/decode"
	"analytics/ingest/events"
	"analytics/ingest/wire"
)

// Door is all doors of this package.
type Door struct {
	intake *events.Intake
	ledger *ledger
	log    *slog.Logger
}

// New makes the doors. The shelf holds what Langfuse's clients said only half of so far; what an
// earlier run left there is taken up again.
func New(
	intake *events.Intake, shelf *store.Shelf, now func() time.Time, log *slog.Logger,
) (*Door, error) {
	l, err := openLedger(shelf, now)
	if err != nil {
		return nil, err
	}
	return &Door{intake: intake, ledger: l, log: log}, nil
}

// Routes hangs the doors into the house.
func (d *Door) Routes(mux *web.Mux) {
	mux.Handle("POST /v1/litellm", auth.Ingest, d.each(readLiteLLM))
	mux.Handle("POST /v1/client/usage/log", auth.Ingest, d.each(readPromptOps))
	for _, path := range []string{"/custom/v1/log", "/oai/v1/log", "/anthropic/v1/log"} {
		mux.Handle("POST "+path, auth.Ingest, d.postHelicone)
	}
	mux.Handle("POST /api/public/ingestion", auth.Ingest, d.postLangfuse)
	mux.Handle("GET /api/public/health", auth.None, langfuseHealth)
	mux.Handle("GET /api/public/projects", auth.Ingest, langfuseProjects)
}

// reader turns one item of somebody's format into an event. The problem, if there is one, is for
// the sender; an item may also become no event at all.
type reader func(l *wire.Lines, item gjson.Result) *decode.Problem

// each is a door for bodies whose items stand for themselves.
func (d *Door) each(read reader) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		text, err := bodyOf(w, r)
		if err != nil {
			return err
		}
		list, err := split(text)
		if err != nil {
			return err
		}
		answer, err := d.take(r.Context(), list, read)
		if err != nil {
			return err
		}
		return web.JSON(w, http.StatusOK, answer)
	}
}

// take stores what read makes of the items. Errors in the answer count items, not events.
func (d *Door) take(ctx context.Context, list []item, read reader) (events.Answer, error) {
	var lines wire.Lines
	var from []int // the item that each event came from
	answer := events.Answer{Errors: []events.Error{}}
	for i, it := range list {
		problem := it.problem
		if problem == nil {
			problem = read(&lines, it.value)
		}
		if problem != nil {
			answer.Rejected++
			answer.Errors = append(answer.Errors,
				events.Error{Index: i, Code: problem.Code, Message: problem.Text})
		}
		if lines.Len() > len(from) {
			from = append(from, i)
		}
	}
	stored, err := d.store(ctx, &lines)
	if err != nil {
		return answer, err
	}
	for _, e := range stored.Errors {
		e.Index = from[e.Index]
		answer.Errors = append(answer.Errors, e)
	}
	answer.Accepted, answer.Duplicates = stored.Accepted, stored.Duplicates
	answer.Rejected += stored.Rejected
	answer.Sampled = stored.Sampled
	answer.Errors = answer.Errors[:min(len(answer.Errors), maxErrors)]
	return answer, nil
}

// store hands events to the native intake for whoever sent the request.
func (d *Door) store(ctx context.Context, lines *wire.Lines) (events.Answer, error) {
	if lines.Len() == 0 {
		return events.Answer{}, nil
	}
	who := web.Identity(ctx)
	return d.intake.Take(ctx, &events.Body{
		Tenant: who.Tenant, Text: lines.Bytes(), Lines: true, Backfill: who.May(auth.Backfill),
	})
}

// bodyOf reads a body whole. These clients send at most some megabytes.
func bodyOf(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	in, err := web.Body(w, r)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(in)
}

// broken is the fault of a body that is not JSON at all.
func broken(what string) error {
	return fault.New(fault.Invalid, string(decode.BrokenJSON), "%s", what)
}
