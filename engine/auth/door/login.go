package door

import (
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
	return web.JSON(w, http.StatusCreated, map[string]any{
		"url": LoginURL(base, token), "expires_in_seconds": int(auth.LinkLife.Seconds()),
	})
}

// LoginURL is the link that holds the token.
func LoginURL(base, token string) string {
	return base + "/login?token=" + url.QueryEscape(token)
}

// page asks for one click. Chat programs and mail scanners fetch every link they see, so fetching
// it must not use it up; and a GET that logs in would be a state change that other sites can
// cause.
var page = template.Must(template.New("login").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>analytics</title>
<form method="post" action="/login">
<p>{{if .}}This link logs this browser in to analytics. It works once.
<input type="hidden" name="token" value="{{.}}">
<p><button>Open the overview</button>
{{else}}You are not logged in. <code>analytics dashboard link</code> prints a link that works once.
{{end}}</form></html>
`))

// pagePolicy lets a page post its own form, and nothing else.
const pagePolicy = "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

func (d *Door) ask(w http.ResponseWriter, r *http.Request) error {
	return showPage(w, http.StatusOK, r.URL.Query().Get("token"))
}

func showPage(w http.ResponseWriter, status int, token string) error {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", pagePolicy)
	// With no-referrer browsers send "Origin: null" with the form, which looks like another site.
	h.Set("Referrer-Policy", "same-origin")
	w.WriteHeader(status)
	return page.Execute(w, token)
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

// login turns the link into a cookie.
func (d *Door) login(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "bad_form", "the login form could not be read").Wrap(err)
	}
	token, err := d.sessions.Redeem(r.Context(), r.PostForm.Get("token"))
	if fault.Of(err).Kind == fault.Unauthorized {
		return showPage(w, http.StatusUnauthorized, "")
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
	http.SetCookie(w, auth.Cookie(d.secure, token))
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
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
