package accesslog

import (
	"bytes"
	"net/netip"
	"strings"
	"time"
)

// visit is what a hit means.
type visit struct {
	at        int64 // microseconds since 1970
	address   netip.Addr
	proxied   bool // a proxy asked, for somebody else
	method    []byte
	host      []byte // without one it is the reader's site
	target    []byte // begins with a slash
	status    int
	http10    bool
	protocol  byte // its first digit; 0 if the log does not say
	document  bool // the browser says that it wants a page
	asset     bool // the browser says that it wants a part of one
	early     bool // the browser asks before anybody wants to see it
	isHTML    bool
	otherwise bool // the answer is known to be no page
}

// problem is why a line is no request; it is empty for one.
type problem string

const (
	noTime    problem = "has no time that can be read"
	noStatus  problem = "has a status that is none"
	farTime   problem = "is of a time before 2000 or to come"
	noRequest problem = "has no request"
	malformed problem = "malformed" // asked by no browser: not worth a line in the list
)

// interpret says what the fields of a hit mean. The host in the target of a request's first line
// counts only where the format writes it: else a stranger wrote it who looks for open proxies.
func (h *hit) interpret(v *visit, f *Format, zone *time.Location, latest int64) problem {
	*v = visit{}
	var ok bool
	if v.at, ok = h.moment(zone); !ok {
		return noTime
	}
	if v.at < earliest || v.at > latest {
		return farTime
	}
	switch answer := h.text[status]; {
	case answer == nil, string(answer) == "-1", string(answer) == "000", string(answer) == "0":
		// The client had gone before there was one.
	case len(answer) != 3 || number(answer) < 100 || number(answer) > 599:
		return noStatus
	default:
		v.status = number(answer)
	}
	if p := h.asked(v, f.whole); p != "" {
		return p
	}
	if host := h.text[host]; isHost(host) {
		v.host = host
	}
	h.client(v)
	h.said(v)
	return ""
}

// earliest is the beginning of 2000: a year before is a clock that was never set.
const earliest = 946_684_800_000_000

func (h *hit) moment(zone *time.Location) (int64, bool) {
	v := bytes.Trim(h.text[moment], "[]") // Apache's %t has brackets, also within JSON
	day, hour := h.text[date], h.text[clock]
	if hour == nil && len(v) >= 8 && v[2] == ':' {
		hour = v
	}
	if day == nil || hour == nil {
		return instant(v, zone)
	}
	from := len(h.scratch)
	h.scratch = append(append(append(h.scratch, day...), 'T'), hour...)
	return instant(h.taken(from), zone)
}

// asked reads method, target and protocol.
func (h *hit) asked(v *visit, whole bool) problem {
	v.method = h.text[method]
	to, version := h.text[target], h.text[protocol]
	if line := h.text[request]; line != nil {
		first := bytes.IndexByte(line, ' ')
		switch {
		case first >= 0:
			v.method, to = line[:first], line[first+1:]
		case v.method != nil && line[0] == '/':
			to = line // a field of that name which holds the path alone
		default:
			return malformed
		}
		if n := bytes.LastIndexByte(to, ' '); n >= 0 && bytes.HasPrefix(to[n+1:], []byte("HTTP/")) {
			to, version = to[:n], to[n+1:]
		}
	}
	switch {
	case v.method == nil && to == nil:
		return malformed
	case len(to) == 0 || !isToken(v.method):
		return malformed
	}
	v.protocol = 0
	if rest, ok := bytes.CutPrefix(version, []byte("HTTP/")); ok && len(rest) > 0 {
		v.protocol = rest[0]
	}
	v.http10 = bytes.HasSuffix(version, []byte("1.0")) && len(version) <= len("HTTP/1.0")
	if n := bytes.Index(to, []byte("://")); n > 0 && n < 8 && to[0] != '/' {
		rest := to[n+3:]
		end := bytes.IndexByte(rest, '/')
		if end < 0 {
			end = len(rest)
		}
		if (whole || h.text[request] == nil) && isHost(rest[:end]) {
			v.host = rest[:end]
		}
		if to = rest[end:]; len(to) == 0 {
			to = []byte("/")
		}
	}
	if to[0] != '/' {
		return malformed
	}
	if q := bytes.TrimPrefix(h.text[query], []byte("?")); len(q) > 0 && bytes.IndexByte(to, '?') < 0 {
		from := len(h.scratch)
		h.scratch = append(append(append(h.scratch, to...), '?'), q...)
		to = h.taken(from)
	}
	v.target = to
	return ""
}

// isToken reports a method: some letters.
func isToken(v []byte) bool {
	if len(v) == 0 || len(v) > 16 {
		return false
	}
	for _, c := range v {
		if c|0x20 < 'a' || c|0x20 > 'z' {
			if c != '-' && c != '_' {
				return false
			}
		}
	}
	return true
}

// isHost reports a name or an address, with or without a port. Anything may stand in a Host header.
func isHost(v []byte) bool {
	if len(v) == 0 || len(v) > 253 || v[0] == '.' || v[0] == ':' || v[0] == '_' && len(v) == 1 {
		return false
	}
	for _, c := range v {
		switch {
		case 'a' <= c|0x20 && c|0x20 <= 'z', '0' <= c && c <= '9',
			c == '.', c == '-', c == ':', c == '_', c == '[', c == ']', c >= 0x80:
		default:
			return false
		}
	}
	return true
}

// client finds the address of the client. What proxies said of it counts where a proxy of our own
// network asked: the last address there that is not of it, as what stands before anybody can write.
func (h *hit) client(v *visit) {
	v.address, _ = addressOf(h.text[address])
	if v.address.IsValid() && !inner(v.address) {
		return
	}
	rest := h.text[forwarded]
	for len(rest) > 0 {
		part := rest
		if n := bytes.LastIndexByte(rest, ','); n >= 0 {
			part, rest = rest[n+1:], rest[:n]
		} else {
			rest = nil
		}
		a, ok := addressOf(bytes.TrimSpace(part))
		if !ok {
			return
		}
		v.proxied = true
		v.address = a
		if !inner(a) {
			return
		}
	}
}

// inner reports an address of a network of one's own.
func inner(a netip.Addr) bool {
	return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast()
}

// said takes in what the browser and the answer said of what is wanted.
func (h *hit) said(v *visit) {
	switch dest := str(h.text[fetchDest]); dest {
	case "":
	case "document":
		v.document = true
	default:
		v.asset = true
	}
	early := str(h.text[purpose])
	v.early = strings.Contains(early, "prefetch") || strings.Contains(early, "prerender")
	if t := h.text[contentType]; len(t) > 0 {
		v.isHTML = bytes.Contains(t, []byte("html"))
		v.otherwise = !v.isHTML
		if bytes.HasPrefix(t, []byte("text/css")) || bytes.HasPrefix(t, []byte("image/")) ||
			bytes.HasPrefix(t, []byte("font/")) || bytes.Contains(t, []byte("javascript")) {
			v.asset = true
		}
	}
}
