package throttle

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strconv"

	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/engine/web"
)

// Routes adds
//
//	GET  /v1/throttle           who is slowed down: level, limit
//	GET  /v1/throttle/decision  what the house thinks of a visitor: fingerprint, or ip and user_agent
//	POST /v1/throttle/report    what an application saw: {"ip", "user_agent", "scanner_hits": 1 …}
//	POST /v1/throttle/reset     {"fingerprint"}, {"ip", "user_agent"} or {"all": true}
func (g *Gate) Routes(mux *web.Mux) {
	mux.Handle("GET /v1/throttle", auth.Query, g.serveList)
	mux.HandleQuietly("GET /v1/throttle/decision", auth.Query, g.serveDecision)
	mux.HandleQuietly("POST /v1/throttle/report", auth.Ingest, g.serveReport)
	mux.Handle("POST /v1/throttle/reset", auth.Admin, g.serveReset)
}

// listed is the answer to who is slowed down.
type listed struct {
	Enabled   bool        `json:"enabled"`
	Visitors  int         `json:"visitors"` // remembered
	Found     int         `json:"found"`
	Throttled []Throttled `json:"throttled"`
}

const (
	standardLimit = 100
	maxLimit      = 10_000
)

func (g *Gate) serveList(w http.ResponseWriter, r *http.Request) error {
	q, err := web.Parameters(r, "level", "limit")
	if err != nil {
		return err
	}
	limit, level := standardLimit, Normal
	if text := q.Get("limit"); text != "" {
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > maxLimit {
			return fault.At(fault.Invalid, "invalid_value", "limit", "limit must be from 1 to %d", maxLimit)
		}
	}
	if text := q.Get("level"); text != "" {
		if err := level.UnmarshalText([]byte(text)); err != nil {
			return err
		}
	}
	all := slices.DeleteFunc(g.List(), func(t Throttled) bool { return level != Normal && t.Level != level })
	l := listed{Found: len(all), Throttled: all[:min(len(all), limit)]}
	g.mu.Lock()
	l.Enabled, l.Visitors = g.cfg.Enabled, len(g.visitors.at)
	g.mu.Unlock()
	return web.JSON(w, http.StatusOK, l)
}

func (g *Gate) serveDecision(w http.ResponseWriter, r *http.Request) error {
	q, err := web.Parameters(r, "fingerprint", "ip", "user_agent")
	if err != nil {
		return err
	}
	who, err := g.find(visitorName{q.Get("fingerprint"), q.Get("ip"), q.Get("user_agent")})
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return web.JSON(w, http.StatusOK, g.decide(who))
}

// visitorName is how a visitor is called from outside.
type visitorName struct {
	Fingerprint string `json:"fingerprint"`
	IP          string `json:"ip"`
	UserAgent   string `json:"user_agent"`
}

// find is the visitor of that name. Errors do not repeat addresses.
func (g *Gate) find(n visitorName) (uint64, error) {
	switch {
	case n.Fingerprint != "" && (n.IP != "" || n.UserAgent != ""):
		return 0, fault.At(fault.Invalid, "ambiguous_visitor", "fingerprint",
			"say either fingerprint, or ip and user_agent, not both")
	case n.Fingerprint != "":
		who, err := strconv.ParseUint(n.Fingerprint, 16, 64)
		if err != nil || len(n.Fingerprint) != 16 {
			return 0, fault.At(fault.Invalid, "invalid_fingerprint", "fingerprint",
				"a fingerprint is 16 hexadecimal digits, as GET /v1/throttle lists them")
		}
		return who, nil
	case n.IP == "":
		return 0, fault.At(fault.Invalid, "missing_visitor", "ip",
			"say whom: fingerprint, or ip and user_agent")
	}
	ip, err := netip.ParseAddr(n.IP)
	if err != nil {
		return 0, fault.At(fault.Invalid, "invalid_ip", "ip",
			"ip must be an address such as 203.0.113.7 or 2001:db8::7, without a port")
	}
	return g.hash(ip, n.UserAgent), nil
}

// name is a visitor as it is listed.
func name(who uint64) string { return fmt.Sprintf("%016x", who) }

// report is what an application saw of a visitor.
type report struct {
	visitorName
	Requests    int `json:"requests"`
	ScannerHits int `json:"scanner_hits"`
	BadClass    int `json:"bad_class"`
	Refusals    int `json:"refusals"`
}

func (g *Gate) serveReport(w http.ResponseWriter, r *http.Request) error {
	var s report
	if err := web.Read(w, r, &s); err != nil {
		return err
	}
	who, err := g.find(s.visitorName)
	if err != nil {
		return err
	}
	counts := [criteria]int{s.Requests, s.ScannerHits, s.BadClass, s.Refusals}
	for i, n := range counts {
		if n < 0 || n > maxNoted {
			field := Criterion(i).String()
			if Criterion(i) == Requests {
				field = "requests"
			}
			return fault.At(fault.Invalid, "invalid_value", field, "%s must be from 0 to %d", field, maxNoted)
		}
	}
	for i, n := range counts {
		g.note(who, Criterion(i), n)
	}
	return web.JSON(w, http.StatusOK, g.decide(who))
}

// resetting says who is let in again.
type resetting struct {
	visitorName
	All bool `json:"all"`
}

// resetDone is the answer: how many were slowed down and are not any more.
type resetDone struct {
	Reset int `json:"reset"`
}

func (g *Gate) serveReset(w http.ResponseWriter, r *http.Request) error {
	var s resetting
	if err := web.Read(w, r, &s); err != nil {
		return err
	}
	if s.All && s.visitorName != (visitorName{}) {
		return fault.At(fault.Invalid, "ambiguous_visitor", "all", "say either all or one visitor, not both")
	}
	var done resetDone
	target := "all"
	if s.All {
		done.Reset = g.resetAll()
	} else {
		who, err := g.find(s.visitorName)
		if err != nil {
			return err
		}
		target = name(who)
		if g.reset(who) {
			done.Reset = 1
		}
	}
	if err := g.audit(r.Context(), target, done.Reset); err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, done)
}

// audit records that somebody was let in again.
func (g *Gate) audit(ctx context.Context, target string, n int) error {
	who := web.Identity(ctx)
	e := map[string]any{"type": "activity", "category": "administration", "action": "throttle_reset",
		"target": target, "outcome": "success", "severity": "low", "properties": map[string]any{"visitors": n}}
	if who.Label != "" {
		e["actor"] = who.Label
	}
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return g.house.Record(ctx, who.Tenant, text)
}

// Measure adds what the gate counts to the metrics.
func (g *Gate) Measure(m *web.Metrics) {
	m.Func(web.Counter, "analytics_throttle_requests_total",
		"Requests at the public doors, by whether they were let in.", []string{"outcome"},
		func(emit func(float64, ...string)) {
			for i, outcome := range []string{"allowed", "refused_by_rate", "refused_by_level"} {
				emit(float64(g.outcomes[i].Load()), outcome)
			}
		})
	m.Func(web.Gauge, "analytics_throttle_visitors", "Visitors that are slowed down, by level.",
		[]string{"level"}, func(emit func(float64, ...string)) {
			var n [levels]int
			for _, t := range g.List() {
				n[t.Level]++
			}
			for l := Warning; l <= Blocked; l++ {
				emit(float64(n[l]), l.String())
			}
		})
	m.Func(web.Counter, "analytics_throttle_forgotten_total",
		"Visitors forgotten because more came than are remembered.", nil,
		func(emit func(float64, ...string)) {
			g.mu.Lock()
			defer g.mu.Unlock()
			emit(float64(g.visitors.evicted))
		})
}
