package rollup

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"analytics/engine/auth"
	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/engine/web"
)

// Routes adds GET /v1/rollup/status, POST /v1/rollup/check and POST /v1/rollup/rebuild. The last
// two take from, to (RFC 3339 or a date; everything unless given) and type (all unless given, may
// be repeated), the last dry_run, too.
func (m *Mill) Routes(mux *web.Mux) {
	mux.Handle("GET /v1/rollup/status", auth.Admin,
		func(w http.ResponseWriter, r *http.Request) error {
			s, err := m.Status(web.Identity(r.Context()).Tenant)
			if err != nil {
				return err
			}
			return web.JSON(w, http.StatusOK, s)
		})
	mux.Handle("POST /v1/rollup/check", auth.Admin,
		func(w http.ResponseWriter, r *http.Request) error {
			scope, _, err := m.scope(r, false)
			if err != nil {
				return err
			}
			report, err := m.Check(r.Context(), scope)
			if err != nil {
				return err
			}
			if err := report.Err(); err != nil {
				return err
			}
			return web.JSON(w, http.StatusOK, report)
		})
	mux.Handle("POST /v1/rollup/rebuild", auth.Admin,
		func(w http.ResponseWriter, r *http.Request) error {
			scope, dry, err := m.scope(r, true)
			if err != nil {
				return err
			}
			report, err := m.Rebuild(r.Context(), scope, dry)
			if err != nil {
				return err
			}
			return web.JSON(w, http.StatusOK, report)
		})
}

// scope reads what a check or rebuild is of.
func (m *Mill) scope(r *http.Request, dryable bool) (s Scope, dry bool, err error) {
	s.Tenant = web.Identity(r.Context()).Tenant
	if s.From, s.To, err = m.extent(s.Tenant); err != nil {
		return s, false, err
	}
	q := r.URL.Query()
	for name, values := range q {
		switch {
		case name == "from":
			s.From, err = m.hour(name, values[0], 0)
		case name == "to":
			s.To, err = m.hour(name, values[0], time.Hour-time.Microsecond)
		case name == "type":
			s.Kinds, err = kindsNamed(values)
		case name == "dry_run" && dryable:
			if dry, err = strconv.ParseBool(values[0]); err != nil {
				err = fault.At(fault.Invalid, "invalid_value", name, "dry_run must be true or false")
			}
		default: // a misspelled dry_run must not rebuild
			err = fault.At(fault.Invalid, "unknown_parameter", name, "there is no parameter %q", name)
		}
		if err != nil {
			return s, false, err
		}
	}
	if s.From > s.To {
		return s, false, fault.At(fault.Invalid, "invalid_range", "from", "from is after to")
	}
	return s, dry, nil
}

func kindsNamed(names []string) (kinds []event.Kind, err error) {
	for _, name := range names {
		kind, ok := event.ParseKind(name)
		if !ok {
			return nil, fault.At(fault.Invalid, "unknown_type", "type", "there is no type %q", name)
		}
		kinds = append(kinds, kind)
	}
	return kinds, nil
}

// hour reads a time as an hour, up the rest of it: a range is of whole hours.
func (m *Mill) hour(name, text string, up time.Duration) (event.Hour, error) {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		at, err = time.ParseInLocation(time.DateOnly, text, m.Zone)
	}
	if err != nil || at.Year() < 1970 || at.Year() > 9999 {
		return 0, fault.At(fault.Invalid, "invalid_time", name,
			"%s must be a time such as 2026-11-20T10:00:00Z or a date such as 2026-11-20", name)
	}
	return event.MicrosOf(at.Add(up)).Hour(), nil
}

// extent is the hours that have events of any kind.
func (m *Mill) extent(t store.Tenant) (from, to event.Hour, err error) {
	for _, kind := range event.Kinds() {
		rows, err := m.Store.Ledger(t, kind, 0, latest)
		if err != nil {
			return 0, 0, err
		}
		if n := len(rows); n > 0 {
			if to == 0 || rows[0].Hour < from {
				from = rows[0].Hour
			}
			to = max(to, rows[n-1].Hour+1)
		}
	}
	return from, to, nil
}

// latest is after all hours there are.
const latest = ^event.Hour(0)

// values is the query of a scope for the command line's requests.
func (s Scope) values(dry bool) url.Values {
	v := url.Values{
		"from": {s.From.Start().Time().Format(time.RFC3339)},
		"to":   {s.To.Start().Time().Format(time.RFC3339)},
	}
	for _, kind := range s.Kinds {
		v.Add("type", kind.String())
	}
	if dry {
		v.Set("dry_run", "true")
	}
	return v
}
