package tracker

import (
	"net/http"
	"strings"

	"github.com/tidwall/gjson"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/web"
	"analytics/ingest/enrich"
	"analytics/ingest/wire"
)

// The limits of Plausible's endpoint.
const (
	maxPlausibleName     = 120
	maxPlausibleURL      = 2000
	maxPlausibleReferrer = 2000
)

// postPlausible takes in what Plausible's script sends. Keys have a short and a long name. Whoever
// names several domains has the event in each; those not registered are dropped, which the answer
// says as Plausible does.
func (d *Door) postPlausible(w http.ResponseWriter, r *http.Request) error {
	v, err := objectOf(w, r)
	if err != nil {
		return err
	}
	s, err := d.senderOf(r)
	if err != nil {
		return err
	}
	h, err := readPlausible(v)
	if err != nil {
		return err
	}
	if s.trusted {
		h.agent, h.address = r.UserAgent(), web.ClientIP(r.Context()).String()
	}
	lines, refused, err := d.addPlausible(s, h, firstOf(v, "d", "domain").String())
	if err != nil && lines.Len() == 0 {
		return err
	}
	if d.leaves(r, s) {
		refused++
	} else {
		answer, err := d.take(r, s, lines)
		if err != nil {
			return err
		}
		if answer.Accepted+answer.Duplicates+answer.Sampled == 0 && len(answer.Errors) > 0 {
			return fault.New(fault.Invalid, string(answer.Errors[0].Code), "%s", answer.Errors[0].Message)
		}
		refused += answer.Rejected
	}
	if refused > 0 {
		w.Header().Set("X-Plausible-Dropped", "1")
	}
	return accepted(w)
}

// addPlausible writes the hit for each domain; the error is the last domain's.
func (d *Door) addPlausible(s *sender, h *hit, domains string) (lines *wire.Lines, refused int, err error) {
	lines = &wire.Lines{}
	if domains == "" {
		if u, ok := enrich.SplitURL([]byte(h.url)); ok {
			domains = string(u.Host)
		}
	}
	if strings.Count(domains, ",") >= maxPlausibleDomains {
		return lines, 1, fault.At(fault.Invalid, "too_many_domains", "domain", "an event is for at most %d domains",
			maxPlausibleDomains)
	}
	for name := range strings.SplitSeq(domains, ",") {
		site, e := d.house.Sites.Find(strings.TrimSpace(name))
		if e != nil {
			e = d.unknown(e)
		} else if e = d.admits(s, &site); e == nil {
			one := *h
			e = s.add(lines, &site, &one)
		}
		if e != nil {
			err, refused = e, refused+1
		}
	}
	return lines, refused, err
}

// maxPlausibleDomains bounds what one request can write.
const maxPlausibleDomains = 10

// readPlausible reads an event. The version makes no difference here; where the site's pages are told
// apart by what stands behind #, that is part of the path. Revenue is kept as properties. An event that is not
// interactive says so in its signals: what the visit is counts without it, and the event itself is counted.
func readPlausible(v gjson.Result) (*hit, error) {
	name, url := firstOf(v, "n", "name"), firstOf(v, "u", "url").String()
	switch {
	case name.Type != gjson.String && name.Type != gjson.Number || name.String() == "":
		return nil, fault.At(fault.Invalid, "missing_field", "name", "name is required")
	case len([]rune(name.String())) > maxPlausibleName:
		return nil, fault.At(fault.Invalid, "invalid_value", "name", "name has at most %d characters", maxPlausibleName)
	case url == "":
		return nil, fault.At(fault.Invalid, "missing_field", "url", "url is required")
	case len(url) > maxPlausibleURL || strings.HasPrefix(url, "data:"):
		return nil, fault.At(fault.Invalid, "invalid_url", "url", "url must be a page's address of at most %d bytes",
			maxPlausibleURL)
	}
	if mode := firstOf(v, "h", "hashMode"); truth(mode) || mode.Str == "1" {
		url = routed(url)
	}
	h := view(url)
	h.properties = properties(firstOf(v, "p", "props", "m", "meta"))
	switch name.String() {
	case "pageview":
		h.loaded = true
		h.referrer = cut(firstOf(v, "r", "referrer").String(), maxPlausibleReferrer)
	case "engagement":
		h.kind = event.Engagement
		h.spent, h.depth = whole(v.Get("e")), whole(v.Get("sd"))
		if h.depth == 255 { // how the script says that it does not know
			h.depth = unsaid
		}
		if h.spent < 0 && h.depth < 0 {
			return nil, fault.At(fault.Invalid, "missing_field", "e", "an engagement needs e or sd")
		}
	default:
		h.kind, h.name = event.Custom, name.String()
		if i := firstOf(v, "i", "interactive"); i.Exists() && !truth(i) {
			h.signals = enrich.Passive
		}
		if to, ok := h.properties["url"].(string); ok && (h.name == "Outbound Link: Click" || h.name == "File Download") {
			h.target = to
			h.name = map[string]string{"Outbound Link: Click": "outbound_click", "File Download": "file_download"}[h.name]
			delete(h.properties, "url") // it may have a query
		}
		revenue(h, firstOf(v, "$", "revenue"))
	}
	return h, nil
}

// revenue keeps an amount and its currency.
func revenue(h *hit, v gjson.Result) {
	if v.Type == gjson.String && gjson.Valid(v.Str) {
		v = gjson.Parse(v.Str)
	}
	for key, value := range properties(v) {
		if key == "amount" || key == "currency" {
			if h.properties == nil {
				h.properties = map[string]any{}
			}
			h.properties["revenue_"+key] = value
		}
	}
}

// firstOf is the first of the keys that is there.
func firstOf(v gjson.Result, keys ...string) gjson.Result {
	for _, key := range keys {
		if at := v.Get(key); at.Exists() && at.Type != gjson.Null {
			return at
		}
	}
	return gjson.Result{}
}
