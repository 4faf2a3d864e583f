package dashboard

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"analytics/engine/auth"
	"analytics/engine/store"
	"analytics/engine/web"
	"analytics/query"
	"analytics/report"
	"analytics/report/outbox"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

// policy lets the pages have scripts, style sheets and answers from this server, post their own form,
// and nothing else: no inline script or style, no frame, nothing from elsewhere.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Dashboard is the pages.
type Dashboard struct {
	desk      *query.Desk
	outbox    *outbox.Outbox
	incidents func(from, to time.Time) []report.Incident
	secure    bool
	assets    *shelf
}

// New makes the pages. incidents gives those that were open in a span; secure says that browsers come by https.
func New(
	desk *query.Desk, box *outbox.Outbox, incidents func(from, to time.Time) []report.Incident, secure bool,
) *Dashboard {
	return &Dashboard{desk: desk, outbox: box, incidents: incidents, secure: secure, assets: newShelf()}
}

// Routes hangs the page and what it loads into the mux. The page is open so that it can say how to
// log in; figures are for who has the scope query.
func (d *Dashboard) Routes(m *web.Mux) {
	m.Show(views())
	m.HandleBound("GET /{$}", auth.None, d.serve) // it asks for figures of the events that who looks may see
	m.HandleBound("GET "+fitPath, auth.Query, d.fitting)
	m.HandleQuietly("GET "+d.assets.path+"/{name}", auth.None, d.assets.serve)
}

// browsed is what the browser draws the pages from.
type browsed struct {
	Pages []Page   `json:"pages"` // that who looks may see
	Names []string `json:"names"` // by which events can be filtered
}

// view is what the page is made of before its scripts ask for figures.
type view struct {
	Title, Assets, Zone string
	Modules             []string
	Table               browsed           // what the browser draws
	Only                string            // what he sees of it, if not all
	Base                string            // where this server is, for the example
	Admin               bool              // who looks may change things, too
	Empty               bool              // nobody sent an event in the last month
	Alerts              []report.Incident // that are open
	Trouble             string            // of the outbox
}

func (d *Dashboard) serve(w http.ResponseWriter, r *http.Request) error {
	who := web.Identity(r.Context())
	v := &view{Title: "Log in", Assets: d.assets.path}
	if !who.May(auth.Query) {
		return show(w, http.StatusUnauthorized, "login", v)
	}
	v.Title, v.Zone, v.Modules = "Overview", d.desk.Zone().String(), d.assets.modules()
	v.Table = browsed{seen(who), fields()}
	if len(v.Table.Pages) > 0 {
		v.Title = v.Table.Pages[0].Title
	}
	if err := d.fill(r, v, who); err != nil {
		return err
	}
	return show(w, http.StatusOK, "dashboard", v)
}

// sent are the events that somebody sends. Of logins and of the machine this runs on there are some at once.
const sent = "type in ai_request,tool_call,agent_task,page_view,engagement,event"

// fill says what the page has for who sees everything: alerts, trouble, and how to begin.
func (d *Dashboard) fill(r *http.Request, v *view, who auth.Identity) error {
	now := d.desk.Now()
	if who.Tenant == store.Default && who.Bound.Free() && (!who.Limited() || slices.Contains(who.Pages, "alerts")) {
		v.Alerts = d.incidents(now, now)
	}
	if who.Limited() {
		v.Only = who.Bound.String()
		return nil
	}
	v.Admin = who.May(auth.Admin)
	if v.Base = "http://" + r.Host; d.secure {
		v.Base = "https://" + r.Host
	}
	if who.Tenant == store.Default {
		v.Trouble = strings.Join(d.outbox.Warnings(), "; ")
	}
	events, err := d.desk.Answer(r.Context(), who.Tenant, query.Question{Metrics: []string{"events"}, Filter: sent,
		From: now.AddDate(0, -1, 0), To: now, TZ: v.Zone, IncludeBots: true})
	if err != nil {
		return err
	}
	n, _ := events.Totals["events"].(int64)
	v.Empty = n == 0
	return nil
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
