package tracker

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/tidwall/gjson"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/web"
	"analytics/ingest/decode"
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
	var lines wire.Lines
	if err := d.addUmami(s, r, &lines, v); err != nil {
		return err
	}
	if d.leaves(r, s) {
		w.Header().Set("X-Analytics-Dropped", outcomeNames[leftOut])
		return web.JSON(w, http.StatusOK, reply(r))
	}
	if err := d.takeOne(r, s, &lines); err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, reply(r))
}

// addUmami writes what one message says.
func (d *Door) addUmami(s *sender, r *http.Request, l *wire.Lines, v gjson.Result) error {
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
	return s.add(l, &site, h)
}

// umamiSummary is what a list of messages is answered with.
type umamiSummary struct {
	Size      int           `json:"size"`
	Processed int           `json:"processed"`
	Errors    int           `json:"errors"`
	Details   []umamiDetail `json:"details"`
}

// umamiDetail is a message that was not taken.
type umamiDetail struct {
	Index    int            `json:"index"`
	Response map[string]any `json:"response"`
}

func (u *umamiSummary) refuse(index int, code, message string) {
	u.Errors++
	if len(u.Details) < maxErrors {
		u.Details = append(u.Details, umamiDetail{index,
			map[string]any{"error": map[string]string{"code": code, "message": message}}})
	}
}

// postUmamis takes in a list of what its script sends. Good ones are kept although others are bad.
func (d *Door) postUmamis(w http.ResponseWriter, r *http.Request) error {
	text, err := bodyOf(w, r, web.MaxWire)
	if err != nil {
		return err
	}
	v, err := valueOf(text)
	if err != nil {
		return err
	}
	list := v.Array()
	switch {
	case !v.IsArray():
		return fault.New(fault.Invalid, "invalid_value", "the body must be an array of messages")
	case len(list) > decode.MaxEvents:
		return fault.New(fault.TooLarge, "too_many_events", "a body has at most %d messages", decode.MaxEvents)
	}
	s, err := d.senderOf(r)
	if err != nil {
		return err
	}
	sum := umamiSummary{Size: len(list), Details: []umamiDetail{}}
	var lines wire.Lines
	var from []int
	for i, one := range list {
		if err := d.addUmami(s, r, &lines, one); err != nil {
			f := fault.Of(err)
			sum.refuse(i, f.Code, f.Message)
			continue
		}
		from = append(from, i)
	}
	if d.leaves(r, s) {
		w.Header().Set("X-Analytics-Dropped", outcomeNames[leftOut])
	} else {
		answer, err := d.take(r, s, &lines)
		if err != nil {
			return err
		}
		for _, e := range answer.Errors {
			sum.refuse(from[e.Index], string(e.Code), e.Message)
		}
	}
	sum.Processed = sum.Size - sum.Errors
	return web.JSON(w, http.StatusOK, sum)
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
	if strings.Contains(path, "#/") || strings.Contains(path, "#!/") {
		path = routed(path) // Umami keeps all that is behind #; what is no route is a place on a page
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
		h.properties = properties(flat(p.Get("data")))
		name = kind
	case kind != "event":
		return nil, fault.At(fault.Invalid, "unknown_type", "type", "type must be event, identify or performance, not %q",
			web.Clean(kind))
	case len([]rune(name)) > maxUmamiName:
		return nil, fault.At(fault.Invalid, "invalid_value", "name", "name has at most %d characters", maxUmamiName)
	default:
		h.properties = properties(flat(p.Get("data")))
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

// maxDepth is how deep an object in an object is looked into.
const maxDepth = 4

// flat is an object without others in it, as Umami makes them: a.b for what is in a, and lists as text.
func flat(v gjson.Result) gjson.Result {
	if !v.IsObject() || !strings.ContainsAny(v.Raw[1:], "{[") {
		return v
	}
	all := map[string]any{}
	flatten(all, "", v, maxDepth)
	text, err := json.Marshal(all)
	if err != nil {
		return gjson.Result{} // a number that is none
	}
	return gjson.ParseBytes(text)
}

func flatten(all map[string]any, prefix string, v gjson.Result, depth int) {
	v.ForEach(func(key, value gjson.Result) bool {
		name := prefix + key.String()
		switch {
		case value.IsObject() && depth > 0:
			flatten(all, name+".", value, depth-1)
		case value.IsArray():
			all[name] = value.Raw
		case !value.IsObject():
			all[name] = value.Value()
		}
		return len(all) < maxProperties
	})
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
