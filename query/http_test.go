package query

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"analytics/engine/auth"
	"analytics/engine/event"
)

func TestEveryRouteNeedsItsScope(t *testing.T) {
	w := newWorld(t, Config{})
	m := w.mux()
	for pattern, scope := range m.Routes() {
		method, path, _ := strings.Cut(pattern, " ")
		want := auth.Query
		switch path {
		case "/analytics/clear":
			want = auth.Admin
		case "/analytics/export":
			want = auth.Any(auth.Query, auth.Export)
		}
		if scope != want {
			t.Errorf("%s needs %q, want %q", pattern, scope, want)
		}
		rec := httptest.NewRecorder()
		m.ServeHTTP(rec, httptest.NewRequest(method, path, nil))
		if rec.Code != http.StatusUnauthorized {
			t.Errorf("%s without a key is %d", pattern, rec.Code)
		}
	}
}

func TestCatalogListsWhatCanBeAsked(t *testing.T) {
	w := newWorld(t, Config{})
	status, _, body := w.ask("GET", "/v1/catalog")
	var c catalogBody
	if err := json.Unmarshal([]byte(body), &c); err != nil || status != http.StatusOK {
		t.Fatalf("%d %v", status, err)
	}
	if len(c.Metrics) < 35 || len(c.Dimensions) < 60 || len(c.Questions) != len(verbs) {
		t.Errorf("the catalog has %d metrics, %d dimensions and %d questions",
			len(c.Metrics), len(c.Dimensions), len(c.Questions))
	}
	for _, m := range c.Metrics {
		if status, _, body := w.ask("GET", "/v1/query?metrics="+m.Name); status != http.StatusOK {
			t.Errorf("%s: %d %s", m.Name, status, body)
		}
	}
	for _, d := range c.Dimensions {
		if !d.Group || slices.Equal(d.Events, []string{"session"}) {
			continue
		}
		status, _, body := w.ask("GET", "/v1/query?metrics=events&by="+d.Name)
		if status != http.StatusOK {
			t.Errorf("by %s: %d %s", d.Name, status, body)
		}
	}
}

func TestEveryVerbAnswersOfNothing(t *testing.T) {
	w := newWorld(t, Config{})
	for _, v := range Verbs() {
		path, want, empty := v.Path(), http.StatusOK, v.Empty
		switch v.Operand {
		case "metrics":
			path += "?metrics=cost"
		case "path":
			path += "?path=/pricing"
		case "id":
			path += "?id=nobody"
			want, empty = http.StatusNotFound, "exit 3: there is no "
		}
		for _, accept := range []string{"", "text/csv", "application/x-ndjson"} {
			r := httptest.NewRequest("GET", path, nil)
			r.Header.Set("Accept", accept)
			rec := httptest.NewRecorder()
			w.mux().ServeHTTP(rec, local(r))
			if rec.Code != want {
				t.Errorf("%s as %q: %d %s", path, accept, rec.Code, rec.Body)
			}
		}
		args := strings.Fields(strings.ReplaceAll(strings.TrimPrefix(v.Example, "analytics "), "'", "")) // as a shell
		if out := w.shell(args...); empty == "" || !strings.Contains(out, empty) {
			t.Errorf("%s says %q, not what to do: %q", v.Example, out, empty)
		}
		help := w.shell(append(strings.Fields(v.Group+" "+v.Name), "--help")...)
		if !strings.Contains(help, v.Example) || strings.Contains(help, "--since") == v.Fixed && v.Name != "live" {
			t.Errorf("the help of %s is %s", v.Path(), help)
		}
	}
}

// TestTheExampleOfAFilterIsOne: what help shows can be asked as it stands.
func TestTheExampleOfAFilterIsOne(t *testing.T) {
	w := newWorld(t, Config{})
	for _, v := range Verbs() {
		for _, p := range v.Params() {
			_, example, _ := strings.Cut(p.Help, ": ")
			if p.Name != "filter" || v.Operand != "" {
				continue
			}
			status, _, body := w.ask("GET", v.Path()+"?filter="+url.QueryEscape(example))
			if example == "" || status != http.StatusOK {
				t.Errorf("%s: %q is answered %d %.200s", v.Path(), p.Help, status, body)
			}
		}
	}
}

func TestExportsAreWhole(t *testing.T) {
	w := newWorld(t, Config{})
	w.begin(event.AIRequest, noon.Add(-1)).SetText(event.AIModel, []byte("m"))
	w.add()
	w.commit()
	dir := t.TempDir()
	for _, ext := range []string{"csv", "json", "ndjson", "arrow", "parquet"} {
		path := filepath.Join(dir, "out."+ext)
		out := w.shell("requests", "list", "--export", path)
		b, err := os.ReadFile(path)
		if err != nil || len(b) == 0 || !strings.HasPrefix(out, "wrote ") {
			t.Errorf("%s: %v, %d bytes, %s", ext, err, len(b), out)
		}
	}
	for _, name := range []string{"out.xls", "out"} {
		if out := w.shell("requests", "list", "--export", filepath.Join(dir, name)); !strings.Contains(out, "exit 2") {
			t.Errorf("%s: %s", name, out)
		}
	}
	out := w.shell("requests", "list", "--filter", "nothing==1", "--export", filepath.Join(dir, "bad.csv"))
	if _, err := os.Stat(filepath.Join(dir, "bad.csv")); err == nil || !strings.Contains(out, "exit 2") {
		t.Errorf("a refused question left a file, or said %s", out)
	}
	left, _ := os.ReadDir(dir)
	if len(left) != 5 {
		t.Errorf("the folder has %v", left)
	}
}
