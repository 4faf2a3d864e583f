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
		}
	case len(v.ReferrerHost) > 0 && !self:
		if at = l.at(v.ReferrerHost); at != nil {
			v.Source = at.source
		} else {
			v.Source = string(CutText(bare(v.ReferrerHost), maxSource))
		}
	}
	if at != nil {
		c.kind = at.kind
	}
	c.known = v.Source != ""
	c.source, c.medium = strings.ToLower(v.Source), strings.ToLower(v.Medium)
	c.campaign = strings.ToLower(v.Campaign)
	c.paid = p.google && (at == nil || at.source == "Google") ||
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

// parameters are the parts of a query that say where a click came from. All others are dropped:
// queries hold tokens, addresses and search terms.
type parameters struct {
	source, medium, campaign string
	google, microsoft        bool // an advertisement's click id
}

func parametersOf(query []byte) (p parameters) {
	rank := 0 // utm_source goes before source, source before ref
	for len(query) > 0 {
		var name, value []byte
		name, value, query = parameter(query)
		if len(value) == 0 {
			continue
		}
		take := func(n int) string {
			text := appendDecoded(nil, CutText(value, 3*n))
			return string(bytes.TrimSpace(CutText(bytes.TrimSpace(text), n)))
		}
		switch string(name) {
		case "utm_source":
			p.source, rank = take(maxSource), 3
		case "source":
			if rank < 2 {
				p.source, rank = take(maxSource), 2
			}
		case "ref":
			if rank < 1 {
				p.source, rank = take(maxSource), 1
			}
		case "utm_medium":
			p.medium = take(maxSource)
		case "utm_campaign":
			p.campaign = take(maxCampaign)
		case "gclid", "gbraid", "wbraid":
			p.google = true
		case "msclkid":
			p.microsoft = true
		}
	}
	return p
}
