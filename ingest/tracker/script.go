package tracker

import (
	"bytes"
	"crypto/sha512"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"net/http"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"

	"analytics/engine/fault"
	"analytics/engine/web"
	"analytics/ingest/sites"
)

//go:embed dist/*.js
var dist embed.FS

// newest is the number of the script that pages get.
const newest = "2"

// scriptAge is how long a browser uses the script without asking again, in seconds.
const scriptAge = 24 * 60 * 60

// script is a released script.
type script struct {
	text      []byte
	integrity string // of SRI
	etag      string
}

// openScript reads a released script; there is none of another number.
func openScript(number string) (s script, ok bool) {
	if n, err := strconv.Atoi(number); err != nil || strconv.Itoa(n) != number {
		return s, false
	}
	text, err := dist.ReadFile("dist/" + number + ".js")
	if err != nil {
		return s, false
	}
	sum := sha512.Sum384(text)
	hash := base64.StdEncoding.EncodeToString(sum[:])
	return script{text, "sha384-" + hash, `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`}, true
}

// served is a released script as browsers get it: nearly all take gzip.
type served struct {
	script
	packed []byte
}

// openScripts reads all released scripts, which are numbered from 1.
func openScripts() map[string]served {
	all := map[string]served{}
	for n := 1; ; n++ {
		number := strconv.Itoa(n)
		s, ok := openScript(number)
		if !ok {
			return all
		}
		all[number] = served{s, pack(s.text)}
	}
}

// pack makes a text small by gzip.
func pack(text []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(text)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		panic("tracker: gzip into memory failed: " + err.Error())
	}
	return b.Bytes()
}

// Snippet is what pages of a site have in their head.
func Snippet(c Config, s sites.Site) string {
	base := strings.TrimSuffix(c.URL, "/")
	if base == "" {
		base = "https://YOUR-ANALYTICS-HOST"
	}
	made, _ := openScript(newest)
	dnt := ""
	if c.RespectDNT {
		dnt = " data-dnt"
	}
	return fmt.Sprintf(`<script defer src="%s%s?v=%s" data-site="%s" data-key="%s"%s integrity="%s" `+
		`crossorigin="anonymous"></script>`, html.EscapeString(base), html.EscapeString(c.ScriptPath), newest,
		html.EscapeString(s.Domain), html.EscapeString(s.KeyID), dnt, made.integrity)
}

// Snippet is what pages of a site have in their head, by the settings of now.
func (d *Door) Snippet(s sites.Site) string { return Snippet(*d.config.Load(), s) }

// serveScript serves the newest script, or the one a page names.
func (d *Door) serveScript(w http.ResponseWriter, r *http.Request) error {
	number := r.URL.Query().Get("v")
	if number == "" {
		number = newest
	}
	s, ok := d.scripts[number]
	if !ok {
		return fault.At(fault.NotFound, "unknown_version", "v", "there is no version %q of the tracker; "+
			"`analytics sites list --json` has the snippet of today", web.Clean(number))
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*") // SRI needs it; the script is everybody's
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Cache-Control", "public, max-age="+strconv.Itoa(scriptAge))
	h.Set("Vary", "Accept-Encoding")
	text := s.text
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		text = s.packed
		s.etag = strings.TrimSuffix(s.etag, `"`) + `-gzip"`
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Etag", s.etag)
	if match := r.Header.Get("If-None-Match"); match != "" && strings.Contains(match, s.etag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(text)))
	_, err := w.Write(text)
	return err
}
