package middleware

import (
	"net/http"
	"strings"
)

// assets are the endings of parts of pages and of files.
var assets = map[string]bool{
	"css": true, "js": true, "mjs": true, "map": true, "wasm": true, "webmanifest": true, "png": true,
	"jpg": true, "jpeg": true, "gif": true, "webp": true, "avif": true, "svg": true, "ico": true,
	"woff": true, "woff2": true, "ttf": true, "otf": true, "eot": true, "mp4": true, "webm": true,
	"mp3": true, "ogg": true, "wav": true, "vtt": true,
}

// skips reports a request that is no page view whatever the answer: one that sends something, asks
// for a part of a page, or asks before anybody wants to see it.
func (w *Watch) skips(r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead && !probed(r.URL.Path) {
		return true
	}
	h := r.Header
	switch h.Get("Sec-Fetch-Dest") {
	case "", "document":
	default: // a part, or a frame in somebody's page
		return true
	}
	early := h.Get("Sec-Purpose") + h.Get("Purpose") + h.Get("X-Moz")
	return early != "" && strings.Contains(early, "pre") ||
		h.Get("Upgrade") != "" || assets[ending(r.URL.Path)] ||
		w.unwanted(r) || w.cfg.Skip != nil && w.cfg.Skip(r)
}

// unwanted reports a visitor who asks not to be watched, where that counts.
func (w *Watch) unwanted(r *http.Request) bool {
	return w.cfg.RespectDNT && (r.Header.Get("DNT") == "1" || r.Header.Get("Sec-GPC") == "1")
}

// ending is what stands behind the last dot of the last part of a path, in small letters.
func ending(path string) string {
	path = path[strings.LastIndexByte(path, '/')+1:]
	n := strings.LastIndexByte(path, '.')
	if n < 0 || len(path)-n > 12 {
		return ""
	}
	return strings.ToLower(path[n+1:])
}

// probes are pieces of paths that only scanners ask for. Whether a visitor is a scanner is decided
// where all events are classified; here it only keeps the request, whatever was answered.
var probes = []string{
	"/.env", "/.git", "/.aws", "/.ssh", "/.svn", "/.ht", "/wp-", "/xmlrpc.php", "phpmyadmin", "phpinfo",
	"phpunit", "/cgi-bin/", "/actuator", "/web.config", "/server-status", "../", "/etc/passwd",
	"/id_rsa", "/backup.", "/_ignition", "/telescope",
}

// probed reports a path that scanners try.
func probed(path string) bool {
	if strings.ContainsAny(path, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		path = strings.ToLower(path)
	}
	for _, p := range probes {
		if strings.Contains(path, p) {
			return true
		}
	}
	return false
}

// kept are the parameters of a query that say where a visitor came from.
var kept = map[string]bool{
	"ref": true, "source": true, "utm_source": true, "utm_medium": true, "utm_campaign": true,
	"utm_term": true, "utm_content": true,
}

// clicks are the ids that advertisers give each click. That there is one says who was paid; the id
// itself would tell visitors apart, so it does not leave the application.
var clicks = map[string]bool{
	"gclid": true, "gbraid": true, "wbraid": true, "dclid": true, "msclkid": true, "fbclid": true,
	"ttclid": true, "twclid": true, "li_fat_id": true, "yclid": true, "igshid": true, "epik": true,
}

// campaign is the part of a query that is reported.
func campaign(query string) string {
	var b strings.Builder
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		switch {
		case kept[name] && value != "":
		case clicks[name] && value != "":
			value = "1"
		default:
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		b.WriteString(name + "=" + value)
	}
	return b.String()
}
