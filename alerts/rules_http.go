package alerts

import (
	"cmp"
	"net/http"

	"analytics/alerts/book"
	"analytics/alerts/rules"
	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/engine/web"
)

// ruleRoutes hangs the doors of rules on metrics, silences and maintenance windows.
func (w *Watch) ruleRoutes(m *web.Mux) {
	m.Handle("GET /v1/alerts/rules", auth.Query, w.serveRules)
	m.Handle("GET /v1/alerts/rules/{name}", auth.Query, own(w.serveRule))
	m.Handle("PUT /v1/alerts/rules/{name}", auth.Admin, own(w.serveSetRule))
	m.Handle("DELETE /v1/alerts/rules/{name}", auth.Admin, own(w.serveDeleteRule))
	m.Handle("POST /v1/alerts/rules/test", auth.Query, own(w.serveTry))
	m.Handle("GET /v1/alerts/silences", auth.Query, own(w.serveSilences))
	m.Handle("POST /v1/alerts/silences", auth.Admin, own(w.serveSilence))
	m.Handle("DELETE /v1/alerts/silences/{id}", auth.Admin, own(w.serveUnsilence))
}

// own lets only those in whose alerts these are.
func own(f func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error {
	return func(rw http.ResponseWriter, r *http.Request) error {
		if !ours(r) {
			return fault.New(fault.NotFound, "no_alerts", "alerts are those of whoever runs the server")
		}
		if _, err := web.Parameters(r); err != nil {
			return err
		}
		return f(rw, r)
	}
}

// asker is who asks, for lists and the audit log.
func asker(r *http.Request) string {
	who := web.Identity(r.Context())
	return cmp.Or(who.Label, who.KeyID, "local")
}

// serveRules lists the rules: rules are those on spend, metric_rules those on metrics.
func (w *Watch) serveRules(rw http.ResponseWriter, r *http.Request) error {
	if _, err := web.Parameters(r); err != nil {
		return err
	}
	all := ruleList{Spend: []Standing{}, Metric: []rules.Standing{}}
	if ours(r) {
		var err error
		if all.Spend, err = w.Standings(r.Context()); err != nil {
			return err
		}
		all.Metric = w.RuleStandings()
	}
	return web.JSON(rw, http.StatusOK, all)
}

// ruleList is the answer with all rules.
type ruleList struct {
	Spend  []Standing       `json:"rules"`
	Metric []rules.Standing `json:"metric_rules"`
}

func (w *Watch) serveRule(rw http.ResponseWriter, r *http.Request) error {
	rule, err := w.book.Rule(r.PathValue("name"))
	if err != nil {
		return err
	}
	return web.JSON(rw, http.StatusOK, w.standing(rule))
}

func (w *Watch) serveSetRule(rw http.ResponseWriter, r *http.Request) error {
	var rule rules.Rule
	if err := web.Read(rw, r, &rule); err != nil {
		return err
	}
	name := r.PathValue("name")
	if rule.Name != "" && rule.Name != name {
		return fault.At(fault.Invalid, "invalid_rule", "name", "the body names another rule than the path")
	}
	rule.Name = name
	rule, err := w.book.Set(r.Context(), rule, asker(r))
	if err != nil {
		return err
	}
	return web.JSON(rw, http.StatusOK, w.standing(rule))
}

func (w *Watch) serveDeleteRule(rw http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	if err := w.book.Delete(r.Context(), name, asker(r)); err != nil {
		return err
	}
	return web.JSON(rw, http.StatusOK, map[string]any{"deleted": name})
}

// serveTry evaluates a rule that is kept, if nothing but its name is given, or the one in the body.
func (w *Watch) serveTry(rw http.ResponseWriter, r *http.Request) error {
	var rule rules.Rule
	if err := web.Read(rw, r, &rule); err != nil {
		return err
	}
	if rule.Metric == "" && rule.Name != "" {
		var err error
		if rule, err = w.book.Rule(rule.Name); err != nil {
			return err
		}
	}
	rule.Name = cmp.Or(rule.Name, "test")
	t, err := w.Try(r.Context(), rule)
	if err != nil {
		return err
	}
	return web.JSON(rw, http.StatusOK, t)
}

func (w *Watch) serveSilences(rw http.ResponseWriter, r *http.Request) error {
	return web.JSON(rw, http.StatusOK, w.book.Quiets(w.desk.Now().UTC()))
}

func (w *Watch) serveSilence(rw http.ResponseWriter, r *http.Request) error {
	var body struct {
		rules.Silence
		For rules.Span `json:"for"` // in place of until
	}
	if err := web.Read(rw, r, &body); err != nil {
		return err
	}
	s := body.Silence
	if body.For > 0 {
		s.Until = s.From
		if s.From.IsZero() {
			s.Until = w.desk.Now()
		}
		s.Until = s.Until.Add(body.For.Long())
	}
	s, err := w.book.Silence(r.Context(), s, asker(r))
	if err != nil {
		return err
	}
	if err := w.tell(r.Context()); err != nil { // the list says at once what is silenced
		return err
	}
	return web.JSON(rw, http.StatusOK, book.SilenceStanding{Silence: s, State: s.State(w.desk.Now())})
}

func (w *Watch) serveUnsilence(rw http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if err := w.book.Unsilence(r.Context(), id, asker(r)); err != nil {
		return err
	}
	w.Nudge()
	return web.JSON(rw, http.StatusOK, map[string]any{"removed": id})
}
