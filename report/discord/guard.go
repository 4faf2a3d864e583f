package discord

import (
	"errors"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"analytics/engine/outbound"
)

// hosts are the names a webhook may have without any setting.
var hosts = []string{
	"discord.com", "discordapp.com", "canary.discord.com", "ptb.discord.com",
}

var webhookPath = regexp.MustCompile(`^/api/(?:v\d+/)?webhooks/\d+/[\w-]+$`)

// parseTarget checks a webhook URL, and says where its connections may lead. A host of Discord needs
// https, and may have any public address; another host, or http, is only for setups that name the
// private range it is in (network.allow), and then only that range is reached. Errors do not repeat
// the URL: it holds the token.
func parseTarget(raw string, allow []netip.Prefix) (*url.URL, outbound.Guard, error) {
	bad := func(text string) (*url.URL, outbound.Guard, error) {
		return nil, outbound.Guard{}, errors.New(text)
	}
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return bad("the Discord webhook URL cannot be read; copy it again from the channel's " +
			"settings (Integrations, Webhooks)")
	}
	open := u.Scheme == "https" && slices.Contains(hosts, strings.ToLower(u.Hostname())) &&
		(u.Port() == "" || u.Port() == "443")
	switch {
	case open && !webhookPath.MatchString(u.Path):
		return bad("the Discord webhook URL should end in /api/webhooks/<number>/<token>")
	case open:
	case u.Scheme != "https" && u.Scheme != "http":
		return bad("the Discord webhook URL must begin with https://")
	case len(allow) == 0:
		return bad("the webhook must be on https://discord.com or https://discordapp.com; to use " +
			"another server, put its private address range into network.allow")
	}
	return u, outbound.Guard{Allow: allow, Public: open}, nil
}
