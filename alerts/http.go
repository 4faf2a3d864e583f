package alerts

import (
	"cmp"
	"net/http"
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
	m.Handle("POST /v1/alerts/{id}/acknowledge", auth.Admin, w.serveAcknowledge)
}

func ours(r *http.Request) bool {
	return web.Identity(r.Context()).Tenant == store.Default
}

func (w *Watch) serveList(rw http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	state := State(q.Get("state"))
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
	list := []Incident{}
	if ours(r) {
		list = w.List(state)
	}
	return web.JSON(rw, http.StatusOK, map[string]any{
		"alerts": list[:min(limit, len(list))], "total": len(list),
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

func (w *Watch) serveAcknowledge(rw http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if !ours(r) {
		return fault.At(fault.NotFound, "unknown_alert", "id", "there is no alert %.80q", id)
	}
	who := web.Identity(r.Context())
	i, err := w.Acknowledge(r.Context(), id, cmp.Or(who.Label, who.KeyID))
	if err != nil {
		return err
	}
	return web.JSON(rw, http.StatusOK, i)
}
