package tracker

import (
	"net/http"
	"time"

	"github.com/tidwall/gjson"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/web"
	"analytics/ingest/decode"
	"analytics/ingest/enrich"
	"analytics/ingest/events"
	"analytics/ingest/sites"
	"analytics/ingest/wire"
)

// postTracker takes in what script.js sends: one JSON object.
//
//	d site · k id of its public key · i id of the event · g signals, a letter each, see letters · u url
//	n v: a view: r referrer, t title, w screen, l language, x 1 if no page was loaded for it
//	n e: an engagement: e milliseconds, s depth, c clicks
//	n c: a custom event: m name, to where a link goes, p properties
func (d *Door) postTracker(w http.ResponseWriter, r *http.Request) error {
	v, err := objectOf(w, r)
	if err != nil {
		return err
	}
	s, err := d.senderOf(r)
	if err != nil {
		return err
	}
	site, err := d.house.Sites.Find(v.Get("d").String())
	if err != nil {
		return d.unknown(err)
	}
	if !s.trusted && s.origin == "" {
		d.count(refusedOrigin)
		return fault.At(fault.Forbidden, "missing_origin", "Origin", "only pages may send here; programs use "+
			"POST /v1/events")
	}
	if err := d.admits(s, &site); err != nil {
		return err
	}
	if !s.trusted && !d.house.Sites.Live(&site, v.Get("k").String()) {
		d.count(refusedSite)
		return fault.At(fault.Unauthorized, "unknown_key", "k", "data-key is not the key of %s; "+
			"`analytics sites list --json` has the snippet of today", site.Domain)
	}
	if d.leaves(r, s) {
		w.Header().Set("X-Analytics-Dropped", outcomeNames[leftOut])
		return accepted(w)
	}
	h := view(v.Get("u").String())
	h.id, h.signals = v.Get("i").String(), named(v.Get("g").String())
	switch n := v.Get("n").String(); n {
	case "v":
		h.referrer, h.title = v.Get("r").String(), v.Get("t").String()
		h.screen, h.language = v.Get("w").String(), v.Get("l").String()
		h.loaded = !truth(v.Get("x"))
	case "e":
		h.kind = event.Engagement
		h.spent, h.depth, h.clicks = whole(v.Get("e")), whole(v.Get("s")), whole(v.Get("c"))
	case "c":
		h.kind, h.name, h.target = event.Custom, v.Get("m").String(), v.Get("to").String()
		h.properties = properties(v.Get("p"))
	default:
		return fault.At(fault.Invalid, "unknown_type", "n", "n must be v, e or c, not %q", web.Clean(n))
	}
	var lines wire.Lines
	if err := s.add(&lines, &site, h); err != nil {
		return err
	}
	if err := d.takeOne(r, s, &lines); err != nil {
		return err
	}
	return accepted(w)
}

// accepted is the answer that nobody reads.
func accepted(w http.ResponseWriter) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(http.StatusAccepted)
	_, err := w.Write([]byte("ok"))
	return err
}

// truth is true for true and for numbers other than 0.
func truth(v gjson.Result) bool {
	return v.Type == gjson.True || v.Type == gjson.Number && v.Num != 0 || v.Type == gjson.String && v.Str == "true"
}

// objectOf reads a body that is a JSON object. Its content type does not matter: beacons come as
// text/plain, so that browsers ask nobody before.
func objectOf(w http.ResponseWriter, r *http.Request) (gjson.Result, error) {
	text, err := bodyOf(w, r, maxBody)
	if err != nil {
		return gjson.Result{}, err
	}
	v, err := valueOf(text)
	if err == nil && !v.IsObject() {
		err = fault.New(fault.Invalid, string(decode.BrokenJSON), "the body must be a JSON object")
	}
	return v, err
}

func valueOf(text []byte) (gjson.Result, error) {
	if !gjson.ValidBytes(text) {
		return gjson.Result{}, fault.New(fault.Invalid, string(decode.BrokenJSON), "the body is not JSON")
	}
	return gjson.ParseBytes(text), nil
}

// postEngagement takes one engagement in, of the fields that native events have.
func (d *Door) postEngagement(w http.ResponseWriter, r *http.Request) error {
	v, err := objectOf(w, r)
	if err != nil {
		return err
	}
	return d.engagements(w, r, []gjson.Result{v})
}

// postEngagements takes a list of them in: an array, or an object that has it as "events".
func (d *Door) postEngagements(w http.ResponseWriter, r *http.Request) error {
	text, err := bodyOf(w, r, web.MaxWire)
	if err != nil {
		return err
	}
	v, err := valueOf(text)
	if err != nil {
		return err
	}
	if v.IsObject() {
		v = v.Get("events")
	}
	if !v.IsArray() {
		return fault.At(fault.Invalid, "invalid_value", "events", "the body must be an array of engagements, or "+
			`{"events": [...]}`)
	}
	list := v.Array()
	if len(list) > decode.MaxEvents {
		return fault.New(fault.TooLarge, "too_many_events", "a body has at most %d events", decode.MaxEvents)
	}
	return d.engagements(w, r, list)
}

// engagements stores a list. Good ones are kept although others are bad; a single bad one is an
// error of the request.
func (d *Door) engagements(w http.ResponseWriter, r *http.Request, list []gjson.Result) error {
	s, err := d.senderOf(r)
	if err != nil {
		return err
	}
	answer := events.Answer{Errors: []events.Error{}}
	if d.leaves(r, s) {
		w.Header().Set("X-Analytics-Dropped", outcomeNames[leftOut])
		return web.JSON(w, http.StatusOK, answer)
	}
	var lines wire.Lines
	var from []int
	for i, v := range list {
		if err := d.addEngagement(s, &lines, v); err != nil {
			if len(list) == 1 {
				return err
			}
			f := fault.Of(err)
			answer.Rejected++
			answer.Errors = append(answer.Errors, events.Error{Index: i, Code: decode.Code(f.Code), Message: f.Message})
			continue
		}
		from = append(from, i)
	}
	stored, err := d.take(r, s, &lines)
	if err != nil {
		return err
	}
	for _, e := range stored.Errors {
		e.Index = from[e.Index]
		answer.Errors = append(answer.Errors, e)
	}
	answer.Accepted, answer.Duplicates, answer.Sampled = stored.Accepted, stored.Duplicates, stored.Sampled
	answer.Rejected += stored.Rejected
	answer.Errors = answer.Errors[:min(len(answer.Errors), maxErrors)]
	status := http.StatusOK
	if len(list) == 1 && answer.Rejected == 1 {
		status = http.StatusBadRequest
	}
	return web.JSON(w, status, answer)
}

// maxErrors is how many errors an answer tells.
const maxErrors = 100

// addEngagement writes one engagement. A holder of an ingest key may send for any site.
func (d *Door) addEngagement(s *sender, l *wire.Lines, v gjson.Result) error {
	h := view(v.Get("url").String())
	u, ok := enrich.SplitURL([]byte(h.url))
	if !ok || len(u.Host) == 0 {
		return fault.At(fault.Invalid, "invalid_url", "url", "an engagement needs url, the page's full address")
	}
	site, err := d.house.Sites.FindHost(string(u.Host))
	if name := v.Get("site").String(); name != "" {
		site, err = d.house.Sites.Find(name)
	}
	if err != nil && s.trusted {
		site, err = sites.Site{Domain: sites.Domain(string(u.Host))}, nil
	}
	if err != nil {
		return d.unknown(err)
	}
	if err := d.admits(s, &site); err != nil {
		return err
	}
	h.kind, h.id, h.content = event.Engagement, v.Get("id").String(), v.Get("content_id").String()
	h.user, h.session = v.Get("user_id").String(), v.Get("session_id").String()
	h.spent, h.depth, h.clicks = whole(v.Get("time_on_page_ms")), whole(v.Get("scroll_depth")), whole(v.Get("clicks"))
	h.agent, h.address = v.Get("user_agent").String(), v.Get("client_ip").String()
	h.properties = properties(v.Get("properties"))
	if at := v.Get("timestamp"); at.Exists() {
		if h.at = instant(at); h.at.IsZero() {
			return fault.At(fault.Invalid, "invalid_value", "timestamp", "timestamp must be RFC 3339 or unix seconds")
		}
	}
	return s.add(l, &site, h)
}

// instant reads RFC 3339, or a unix time in seconds or milliseconds; zero if it is neither.
func instant(v gjson.Result) time.Time {
	if v.Type == gjson.String {
		at, err := time.Parse(time.RFC3339, v.Str)
		if err != nil {
			return time.Time{}
		}
		return at
	}
	n := whole(v)
	switch {
	case v.Type != gjson.Number || n <= 0:
		return time.Time{}
	case n > 1e11:
		return time.UnixMilli(n)
	}
	return time.Unix(n, 0)
}
