package alerts

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"

	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/engine/web"
)

// Routes hangs the doors of this room into the mux. Alerts belong to the default tenant; others
// have none.
func (w *Watch) Routes(m *web.Mux) {
	m.Handle("GET /v1/alerts", auth.Query, w.serveList)
	m.Handle("GET /v1/alerts/rules", auth.Query, w.serveRules)
	m.Handle("GET /v1/alerts/{id}", auth.Query, w.serveShow)
	m.Handle("POST /v1/alerts/{id}/acknowledge", auth.Admin, serveStep(w.Acknowledge))
	m.Handle("POST /v1/alerts/{id}/resolve", auth.Admin, serveStep(w.Resolve))
	m.Handle("GET /v1/analytics/alerts", auth.Query, w.serveActive) // PromptOps
	m.Handle("POST /v1/analytics/alerts/{id}/acknowledge", auth.Admin, serveStep(w.Acknowledge))
}

func ours(r *http.Request) bool {
	return web.Identity(r.Context()).Tenant == store.Default
}

// serveList lists incidents of any state, or of one.
func (w *Watch) serveList(rw http.ResponseWriter, r *http.Request) error {
	return w.serve(rw, r, w.List)
}

// serveActive lists those that go on, unless a state is asked for.
func (w *Watch) serveActive(rw http.ResponseWriter, r *http.Request) error {
	return w.serve(rw, r, func(state State) []Incident {
		if state == "" {
			return w.Active()
		}
		return w.List(state)
	})
}

func (w *Watch) serve(
	rw http.ResponseWriter, r *http.Request, list func(State) []Incident,
) error {
	q := r.URL.Query()
	state, severity := State(q.Get("state")), Severity(q.Get("severity"))
	switch severity {
	case "", Low, Medium, High, Critical:
	default:
		return fault.At(fault.Invalid, "invalid_parameter", "severity",
			"severity must be low, medium, high or critical")
	}
	switch state {
	case "", Open, Acknowledged, Resolved:
	default:
		return fault.At(fault.Invalid, "invalid_parameter", "state",
			"state must be open, acknowledged or resolved")
	}
	limit, err := strconv.Atoi(cmp.Or(q.Get("limit"), "100"))
	if err != nil || limit < 1 || limit > maxIncidents {
		return fault.At(fault.Invalid, "invalid_parameter", "limit",
			"limit must be a whole number from 1 to %d", maxIncidents)
	}
	all := []Incident{}
	if ours(r) {
		all = slices.DeleteFunc(list(state), func(i Incident) bool {
			return severity != "" && i.Severity != severity
		})
	}
	return web.JSON(rw, http.StatusOK, map[string]any{
		"alerts": all[:min(limit, len(all))], "total": len(all),
	})
}

func (w *Watch) serveRules(rw http.ResponseWriter, r *http.Request) error {
	list := []Standing{}
	if ours(r) {
		var err error
		if list, err = w.Standings(r.Context()); err != nil {
			return err
		}
	}
	return web.JSON(rw, http.StatusOK, map[string]any{"rules": list})
}

func (w *Watch) serveShow(rw http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if !ours(r) {
		return unknown(id)
	}
	i, err := w.Show(id)
	if err != nil {
		return err
	}
	return web.JSON(rw, http.StatusOK, i)
}

// serveStep is the door of a verb that moves an incident on.
func serveStep(
	step func(ctx context.Context, id, by string) (Incident, error),
) func(http.ResponseWriter, *http.Request) error {
	return func(rw http.ResponseWriter, r *http.Request) error {
		id := r.PathValue("id")
		if !ours(r) {
			return unknown(id)
		}
		who := web.Identity(r.Context())
		i, err := step(r.Context(), id, cmp.Or(who.Label, who.KeyID))
		if err != nil {
			return err
		}
		return web.JSON(rw, http.StatusOK, i)
	}
}
