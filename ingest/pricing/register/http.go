package register

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/engine/web"
	"analytics/ingest/pricing"
)

// Routes adds
//
//	GET    /v1/pricing           prices: model, provider, limit
//	GET    /v1/pricing/unpriced  models without one: days
//	POST   /v1/pricing/set       {"model": "...", "input_per_1m": ...}, as in the configuration
//	POST   /v1/pricing/unset     {"model": "..."}
//	POST   /v1/pricing/check     a price file, or the one in use, compared with the kept prices
//	POST   /v1/pricing/reprice   from, to, model, dry_run; with progress=true a line for each day
func (r *Register) Routes(mux *web.Mux) {
	mux.Handle("GET /v1/pricing", auth.Query, r.serveShow)
	mux.Handle("GET /v1/pricing/unpriced", auth.Query, r.serveUnpriced)
	mux.Handle("POST /v1/pricing/set", auth.Admin, r.serveSet)
	mux.Handle("POST /v1/pricing/unset", auth.Admin, r.serveUnset)
	mux.Handle("POST /v1/pricing/check", auth.Admin, r.serveCheck)
	mux.Handle("POST /v1/pricing/reprice", auth.Admin, r.serveReprice)
}

// shown is the answer to which prices there are.
type shown struct {
	Table     string          `json:"kept_version"`
	Published string          `json:"kept_published"`
	Match     *pricing.Entry  `json:"match,omitempty"` // what a request for the model is priced by
	Entries   []pricing.Entry `json:"entries"`
	Found     int             `json:"found"`
}

// maxShown is how many entries are listed unless a limit says otherwise.
const maxShown = 100

func (r *Register) serveShow(w http.ResponseWriter, req *http.Request) error {
	q, err := web.Parameters(req, "model", "provider", "limit")
	if err != nil {
		return err
	}
	limit, err := whole(q, "limit", maxShown, 10_000)
	if err != nil {
		return err
	}
	book := r.Book()
	var s shown
	s.Table, s.Published = book.Version()
	model, provider := q.Get("model"), q.Get("provider")
	if model != "" {
		if e, ok := book.Find(provider, model); ok {
			s.Match = &e
		}
	}
	s.Entries = book.Entries(provider, model)
	s.Found = len(s.Entries)
	s.Entries = s.Entries[:min(len(s.Entries), limit)]
	return web.JSON(w, http.StatusOK, s)
}

func (r *Register) serveUnpriced(w http.ResponseWriter, req *http.Request) error {
	q, err := web.Parameters(req, "days")
	if err != nil {
		return err
	}
	days, err := whole(q, "days", 30, 400)
	if err != nil {
		return err
	}
	list, err := r.Unpriced(req.Context(), web.Identity(req.Context()).Tenant,
		time.Duration(days)*24*time.Hour)
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, map[string]any{"days": days, "models": list})
}

// setting is a price with the model it is for.
type setting struct {
	Model string `json:"model"`
	pricing.Custom
}

func (r *Register) serveSet(w http.ResponseWriter, req *http.Request) error {
	var s setting
	if err := web.Read(w, req, &s); err != nil {
		return err
	}
	if err := r.Set(req.Context(), s.Model, s.Custom); err != nil {
		return err
	}
	return r.answerEntry(w, s.Model)
}

func (r *Register) serveUnset(w http.ResponseWriter, req *http.Request) error {
	var s struct {
		Model string `json:"model"`
	}
	if err := web.Read(w, req, &s); err != nil {
		return err
	}
	if err := r.Unset(req.Context(), s.Model); err != nil {
		return err
	}
	return r.answerEntry(w, s.Model)
}

// answerEntry says what the model is priced by now.
func (r *Register) answerEntry(w http.ResponseWriter, model string) error {
	answer := map[string]any{"model": model}
	if e, ok := r.Book().Find("", model); ok {
		answer["match"] = e
	}
	return web.JSON(w, http.StatusOK, answer)
}

// checked is what a price file is.
type checked struct {
	Format  string `json:"format"`
	Version string `json:"version"`
	Prices  int    `json:"prices"`
	Other   int    `json:"without_token_prices"`
	// Added are entries the kept prices lack; Differing those with another price there.
	Added     int                  `json:"added"`
	Found     int                  `json:"differing"`
	Differing []pricing.Difference `json:"differences"`
}

// maxDiffering is how many differences are listed.
const maxDiffering = 200

func (r *Register) serveCheck(w http.ResponseWriter, req *http.Request) error {
	if _, err := web.Parameters(req); err != nil {
		return err
	}
	body, err := web.BodyUpTo(w, req, maxCheck, maxCheck)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	f, err := r.file(text)
	if err != nil {
		if _, ok := err.(*fault.Error); ok {
			return err
		}
		return fault.New(fault.Invalid, "invalid_price_file", "%s", err)
	}
	differ, added, err := r.Book().Compare(f)
	if err != nil {
		return err
	}
	c := checked{Format: f.Format, Version: f.Version, Prices: f.Prices, Other: f.Other, Added: added,
		Found: len(differ), Differing: slices.Clip(differ[:min(len(differ), maxDiffering)])}
	return web.JSON(w, http.StatusOK, c)
}

// file is a price list, or the one in use if there is none.
func (r *Register) file(text []byte) (*pricing.File, error) {
	if len(text) > 0 {
		return pricing.ParseFile(text)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.source.File == nil {
		return nil, fault.At(fault.NotFound, "no_price_file", "analytics.costs.price_file",
			"no price file is in use; name one to check")
	}
	return r.source.File, nil
}

// maxCheck is the largest price file that is checked: LiteLLM's has 2 MB.
const maxCheck = 16 << 20

func (r *Register) serveReprice(w http.ResponseWriter, req *http.Request) error {
	s, progress, err := r.scope(req)
	if err != nil {
		return err
	}
	return web.Steps(w, progress, func(tell func(int, int)) (*Report, error) {
		return r.Reprice(req.Context(), s, tell)
	})
}

// scope reads what is to be repriced.
func (r *Register) scope(req *http.Request) (s Scope, progress bool, err error) {
	q, err := web.Parameters(req, "from", "to", "model", "dry_run", "progress")
	if err != nil {
		return s, false, err
	}
	who := web.Identity(req.Context())
	s = Scope{Tenant: who.Tenant, To: r.house.Now().UTC(), Model: q.Get("model"), Actor: who.Label}
	if s.From, err = r.moment(q, "from"); err != nil {
		return s, false, err
	}
	if q.Get("to") != "" {
		if s.To, err = r.moment(q, "to"); err != nil {
			return s, false, err
		}
	}
	for name, to := range map[string]*bool{"dry_run": &s.DryRun, "progress": &progress} {
		if text := q.Get(name); text != "" {
			if *to, err = strconv.ParseBool(text); err != nil {
				return s, false, fault.At(fault.Invalid, "invalid_value", name, "%s must be true or false", name)
			}
		}
	}
	return s, progress, nil
}

// moment reads a time or the start of a day, which may be today or yesterday.
func (r *Register) moment(q url.Values, name string) (time.Time, error) {
	text := q.Get(name)
	y, month, day := r.house.Now().In(r.house.Zone).Date()
	switch text {
	case "today":
		return time.Date(y, month, day, 0, 0, 0, 0, r.house.Zone).UTC(), nil
	case "yesterday":
		return time.Date(y, month, day-1, 0, 0, 0, 0, r.house.Zone).UTC(), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		at, err = time.ParseInLocation(time.DateOnly, text, r.house.Zone)
	}
	if err != nil || at.Year() < 1970 || at.Year() > 9999 {
		return at, fault.At(fault.Invalid, "invalid_time", name,
			"%s must be a date such as 2026-11-20, today, or a time such as 2026-11-20T10:00:00Z", name)
	}
	return at.UTC(), nil
}

func whole(q url.Values, name string, standard, most int) (int, error) {
	text := q.Get(name)
	if text == "" {
		return standard, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, fault.At(fault.Invalid, "invalid_value", name, "%s must be from 1 to %d", name, most)
	}
	return n, nil
}
