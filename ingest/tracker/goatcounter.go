package tracker

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"analytics/engine/auth"
	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/web"
	"analytics/ingest/sites"
	"analytics/ingest/wire"
)

// maxGoatPath is the longest path of GoatCounter.
const maxGoatPath = 2048

// pixel is the answer to /count: a transparent GIF of 43 bytes.
const pixel = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw=="

// serveCount takes in what GoatCounter's script sends. What is wrong stands in X-Goatcounter, as
// there, and the answer is an image all the same.
func (d *Door) serveCount(w http.ResponseWriter, r *http.Request) error {
	status, err := http.StatusOK, d.countGoat(r)
	if err != nil {
		status = fault.Status(err)
		if status >= http.StatusInternalServerError {
			return err
		}
		d.refused(r, err)
		w.Header().Set("X-Goatcounter", web.Clean(fault.Of(err).Message))
	}
	image, err := base64.StdEncoding.DecodeString(pixel)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "image/gif")
	w.WriteHeader(status)
	_, err = w.Write(image)
	return err
}

func (d *Door) countGoat(r *http.Request) error {
	s, err := d.senderOf(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	site, err := d.goatSite(s, r)
	if err != nil {
		return err
	}
	if err := d.admits(s, &site); err != nil {
		return err
	}
	path := q.Get("p")
	if path == "" || len(path) > maxGoatPath {
		return fault.At(fault.Invalid, "invalid_value", "p", "p, the path, is needed and has at most %d bytes", maxGoatPath)
	}
	h := goatHit(&site, path, q.Get("e") == "true" || q.Get("e") == "1")
	h.asked(q.Get("q"))
	h.title, h.referrer = q.Get("t"), q.Get("r")
	h.screen = goatScreen(q.Get("s"))
	h.loaded = true
	switch b := q.Get("b"); b {
	case "", "0":
	case "150", "151":
		h.signals = letters['h']
	default:
		if n, err := strconv.Atoi(b); err != nil || n < 150 || n > 255 {
			return fault.At(fault.Invalid, "invalid_value", "b", "b must be 0 or from 150 to 255")
		}
		h.signals = letters['w']
	}
	if s.trusted {
		h.agent, h.address = r.UserAgent(), web.ClientIP(r.Context()).String()
	}
	if d.leaves(r, s) {
		return nil
	}
	var lines wire.Lines
	if err := s.add(&lines, &site, h); err != nil {
		return err
	}
	return d.takeOne(r, s, &lines)
}

// goatSite tells whose pixel it is: an image names no site, so the page that shows it does. The
// page's origin then has to be one of the site's.
func (d *Door) goatSite(s *sender, r *http.Request) (sites.Site, error) {
	page := s.origin
	if page == "" {
		if u, err := url.Parse(r.Referer()); err == nil && u.Host != "" {
			page = u.Scheme + "://" + u.Host
			s.origin = page
		}
	}
	if u, err := url.Parse(page); err == nil && u.Hostname() != "" {
		if site, err := d.house.Sites.FindHost(strings.ToLower(u.Hostname())); err == nil {
			return site, nil
		}
		if !d.house.Sites.KnowsOrigin(page) {
			return sites.Site{}, d.unknown(sites.Unknown(u.Hostname()))
		}
		for _, site := range d.house.Sites.List() {
			if site.Allows(page) {
				return site, nil
			}
		}
	}
	if site, ok := d.house.Sites.Only(); ok {
		return site, nil
	}
	return sites.Site{}, d.unknown(fault.At(fault.NotFound, "unknown_site", "Referer", "no Origin or Referer says "+
		"which of the registered sites this is; `analytics sites add DOMAIN` registers one"))
}

// goatHit is a view of a path, or an event of that name.
func goatHit(site *sites.Site, path string, named bool) *hit {
	if named {
		h := view("https://" + site.Domain + "/")
		h.kind, h.name = event.Custom, path
		return h
	}
	if strings.Contains(path, "://") {
		return view(path)
	}
	return view("https://" + site.Domain + "/" + strings.TrimLeft(path, "/"))
}

// asked adds the query of the page, which has the campaign: a path is without one where the page says
// what its canonical address is.
func (h *hit) asked(query string) {
	if query = strings.TrimLeft(query, "?"); query != "" && h.kind == event.PageView && !strings.Contains(h.url, "?") {
		h.url += "?" + query
	}
}

// goatScreen makes "1920,1080,2" what others write as 1920x1080; of a width alone it is that.
func goatScreen(size string) string {
	parts := strings.Split(size, ",")
	for _, p := range parts {
		if _, err := strconv.ParseFloat(p, 64); err != nil {
			return ""
		}
	}
	return cut(strings.Join(parts[:min(len(parts), 2)], "x"), 32)
}

// maxGoatHits is how many hits one request of the API may have, as GoatCounter.
const maxGoatHits = 500

// postGoatCounter is GoatCounter's API for servers. It needs a key, and tells good from bad hits by
// their place.
func (d *Door) postGoatCounter(w http.ResponseWriter, r *http.Request) error {
	if err := web.Identity(r.Context()).Need(auth.Ingest); err != nil {
		if _, err := web.Admit(r.Context(), auth.Token(r.Header), auth.Ingest); err != nil {
			return err
		}
	}
	text, err := bodyOf(w, r, web.MaxWire)
	if err != nil {
		return err
	}
	v, err := valueOf(text)
	if err != nil {
		return err
	}
	s, err := d.senderOf(r)
	if err != nil {
		return err
	}
	site, err := d.goatSite(s, r)
	if name := r.URL.Query().Get("site"); name != "" {
		site, err = d.house.Sites.Find(name)
	}
	if err != nil {
		return err
	}
	hits := v.Get("hits").Array()
	if len(hits) == 0 || len(hits) > maxGoatHits {
		return fault.At(fault.Invalid, "invalid_value", "hits", "hits must be 1 to %d hits", maxGoatHits)
	}
	problems := map[string]string{}
	var lines wire.Lines
	var from []int
	for i, hit := range hits {
		if err := s.add(&lines, &site, readGoat(&site, hit)); err != nil {
			problems[strconv.Itoa(i)] = fault.Of(err).Message
			continue
		}
		from = append(from, i)
	}
	answer, err := d.take(r, s, &lines)
	if err != nil {
		return err
	}
	for _, e := range answer.Errors {
		problems[strconv.Itoa(from[e.Index])] = e.Message
	}
	if len(problems) > 0 {
		return web.JSON(w, http.StatusBadRequest, map[string]any{"errors": problems})
	}
	return web.JSON(w, http.StatusAccepted, map[string]any{})
}

// readGoat reads a hit of the API.
func readGoat(site *sites.Site, v gjson.Result) *hit {
	h := goatHit(site, v.Get("path").String(), truth(v.Get("event")))
	if v.Get("path").String() == "" {
		h.url = "" // refused, with its place
	}
	h.asked(v.Get("query").String())
	h.title, h.referrer = v.Get("title").String(), v.Get("ref").String()
	h.language = v.Get("language").String()
	h.agent, h.address = v.Get("user_agent").String(), v.Get("ip").String()
	h.session = v.Get("session").String()
	if v.Get("size").IsArray() {
		h.screen = goatScreen(strings.Trim(strings.ReplaceAll(v.Get("size").Raw, " ", ""), "[]"))
	}
	if at := v.Get("created_at"); at.Exists() {
		h.at = instant(at)
	}
	return h
}
