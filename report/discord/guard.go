package discord

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"analytics/engine/fault"
)

// hosts are the names a webhook may have without any setting.
var hosts = []string{
	"discord.com", "discordapp.com", "canary.discord.com", "ptb.discord.com",
}

// inner are the address ranges that are nobody's public service: a webhook that leads there would
// make this server a probe of the network it stands in.
var inner = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
	"192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
	"198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16",
	"fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
)

var webhookPath = regexp.MustCompile(`^/api/(?:v\d+/)?webhooks/\d+/[\w-]+$`)

// target is a webhook's address after checking, and where its connections may lead.
type target struct {
	url   url.URL
	allow []netip.Prefix
	// open: a Discord host over https, so any public address will do. Otherwise only allow.
	open bool
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
	t := &target{url: *u, allow: allow}
	t.open = u.Scheme == "https" && slices.Contains(hosts, strings.ToLower(u.Hostname())) &&
		(u.Port() == "" || u.Port() == "443")
	switch {
	case t.open && !webhookPath.MatchString(u.Path):
		return nil, bad("the Discord webhook URL should end in /api/webhooks/<number>/<token>")
	case t.open:
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, bad("the Discord webhook URL must begin with https://")
	case len(allow) == 0:
		return nil, bad("the webhook must be on https://discord.com or https://discordapp.com; to use " +
			"another server, put its private address range into network.allow")
	}
	return t, nil
}

// dial is the transport's dialer. The check is made on the address about to be connected to, after
// name resolution, so a name that changes its mind between check and use does not get through.
func (t *target) dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{
		Timeout: 5 * time.Second,
		Control: func(_, address string, _ syscall.RawConn) error { return t.permit(address) },
	}
	return d.DialContext(ctx, network, address)
}

// permit says whether a connection to the resolved address may be made.
func (t *target) permit(address string) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return errors.New("the resolved address cannot be read")
	}
	ip := at.Addr().WithZone("").Unmap()
	within := func(p netip.Prefix) bool { return p.Contains(ip) }
	if slices.ContainsFunc(t.allow, within) {
		return nil
	}
	if slices.ContainsFunc(inner, within) {
		return fmt.Errorf("refused to connect to the private address %s; add its range to "+
			"network.allow if that is meant", ip)
	}
	if !t.open {
		return fmt.Errorf("refused to connect to %s: it is not in network.allow", ip)
	}
	return nil
}

// httpClient is a client that reaches the target and nothing else.
func (t *target) httpClient() *http.Client {
	return &http.Client{
		Timeout: sendTimeout,
		Transport: &http.Transport{
			DialContext:            t.dial,
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

func prefixes(text ...string) []netip.Prefix {
	all := make([]netip.Prefix, len(text))
	for i, s := range text {
		all[i] = netip.MustParsePrefix(s)
	}
	return all
}
