package door

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"net/url"

	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/engine/web"
)

// link makes a one-time login link.
func (d *Door) link(w http.ResponseWriter, r *http.Request) error {
	base := d.url()
	if base == "" {
		return fault.New(fault.Unavailable, "not_running", "no server runs, so there is no page to open")
	}
	token, err := d.sessions.Link(r.Context(), web.Identity(r.Context()))
	if err != nil {
		return err
	}
	d.tell(r, web.Deed{Action: "login_link_created", Severity: "low"})
	return web.JSON(w, http.StatusCreated, map[string]any{
		"url": LoginURL(base, token), "expires_in_seconds": int(auth.LinkLife.Seconds()),
	})
}

// LoginURL is the link that holds the token.
func LoginURL(base, token string) string {
	return base + "/login?token=" + url.QueryEscape(token)
}

// form is what the login page asks for: one click for who came by a link or a share, else a name and a
// password. Chat programs and mail scanners fetch every link they see, so fetching it must not use it
// up; and a GET that logs in would be a state change that other sites can cause.
type form struct {
	Style              template.CSS
	Token, Share, Name string
	Problem            string
}

const style = `:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:24rem;margin:15vh auto;
padding:0 1rem}label{display:block;margin:.8rem 0}input{display:block;width:100%;box-sizing:border-box;font:inherit;
padding:.5rem}button{font:inherit;padding:.5rem 1rem}[role=alert]{border-left:.25rem solid #c62828;padding-left:.75rem}`

var page = template.Must(template.New("login").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Log in · analytics</title><style>{{.Style}}</style>
<main><h1>analytics</h1>
{{if .Problem}}<p role="alert">{{.Problem}}</p>
{{end}}<form method="post" action="/login">
{{if .Token}}<p>This link logs this browser in to analytics. It works once.</p>
<input type="hidden" name="token" value="{{.Token}}">
<button>Open the dashboard</button>
{{else if .Share}}<p>Somebody shares a dashboard with you, to look at.</p>
<input type="hidden" name="share" value="{{.Share}}">
<button>Look at it</button>
{{else}}<label>Name <input name="name" value="{{.Name}}" autocomplete="username" required></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<button>Log in</button>
<p>No password? <code>analytics dashboard link</code> prints a link that works once,
<code>analytics dashboard users set NAME</code> makes a user.</p>
{{end}}</form></main></html>
`))

// pagePolicy lets a page have its own style and post its own form, and nothing else.
var pagePolicy = fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; form-action 'self'; "+
	"frame-ancestors 'none'; base-uri 'none'", styleHash())

func styleHash() string {
	sum := sha256.Sum256([]byte(style))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func (d *Door) ask(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	return showPage(w, http.StatusOK, form{Token: q.Get("token"), Share: q.Get("share")})
}

func showPage(w http.ResponseWriter, status int, f form) error {
	f.Style = style
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", pagePolicy)
	// With no-referrer browsers send "Origin: null" with the form, which looks like another site.
	h.Set("Referrer-Policy", "same-origin")
	w.WriteHeader(status)
	return page.Execute(w, f)
}

// sameOrigin keeps other sites from logging a browser in or out.
func (d *Door) sameOrigin(m *web.Mux, next web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := m.SameOrigin(r); err != nil {
			return err
		}
		return next(w, r)
	}
}

// login turns a link, a share or a password into a cookie.
func (d *Door) login(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "bad_form", "the login form could not be read").Wrap(err)
	}
	token, to, err := d.enter(r, r.PostForm)
	if f := fault.Of(err); f.Kind == fault.Unauthorized || f.Kind == fault.Limited {
		d.refused(r, r.PostForm)
		return showPage(w, fault.Status(err), form{Name: r.PostForm.Get("name"), Problem: f.Message})
	}
	if err != nil {
		return err
	}
	if old, err := r.Cookie(auth.CookieName(d.secure)); err == nil {
		// A new login is a new session.
		if err := d.sessions.Logout(r.Context(), old.Value); err != nil {
			return err
		}
	}
	d.entered(r, token, r.PostForm)
	http.SetCookie(w, auth.Cookie(d.secure, token))
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// enter begins a session by what the form holds, and says where it leads.
func (d *Door) enter(r *http.Request, f url.Values) (token, to string, err error) {
	switch {
	case f.Has("token"):
		token, err = d.sessions.Redeem(r.Context(), f.Get("token"))
	case f.Has("share"):
		return d.sessions.Open(r.Context(), f.Get("share"))
	default:
		token, err = d.sessions.Users.Login(r.Context(), f.Get("name"), f.Get("password"), web.ClientIP(r.Context()))
	}
	return token, "/", err
}

func (d *Door) logout(w http.ResponseWriter, r *http.Request) error {
	if c, err := r.Cookie(auth.CookieName(d.secure)); err == nil {
		if err := d.sessions.Logout(r.Context(), c.Value); err != nil {
			return err
		}
	}
	http.SetCookie(w, auth.Cookie(d.secure, ""))
	http.Redirect(w, r, "/login", http.StatusSeeOther)
	return nil
}
