package web

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"analytics/engine/auth"
	"analytics/engine/store"
)

// The audit trail: who changed what. Rooms that know more say it themselves; what an administrator did by
// any other route is said here, in the words of the route, so that no change is missing by being
// forgotten.

// Deed is something that somebody did.
type Deed struct {
	Category   string         `json:"category"` // administration if empty
	Action     string         `json:"action"`
	Actor      string         `json:"actor,omitempty"`
	Target     string         `json:"target,omitempty"`
	Outcome    string         `json:"outcome"`  // success if empty
	Severity   string         `json:"severity"` // medium if empty
	Properties map[string]any `json:"properties,omitempty"`
}

// Keep says who takes events for the audit trail. Before that, nobody does.
func (m *Mux) Keep(record func(ctx context.Context, t store.Tenant, event []byte) error) {
	m.record = record
}

// Tell writes down what was done, by who sent the request unless another actor is named. What was done
// stays done: that it cannot be written down is in the log.
func (m *Mux) Tell(ctx context.Context, t store.Tenant, d Deed) {
	if m.record == nil {
		return
	}
	for text, usual := range map[*string]string{&d.Category: "administration", &d.Outcome: "success",
		&d.Severity: "medium", &d.Actor: Identity(ctx).Label} {
		if *text == "" {
			*text = usual
		}
	}
	text, err := json.Marshal(struct {
		Type string `json:"type"`
		Deed
	}{"activity", d})
	Told(ctx)
	if err == nil {
		err = m.record(context.WithoutCancel(ctx), t, text) // although the client leaves now
	}
	if err != nil {
		m.opt.Log.LogAttrs(ctx, slog.LevelError, "the audit trail lacks what was done",
			slog.String("id", RequestID(ctx)), slog.String("action", d.Action), slog.Any("err", err))
	}
}

// Told says that the audit trail has what the request did.
func Told(ctx context.Context) {
	if c := callOf(ctx); c != nil {
		c.told.Store(true)
	}
}

// trail writes down what an administrator changed by a route that did not say so itself. Who tries what
// would happen changes nothing.
func (rt *route) trail(w *response, r *http.Request, c *call) {
	changes := r.Method != http.MethodGet && r.Method != http.MethodHead
	if !changes || rt.scope != auth.Admin || c.told.Load() || w.status >= http.StatusBadRequest {
		return
	}
	if dry, err := strconv.ParseBool(r.URL.Query().Get("dry_run")); err == nil && dry {
		return
	}
	target := Clean(r.URL.Path)
	if _, after, ok := strings.Cut(rt.pattern, "{"); ok {
		name, _, _ := strings.Cut(after, "}")
		target = Clean(r.PathValue(strings.TrimSuffix(name, "...")))
	}
	rt.mux.Tell(r.Context(), c.who.Tenant, Deed{Action: deed(rt.pattern), Target: target})
}

var wildcards = regexp.MustCompile(`/\{[^}]*\}`)

// deed is what a route does in the words of its pattern: funnels_create, funnels_delete, jobs_run.
func deed(pattern string) string {
	method, path, _ := strings.Cut(pattern, " ")
	words := strings.ReplaceAll(strings.Trim(strings.TrimPrefix(wildcards.ReplaceAllString(path, ""), "/v1"), "/"), "/", "_")
	switch {
	case method == http.MethodDelete:
		return words + "_delete"
	case method == http.MethodPut:
		return words + "_set"
	case strings.HasSuffix(words, "s"):
		return words + "_create"
	}
	return words
}
