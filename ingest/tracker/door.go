package tracker

import (
	"io"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/engine/web"
	"analytics/ingest/enrich"
	"analytics/ingest/events"
	"analytics/ingest/sites"
	"analytics/ingest/throttle"
	"analytics/ingest/wire"
)

const (
	// maxBody is the most that a browser's request may hold; Plausible's limit too.
	maxBody = 1 << 20
	// preflightAge is how long a browser remembers that it may send, in seconds.
	preflightAge = 600
)

// House is what the doors need of the house around them.
type House struct {
	Intake *events.Intake
	Sites  *sites.Registry
	// Allow reports whether a request may come in now, and otherwise when to come again; nil lets
	// everybody in.
	Allow func(*http.Request) (ok bool, wait time.Duration)
	// Refused is told of requests that were refused for what they are; nil hears nothing.
	Refused func(*http.Request)
}

// Door is all doors of this package.
type Door struct {
	house   House
	path    string
	scripts map[string]served // by number
	config  atomic.Pointer[Config]
	counts  [outcomes]atomic.Int64
}

// outcome is what became of a browser's request.
type outcome int

const (
	taken outcome = iota
	refusedSite
	refusedOrigin
	refusedRate
	leftOut // the visitor asked not to be tracked
	outcomes
)

var outcomeNames = [outcomes]string{"taken", "unknown_site", "foreign_origin", "throttled", "do_not_track"}

// New makes the doors.
func New(house House, cfg Config) *Door {
	d := &Door{house: house, path: cfg.ScriptPath, scripts: openScripts()}
	d.Use(cfg)
	return d
}

// Use takes over settings for what comes from now on.
func (d *Door) Use(cfg Config) { d.config.Store(&cfg) }

// Routes adds the script and the doors:
//
//	GET  /s.js                      the script, or where script_path says
//	POST /api/v1/t                  what the script sends
//	POST /api/v1/engagement         an engagement; /api/v1/engagement/batch takes many
//	POST /api/event                 Plausible
//	POST /api/send                  Umami; /api/batch takes many
//	GET  /count                     GoatCounter's pixel, also by POST; POST /api/v0/count its API
func (d *Door) Routes(mux *web.Mux) {
	mux.HandleQuietly("GET "+d.path, auth.None, d.serveScript)
	for path, h := range map[string]web.Handler{
		"/api/v1/t": d.postTracker, "/api/v1/engagement": d.postEngagement,
		"/api/v1/engagement/batch": d.postEngagements, "/api/event": d.postPlausible,
		"/api/send": d.postUmami, "/api/batch": d.postUmamis, "/count": d.serveCount, "/api/v0/count": d.postGoatCounter,
	} {
		mux.HandleQuietly("POST "+path, auth.None, d.public(h))
		mux.HandleQuietly("OPTIONS "+path, auth.None, d.preflight)
	}
	mux.HandleQuietly("GET /count", auth.None, d.public(d.serveCount))
}

// Measure adds what the doors count to the metrics.
func (d *Door) Measure(m *web.Metrics) {
	m.Func(web.Counter, "analytics_tracker_requests_total",
		"Requests of browsers, by what became of them.", []string{"outcome"},
		func(emit func(float64, ...string)) {
			for i, name := range outcomeNames {
				emit(float64(d.counts[i].Load()), name)
			}
		})
}

func (d *Door) count(o outcome) { d.counts[o].Add(1) }

// public is a door that browsers of other origins may use.
func (d *Door) public(next web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		d.cors(w, r)
		if d.house.Allow != nil {
			if ok, wait := d.house.Allow(r); !ok {
				d.count(refusedRate)
				return throttle.Refusal(w, wait)
			}
		}
		err := next(w, r)
		if err != nil {
			d.refused(r, err)
		}
		return err
	}
}

// refused tells the house of a request that was refused for what it is.
func (d *Door) refused(r *http.Request, err error) {
	if status := fault.Status(err); d.house.Refused != nil && status >= 400 && status < 500 {
		d.house.Refused(r)
	}
}

// cors lets pages of registered origins read the answer. Credentials are never asked for.
func (d *Door) cors(w http.ResponseWriter, r *http.Request) bool {
	h := w.Header()
	h.Add("Vary", "Origin")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	origin := r.Header.Get("Origin")
	if !d.house.Sites.KnowsOrigin(origin) {
		return false
	}
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Expose-Headers", "X-Plausible-Dropped, X-Analytics-Dropped, X-Goatcounter")
	return true
}

func (d *Door) preflight(w http.ResponseWriter, r *http.Request) error {
	if !d.cors(w, r) {
		return foreign(r.Header.Get("Origin"), "any registered site")
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", "POST")
	h.Set("Access-Control-Allow-Headers", allowedHeaders)
	h.Set("Access-Control-Max-Age", strconv.Itoa(preflightAge))
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// allowedHeaders are those that pages may send: a browser sends nothing at all if its script adds one that
// is not here. Umami's names the website and its host; the star is for what its next versions add.
const allowedHeaders = "content-type, authorization, x-analytics-key, x-umami-cache, x-umami-website-id, " +
	"x-umami-hostname, *"

func foreign(origin, site string) error {
	return fault.At(fault.Forbidden, "foreign_origin", "Origin", "pages of %q may not send for %s; allow it with "+
		"`analytics sites add --origin` when the site is registered", web.Clean(origin), site)
}

// sender is who sent a request.
type sender struct {
	trusted bool // holds an ingest key: may say whose visit it is
	body    events.Body
	origin  string
	signals string
}

// senderOf tells who sent a request. A wrong key is an error, although nobody needs one: whoever
// sends it believes that it counts. A login to the dashboard is no key.
func (d *Door) senderOf(r *http.Request) (*sender, error) {
	s := &sender{origin: r.Header.Get("Origin"), body: events.Body{Tenant: store.Default, Lines: true,
		Public: true, Address: web.ClientIP(r.Context()), Agent: r.UserAgent(),
		Hints: enrich.HintsOf(r.Header)},
		signals: enrich.RequestSignals(r)}
	who := web.Identity(r.Context())
	if token := auth.Token(r.Header); token != "" {
		var err error
		if who, err = web.Admit(r.Context(), token, auth.Any(auth.Ingest, auth.Public)); err != nil {
			return nil, err
		}
	}
	if who.Session || !who.May(auth.Any(auth.Ingest, auth.Public)) {
		return s, nil
	}
	s.body.Tenant = who.Tenant
	if who.May(auth.Ingest) {
		s.trusted, s.body.Public, s.body.Backfill = true, false, who.May(auth.Backfill)
		s.signals = "" // of the user's own server, not of the visitor
	}
	return s, nil
}

// admits checks that the sender may send for the site. Programs other than browsers send no origin,
// and may leave it out where their format has them.
func (d *Door) admits(s *sender, site *sites.Site) error {
	if s.trusted || s.origin == "" || site.Allows(s.origin) {
		return nil
	}
	d.count(refusedOrigin)
	return foreign(s.origin, site.Domain)
}

// unknown counts a request for a site that is not registered.
func (d *Door) unknown(err error) error {
	d.count(refusedSite)
	return err
}

// leaves reports whether the visitor asked not to be tracked, and that counts.
func (d *Door) leaves(r *http.Request, s *sender) bool {
	if s.trusted || !d.config.Load().RespectDNT || r.Header.Get("DNT") != "1" && r.Header.Get("Sec-GPC") != "1" {
		return false
	}
	d.count(leftOut)
	return true
}

// take stores events.
func (d *Door) take(r *http.Request, s *sender, lines *wire.Lines) (events.Answer, error) {
	if lines.Len() == 0 {
		return events.Answer{Errors: []events.Error{}}, nil
	}
	s.body.Text = lines.Bytes()
	answer, err := d.house.Intake.Take(r.Context(), &s.body)
	if err == nil {
		d.counts[taken].Add(int64(answer.Accepted))
	}
	return answer, err
}

// takeOne stores the event of a request that has only one, and says what is wrong with it.
func (d *Door) takeOne(r *http.Request, s *sender, lines *wire.Lines) error {
	answer, err := d.take(r, s, lines)
	if err != nil {
		return err
	}
	if len(answer.Errors) > 0 {
		e := answer.Errors[0]
		return fault.New(fault.Invalid, string(e.Code), "%s", e.Message)
	}
	return nil
}

// bodyOf reads a body whole.
func bodyOf(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	in, err := web.BodyUpTo(w, r, limit, limit)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(in)
}
