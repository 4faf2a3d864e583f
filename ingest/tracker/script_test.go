package tracker

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"analytics/ingest/sites"
)

func TestScriptIsAtMostTwoKiBCompressed(t *testing.T) {
	s, ok := openScript(newest)
	if !ok {
		t.Fatal("there is no script")
	}
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	_, _ = z.Write(s.text)
	_ = z.Close()
	if b.Len() > 2048 {
		t.Errorf("the script has %d bytes compressed, want at most 2048", b.Len())
	}
	t.Logf("%d bytes, %d compressed", len(s.text), b.Len())
}

func TestScriptIsMadeOfItsSource(t *testing.T) {
	source, err := os.ReadFile("script.js")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(source)
	want, err := os.ReadFile("dist/source.sha256")
	if err != nil {
		t.Fatal(err)
	}
	if got := hex.EncodeToString(sum[:]); got != strings.TrimSpace(string(want)) {
		t.Error("script.js was changed: run go generate ./ingest/tracker, with node and npm")
	}
}

func TestScriptNeverKeepsAnythingInTheBrowser(t *testing.T) {
	s, _ := openScript(newest)
	for _, word := range []string{"cookie", "localStorage", "sessionStorage", "indexedDB", "beforeunload", "eval("} {
		if strings.Contains(string(s.text), word) {
			t.Errorf("the script has %q", word)
		}
	}
}

func TestScriptIsServedWithWhatTheSnippetPromises(t *testing.T) {
	h := newHouse(t)
	cfg := DefaultConfig()
	cfg.URL = "https://stats.example.com/"
	s, _ := openScript(newest)
	snippet := Snippet(cfg, h.site)
	want := `<script defer src="https://stats.example.com/s.js?v=` + newest + `" data-site="example.com" data-key="` +
		h.site.KeyID + `" data-dnt integrity="` + s.integrity + `" crossorigin="anonymous"></script>`
	if snippet != want {
		t.Errorf("got  %s\nwant %s", snippet, want)
	}
	w := h.ask("GET", "/s.js?v="+newest, "")
	head := w.Header()
	if w.Code != http.StatusOK || !bytes.Equal(w.Body.Bytes(), s.text) ||
		head.Get("Content-Type") != "text/javascript; charset=utf-8" || head.Get("Access-Control-Allow-Origin") != "*" ||
		head.Get("Cache-Control") != "public, max-age=86400" || head.Get("Cross-Origin-Resource-Policy") != "cross-origin" {
		t.Errorf("%d %v", w.Code, head)
	}
	if w := h.ask("GET", "/s.js", "", "If-None-Match", head.Get("Etag")); w.Code != http.StatusNotModified {
		t.Errorf("got %d for what the browser has", w.Code)
	}
	for _, v := range []string{"0", "01", "99", "../1", "x"} {
		h.gets(h.ask("GET", "/s.js?v="+v, ""), http.StatusNotFound, "unknown_version")
	}
	if evil := Snippet(cfg, sites.Site{Domain: `"><script>`}); strings.Contains(evil, `"><script>`) {
		t.Errorf("got %s", evil)
	}
}

func TestScriptIsPackedForWhoTakesIt(t *testing.T) {
	h := newHouse(t)
	s, _ := openScript(newest)
	w := h.ask("GET", "/s.js", "", "Accept-Encoding", "gzip, deflate, br, zstd")
	if got := w.Header(); got.Get("Content-Encoding") != "gzip" || got.Get("Vary") != "Accept-Encoding" || w.Body.Len() > 2048 {
		t.Errorf("got %v and %d bytes", got, w.Body.Len())
	}
	etag := w.Header().Get("Etag")
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(z); err != nil || !bytes.Equal(text, s.text) {
		t.Errorf("got %d bytes, %v: not the script, whose hash is in pages", len(text), err)
	}
	h.gets(h.ask("GET", "/s.js", "", "Accept-Encoding", "gzip", "If-None-Match", etag), http.StatusNotModified, "")
	if w := h.ask("GET", "/s.js", "", "If-None-Match", etag); w.Code != http.StatusOK {
		t.Errorf("what is packed is not what is plain, but: %d", w.Code)
	}
}

func TestConfigSaysWhatIsWrong(t *testing.T) {
	for path, good := range map[string]bool{"/s.js": true, "/js/x.js": true, "": false, "s.js": false, "/{x}.js": false,
		"/a b.js": false, "//a.js": false, "/../a.js": false, "/a": false} {
		if err := (Config{ScriptPath: path}).Validate(); (err == nil) != good {
			t.Errorf("%q: %v", path, err)
		}
	}
	for url, good := range map[string]bool{"": true, "https://a.example": true, "a.example": false,
		"https://a/?x": false} {
		if err := (Config{ScriptPath: "/s.js", URL: url}).Validate(); (err == nil) != good {
			t.Errorf("%q: %v", url, err)
		}
	}
}
