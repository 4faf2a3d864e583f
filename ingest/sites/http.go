package sites

import (
	"context"
	"encoding/json"
	"net/http"

	"analytics/engine/auth"
	"analytics/engine/web"
)

// Routes adds
//
//	GET    /v1/sites           the registered sites
//	POST   /v1/sites           {"domain", "origins", "mode", "website_id"}: registers one
//	DELETE /v1/sites/{domain}  ends one
func (r *Registry) Routes(mux *web.Mux) {
	mux.Handle("GET /v1/sites", auth.Admin, r.serveList)
	mux.Handle("POST /v1/sites", auth.Admin, r.serveAdd)
	mux.Handle("DELETE /v1/sites/{domain}", auth.Admin, r.serveRemove)
}

// shown is a site with what its pages need.
type shown struct {
	Site
	Snippet string `json:"snippet,omitempty"`
}

func (r *Registry) shown(s Site) shown { return shown{s, r.house.Snippet(s)} }

// listed is the answer to which sites there are.
type listed struct {
	Sites []shown `json:"sites"`
}

func (r *Registry) serveList(w http.ResponseWriter, _ *http.Request) error {
	l := listed{Sites: []shown{}}
	for _, s := range r.List() {
		l.Sites = append(l.Sites, r.shown(s))
	}
	return web.JSON(w, http.StatusOK, l)
}

func (r *Registry) serveAdd(w http.ResponseWriter, req *http.Request) error {
	var n New
	if err := web.Read(w, req, &n); err != nil {
		return err
	}
	s, err := r.Add(req.Context(), n)
	if err != nil {
		return err
	}
	if err := r.audit(req.Context(), "site_add", s); err != nil {
		return err
	}
	return web.JSON(w, http.StatusCreated, r.shown(s))
}

func (r *Registry) serveRemove(w http.ResponseWriter, req *http.Request) error {
	s, err := r.Remove(req.Context(), req.PathValue("domain"))
	if err != nil {
		return err
	}
	if err := r.audit(req.Context(), "site_remove", s); err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, shown{Site: s})
}

// audit records what was changed, and by whom.
func (r *Registry) audit(ctx context.Context, action string, s Site) error {
	who := web.Identity(ctx)
	e := map[string]any{"type": "activity", "category": "administration", "action": action,
		"target": s.Domain, "outcome": "success", "severity": "medium",
		"properties": map[string]any{"key_id": s.KeyID, "mode": s.Mode, "origins": len(s.Origins)}}
	if who.Label != "" {
		e["actor"] = who.Label
	}
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return r.house.Record(ctx, who.Tenant, text)
}
