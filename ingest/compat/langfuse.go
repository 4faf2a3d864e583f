package compat

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/tidwall/gjson"

	"analytics/engine/auth"
	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/engine/web"
	"analytics/ingest/decode"
	"analytics/ingest/events"
	"analytics/ingest/wire"
)

// langfuseVersion is whose API this is: what clients find at /api/public/health.
const langfuseVersion = "3.0.0"

func langfuseHealth(w http.ResponseWriter, _ *http.Request) error {
	return web.JSON(w, http.StatusOK, map[string]string{"status": "OK", "version": langfuseVersion})
}

// langfuseProjects is what clients ask to see whether their keys are right.
func langfuseProjects(w http.ResponseWriter, r *http.Request) error {
	type project struct {
		ID       string         `json:"id"`
		Name     string         `json:"name"`
		Metadata map[string]any `json:"metadata"`
	}
	tenant := tenantName(web.Identity(r.Context()).Tenant)
	return web.JSON(w, http.StatusOK, map[string]any{
		"data": []project{{tenant, tenant, map[string]any{}}},
	})
}

// verdict is what becomes of one item of a batch.
type verdict struct {
	ID      string `json:"id"`
	Status  int    `json:"status"`
	Message string `json:"message,omitempty"`
	Error   string `json:"error,omitempty"`
}

// postLangfuse takes a batch of Langfuse's ingestion API. It answers 207 with a verdict for each
// item once all that was taken is stored, or on the shelf.
func (d *Door) postLangfuse(w http.ResponseWriter, r *http.Request) error {
	body, err := bodyOf(w, r)
	if err != nil {
		return err
	}
	if !json.Valid(body) {
		return broken("the body is not JSON")
	}
	batch := gjson.GetBytes(body, "batch")
	if !batch.IsArray() {
		return fault.At(fault.Invalid, string(decode.MissingField), "batch", "the body needs a batch of events")
	}
	if n := batch.Get("#").Int(); n > decode.MaxEvents {
		return fault.New(fault.TooLarge, "too_many_events",
			"the batch has more than %d events; send them in several requests", decode.MaxEvents)
	}
	who := web.Identity(r.Context())
	var said []*saying
	batch.ForEach(func(_, v gjson.Result) bool {
		said = append(said, readLangfuse(v, who.Tenant, who.May(auth.Backfill)))
		return true
	})
	problems, err := d.learn(r.Context(), said)
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusMultiStatus, verdicts(said, problems))
}

func verdicts(said []*saying, problems map[slot]string) map[string][]verdict {
	good, wrong := []verdict{}, []verdict{}
	for _, s := range said {
		problem := s.problem
		if problem == "" && s.observation != nil {
			problem = problems[s.observation.slot()]
		}
		if problem == "" {
			good = append(good, verdict{ID: s.id, Status: http.StatusCreated})
			continue
		}
		wrong = append(wrong, verdict{s.id, http.StatusBadRequest, problem, "Invalid request data"})
	}
	return map[string][]verdict{"successes": good, "errors": wrong}
}

// learn merges what was said into what is known, keeps it, and stores what is complete by now.
// The problems are those of the observations that the intake did not take.
func (d *Door) learn(ctx context.Context, said []*saying) (map[slot]string, error) {
	changed, ready := d.ledger.merge(said)
	if err := d.ledger.keep(ctx, changed, ready); err != nil {
		d.ledger.release(ready)
		return nil, err
	}
	return d.settle(ctx, ready)
}

// Run stores what has waited long enough for the rest, until ctx ends.
func (d *Door) Run(ctx context.Context) {
	ticks := time.NewTicker(settleEvery)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
			if err := d.Settle(ctx); err != nil && ctx.Err() == nil {
				d.log.Error("observations of Langfuse's clients wait to be stored", "error", err)
			}
		}
	}
}

// Settle stores what has waited long enough for the rest. What it cannot store stays on the shelf.
func (d *Door) Settle(ctx context.Context) error {
	ready, forgotten := d.ledger.due()
	problems, err := d.settle(ctx, ready)
	if err != nil {
		return err
	}
	for _, problem := range problems {
		d.log.Warn("an observation of Langfuse's client was refused", "problem", problem)
	}
	return d.ledger.forget(ctx, forgotten)
}

// settleBatch is as many events as an answer of the intake lists problems, so that each is known.
const settleBatch = maxErrors

// settle stores observations that the ledger gave out, and takes them off the ledger.
func (d *Door) settle(ctx context.Context, ready []told) (map[slot]string, error) {
	problems := map[slot]string{}
	for begin := 0; begin < len(ready); {
		end := begin + 1
		for end < len(ready) && end-begin < settleBatch && ready[end].sameSender(ready[begin]) {
			end++
		}
		part := ready[begin:end]
		if err := d.storeTold(ctx, part, problems); err != nil {
			d.ledger.release(ready[begin:])
			return nil, err
		}
		if err := d.ledger.finish(ctx, part); err != nil {
			// Stored, but still on the shelf: it will be stored again, which finds a duplicate.
			d.log.Warn("what was stored could not be taken off the shelf", slog.Any("error", err))
		}
		begin = end
	}
	return problems, nil
}

func (d *Door) storeTold(ctx context.Context, part []told, problems map[slot]string) error {
	var lines wire.Lines
	for i := range part {
		part[i].write(&lines)
	}
	answer, err := d.intake.Take(ctx, &events.Body{
		Tenant: part[0].Tenant, Text: lines.Bytes(), Lines: true, Backfill: part[0].Backfill,
	})
	if err != nil {
		return err
	}
	for _, e := range answer.Errors {
		problems[part[e.Index].slot()] = e.Message
	}
	return nil
}

// told is all that was said about one observation, trace included.
type told struct {
	observation
	trace trace
}

func (t *told) sameSender(other told) bool {
	return t.Tenant == other.Tenant && t.Backfill == other.Backfill
}

// write writes the observation as an event.
func (t *told) write(l *wire.Lines) {
	took := time.Duration(-1)
	if !t.Start.IsZero() && !t.End.IsZero() {
		took = t.End.Sub(t.Start)
	}
	switch t.Kind {
	case "tool":
		l.Begin(event.ToolCall)
		l.Text(event.ToolTool, orUnknown(t.Name))
		l.Span(event.ToolDurationMS, took)
		l.Bool(event.ToolSuccess, !t.Failed)
		l.Text(event.ToolErrorMessage, t.Message)
	case "agent":
		l.Begin(event.AgentTask)
		l.Text(event.Agent, orUnknown(t.Name))
		l.Span(event.TaskDurationMS, took)
		l.Bool(event.TaskSuccess, !t.Failed)
	default:
		l.Begin(event.AIRequest)
		t.request(l, took)
	}
	for _, at := range []time.Time{t.Start, t.End, t.Said} {
		if !at.IsZero() {
			l.Time(event.Timestamp, at)
			break
		}
	}
	l.Text(event.EventID, t.ID)
	l.Text(event.SpanID, t.ID)
	l.Text(event.TraceID, t.Trace)
	l.Text(event.ParentSpanID, t.Parent)
	l.Text(event.UserID, t.trace.User)
	l.Text(event.SessionID, t.trace.Session)
	p := tags{}
	p.set("trace", t.trace.Name)
	if t.Kind == "generation" || t.Kind == "embedding" {
		p.set("name", t.Name)
	}
	p.set("tags", t.trace.Tags)
	p.set("environment", t.Environment)
	p.set("version", t.Version)
	p.set("release", t.trace.Release)
	l.Properties(p)
	l.End()
}

func (t *told) request(l *wire.Lines, took time.Duration) {
	l.Text(event.AIModel, orUnknown(t.Model))
	operation := "chat"
	if t.Kind == "embedding" {
		operation = "embeddings"
	}
	l.Text(event.AIOperation, operation)
	l.Span(event.AIDurationMS, took)
	if !t.Start.IsZero() && t.First.After(t.Start) {
		l.Span(event.AITTFBMS, t.First.Sub(t.Start))
	}
	l.Bool(event.AISuccess, !t.Failed)
	if t.Failed {
		l.Text(event.AIErrorType, "error")
		l.Text(event.AIErrorMessage, t.Message)
	}
	l.Text(event.AIPromptID, t.PromptName)
	l.Text(event.AIPromptVersion, t.PromptVersion)
	if t.Cost != nil {
		l.Float(event.AICostUSD, *t.Cost)
	}
	if t.Usage.Known() {
		l.Usage(t.Usage)
		l.Text(event.AIUsageSource, "client")
	}
}

func orUnknown(name string) string {
	if name == "" {
		return unknownModel
	}
	return name
}

// tenantName is a tenant's id as text.
func tenantName(t store.Tenant) string {
	n := len(t)
	for n > 0 && t[n-1] == 0 {
		n--
	}
	return idOf(string(t[:n]))
}
