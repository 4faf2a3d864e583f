package gateway

import (
	"net/http"
	"strings"
)

// hopByHop are headers of one connection, not of the call. Upgrade never gets here.
var hopByHop = [...]string{
	"Connection", "Proxy-Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Te",
	"Trailer", "Transfer-Encoding", "Upgrade",
}

// notForUpstreams are headers that are about us and our callers. Cookies are those of our own host,
// and the addresses of callers are nobody's business.
var notForUpstreams = [...]string{
	"Cookie", "Expect", "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto",
	"X-Forwarded-Port", "X-Forwarded-Server", "X-Real-Ip",
}

// notForCallers are headers in which an upstream speaks about its own host, which would be ours in
// the eyes of a browser.
var notForCallers = [...]string{
	"Set-Cookie", "Strict-Transport-Security", "Alt-Svc", "Clear-Site-Data", "Service-Worker-Allowed",
	"Nel", "Report-To", "Reporting-Endpoints", "Public-Key-Pins", "Expect-Ct",
}

// ours are the headers that protect this server's own pages; an upstream cannot weaken them.
var ours = [...]string{
	"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Resource-Policy",
}

// outgoing is what goes to the upstream of a call's headers.
func outgoing(in http.Header) http.Header {
	out := make(http.Header, len(in))
	for name, values := range in {
		if !strings.HasPrefix(name, "X-Analytics-") && !strings.HasPrefix(name, "Helicone-") {
			out[name] = values
		}
	}
	dropNamed(out, in["Connection"])
	drop(out, hopByHop[:])
	drop(out, notForUpstreams[:])
	if _, ok := out["User-Agent"]; !ok {
		out["User-Agent"] = nil // otherwise the transport says its own
	}
	return out
}

// answered copies an upstream's headers to the caller's answer.
func answered(to, from http.Header) {
	kept := make([]string, 0, len(ours))
	for _, name := range ours {
		kept = append(kept, to.Get(name))
	}
	for name, values := range from {
		to[name] = values
	}
	dropNamed(to, from["Connection"])
	drop(to, hopByHop[:])
	drop(to, notForCallers[:])
	for i, name := range ours {
		to.Set(name, kept[i])
	}
}

// dropNamed drops what a Connection header declares to be for one hop.
func dropNamed(h http.Header, connection []string) {
	for _, line := range connection {
		for name := range strings.SplitSeq(line, ",") {
			if name = strings.TrimSpace(name); name != "" {
				h.Del(name)
			}
		}
	}
}

func drop(h http.Header, names []string) {
	for _, name := range names {
		delete(h, name)
	}
}
