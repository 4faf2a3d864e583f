package enrich

import "bytes"

// parameters are the parts of a query that say where a click came from. All others are dropped:
// queries hold tokens, addresses and search terms.
type parameters struct {
	source, medium, campaign string
	term, content            string
	click                    string // the name of a click id
	google, microsoft        bool   // an advertisement's click id
}

// clicks are the names of click ids, and the source that adds them to links; those of Google and
// Microsoft are told apart in parametersOf. Facebook marks all links so, the others those that were
// paid for, which alone makes no paid channel here: GA4 and Plausible do it only for search.
var clicks = map[string]string{
	"gclid": "", "gbraid": "", "wbraid": "", "dclid": "", "msclkid": "",
	"fbclid": "facebook", "ttclid": "tiktok", "twclid": "twitter", "li_fat_id": "linkedin",
	"yclid": "yandex", "epik": "pinterest", "sccid": "snapchat", "rdt_cid": "reddit", "qclid": "quora",
}

// paidSources are values of utm_source that say that the click was paid for.
var paidSources = map[string]bool{
	"adwords": true, "googleads": true, "google_ads": true, "google-ads": true,
	"bing_ads": true, "bingads": true,
}

func parametersOf(query []byte) (p parameters) {
	rank := 0 // utm_source goes before source, source before ref
	for len(query) > 0 {
		var name, value []byte
		name, value, query = parameter(query)
		if len(value) == 0 || len(name) > len("utm_campaign") {
			continue
		}
		switch string(name) {
		case "utm_source":
			p.source, rank = valueOf(value, maxSource), 3
		case "source":
			if rank < 2 {
				p.source, rank = valueOf(value, maxSource), 2
			}
		case "ref":
			if rank < 1 {
				p.source, rank = valueOf(value, maxSource), 1
			}
		case "utm_medium":
			p.medium = valueOf(value, maxSource)
		case "utm_campaign":
			p.campaign = valueOf(value, maxCampaign)
		case "utm_term":
			p.term = valueOf(value, maxCampaign)
		case "utm_content":
			p.content = valueOf(value, maxCampaign)
		case "ScCid":
			p.clicked("sccid")
		default:
			p.clicked(string(name))
		}
	}
	return p
}

// clicked notes a click id. Of several, as with the fbclid of a link that was shared after a click on
// an advertisement, one that was paid for goes first, and then the first.
func (p *parameters) clicked(name string) {
	if _, ok := clicks[name]; !ok {
		return
	}
	switch name {
	case "gclid", "gbraid", "wbraid":
		p.google = true
	case "msclkid":
		p.microsoft = true
	}
	if p.click == "" || p.click == "fbclid" {
		p.click = name
	}
}

// valueOf is the text of an encoded value, at most n bytes.
func valueOf(value []byte, n int) string {
	text := appendDecoded(nil, CutText(value, 3*n))
	return string(bytes.TrimSpace(CutText(bytes.TrimSpace(text), n)))
}
