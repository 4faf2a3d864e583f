package door

import (
	"net/http"
	"slices"
	"time"

	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/engine/web"
)

// Door opens the keyring and the logins to the outside.
type Door struct {
	keys     *auth.Keyring
	sessions *auth.Sessions
	secure   bool // browsers come by https
	url      func() string
	mux      *web.Mux
	failed   failures
}

// New makes a Door. url is where browsers find the server, for login
// links; it is "" while none runs.
func New(keys *auth.Keyring, sessions *auth.Sessions, secure bool, url func() string) *Door {
	return &Door{keys: keys, sessions: sessions, secure: secure, url: url}
}

// Routes adds the routes of keys, for administrators, and of logins.
func (d *Door) Routes(m *web.Mux) {
	d.mux = m
	m.Handle("GET /v1/keys", auth.Admin, d.list)
	m.Handle("POST /v1/keys", auth.Admin, d.create)
	m.Handle("POST /v1/keys/{id}/rotate", auth.Admin, d.rotate)
	m.Handle("DELETE /v1/keys/{id}", auth.Admin, d.revoke)
	m.Handle("POST /v1/dashboard/links", auth.Query, d.link)
	m.Handle("GET /v1/dashboard/users", auth.Admin, d.listUsers)
	m.Handle("PUT /v1/dashboard/users/{name}", auth.Admin, d.setUser)
	m.Handle("DELETE /v1/dashboard/users/{name}", auth.Admin, d.removeUser)
	m.Handle("GET /v1/dashboard/shares", auth.Admin, d.listShares)
	m.Handle("POST /v1/dashboard/shares", auth.Admin, d.share)
	m.Handle("DELETE /v1/dashboard/shares/{id}", auth.Admin, d.unshare)
	m.Handle("GET /login", auth.None, d.ask)
	m.Handle("POST /login", auth.None, d.sameOrigin(m, d.login))
	m.Handle("POST /logout", auth.None, d.sameOrigin(m, d.logout))
}

// issued is the answer that makes a secret.
type issued struct {
	auth.Key
	Secret string `json:"secret"`
}

// own is the keys that the caller may see: those of his tenant.
func (d *Door) own(r *http.Request) []auth.Key {
	tenant := web.Identity(r.Context()).Tenant
	return slices.DeleteFunc(d.keys.List(), func(k auth.Key) bool { return k.Tenant != tenant })
}

// ownID is the id in the path, if it is one of the caller's keys.
func (d *Door) ownID(r *http.Request) (string, error) {
	id := r.PathValue("id")
	if slices.ContainsFunc(d.own(r), func(k auth.Key) bool { return k.ID == id }) {
		return id, nil
	}
	return "", auth.UnknownKeyID(web.Clean(id))
}

func (d *Door) list(w http.ResponseWriter, r *http.Request) error {
	return web.JSON(w, http.StatusOK, map[string]any{"keys": d.own(r)})
}

func (d *Door) create(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Name    string    `json:"name"`
		Scopes  []string  `json:"scopes"`
		Expires time.Time `json:"expires"`
		Agent   *string   `json:"agent"`
		Project *string   `json:"project"`
		Site    *string   `json:"site"`
	}
	if err := web.Read(w, r, &body); err != nil {
		return err
	}
	scopes, err := auth.ParseScopes(body.Scopes)
	if err != nil {
		return err
	}
	bound, err := auth.NewBinding(body.Agent, body.Project, body.Site)
	if err != nil {
		return err
	}
	secret, key, err := d.keys.Create(r.Context(), auth.NewKey{
		Name: body.Name, Scopes: scopes, Bound: bound, Expires: body.Expires,
		Tenant: web.Identity(r.Context()).Tenant,
	})
	if err != nil {
		return err
	}
	d.ofKey(r, "key_created", key)
	return web.JSON(w, http.StatusCreated, issued{key, secret})
}

func (d *Door) rotate(w http.ResponseWriter, r *http.Request) error {
	id, err := d.ownID(r)
	if err != nil {
		return err
	}
	overlap := auth.DefaultOverlap
	if text := r.URL.Query().Get("overlap"); text != "" {
		if overlap, err = age(text); err != nil || overlap < 0 {
			return fault.At(fault.Invalid, "bad_overlap", "overlap",
				"overlap is how long the old secret still works, such as 24h or 0s")
		}
	}
	secret, key, err := d.keys.Rotate(r.Context(), id, overlap)
	if err != nil {
		return err
	}
	d.ofKey(r, "key_rotated", key)
	return web.JSON(w, http.StatusOK, issued{key, secret})
}

func (d *Door) revoke(w http.ResponseWriter, r *http.Request) error {
	id, err := d.ownID(r)
	if err != nil {
		return err
	}
	key, err := d.keys.Revoke(r.Context(), id)
	if err != nil {
		return err
	}
	d.ofKey(r, "key_revoked", key)
	return web.JSON(w, http.StatusOK, key)
}
