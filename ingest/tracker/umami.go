package tracker

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"

	"github.com/tidwall/gjson"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/web"
	"analytics/ingest/sites"
	"analytics/ingest/wire"
)

// maxUmamiName is the longest name of an event there.
const maxUmamiName = 50

// umamiReply is what Umami's script is told. It sends cache back with all that follows. Visits are
// told apart here without any of it.
type umamiReply struct {
	Cache     string `json:"cache"`
	SessionID string `json:"sessionId"`
	VisitID   string `json:"visitId"`
}

// postUmami takes in what Umami's script sends.
func (d *Door) postUmami(w http.ResponseWriter, r *http.Request) error {
	v, err := objectOf(w, r)
	if err != nil {
		return err
	}
	s, err := d.senderOf(r)
	if err != nil {
		return err
	}
	p := v.Get("payload")
	site, err := d.umamiSite(p)
	if err != nil {
		return err
	}
	if err := d.admits(s, &site); err != nil {
		return err
	}
	h, err := readUmami(v.Get("type").String(), p, &site)
	if err != nil {
		return err
	}
	if s.trusted && h.agent == "" {
		h.agent = r.UserAgent()
	}
	if d.leaves(r, s) {
		w.Header().Set("X-Analytics-Dropped", outcomeNames[leftOut])
		return web.JSON(w, http.StatusOK, reply(r))
	}
	var lines wire.Lines
	if err := s.add(&lines, &site, h); err != nil {
		return err
	}
	if err := d.takeOne(r, s, &lines); err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, reply(r))
}

// umamiSite is the site of a payload.
func (d *Door) umamiSite(p gjson.Result) (site sites.Site, err error) {
	if !p.IsObject() {
		return site, fault.At(fault.Invalid, "missing_field", "payload", "payload must be an object")
	}
	given := ""
	for _, key := range []string{"website", "link", "pixel"} {
		if id := p.Get(key).String(); id != "" {
			if given != "" {
				return site, fault.At(fault.Invalid, "invalid_value", key, "exactly one of website, link and pixel is needed")
			}
			given = id
		}
	}
	if given == "" {
		return site, fault.At(fault.Invalid, "missing_field", "website", "exactly one of website, link and pixel is needed")
	}
	if site, err = d.house.Sites.FindWebsite(given); err != nil {
		return site, d.unknown(err)
	}
	return site, nil
}

// readUmami reads a payload. What identify and performance say is kept as events of those names.
func readUmami(kind string, p gjson.Result, site *sites.Site) (*hit, error) {
	host, path := p.Get("hostname").String(), p.Get("url").String()
	if host == "" {
		host = site.Domain
	}
	if !strings.Contains(path, "://") {
		path = "https://" + host + "/" + strings.TrimLeft(path, "/")
	}
	h := view(path)
	h.loaded = true
	h.referrer, h.title = p.Get("referrer").String(), p.Get("title").String()
	h.language, h.screen = p.Get("language").String(), p.Get("screen").String()
	h.user, h.agent, h.address = p.Get("id").String(), p.Get("userAgent").String(), p.Get("ip").String()
	if at := p.Get("timestamp"); at.Exists() {
		h.at = instant(at)
	}
	name := p.Get("name").String()
	switch {
	case kind == "performance":
		h.properties = map[string]any{}
		for _, key := range []string{"lcp", "inp", "cls", "fcp", "ttfb"} {
			if n := p.Get(key); n.Type == gjson.Number && n.Num >= 0 && n.Num < 1e9 {
				h.properties[key] = n.Num
			}
		}
		name = kind
	case kind == "identify":
		h.properties = properties(p.Get("data"))
		name = kind
	case kind != "event":
		return nil, fault.At(fault.Invalid, "unknown_type", "type", "type must be event, identify or performance, not %q",
			web.Clean(kind))
	case len([]rune(name)) > maxUmamiName:
		return nil, fault.At(fault.Invalid, "invalid_value", "name", "name has at most %d characters", maxUmamiName)
	default:
		h.properties = properties(p.Get("data"))
	}
	if tag := p.Get("tag").String(); tag != "" && len(h.properties) < maxProperties {
		if h.properties == nil {
			h.properties = map[string]any{}
		}
		h.properties["tag"] = cut(spaced(tag), maxUmamiName)
	}
	if name != "" {
		h.kind, h.name = event.Custom, name
	}
	return h, nil
}

// reply keeps what the script was told before, and otherwise makes it up: it identifies nothing.
func reply(r *http.Request) umamiReply {
	session, visit, ok := strings.Cut(r.Header.Get("X-Umami-Cache"), ".")
	if !ok || len(session) != 36 || len(visit) != 36 || strings.Trim(session+visit, "0123456789abcdef-") != "" {
		session, visit = newUUID(), newUUID()
	}
	return umamiReply{session + "." + visit, session, visit}
}

// newUUID is a random UUID, as text.
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
