package dashboard

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"html/template"
	"net/http"
	"time"

	"analytics/engine/auth"
	"analytics/engine/store"
	"analytics/engine/web"
	"analytics/query"
	"analytics/report/discord"
)

//go:embed page.html
var pageText string

//go:embed style.css
var style []byte

var page = template.Must(template.New("page").Parse(pageText))

// stylePath changes with the style sheet, so that browsers may keep it.
var stylePath = func() string {
	sum := sha256.Sum256(style)
	return "/assets/" + hex.EncodeToString(sum[:6]) + ".css"
}()

// policy lets the page have its style sheet and post its logout form, and nothing else: no script,
// no picture, no frame, no connection.
const policy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; " +
	"frame-ancestors 'none'"

// Alert is an alert as the page shows it. The room of alerts is to the right of this one, so
// main.go hands them in.
type Alert struct {
	Title, Message string
	Since          time.Time
	Acknowledged   bool
}

// Dashboard is the overview page.
type Dashboard struct {
	desk   *query.Desk
	outbox *discord.Outbox
	alerts func() []Alert
	secure bool
}

// New makes the page. alerts gives those that are active; secure says that browsers come by https.
func New(
	desk *query.Desk, outbox *discord.Outbox, alerts func() []Alert, secure bool,
) *Dashboard {
	return &Dashboard{desk: desk, outbox: outbox, alerts: alerts, secure: secure}
}

// Routes hangs the page and its style sheet into the mux. The page is open so that it can say how
// to log in; figures are for who has the scope query.
func (d *Dashboard) Routes(m *web.Mux) {
	m.Handle("GET /{$}", auth.None, d.serve)
	m.HandleQuietly("GET "+stylePath, auth.None, serveStyle)
}

func (d *Dashboard) serve(w http.ResponseWriter, r *http.Request) error {
	who := web.Identity(r.Context())
	if !who.May(auth.Query) {
		return show(w, http.StatusUnauthorized, "login", &view{Style: stylePath})
	}
	v, err := d.look(r.Context(), who.Tenant)
	if err != nil {
		return err
	}
	v.Base = "http://" + r.Host
	if d.secure {
		v.Base = "https://" + r.Host
	}
	if who.Tenant == store.Default {
		v.Alerts = d.alerts()
		v.Trouble = trouble(d.outbox.Status())
	}
	return show(w, http.StatusOK, "overview", v)
}

// trouble says what stops messages, if anything does.
func trouble(s discord.Status) string {
	switch {
	case s.Webhook == "closed":
		return "The Discord webhook is closed, so nothing is sent: " + s.Problem
	case s.Dead > 0:
		return plural(int64(s.Dead), "message") + " to Discord could not be delivered; " +
			"`analytics report outbox` says why."
	}
	return ""
}

// show renders to memory first, so that an error is an error and not half a page.
func show(w http.ResponseWriter, status int, name string, v *view) error {
	var b bytes.Buffer
	if err := page.ExecuteTemplate(&b, name, v); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", web.ContentType("html"))
	h.Set("Content-Security-Policy", policy)
	// With no-referrer browsers send "Origin: null" with the logout form, as another site would.
	h.Set("Referrer-Policy", "same-origin")
	w.WriteHeader(status)
	_, err := w.Write(b.Bytes())
	return err
}

func serveStyle(w http.ResponseWriter, _ *http.Request) error {
	h := w.Header()
	h.Set("Content-Type", "text/css; charset=utf-8")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	_, err := w.Write(style)
	return err
}
