package discord

import (
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"analytics/engine/fault"
	"analytics/engine/outbound"
)

// hosts are the names a webhook may have without any setting.
var hosts = []string{
	"discord.com", "discordapp.com", "canary.discord.com", "ptb.discord.com",
}

var webhookPath = regexp.MustCompile(`^/api/(?:v\d+/)?webhooks/\d+/[\w-]+$`)

// target is a webhook's address after checking, and where its connections may lead.
type target struct {
	url url.URL
	// guard is open to any public address for a Discord host over https, otherwise only to allow.
	guard outbound.Guard
}

// parseTarget checks a webhook URL. A host of Discord needs https; another host, or http, is only
// for setups that name the private range it is in (network.allow), and then only that range is
// reached. Errors do not repeat the URL: it holds the token.
func parseTarget(raw string, allow []netip.Prefix) (*target, error) {
	bad := func(format string, args ...any) error {
		return fault.At(fault.Invalid, "bad_webhook", "report.discord.webhook_url", format, args...)
	}
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return nil, bad("the Discord webhook URL cannot be read; copy it again from the channel's " +
			"settings (Integrations, Webhooks)")
	}
	open := u.Scheme == "https" && slices.Contains(hosts, strings.ToLower(u.Hostname())) &&
		(u.Port() == "" || u.Port() == "443")
	t := &target{url: *u, guard: outbound.Guard{Allow: allow, Public: open}}
	switch {
	case open && !webhookPath.MatchString(u.Path):
		return nil, bad("the Discord webhook URL should end in /api/webhooks/<number>/<token>")
	case open:
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, bad("the Discord webhook URL must begin with https://")
	case len(allow) == 0:
		return nil, bad("the webhook must be on https://discord.com or https://discordapp.com; to use " +
			"another server, put its private address range into network.allow")
	}
	return t, nil
}

// httpClient is a client that reaches the target and nothing else.
func (t *target) httpClient() *http.Client {
	return &http.Client{
		Timeout: sendTimeout,
		Transport: &http.Transport{
			DialContext:            t.guard.Dial,
			ForceAttemptHTTP2:      true,
			TLSHandshakeTimeout:    5 * time.Second,
			IdleConnTimeout:        30 * time.Second,
			MaxIdleConns:           2,
			MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
}
