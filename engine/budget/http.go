package budget

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"analytics/engine/auth"
	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/web"
)

// Routes hangs the doors. A caller sees and changes the budgets of its own tenant.
func (l *Ledger) Routes(m *web.Mux) {
	m.Handle("GET /v1/budgets", auth.Query, l.serveList)
	m.HandleQuietly("GET /v1/budgets/check", auth.Ingest, l.serveCheck)
	m.Handle("GET /v1/budgets/{name}", auth.Query, l.serveStatus)
	m.Handle("PUT /v1/budgets/{name}", auth.Admin, l.serveSet)
	m.Handle("DELETE /v1/budgets/{name}", auth.Admin, l.serveDelete)
	m.Handle("POST /v1/budgets/{name}/pause", auth.Admin, l.servePause)
	m.Handle("POST /v1/budgets/{name}/unpause", auth.Admin, l.serveUnpause)
}

func by(r *http.Request) string {
	who := web.Identity(r.Context())
	return cmp.Or(who.Label, who.KeyID, "the local user")
}

// maxListed bounds the groups that an answer lists.
const maxListed = 1000

// listed is an answer with budgets.
type listed struct {
	Budgets []Standing `json:"budgets"`
	Total   int        `json:"total"`
}

func (l *Ledger) serveList(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.Parameters(r); err != nil {
		return err
	}
	return l.list(w, r, "")
}

func (l *Ledger) serveStatus(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.Parameters(r); err != nil {
		return err
	}
	name := r.PathValue("name")
	if !l.has(place{web.Identity(r.Context()).Tenant, name}) {
		return unknown(name)
	}
	return l.list(w, r, name)
}

func (l *Ledger) list(w http.ResponseWriter, r *http.Request, name string) error {
	all, err := l.Standings(r.Context(), web.Identity(r.Context()).Tenant, name)
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, listed{all[:min(len(all), maxListed)], len(all)})
}

func (l *Ledger) serveSet(w http.ResponseWriter, r *http.Request) error {
	var d Definition
	if err := web.Read(w, r, &d); err != nil {
		return err
	}
	if name := r.PathValue("name"); d.Name != "" && d.Name != name {
		return fault.At(fault.Invalid, "invalid_budget", "name", "the body names another budget than the path")
	}
	d.Name = r.PathValue("name")
	if err := l.Set(r.Context(), web.Identity(r.Context()).Tenant, d, by(r)); err != nil {
		return err
	}
	return l.list(w, r, d.Name)
}

func (l *Ledger) serveDelete(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	if err := l.Delete(r.Context(), web.Identity(r.Context()).Tenant, name, by(r)); err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, map[string]any{"deleted": name})
}

func (l *Ledger) servePause(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Until time.Time `json:"until"`
		For   string    `json:"for"`
	}
	if r.ContentLength != 0 {
		if err := web.Read(w, r, &body); err != nil {
			return err
		}
	}
	if body.For != "" {
		d, err := time.ParseDuration(body.For)
		if err != nil || d <= 0 {
			return fault.At(fault.Invalid, "invalid_parameter", "for", "for is how long, such as 90m or 24h")
		}
		body.Until = l.house.Now().Add(d)
	}
	name := r.PathValue("name")
	if err := l.Pause(r.Context(), web.Identity(r.Context()).Tenant, name, body.Until, by(r)); err != nil {
		return err
	}
	return l.list(w, r, name)
}

func (l *Ledger) serveUnpause(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	if err := l.Unpause(r.Context(), web.Identity(r.Context()).Tenant, name, by(r)); err != nil {
		return err
	}
	return l.list(w, r, name)
}

// serveCheck answers gateways that are not ours: may a call of this model go on? Their own key's id
// counts as api_key_id unless they name one. Nothing is reserved: a call is counted when its event
// comes.
func (l *Ledger) serveCheck(w http.ResponseWriter, r *http.Request) error {
	q, err := web.Parameters(r, "model", "provider", "project", "user_id", "agent", "api_key_id",
		"input_tokens", "output_tokens")
	if err != nil {
		return err
	}
	in, err := tokens(q, "input_tokens", 0)
	if err != nil {
		return err
	}
	out, err := tokens(q, "output_tokens", l.OutputTokens())
	if err != nil {
		return err
	}
	if q.Get("model") == "" {
		return fault.At(fault.Invalid, "missing_parameter", "model", "say which model is to be called")
	}
	who := web.Identity(r.Context())
	a := Ask{Tenant: who.Tenant, Labels: LabelsOf(q.Get("project"), q.Get("user_id"), q.Get("agent"),
		cmp.Or(q.Get("api_key_id"), who.KeyID), q.Get("model"), q.Get("provider"))}
	var nano event.NanoUSD
	if l.house.Price != nil {
		nano, a.Priced = l.house.Price(q.Get("provider"), q.Get("model"), max(1, in), max(1, out))
	}
	a.Cost, a.Free = nano, a.Priced && nano == 0
	v := l.Check(r.Context(), a)
	w.Header().Set("Cache-Control", "no-store")
	answer := struct {
		Verdict
		Estimate USD     `json:"estimate"`
		Priced   bool    `json:"priced"`
		Wait     float64 `json:"retry_after_seconds,omitempty"`
	}{v, USD(a.Cost), a.Priced, v.Wait.Seconds()}
	return web.JSON(w, http.StatusOK, answer)
}

// maxTokens bounds what somebody may ask about.
const maxTokens = 1 << 30

func tokens(q url.Values, name string, standard int64) (int64, error) {
	if q.Get(name) == "" {
		return standard, nil
	}
	n, err := strconv.ParseInt(q.Get(name), 10, 64)
	if err != nil || n < 0 || n > maxTokens {
		return 0, fault.At(fault.Invalid, "invalid_parameter", name, "%s is a number of tokens", name)
	}
	return n, nil
}
