package enrich

import (
	"bytes"
	"strings"
)

// Visit is where a page view came from. Fields that are not known are empty.
type Visit struct {
	ReferrerHost []byte
	Source       string // "Google", "Hacker News", a host, or what utm_source says
	Channel      string
	Medium       string
	Campaign     string
	Term         string // utm_term and utm_content as they are
	Content      string
	Click        string // the name of the click id, such as gclid; never the id
}

const (
	maxSource   = 128
	maxCampaign = 256
)

// Visit tells where a view of page came from, by its campaign parameters and by the referrer; the
// parameters win. Scratch memory is appended to.
func (l *Lists) Visit(page URL, referrer []byte) Visit {
	var v Visit
	var c clues
	from, ok := SplitURL(referrer)
	if ok && len(from.Host) > 0 {
		v.ReferrerHost = CutText(from.Host, 253)
	}
	if len(page.Query) == 0 && len(v.ReferrerHost) == 0 { // as most views within a visit
		v.Source, v.Channel = "Direct", Direct
		return v
	}
	p := parametersOf(page.Query)
	v.Term, v.Content, v.Click = p.term, p.content, p.click
	self := len(page.Host) > 0 && bytes.Equal(bare(page.Host), bare(v.ReferrerHost))
	if self && p.source == "" && p.medium == "" && !p.google && !p.microsoft {
		v.Source, v.Channel = "Internal", Internal
		return v
	}
	v.Source, v.Medium, v.Campaign = p.source, p.medium, p.campaign
	var at *place
	switch {
	case p.source != "":
		if at = l.named([]byte(p.source)); at != nil {
			v.Source = at.source
		} else if u, ok := SplitURL([]byte(p.source)); ok && len(u.Host) > 0 {
			v.Source = string(CutText(bare(u.Host), maxSource)) // the rest may hold anything
		}
	case len(v.ReferrerHost) > 0 && !self:
		if from.App { // the name of an app begins where that of a host ends: it has no parents
			at = l.places[string(v.ReferrerHost)]
		} else {
			at = l.at(v.ReferrerHost)
		}
		if at != nil {
			v.Source = at.source
		} else {
			v.Source = string(CutText(bare(v.ReferrerHost), maxSource))
		}
	case !self && !p.google && !p.microsoft:
		if at = l.names[clicks[p.click]]; at != nil { // an app that sends no referrer
			v.Source = at.source
		}
	}
	if at != nil {
		c.kind = at.kind
	}
	c.known = v.Source != ""
	c.source, c.medium = strings.ToLower(v.Source), strings.ToLower(v.Medium)
	c.campaign = strings.ToLower(v.Campaign)
	c.paid = paidSources[strings.ToLower(p.source)] || p.google && (at == nil || at.source == "Google") ||
		p.microsoft && (at == nil || at.source == "Bing")
	if c.paid && at == nil && !c.known {
		c.kind, v.Source = search, map[bool]string{true: "Google", false: "Bing"}[p.google]
	}
	v.Channel = c.channel()
	if v.Source == "" {
		v.Source = "Direct"
	}
	switch {
	case v.Medium != "":
	case c.paid:
		v.Medium = "cpc"
	default:
		v.Medium = mediums[v.Channel]
	}
	return v
}

// mediums are what the usual channels are called where nobody set utm_medium.
var mediums = map[string]string{
	OrganicSearch: "organic", OrganicSocial: "social", OrganicVideo: "video", Email: "email",
	AIAssistant: "ai", Referral: "referral", OrganicShopping: "referral",
}
