package alerts

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/engine/glob"
	"analytics/engine/store"
	"analytics/engine/web"
	"analytics/query/when"
)

// Routes hangs the doors of this room into the mux. Alerts belong to the default tenant; others
// have none.
func (w *Watch) Routes(m *web.Mux) {
	m.Handle("GET /v1/alerts", auth.Query, w.serveList)
	w.ruleRoutes(m)
	w.lookout.Routes(m)
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
	return w.serve(rw, r, w.List(""))
}

// serveActive lists those that go on, unless a state is asked for.
func (w *Watch) serveActive(rw http.ResponseWriter, r *http.Request) error {
	if r.URL.Query().Get("state") == "" {
		return w.serve(rw, r, w.Active())
	}
	return w.serve(rw, r, w.List(""))
}

func (w *Watch) serve(rw http.ResponseWriter, r *http.Request, list []Incident) error {
	q, err := web.Parameters(r, "state", "severity", "rule", "since", "limit")
	if err != nil {
		return err
	}
	wanted, err := w.selection(q)
	if err != nil {
		return err
	}
	limit, err := strconv.Atoi(cmp.Or(q.Get("limit"), "100"))
	if err != nil || limit < 1 || limit > maxIncidents {
		return fault.At(fault.Invalid, "invalid_parameter", "limit",
			"limit must be a whole number from 1 to %d", maxIncidents)
	}
	all := []Incident{}
	if ours(r) {
		all = slices.DeleteFunc(list, func(i Incident) bool { return !wanted(&i) })
	}
	return web.JSON(rw, http.StatusOK, map[string]any{
		"alerts": all[:min(limit, len(all))], "total": len(all),
	})
}

// selection reads which incidents are wanted.
func (w *Watch) selection(q url.Values) (func(*Incident) bool, error) {
	state, severity, rule := State(q.Get("state")), Severity(q.Get("severity")), q.Get("rule")
	switch state {
	case "", Open, Acknowledged, Resolved:
	default:
		return nil, fault.At(fault.Invalid, "invalid_parameter", "state",
			"state must be open, acknowledged or resolved")
	}
	if severity != "" && severity.rank() == 0 {
		return nil, fault.At(fault.Invalid, "invalid_parameter", "severity",
			"severity must be low, medium, high or critical")
	}
	var since time.Time
	if q.Get("since") != "" {
		span, err := when.Parse(when.Words{Since: q.Get("since")}, w.desk.Now(), w.desk.Zone(), "")
		if err != nil {
			return nil, err
		}
		since = span.From
	}
	return func(i *Incident) bool {
		return (state == "" || i.State == state) && (severity == "" || i.Severity == severity) &&
			(rule == "" || glob.Match(rule, i.Rule)) && !i.Opened.Before(since)
	}, nil
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
		i, err := step(r.Context(), id, asker(r))
		if err != nil {
			return err
		}
		return web.JSON(rw, http.StatusOK, i)
	}
}
