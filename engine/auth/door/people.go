package door

import (
	"cmp"
	"net/http"
	"net/url"

	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/engine/web"
)

func (d *Door) listUsers(w http.ResponseWriter, r *http.Request) error {
	return web.JSON(w, http.StatusOK, map[string]any{"users": d.sessions.Users.List(web.Identity(r.Context()).Tenant)})
}

// setUser makes a user or gives one a new password.
func (d *Door) setUser(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Password string   `json:"password"`
		Scopes   []string `json:"scopes"`
	}
	if err := web.Read(w, r, &body); err != nil {
		return err
	}
	var scopes auth.Scopes
	if len(body.Scopes) > 0 {
		var err error
		if scopes, err = auth.ParseScopes(body.Scopes); err != nil {
			return err
		}
	}
	user, err := d.sessions.Users.Set(r.Context(), web.Identity(r.Context()).Tenant, r.PathValue("name"), body.Password, scopes)
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, user)
}

func (d *Door) removeUser(w http.ResponseWriter, r *http.Request) error {
	err := d.sessions.Users.Remove(r.Context(), web.Identity(r.Context()).Tenant, r.PathValue("name"))
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// shared is the answer that makes a share: the only one with its link.
type shared struct {
	auth.Share
	URL string `json:"url"`
}

func (d *Door) listShares(w http.ResponseWriter, r *http.Request) error {
	return web.JSON(w, http.StatusOK, map[string]any{"shares": d.sessions.Shares(web.Identity(r.Context()).Tenant)})
}

func (d *Door) share(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Name    string `json:"name"`
		Page    string `json:"page"`
		Expires string `json:"expires"`
	}
	if err := web.Read(w, r, &body); err != nil {
		return err
	}
	base := d.url()
	if base == "" {
		return fault.New(fault.Unavailable, "not_running", "no server runs, so there is no page to share")
	}
	life, err := age(cmp.Or(body.Expires, "7d"))
	if err != nil {
		return err
	}
	token, share, err := d.sessions.Share(r.Context(), web.Identity(r.Context()), body.Name, body.Page, life)
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusCreated, shared{share, base + "/login?share=" + url.QueryEscape(token)})
}

func (d *Door) unshare(w http.ResponseWriter, r *http.Request) error {
	err := d.sessions.Unshare(r.Context(), web.Identity(r.Context()).Tenant, r.PathValue("id"))
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
