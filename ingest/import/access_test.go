package importer

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/ingest/sites"
)

// accessLog is n lines of yesterday, of which every fourth is for a page.
func accessLog(n int) []byte {
	var b bytes.Buffer
	start := time.Now().AddDate(0, 0, -1).Truncate(time.Hour)
	for i := range n {
		path := fmt.Sprintf("/page/%d", i)
		if i%4 > 0 {
			path = fmt.Sprintf("/style%d.css", i)
		}
		fmt.Fprintf(&b, "203.0.113.%d - - [%s] \"GET %s HTTP/1.1\" 200 512 \"-\" \"Mozilla/5.0 (X11; Linux x86_64)\"\n",
			i/4%200, start.Add(time.Duration(i)*time.Second/10).Format("02/Jan/2006:15:04:05 -0700"), path)
	}
	return b.Bytes()
}

func TestAccessLogsAreStoredOnce(t *testing.T) {
	h := newHouse(t)
	text := accessLog(20_000)
	path := h.file("access.log", text)
	for _, want := range [][2]int{{5_000, 0}, {0, 5_000}} {
		out, _, err := h.run(t.Context(), "", "--json", "--from", "nginx", "--site", "a.example", path)
		r := counts(t, out)
		if err != nil || r.Accepted != want[0] || r.Duplicates != want[1] || r.Rejected != 0 || r.Dropped != 0 ||
			r.Access.Lines != 20_000 || r.Access.Assets != 15_000 {
			t.Errorf("got %s, %v, want %v", out, err, want)
		}
	}
	// Rotated and packed, it is the same file; another site is another.
	var gz bytes.Buffer
	w := gzip.NewWriter(&gz)
	_, _ = w.Write(text)
	_ = w.Close()
	zw, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	out, _, err := h.run(t.Context(), string(text), "--json", "--from", "apache", "--site", "a.example",
		h.file("access.log.1.gz", gz.Bytes()), h.file("access.log.2.zst", zw.EncodeAll(text, nil)), "-")
	if r := counts(t, out); err != nil || r.Duplicates != 15_000 || r.Accepted != 0 || r.Access.Files != 3 {
		t.Errorf("got %s, %v", out, err)
	}
	out, _, err = h.run(t.Context(), "", "--json", "--from", "nginx", "--site", "b.example", path)
	if r := counts(t, out); err != nil || r.Accepted != 5_000 {
		t.Errorf("got %s, %v", out, err)
	}
	if n := h.stored(event.PageView); n != 10_000 {
		t.Errorf("%d are stored", n)
	}
}

func TestAccessLogsOfAllServersAreTakenIn(t *testing.T) {
	h := newHouse(t)
	logs, err := filepath.Glob("../accesslog/testdata/*.log")
	if err != nil || len(logs) < 9 {
		t.Fatal(logs, err)
	}
	h.now = func() time.Time { return time.Date(2025, 11, 22, 12, 0, 0, 0, time.UTC) }
	for _, path := range logs {
		from := strings.TrimSuffix(filepath.Base(path), ".log")
		out, _, err := h.run(t.Context(), "", "--json", "--from", from, "--site", "a.example", path)
		r := counts(t, out)
		if err != nil || r.Accepted != r.Access.Views || r.Accepted < 1 || r.Dropped != 0 {
			t.Errorf("%s: got %s, %v", from, out, err)
		}
	}
}

func TestReportOfAccessLogsSaysWhatLinesWere(t *testing.T) {
	h := newHouse(t)
	text := string(accessLog(40)) + strings.Repeat("no line\n", 12)
	path := h.file("access.log", []byte(text))
	out, _, err := h.run(t.Context(), "", "--dry-run", "--from", "nginx", "--site", "a.example", path)
	for _, want := range []string{
		"nothing was sent", "lines                 52", "page views            10", "parts                 30",
		"unreadable            12", "line 41 is not in the format of nginx", "… and 2 more",
	} {
		if err != nil || !strings.Contains(out, want) {
			t.Errorf("got %s%v\nwant %q in it", out, err, want)
		}
	}
	if n := h.stored(event.PageView); n != 0 {
		t.Errorf("%d are stored", n)
	}
	out, _, err = h.run(t.Context(), "", "--from", "nginx", "--site", "a.example", path)
	if err != nil || !strings.Contains(out, "accepted              10") || !strings.Contains(out, "unreadable            12") {
		t.Errorf("got %s, %v", out, err)
	}
}

func TestWrongUsesOfAccessLogs(t *testing.T) {
	h := newHouse(t)
	path := h.file("access.log", accessLog(4))
	f := func(text string, exit int, args ...string) {
		t.Helper()
		_, _, err := h.run(t.Context(), "", args...)
		if fault.ExitCode(err) != exit || !strings.Contains(fmt.Sprint(err), text) {
			t.Errorf("%v: got %v (exit %d), want %s", args, err, fault.ExitCode(err), text)
		}
	}
	f("add --site example.com", 2, "--from", "nginx", path)
	f("name the files", 2, "--from", "nginx", "--site", "a.example")
	f("there is no file", 3, "--from", "nginx", "--site", "a.example", path+"x")
	f("is a folder", 2, "--from", "nginx", "--site", "a.example", t.TempDir())
	f("--timezone must be a name", 2, "--from", "haproxy", "--timezone", "Mars/Phobos", path)
	f("has no time", 2, "--from", "nginx", "--site", "a.example", "--log-format", "nonsense", path)
	f("--site is for access logs", 2, "--site", "a.example", path)
	f("--follow is for access logs", 2, "--follow", "--from", "codex", path)
	f("--from-line is for a file of events", 2, "--from", "iis", "--from-line", "3", path)
	f("no line could be read; line 1 has no #Fields before it", 2, "--from", "iis", path)
	f("no line could be read", 2, "--dry-run", "--from", "iis", path)
	f("cannot be unpacked", 2, "--from", "iis", h.file("x.gz", []byte("\x1f\x8bxx")))
	if out, _, err := h.run(t.Context(), "", "--json", "--from", "iis", h.file("empty", nil)); err != nil ||
		counts(t, out).Accepted != 0 {
		t.Errorf("empty file: got %s, %v", out, err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

// A packed log that was copied while it was written, or a disk that is full: what is missing shows nowhere.
func TestCutLogIsAnError(t *testing.T) {
	h := newHouse(t)
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(accessLog(4000))
	_ = z.Close()
	cut, whole := h.file("access.log.1.gz", b.Bytes()[:b.Len()/2]), h.file("access.log", accessLog(40))
	for _, dry := range [][]string{{"--dry-run"}, nil} {
		out, _, err := h.run(t.Context(), "", append(dry, "--from", "nginx", "--site", "a.example", cut, whole)...)
		if fault.ExitCode(err) != 1 || !strings.Contains(fmt.Sprint(err), "access.log.1.gz cannot be read from line ") {
			t.Errorf("%v: got %v", dry, err)
		}
		if !strings.Contains(out, "files                  2") || !strings.Contains(out, "unreadable             1") {
			t.Errorf("%v: half a line is none, and the other file is read all the same: %s", dry, out)
		}
	}
	before := h.stored(event.PageView)
	out, _, err := h.run(t.Context(), "", "--json", "--from", "nginx", "--site", "a.example",
		h.file("access.log.2.gz", b.Bytes()))
	if r := counts(t, out); err != nil || r.Duplicates != before || r.Accepted != 1000-before {
		t.Errorf("the same log, whole: got %s, %v; %d were there", out, err, before)
	}
}

// A log beside a tracker counts each view twice, and nothing else would say so.
func TestLogBesideATrackerIsTold(t *testing.T) {
	h := newHouse(t)
	for domain, mode := range map[string]sites.Mode{"a.example": sites.Tracker, "b.example": sites.Server} {
		if _, err := h.sites.Add(t.Context(), sites.New{Domain: domain, Mode: mode}); err != nil {
			t.Fatal(err)
		}
	}
	now := time.Now().Add(time.Minute).Format("02/Jan/2006:15:04:05 -0700")
	later := h.file("later.log", []byte(`203.0.113.1 - - [`+now+`] "GET / HTTP/1.1" 200 5 "-" "Mozilla/5.0 (X11)"`+"\n"))
	for _, c := range []struct {
		site, path string
		told       bool
	}{
		{"a.example", later, true}, {"www.a.example", later, true}, {"b.example", later, false}, {"c.example", later, false},
		{"a.example", h.file("before.log", accessLog(40)), false},
	} {
		_, said, err := h.run(t.Context(), "", "--from", "nginx", "--site", c.site, c.path)
		if err != nil || strings.Contains(said, "count twice") != c.told {
			t.Errorf("%s %s: got %q, %v", c.site, c.path, said, err)
		}
	}
}

// BenchmarkAccess imports a log of a million lines.
func BenchmarkAccess(b *testing.B) {
	const lines = 1_000_000
	text := accessLog(lines)
	for b.Loop() {
		b.StopTimer()
		h := newHouse(b)
		path := h.file("access.log", text)
		b.StartTimer()
		if out, _, err := h.run(b.Context(), "", "--from", "nginx", "--site", "a.example", path); err != nil {
			b.Fatal(out, err)
		}
	}
	b.ReportMetric(float64(lines*b.N)/b.Elapsed().Seconds(), "lines/s")
}
