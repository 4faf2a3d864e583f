package enrich

import (
	"strings"
)

// The channels, in the order in which they are tried. Direct is what is left.
const (
	CrossNetwork    = "cross_network"
	PaidShopping    = "paid_shopping"
	PaidSearch      = "paid_search"
	PaidSocial      = "paid_social"
	PaidVideo       = "paid_video"
	Display         = "display"
	PaidOther       = "paid_other"
	OrganicShopping = "organic_shopping"
	OrganicSocial   = "organic_social"
	OrganicVideo    = "organic_video"
	AIAssistant     = "ai_assistant"
	OrganicSearch   = "organic_search"
	Email           = "email"
	Affiliates      = "affiliates"
	Audio           = "audio"
	SMS             = "sms"
	MobilePush      = "mobile_push"
	Referral        = "referral"
	Internal        = "internal"
	Direct          = "direct"
)

// clues is what is known of how a visit began. Text is in lower case.
type clues struct {
	kind     kind // of the place it came from
	known    bool // the place has a name or a host
	source   string
	medium   string
	campaign string
	paid     bool // an advertisement's click id was there
}

// channel is the group a visit belongs to, by the rules of Plausible and GA4, first match wins. Two
// things differ: words count only as whole tokens (GA4's `.*cp.*` takes "tcp-talk" for paid), and
// AI assistants are a channel of their own.
func (c *clues) channel() string {
	paid := c.paid || paidMedium(c.medium)
	shop := c.kind == shopping || hasToken(c.campaign, "shop", "eshop", "shops", "shopping")
	switch {
	case strings.Contains(c.campaign, "cross-network"):
		return CrossNetwork
	case shop && paid:
		return PaidShopping
	case c.kind == search && paid:
		return PaidSearch
	case c.kind == social && paid:
		return PaidSocial
	case c.kind == video && paid:
		return PaidVideo
	case oneOf(c.medium, "display", "banner", "expandable", "interstitial", "cpm"):
		return Display
	case paid, c.kind == advertising:
		return PaidOther
	case shop:
		return OrganicShopping
	case c.kind == social, oneOf(c.medium,
		"social", "social-network", "social-media", "sm", "social network", "social media"):
		return OrganicSocial
	case c.kind == video, hasToken(c.medium, "video", "videos"):
		return OrganicVideo
	case c.kind == assistant:
		return AIAssistant
	case c.kind == search, c.medium == "organic":
		return OrganicSearch
	case c.kind == email, isMail(c.source), isMail(c.medium):
		return Email
	case hasToken(c.medium, "affiliate", "affiliates"):
		return Affiliates
	case c.medium == "audio":
		return Audio
	case c.medium == "sms", c.source == "sms":
		return SMS
	case strings.HasSuffix(c.medium, "push"), hasToken(c.medium, "mobile", "notification", "notifications"),
		c.source == "firebase":
		return MobilePush
	case c.known, oneOf(c.medium, "referral", "app", "link"):
		return Referral
	}
	return Direct
}

// paidMedium reports a medium that says the click was paid for.
func paidMedium(medium string) bool {
	for token := range tokens(medium) {
		if strings.HasPrefix(token, "paid") ||
			oneOf(token, "cpc", "ppc", "cpv", "cpa", "cpp", "cpl", "retargeting", "remarketing") {
			return true
		}
	}
	return false
}

func isMail(s string) bool {
	if hasToken(s, "email", "emails", "newsletter", "newsletters") {
		return true
	}
	before := ""
	for token := range tokens(s) { // e-mail, e_mail, "weekly e mail"
		if before == "e" && token == "mail" {
			return true
		}
		before = token
	}
	return false
}

func oneOf(s string, words ...string) bool {
	for _, w := range words {
		if s == w {
			return true
		}
	}
	return false
}

func hasToken(s string, words ...string) bool {
	for token := range tokens(s) {
		if oneOf(token, words...) {
			return true
		}
	}
	return false
}

// tokens splits text at what is neither letter nor digit.
func tokens(s string) func(func(string) bool) {
	return strings.FieldsFuncSeq(s, func(r rune) bool {
		return r < '0' || r > '9' && r < 'a' || r > 'z' && r < 0x80
	})
}
