package enrich

import (
	"strings"
	"testing"

	"analytics/engine/event"
)

// TestChannels has a line for each rule of the channels, in their order, and for what the same rules
// get wrong where they match parts of words.
func TestChannels(t *testing.T) {
	l := openLists(t)
	const app = "android-app://"
	for _, c := range []struct{ query, referrer, source, channel string }{
		{"utm_source=x1&utm_campaign=my-cross-network-1", "", "x1", CrossNetwork},
		{"utm_source=ebay&utm_medium=cpc", "", "eBay", PaidShopping},
		{"utm_source=x1&utm_medium=paid&utm_campaign=e-shop", "", "x1", PaidShopping},
		{"utm_source=x1&utm_medium=cpc&utm_campaign=workshop", "", "x1", PaidOther},
		{"utm_source=bing&utm_medium=ppc", "", "Bing", PaidSearch},
		{"utm_source=adwords", "", "Google", PaidSearch},
		{"utm_source=bingads&utm_campaign=x", "", "Bing", PaidSearch},
		{"gclid=1", "https://www.google.com/", "Google", PaidSearch},
		{"wbraid=1", "", "Google", PaidSearch},
		{"msclkid=1", "", "Bing", PaidSearch},
		{"gclid=1", "https://www.bing.com/", "Bing", OrganicSearch},
		{"gclid=1", "https://blog.example/", "blog.example", PaidOther},
		{"utm_source=ig&utm_medium=paid-social", "", "Instagram", PaidSocial},
		{"utm_source=youtube&utm_medium=cpv", "", "YouTube", PaidVideo},
		{"utm_source=x1&utm_medium=banner", "", "x1", Display},
		{"utm_source=x1&utm_medium=CPM", "", "x1", Display},
		{"utm_source=x1&utm_medium=retargeting", "", "x1", PaidOther},
		{"utm_source=x1&utm_medium=tcp", "", "x1", Referral},
		{"utm_source=x1&utm_medium=unpaid", "", "x1", Referral},
		{"", "https://www.etsy.com/listing/1", "Etsy", OrganicShopping},
		{"utm_source=x1&utm_campaign=shopping_week", "", "x1", OrganicShopping},
		{"utm_source=x1&utm_medium=social%20network", "", "x1", OrganicSocial},
		{"utm_source=x1&utm_medium=sm", "", "x1", OrganicSocial},
		{"utm_source=x1&utm_medium=prism", "", "x1", Referral},
		{"fbclid=secret", "", "Facebook", OrganicSocial},
		{"fbclid=secret", "https://l.facebook.com/", "Facebook", OrganicSocial},
		{"fbclid=secret", "https://a.example/", "Internal", Internal},
		{"ttclid=secret", "", "TikTok", OrganicSocial},
		{"twclid=secret", "", "Twitter", OrganicSocial},
		{"li_fat_id=secret", "", "LinkedIn", OrganicSocial},
		{"utm_source=x1&utm_medium=in-video", "", "x1", OrganicVideo},
		{"utm_source=perplexity", "https://www.google.com/", "Perplexity", AIAssistant},
		{"utm_source=copilot.com", "", "Copilot", AIAssistant},
		{"", "https://www.bing.com/chat", "Bing", OrganicSearch},
		{"", "https://copilot.microsoft.com/", "Copilot", AIAssistant},
		{"", "https://notchatgpt.com/", "notchatgpt.com", Referral},
		{"", "https://chatgpt.com.evil.example/", "chatgpt.com.evil.example", Referral},
		{"utm_source=x1&utm_medium=organic", "", "x1", OrganicSearch},
		{"utm_source=x1&utm_medium=weekly-e-mail", "", "x1", Email},
		{"utm_source=email", "", "email", Email},
		{"utm_source=x1&utm_medium=female", "", "x1", Referral},
		{"utm_source=x1&utm_medium=affiliates", "", "x1", Affiliates},
		{"utm_source=x1&utm_medium=audio", "", "x1", Audio},
		{"utm_source=sms", "", "sms", SMS},
		{"utm_source=x1&utm_medium=web_push", "", "x1", MobilePush},
		{"utm_source=x1&utm_medium=mobile-app", "", "x1", MobilePush},
		{"utm_source=firebase", "", "firebase", MobilePush},
		{"utm_medium=link", "", "Direct", Referral},
		{"", app + "com.slack", "Slack", OrganicSocial},
		{"", app + "org.telegram.messenger/", "Telegram", OrganicSocial},
		{"", app + "com.evil.shop.app/", "com.evil.shop.app", Referral},
		{"utm_source=https%3A%2F%2Fwww.blog.example%2Fx%3Ftoken%3Dsecret", "", "blog.example", Referral},
		{"utm_source=//news.ycombinator.com/item", "", "Hacker News", OrganicSocial},
		{"aid=paid&utmsource=google", "", "Direct", Direct},
	} {
		u, _ := SplitURL([]byte("https://www.a.example/p?" + c.query))
		v := l.Visit(u, []byte(c.referrer))
		if v.Source != c.source || v.Channel != c.channel {
			t.Errorf("%s from %q: got %q %s, want %q %s",
				c.query, c.referrer, v.Source, v.Channel, c.source, c.channel)
		}
	}
}

func TestClickIDsAreKeptByNameOnly(t *testing.T) {
	n, _ := newEnricher(t)
	for _, c := range []struct{ query, want string }{
		{"utm_source=google&utm_medium=cpc&utm_term=blue+shoes&utm_content=ad%201&gclid=SECRET",
			"utm_term=blue shoes utm_content=ad 1 click_id=gclid"},
		{"ScCid=SECRET", "click_id=sccid"},
		{"fbclid=SECRET&msclkid=SECRET", "click_id=msclkid"},
		{"msclkid=SECRET&fbclid=SECRET", "click_id=msclkid"},
		{"gclid=", ""},
		{"xgclid=SECRET&GCLID2=SECRET&q=SECRET", ""},
		{"utm_term=" + strings.Repeat("%C3%BC", 200), "utm_term=" + strings.Repeat("ü", 128)},
	} {
		var s Scratch
		e := make1(event.PageView, noon, map[string]string{"url": "https://a.example/?" + c.query})
		if err := n.Event(t.Context(), e, noon, &s); err != nil {
			t.Fatal(err)
		}
		got := derived(e)
		if strings.Contains(got, "SECRET") {
			t.Errorf("%s: an id is kept: %s", c.query, got)
		}
		var words []string
		for _, f := range []int{event.PageUTMTerm, event.PageUTMContent, event.PageClickID} {
			if e.Has(f) {
				words = append(words, event.PageView.Fields()[f].Name+"="+string(e.Text(f)))
			}
		}
		if got := strings.Join(words, " "); got != c.want {
			t.Errorf("%s: got %s, want %s", c.query, got, c.want)
		}
	}
}
