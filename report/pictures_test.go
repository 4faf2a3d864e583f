package report

import (
	"bytes"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"analytics/engine/web"
	"analytics/report/chart"
)

// get asks the press for something, as the local user.
func (w *world) get(path string, header ...string) *httptest.ResponseRecorder {
	w.t.Helper()
	mux := web.NewMux(web.Options{Now: func() time.Time { return w.now }})
	w.press.Routes(mux)
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	mux.ServeHTTP(rec, r.WithContext(web.AsLocal(r.Context())))
	return rec
}

// TestAChartIsTheSameEverywhere holds the picture beside the file, in the message, over HTTP and from the
// shell against each other.
func TestAChartIsTheSameEverywhere(t *testing.T) {
	w := newWorld(t, berlin, "2026-11-21T08:00")
	d := w.connect()
	w.play("costs.events")
	w.run(CostsName, "2026-11-20", 0)
	const name = "2026-11-20-daily_cost_report.png"
	kept, err := os.ReadFile(filepath.Join(w.dir, "reports", name))
	if err != nil {
		t.Fatal(err)
	}
	if size, err := png.DecodeConfig(bytes.NewReader(kept)); err != nil || size.Width != chart.Width {
		t.Errorf("the picture is %+v, %v", size, err)
	}
	if a := d.Messages()[0].Attachments; len(a) != 1 || a[0].Filename != name {
		t.Errorf("the message has %+v", a)
	}
	got := w.get("/v1/reports/costs/chart?date=2026-11-20")
	if got.Code != 200 || !bytes.Equal(got.Body.Bytes(), kept) || got.Header().Get("Content-Type") != "image/png" ||
		!strings.Contains(got.Header().Get("Content-Disposition"), name) ||
		got.Header().Get("Cache-Control") != "private, no-cache" {
		t.Errorf("over HTTP: %d, %v", got.Code, got.Header())
	}
	tag := got.Header().Get("Etag")
	if again := w.get("/v1/reports/costs/chart?date=2026-11-20", "If-None-Match", tag); again.Code != 304 || again.Body.Len() > 0 {
		t.Errorf("asked again: %d", again.Code)
	}
	folder := filepath.Join(t.TempDir(), "my charts")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Dir(folder))
	out, _, err := w.shell("report daily --date 2026-11-20 --charts .")
	if err != nil || !strings.Contains(out, "]("+name+")\n") || strings.Count(out, "![") != 1 {
		t.Errorf("the shell says %v\n%s", err, out)
	}
	if saved, err := os.ReadFile(name); err != nil || !bytes.Equal(saved, kept) {
		t.Errorf("the shell saved another picture: %v", err)
	}
	// A late event makes it another picture, in the file, too.
	w.add(strings.Fields("2026-11-20T20:00:00 ai_request x1 model=gpt-4o cost=5"))
	if again := w.get("/v1/reports/costs/chart?date=2026-11-20", "If-None-Match", tag); again.Code != 200 {
		t.Errorf("after a late event: %d", again.Code)
	}
	w.run(CostsName, "2026-11-20", 0)
	if now, err := os.ReadFile(filepath.Join(w.dir, "reports", name)); err != nil || bytes.Equal(now, kept) {
		t.Errorf("the file has the chart of before, %v", err)
	}
}

func TestAChartIsOfOneReport(t *testing.T) {
	w := newWorld(t, berlin, "2026-11-21T08:00")
	w.play("costs.events")
	for path, want := range map[string]int{
		"costs/chart": 200, "daily_cost_report/chart?date=2026-11-20": 200, "costs/chart?period=week&date=2026-W47": 200,
		"weekly_cost_report/chart?date=2026-W47": 200, "monthly_cost_report/chart?date=2026-11": 200,
		"daily/chart": 400, "costs/chart?format=svg": 400, "costs/chart?date=x": 400, "traffic/chart": 404, "odd/chart": 404,
		"daily_cost_report/chart?period=week": 400,
	} {
		if got := w.get("/v1/reports/" + path); got.Code != want {
			t.Errorf("%s: %d, want %d: %.200s", path, got.Code, want, got.Body)
		}
	}
	for _, unit := range []Unit{Daily, Weekly, Monthly} {
		r := w.of(Costs, w.span(unit, "2026-11-20"))
		if got := w.get(r.shown().Path); got.Code != 200 {
			t.Errorf("the JSON leads to %s: %d", r.shown().Path, got.Code)
		}
	}
}

// TestAPictureOfNothingGoes takes the picture away with the figures.
func TestAPictureOfNothingGoes(t *testing.T) {
	w := newWorld(t, berlin, "2026-11-21T08:00")
	r := w.report(CostsName, "2026-11-20")
	left := filepath.Join(w.dir, "reports", r.base()+".png")
	if err := writeFile(left, []byte("of before")); err != nil {
		t.Fatal(err)
	}
	if _, err := w.press.Publish(t.Context(), Costs, r.Span, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); err == nil {
		t.Error("the picture of before is still there")
	}
}

func TestLinksToPicturesAreLinksAlone(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got := link(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	f("a.png", "a.png")
	f("../my charts/a.png", "../my%20charts/a.png")
	f("x) <b>/a.png", "x%29%20%3Cb%3E/a.png")
	f("javascript:alert(1)/a.png", "./javascript:alert%281%29/a.png")
	f("/srv/a.png", "/srv/a.png")
	f("a\nb", "a%0Ab")
}
