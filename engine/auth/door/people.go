package door

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

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
	tenant := web.Identity(r.Context()).Tenant
	user, err := d.sessions.Users.Set(r.Context(), tenant, r.PathValue("name"), body.Password, scopes)
	if err != nil {
		return err
	}
	d.tell(r, web.Deed{Action: "user_set", Target: user.Name, Properties: map[string]any{"scopes": join(user.Scopes)}})
	return web.JSON(w, http.StatusOK, user)
}

func (d *Door) removeUser(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	if err := d.sessions.Users.Remove(r.Context(), web.Identity(r.Context()).Tenant, name); err != nil {
		return err
	}
	d.tell(r, web.Deed{Action: "user_removed", Target: strings.ToLower(name)})
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
		Name    string   `json:"name"`
		Page    string   `json:"page"`
		Pages   []string `json:"pages"`
		Agent   *string  `json:"agent"`
		Project *string  `json:"project"`
		Site    *string  `json:"site"`
		Expires string   `json:"expires"`
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
	bound, err := auth.NewBinding(body.Agent, body.Project, body.Site)
	if err != nil {
		return err
	}
	n := auth.NewShare{Name: body.Name, Page: body.Page, Pages: body.Pages, Bound: bound, Life: life}
	if err := d.opens(&n); err != nil {
		return err
	}
	token, share, err := d.sessions.Share(r.Context(), web.Identity(r.Context()), n)
	if err != nil {
		return err
	}
	d.tell(r, web.Deed{Action: "share_created", Target: share.ID, Properties: map[string]any{
		"name": share.Name, "shows": shows(share), "expires": share.Expires.Format(time.RFC3339)}})
	return web.JSON(w, http.StatusCreated, shared{share, base + "/login?share=" + url.QueryEscape(token)})
}

// opens says what is wrong with the pages of a share; it opens the first of them unless something is
// said.
func (d *Door) opens(n *auth.NewShare) error {
	for _, name := range n.Pages {
		if !slices.Contains(d.mux.Pages(), name) {
			return fault.At(fault.Invalid, "bad_pages", "pages", "there is no page %q; there are %s",
				web.Clean(name), strings.Join(d.mux.Pages(), ", "))
		}
	}
	if len(n.Pages) == 0 {
		return nil
	}
	if n.Page == "" {
		n.Page = "/?page=" + n.Pages[0]
	}
	u, err := url.Parse(n.Page)
	if err != nil || u.Path != "/" {
		return nil // it says itself what it shows
	}
	if first := cmp.Or(u.Query().Get("page"), "overview"); !slices.Contains(n.Pages, first) {
		return fault.At(fault.Invalid, "bad_page", "page", "the share would open the page %s, and shows %s alone",
			web.Clean(first), strings.Join(n.Pages, ", "))
	}
	return nil
}

func (d *Door) unshare(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if err := d.sessions.Unshare(r.Context(), web.Identity(r.Context()).Tenant, id); err != nil {
		return err
	}
	d.tell(r, web.Deed{Action: "share_ended", Target: id})
	w.WriteHeader(http.StatusNoContent)
	return nil
}
