package demo

import (
	"fmt"
	"time"
)

type page struct{ path, title, content string }

var pages = []page{
	{"/", "Acme: parts that fit", ""},
	{"/pricing", "Pricing", ""},
	{"/docs", "Documentation", ""},
	{"/docs/quickstart", "Quickstart", "quickstart"},
	{"/docs/api", "API reference", "api-reference"},
	{"/blog/choosing-a-model", "Choosing a model for support", "choosing-a-model"},
	{"/blog/what-an-agent-costs", "What an agent costs", "what-an-agent-costs"},
	{"/blog/five-lessons", "Five lessons from a year of agents", "five-lessons"},
	{"/about", "About us", ""},
}

var referrers = []string{
	"", "", "", "https://www.google.com/", "https://www.google.com/", "https://duckduckgo.com/",
	"https://news.ycombinator.com/item?id=1", "https://chatgpt.com/", "https://www.perplexity.ai/",
	"https://www.linkedin.com/feed/", "https://github.com/acme/parts", "https://t.co/abc",
}

var campaigns = []string{
	"", "", "", "", "", "?utm_source=newsletter&utm_medium=email&utm_campaign=november",
	"?utm_source=google&utm_medium=cpc&utm_campaign=parts",
}

const (
	chromeOnWindows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
	safariOnMac     = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15"
	safariOnPhone   = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1"
	chromeOnAndroid = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36"
	firefoxOnLinux  = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"
)

var browsers = []string{
	chromeOnWindows, chromeOnWindows, chromeOnWindows, safariOnMac, safariOnMac, safariOnPhone,
	safariOnPhone, chromeOnAndroid, chromeOnAndroid, firefoxOnLinux,
}

// Visitors' addresses: public ranges of several countries, so that the country is found.
var networks = []string{"84.160.%d.%d", "81.2.%d.%d", "8.8.%d.%d", "24.48.%d.%d", "126.0.%d.%d", "101.0.%d.%d", "177.8.%d.%d"}

// visit is a person on the site: some pages, how they were read, sometimes a conversion.
func (h *hour) visit() {
	at := h.moment()
	language := pick(h, []string{"en-US", "en-GB", "de-DE", "fr-FR"})
	who := map[string]any{
		"user_agent": pick(h, browsers),
		"client_ip":  fmt.Sprintf(pick(h, networks), h.IntN(32), 1+h.IntN(250)), "session_id": h.uuid()[:18],
	}
	referrer, query := pick(h, referrers), pick(h, campaigns)
	for n := range 1 + h.poisson(1.4) {
		p := pages[min(h.IntN(len(pages)), h.IntN(len(pages))+1)%len(pages)]
		url := "https://" + Site + p.path
		view := merge(who, map[string]any{"type": "page_view", "url": url, "title": p.title, "method": "GET",
			"status_code": 200, "screen": "1440x900", "language": language})
		if n == 0 {
			view["url"], view["referrer"] = url+query, referrer
		} else {
			view["referrer"] = "https://" + Site + "/"
		}
		view["content_id"] = p.content
		h.add(at, view)
		read := time.Duration(h.around(28, 1.1)*1000) * time.Millisecond
		read = min(read, 10*time.Minute)
		h.add(at+read, merge(who, map[string]any{"type": "engagement", "url": url,
			"time_on_page_ms": read.Milliseconds(), "scroll_depth": min(100, int(h.around(55, 0.6))),
			"clicks": h.poisson(0.8), "content_id": p.content}))
		at += read
	}
	if h.Float64() < 0.06 {
		h.add(at, merge(who, map[string]any{"type": "event", "name": pick(h, []string{"signup", "purchase", "demo_request"}),
			"url": "https://" + Site + "/pricing"}))
	}
}

var crawlers = []string{
	"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
	"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
	"Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
	"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)",
	"python-httpx/0.27.0",
}

var probes = []string{"/.env", "/wp-admin/setup-config.php", "/.git/config", "/phpmyadmin/"}

// crawl is a machine on the site: a crawler that reads pages, or a scanner that looks for holes.
func (h *hour) crawl() {
	at := h.moment()
	agent := pick(h, crawlers)
	ip := fmt.Sprintf("66.249.%d.%d", 64+h.IntN(16), 1+h.IntN(250))
	for range 1 + h.IntN(4) {
		path, status := pick(h, pages).path, 200
		if agent == "python-httpx/0.27.0" {
			path, status = pick(h, probes), 404
		}
		h.add(at, map[string]any{"type": "page_view", "url": "https://" + Site + path, "method": "GET",
			"status_code": status, "user_agent": agent, "client_ip": ip})
		at += time.Duration(h.IntN(4000)) * time.Millisecond
	}
}

// office is what people do in the product's back rooms: the audit trail.
func (h *hour) office() {
	did := pick(h, []struct{ category, action, outcome, severity string }{
		{"authentication", "login", "success", "low"},
		{"authentication", "login", "success", "low"},
		{"authentication", "login", "failure", "medium"},
		{"authorization", "permission_denied", "failure", "medium"},
		{"administration", "config_changed", "success", "medium"},
		{"data_access", "file_accessed", "success", "low"},
		{"mcp_tools", "tool_failed", "failure", "high"},
	})
	h.add(h.moment(), map[string]any{"type": "activity", "category": did.category, "action": did.action,
		"outcome": did.outcome, "severity": did.severity, "actor": user(h), "target": "workspace"})
}

// samples are the host's gauges, every five minutes.
func (h *hour) samples() {
	for at := time.Duration(0); at < time.Hour; at += 5 * time.Minute {
		for _, gauge := range gauges {
			value := min(99, h.around(gauge.level, 0.15))
			h.add(at, map[string]any{"type": "metric", "name": gauge.name, "unit": "percent",
				"value": float64(int(value*100)) / 100})
		}
	}
}

var gauges = []struct {
	name  string
	level float64
}{{"cpu_percent", 22}, {"memory_percent", 46}, {"disk_percent", 31}}
