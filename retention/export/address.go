package export

import (
	"net/url"

	"analytics/engine/event"
)

// place is where a kind keeps the parts of a URL.
type place struct{ site, path int }

func placeOf(kind event.Kind) place {
	switch kind {
	case event.Engagement:
		return place{event.EngagementSite, event.EngagementPath}
	case event.Custom:
		return place{event.CustomSite, event.CustomPath}
	}
	return place{event.PageSite, event.PagePath}
}

// url puts an address together that is read back as the same site and path and, for a page view,
// the same source, medium and campaign. What else stood in the query was never kept.
func (p place) url(dst []byte, e *event.Event) ([]byte, bool) {
	if !e.Has(p.site) && !e.Has(p.path) {
		return dst, false
	}
	if e.Has(p.site) {
		dst = append(append(dst, "https://"...), e.Text(p.site)...)
	}
	path := e.Text(p.path)
	if len(path) == 0 || path[0] != '/' {
		dst = append(dst, '/')
	}
	dst = append(dst, path...)
	if e.Kind == event.PageView {
		dst = appendCampaign(dst, e)
	}
	return dst, true
}

// appendCampaign appends what says where a visit came from. Visits from nowhere or from the same
// site have a source too, but one that no parameter said.
func appendCampaign(dst []byte, e *event.Event) []byte {
	switch string(e.Text(event.PageChannel)) {
	case "", "direct", "internal":
		return dst
	}
	mark := byte('?')
	for _, p := range [...]struct {
		name  string
		field int
	}{
		{"utm_source", event.PageSource},
		{"utm_medium", event.PageMedium},
		{"utm_campaign", event.PageCampaign},
	} {
		if v := e.Text(p.field); len(v) > 0 {
			dst = append(append(append(dst, mark), p.name...), '=')
			dst = append(dst, url.QueryEscape(string(v))...)
			mark = '&'
		}
	}
	return dst
}

// referrer is the page's referrer as far as it is kept: the host.
func referrer(dst []byte, e *event.Event) ([]byte, bool) {
	host := e.Text(event.PageReferrerHost)
	if len(host) == 0 {
		return dst, false
	}
	return append(append(append(dst, "https://"...), host...), '/'), true
}
