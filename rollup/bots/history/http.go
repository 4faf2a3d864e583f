package history

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/engine/web"
	"analytics/rollup/bots"
)

// Routes adds
//
//	GET  /v1/bots/rules       rules that were set, and those of verdicts with their points
//	POST /v1/bots/flag        user_agent, fingerprint, site, class, name, since, dry_run
//	POST /v1/bots/unflag      id, since, dry_run
//	POST /v1/bots/reclassify  since, until, dry_run
//	GET  /v1/bots/reputation  since, fingerprint, limit
//
// The three that change take progress=true, and then answer with a line for each day. weights are
// those in use.
func (y *History) Routes(mux *web.Mux, weights func() bots.Weights) {
	mux.Handle("GET /v1/bots/rules", auth.Admin, func(w http.ResponseWriter, r *http.Request) error {
		if _, err := web.Parameters(r); err != nil {
			return err
		}
		return web.JSON(w, http.StatusOK, listed{y.Rules(), max(weights().Threshold, 0), weights().Table()})
	})
	mux.Handle("POST /v1/bots/flag", auth.Admin, y.serveFlag)
	mux.Handle("POST /v1/bots/unflag", auth.Admin, y.serveUnflag)
	mux.Handle("POST /v1/bots/reclassify", auth.Admin, y.serveReclassify)
	mux.Handle("GET /v1/bots/reputation", auth.Admin, y.serveReputation)
}

// listed is the answer to which rules there are.
type listed struct {
	Rules     []Rule      `json:"rules"`
	Threshold int         `json:"threshold"`
	Behaviour []bots.Rule `json:"behaviour"`
}

func (y *History) serveFlag(w http.ResponseWriter, r *http.Request) error {
	s, q, err := y.scope(r, "user_agent", "fingerprint", "site", "class", "name", "since", "ip")
	if err != nil {
		return err
	}
	if q.Has("ip") {
		return fault.At(fault.Invalid, "no_addresses", "ip", "nobody can be flagged by address: addresses "+
			"are never kept; use user_agent, or a fingerprint of `analytics bots reputation`")
	}
	if !q.Has("user_agent") && !q.Has("fingerprint") {
		return (&Rule{}).check()
	}
	if s.From.IsZero() {
		return fault.At(fault.Invalid, "missing_value", "since", "since is missing: from when on events are "+
			"classified again, such as 30d or 2026-11-01")
	}
	rule := Rule{UserAgent: q.Get("user_agent"), Fingerprint: strings.ToLower(q.Get("fingerprint")),
		Site: strings.ToLower(q.Get("site")), Class: q.Get("class"), Name: web.Clean(q.Get("name")), By: s.Actor}
	return web.Steps(w, streams(q), func(progress func(int, int)) (*Report, error) {
		return y.Flag(r.Context(), rule, s, progress)
	})
}

func (y *History) serveUnflag(w http.ResponseWriter, r *http.Request) error {
	s, q, err := y.scope(r, "id", "since")
	if err != nil {
		return err
	}
	return web.Steps(w, streams(q), func(progress func(int, int)) (*Report, error) {
		return y.Unflag(r.Context(), q.Get("id"), s, progress)
	})
}

func (y *History) serveReclassify(w http.ResponseWriter, r *http.Request) error {
	s, q, err := y.scope(r, "since", "until")
	if err != nil {
		return err
	}
	if s.From.IsZero() {
		return fault.At(fault.Invalid, "missing_value", "since", "since is missing, such as 30d or 2026-11-01")
	}
	return web.Steps(w, streams(q), func(progress func(int, int)) (*Report, error) {
		return y.Reclassify(r.Context(), s, progress)
	})
}

// reputations is the answer to who has which reputation.
type reputations struct {
	Since        time.Time    `json:"since"`
	Found        int          `json:"found"`
	Fingerprints []Reputation `json:"fingerprints"`
}

func (y *History) serveReputation(w http.ResponseWriter, r *http.Request) error {
	q, err := web.Parameters(r, "since", "fingerprint", "limit")
	if err != nil {
		return err
	}
	now := y.house.Now().UTC()
	since := now.Add(-reputed)
	if q.Get("since") != "" {
		if since, err = y.moment(q, "since"); err != nil {
			return err
		}
	}
	limit := 50
	if text := q.Get("limit"); text != "" {
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > 10_000 {
			return fault.At(fault.Invalid, "invalid_value", "limit", "limit must be from 1 to 10000")
		}
	}
	all, err := y.Reputations(r.Context(), web.Identity(r.Context()).Tenant, since, now.Add(time.Minute),
		strings.ToLower(q.Get("fingerprint")))
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, reputations{since, len(all), all[:min(limit, len(all))]})
}

// scope reads what all changes take.
func (y *History) scope(r *http.Request, known ...string) (s Scope, q url.Values, err error) {
	if q, err = web.Parameters(r, append(known, "dry_run", "progress")...); err != nil {
		return s, q, err
	}
	who := web.Identity(r.Context())
	s = Scope{Tenant: who.Tenant, To: y.house.Now().UTC().Add(time.Minute), Actor: who.Label}
	for name, to := range map[string]*time.Time{"since": &s.From, "until": &s.To} {
		if q.Get(name) != "" {
			if *to, err = y.moment(q, name); err != nil {
				return s, q, err
			}
		}
	}
	for name, to := range map[string]*bool{"dry_run": &s.DryRun, "progress": new(bool)} {
		if text := q.Get(name); text != "" {
			if *to, err = strconv.ParseBool(text); err != nil {
				return s, q, fault.At(fault.Invalid, "invalid_value", name, "%s must be true or false", name)
			}
		}
	}
	return s, q, nil
}

// streams says whether the progress is wanted, too; scope has refused what is neither true nor false.
func streams(q url.Values) bool {
	on, _ := strconv.ParseBool(q.Get("progress"))
	return on
}

// moment reads a time, a date, or how long ago: 30d or 12h.
func (y *History) moment(q url.Values, name string) (time.Time, error) {
	text, now := q.Get(name), y.house.Now().UTC()
	if n, err := strconv.Atoi(strings.TrimRight(text, "hd")); err == nil && n > 0 && n < 10_000 {
		switch {
		case text == strconv.Itoa(n)+"h":
			return now.Add(-time.Duration(n) * time.Hour), nil
		case text == strconv.Itoa(n)+"d":
			return now.AddDate(0, 0, -n), nil
		}
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		at, err = time.ParseInLocation(time.DateOnly, text, y.house.Zone)
	}
	if err != nil || at.Year() < 1970 || at.Year() > 9999 {
		return at, fault.At(fault.Invalid, "invalid_time", name,
			"%s must be how long ago, such as 30d or 12h, a date such as 2026-11-20, or a time such as "+
				"2026-11-20T10:00:00Z", name)
	}
	return at.UTC(), nil
}
