package erase

import (
	"net/http"
	"strconv"

	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/engine/web"
	"analytics/retention/erasures"
)

// Routes adds POST /v1/erasures?dry_run=&progress= and GET /v1/erasures.
func (o *Office) Routes(mux *web.Mux) {
	mux.Handle("GET /v1/erasures", auth.Admin, o.serveList)
	mux.Handle("POST /v1/erasures", auth.Admin, o.serveErase)
}

func (o *Office) serveList(w http.ResponseWriter, r *http.Request) error {
	list, err := o.List(web.Identity(r.Context()).Tenant)
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, map[string]any{"erasures": list})
}

// wish is what somebody wants erased: one of the three.
type wish struct {
	User       string `json:"user_id,omitempty"`
	Visitor    string `json:"visitor_id,omitempty"`
	Everything bool   `json:"everything,omitempty"`
}

func (s wish) scope() (scope, value string, err error) {
	n := 0
	for name, is := range map[string]bool{
		erasures.User: s.User != "", erasures.Visitor: s.Visitor != "", erasures.Tenant: s.Everything,
	} {
		if is {
			n, scope = n+1, name
		}
	}
	if n != 1 {
		return "", "", fault.At(fault.Invalid, "bad_erasure", "user_id",
			"say what is to be erased: one of user_id, visitor_id and everything")
	}
	return scope, s.User + s.Visitor, nil
}

func (o *Office) serveErase(w http.ResponseWriter, r *http.Request) error {
	q, err := web.Parameters(r, "dry_run", "progress")
	if err != nil {
		return err
	}
	on := map[string]bool{}
	for name := range q {
		if on[name], err = strconv.ParseBool(q.Get(name)); err != nil { // a misspelled dry_run must not erase
			return fault.At(fault.Invalid, "invalid_value", name, "%s must be true or false", name)
		}
	}
	var s wish
	if err := web.Read(w, r, &s); err != nil {
		return err
	}
	scope, value, err := s.scope()
	if err != nil {
		return err
	}
	who := web.Identity(r.Context())
	if on["dry_run"] {
		report, err := o.Count(r.Context(), who.Tenant, scope, value)
		if err != nil {
			return err
		}
		return web.JSON(w, http.StatusOK, report)
	}
	return web.Steps(w, on["progress"], func(tell func(int, int)) (*Report, error) {
		return o.Erase(r.Context(), who.Tenant, scope, value, who.Label, tell)
	})
}
