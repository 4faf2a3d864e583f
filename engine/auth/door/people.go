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

// everyPage is what a share says that is not limited to pages.
const everyPage = "all"

// opens says what is wrong with the pages of a share, and limits one that opens a page to that page
// unless something else is said: who shares what he sees means no more than he sees.
func (d *Door) opens(n *auth.NewShare) error {
	for _, name := range n.Pages {
		if !slices.Contains(d.mux.Pages(), name) && (name != everyPage || len(n.Pages) > 1) {
			return d.noPage("pages", name)
		}
	}
	opened, of := n.Page, "" // the page of the dashboard, if it is one
	if u, err := url.Parse(opened); opened != "" && err == nil && u.Path == "/" {
		of = cmp.Or(u.Query().Get("page"), "overview")
	}
	switch {
	case slices.Equal(n.Pages, []string{everyPage}) || opened == "" && len(n.Pages) == 0:
		n.Pages = nil
	case opened == "":
		n.Page = "/?page=" + n.Pages[0]
	case len(n.Pages) > 0 && of != "" && !slices.Contains(n.Pages, of):
		return fault.At(fault.Invalid, "bad_page", "page", "the share would open the page %s, and shows %s alone",
			web.Clean(of), strings.Join(n.Pages, ", "))
	case len(n.Pages) > 0:
	case of == "":
		return fault.At(fault.Invalid, "bad_page", "page", "%s is no page of the dashboard; say with pages what the "+
			"share may show: %s, or all", web.Clean(opened), strings.Join(d.mux.Pages(), ", "))
	case !slices.Contains(d.mux.Pages(), of):
		return d.noPage("page", of)
	default:
		n.Pages = []string{of}
	}
	return nil
}

// noPage is the fault of a page that there is not, or not for who may only look.
func (d *Door) noPage(field, name string) error {
	return fault.At(fault.Invalid, "bad_"+field, field, "there is no page %q to share; there are %s, and all",
		web.Clean(name), strings.Join(d.mux.Pages(), ", "))
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
