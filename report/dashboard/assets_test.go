package dashboard

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"analytics/query"
)

// budget is how many bytes the first view may be over the wire.
const budget = 300 << 10

// links are the addresses that a page loads.
var links = regexp.MustCompile(`(?:src|href)="(/assets/[^"]+)"`)

func TestFirstViewIsSmall(t *testing.T) {
	w := newWorld(t)
	body := w.get("/", true).Body.String()
	sum, n := len(body), 0
	seen := map[string]bool{}
	for _, found := range links.FindAllStringSubmatch(body, -1) {
		if seen[found[1]] {
			continue
		}
		seen[found[1]] = true
		rec := w.fetch(found[1], "gzip, br")
		if rec.Code != 200 || rec.Header().Get("Content-Encoding") != "gzip" {
			t.Errorf("%s: %d %v", found[1], rec.Code, rec.Header())
		}
		sum, n = sum+rec.Body.Len(), n+1
	}
	t.Logf("%d files and the page: %d bytes", n, sum)
	if sum > budget || n < 10 {
		t.Errorf("the first view is %d bytes in %d files; %d are allowed", sum, n, budget)
	}
}

func (w *world) fetch(path, encoding string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept-Encoding", encoding)
	rec := httptest.NewRecorder()
	w.mux.ServeHTTP(rec, r)
	return rec
}

func TestAssetsAreKeptForGood(t *testing.T) {
	w := newWorld(t)
	path := newShelf().path + "/app.js"
	plain, packed := w.fetch(path, ""), w.fetch(path, "gzip")
	z, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil || string(text) != plain.Body.String() || plain.Header().Get("Content-Encoding") != "" {
		t.Errorf("packed and plain differ: %v", err)
	}
	for _, rec := range []*httptest.ResponseRecorder{plain, packed} {
		h := rec.Header()
		if !strings.Contains(h.Get("Cache-Control"), "immutable") || h.Get("Vary") != "Accept-Encoding" ||
			!strings.HasPrefix(h.Get("Content-Type"), "text/javascript") {
			t.Errorf("%v", h)
		}
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("If-None-Match", h.Get("Etag"))
		r.Header.Set("Accept-Encoding", h.Get("Content-Encoding"))
		again := httptest.NewRecorder()
		if w.mux.ServeHTTP(again, r); again.Code != http.StatusNotModified || again.Body.Len() > 0 {
			t.Errorf("%d with %d bytes, want 304", again.Code, again.Body.Len())
		}
	}
	if plain.Header().Get("Etag") == packed.Header().Get("Etag") {
		t.Error("packed and plain have one tag")
	}
	for _, missing := range []string{"/nothing.js", "/uplot.sh", "/..%2fpage.html"} {
		if rec := w.fetch(newShelf().path+missing, ""); rec.Code != http.StatusNotFound {
			t.Errorf("%s: %d", missing, rec.Code)
		}
	}
}

// houseDoors are paths that pages ask beside the named questions.
var houseDoors = []string{"/v1/alerts", "/v1/alerts/rules", "/v1/alerts/anomalies", "/v1/budgets", "/v1/jobs",
	"/v1/outbox", "/v1/keys", "/v1/funnels", "/v1/pricing/unpriced", "/v1/trace/show", "/v1/dashboard/shares",
	"/v1/dashboard/users", "/metrics"}

func TestPagesAskQuestionsThatExist(t *testing.T) {
	n := 0
	for _, page := range pages {
		for _, p := range page.Panels {
			n++
			v := p.verb()
			if v == nil && !slices.Contains(houseDoors, p.Path) {
				t.Errorf("%s: a page asks %s, which nothing answers", page.ID, p.Path)
			}
			if v != nil && p.Part != "" && !slices.ContainsFunc(v.Panels, func(q query.Panel) bool { return q.Name == p.Part }) {
				t.Errorf("%s: %s has no part %s", page.ID, p.Path, p.Part)
			}
		}
	}
	if n < 60 {
		t.Errorf("there are only %d panels", n)
	}
}

// TestScriptsMakeNoMarkupOfData keeps the ways out of scripts that turn text into markup or code.
func TestScriptsMakeNoMarkupOfData(t *testing.T) {
	forbidden := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|` +
		`setAttribute\('style|localStorage|sessionStorage|https?://[^w]`)
	for name, a := range newShelf().files {
		if !strings.HasSuffix(name, ".js") || name == "uplot.js" {
			continue
		}
		if found := forbidden.FindString(string(a.plain)); found != "" {
			t.Errorf("%s has %s", name, found)
		}
		for i, line := range strings.Split(string(a.plain), "\n") {
			if len([]rune(line)) > 140 {
				t.Errorf("%s:%d is over 140 columns", name, i+1)
			}
		}
	}
}
