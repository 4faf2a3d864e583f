package importer

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/klauspost/compress/zstd"

	"analytics/engine/event"
	"analytics/engine/fault"
)

// counts are the numbers of a report.
func counts(t *testing.T, out string) (r Report) {
	t.Helper()
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("%q: %v", out, err)
	}
	return r
}

func TestRunningAgainStoresNothingTwice(t *testing.T) {
	h := newHouse(t)
	text := history(25_000)
	path := h.file("a.ndjson", text)
	for _, want := range [][2]int{{25_000, 0}, {0, 25_000}} {
		out, _, err := h.run(t.Context(), "", "--json", path)
		r := counts(t, out)
		if err != nil || r.Accepted != want[0] || r.Duplicates != want[1] || r.NextLine != 25_001 {
			t.Errorf("got %+v, %v, want %v", r, err, want)
		}
	}
	// The same file, packed or piped or with more lines behind, is the same file.
	var gz bytes.Buffer
	w := gzip.NewWriter(&gz)
	_, _ = w.Write(text)
	_ = w.Close()
	zw, err := zstd.NewWriter(io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	more := append(bytes.Clone(text), `{"type":"metric","name":"x"}`...)
	for name, body := range map[string][]byte{
		"b.gz": gz.Bytes(), "c.zst": zw.EncodeAll(text, nil), "d.ndjson": more,
	} {
		out, _, err := h.run(t.Context(), "", "--json", h.file(name, body))
		if r := counts(t, out); err != nil || r.Duplicates != 25_000 {
			t.Errorf("%s: got %+v, %v", name, r, err)
		}
	}
	out, _, err := h.run(t.Context(), string(text), "--json", "-")
	if r := counts(t, out); err != nil || r.Duplicates != 25_000 {
		t.Errorf("piped: got %+v, %v", r, err)
	}
	if n := h.stored(event.Metric); n != 25_001 {
		t.Errorf("got %d stored, want 25001", n)
	}
}

func TestProblemsNameTheirLine(t *testing.T) {
	h := newHouse(t)
	const good = `{"type":"metric","name":"m"}`
	text := "\xef\xbb\xbf" + good + "\n\n  \r\n{\"type\":\"metric\"}\r\n" + good + "\n{\"type\":\n" +
		strings.Repeat("\n", 20_000) + good + "\n" + `{"type":"nothing"}` + "\n" + good
	out, notes, err := h.run(t.Context(), "", h.file("bad.ndjson", []byte(text)))
	if fault.ExitCode(err) != 1 || err.Error() != "3 of 7 events were rejected" || notes != "" {
		t.Errorf("got %v (exit %d), %q", err, fault.ExitCode(err), notes)
	}
	for _, want := range []string{
		"7 events", "accepted               4", "rejected               3",
		"line 4: missing_field: metric needs name",
		"line 6: broken_json: broken JSON at byte 9: the text ends in the middle",
		`line 20008: unknown_type: there is no type "nothing"`,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("got %s\nwant %q in it", out, want)
		}
	}
}

func TestArraysAreTakenToo(t *testing.T) {
	h := newHouse(t)
	lines := bytes.Split(bytes.TrimSpace(history(12_000)), []byte("\n"))
	body := append([]byte("\xef\xbb\xbf [\n"), bytes.Join(lines, []byte(",\n  "))...)
	body = append(body, ",{}\n]\n"...)
	path := h.file("a.json", body)
	for _, want := range [][2]int{{12_000, 0}, {0, 12_000}} {
		out, _, err := h.run(t.Context(), "", "--json", path)
		r := counts(t, out)
		if fault.ExitCode(err) != 1 || r.Accepted != want[0] || r.Duplicates != want[1] ||
			r.Rejected != 1 || r.Errors[0].Line != 12_001 {
			t.Errorf("got %+v, %v, want %v", r, err, want)
		}
	}
	_, _, err := h.run(t.Context(), "", h.file("cut.json", body[:len(body)/2]))
	if err == nil || fault.Of(err).Code != "broken_json" {
		t.Errorf("cut array: got %v", err)
	}
}

func TestFilesThatCannotBeImported(t *testing.T) {
	h := newHouse(t)
	for _, c := range []struct {
		args []string
		exit int
		text string
	}{
		{nil, 2, "import needs one file"},
		{[]string{"a", "b"}, 2, "import needs one file"},
		{[]string{"--from-line", "0", "x"}, 2, "--from-line counts from 1"},
		{[]string{t.TempDir() + "/none"}, 3, "there is no file"},
		{[]string{t.TempDir()}, 2, "is a folder"},
		{[]string{h.file("log", []byte("127.0.0.1 - - GET /\n"))}, 2, "the file begins with '1'"},
		{[]string{h.file("pretty", []byte("{\n  \"type\": \"metric\"\n}\n{\n}\n"))}, 2, "no line of the body"},
		{[]string{h.file("x.gz", []byte("\x1f\x8bxx"))}, 2, "cannot be unpacked"},
	} {
		_, _, err := h.run(t.Context(), "", c.args...)
		if fault.ExitCode(err) != c.exit || !strings.Contains(fmt.Sprint(err), c.text) {
			t.Errorf("%v: got %v (exit %d), want %s (exit %d)", c.args, err, fault.ExitCode(err), c.text, c.exit)
		}
	}
	if out, _, err := h.run(t.Context(), "", "--json", h.file("empty", nil)); err != nil ||
		counts(t, out).Accepted != 0 {
		t.Errorf("empty file: got %s, %v", out, err)
	}
}

func TestStoppedRunSaysHowToGoOn(t *testing.T) {
	h := newHouse(t)
	ctx, cancel := context.WithCancel(t.Context())
	var n atomic.Int32
	h.wrap = func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if n.Add(1) == 3 {
				cancel() // the user presses Ctrl-C
			}
			next.ServeHTTP(w, r)
		})
	}
	path := h.file("long.ndjson", history(200_000))
	out, notes, err := h.run(ctx, "", "--json", path)
	r := counts(t, out)
	if fault.ExitCode(err) != 1 || fault.Of(err).Code != "interrupted" ||
		!strings.Contains(notes, "Run the same command again") {
		t.Errorf("got %v, %q", err, notes)
	}
	if r.Accepted < 20_000 || r.Accepted > 100_000 || r.NextLine != r.Accepted+1 ||
		h.stored(event.Metric) != r.Accepted {
		t.Errorf("got %+v, %d stored", r, h.stored(event.Metric))
	}
	out, _, err = h.run(t.Context(), "", "--json", "--from-line", fmt.Sprint(r.NextLine+5), path)
	rest := counts(t, out)
	want := 200_000 - r.Accepted - 5
	if err != nil || rest.Accepted != want || rest.Duplicates != 0 {
		t.Errorf("got %+v, %v, want %d accepted", rest, err, want)
	}
	out, _, err = h.run(t.Context(), "", "--json", path)
	if all := counts(t, out); err != nil || all.Accepted != 5 || all.Duplicates != 199_995 {
		t.Errorf("again: got %+v, %v", all, err)
	}
}

func TestBusyServerIsWaitedFor(t *testing.T) {
	h := newHouse(t)
	var n atomic.Int32
	h.wrap = func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if n.Add(1) == 1 {
				w.WriteHeader(http.StatusServiceUnavailable)
				_, _ = io.WriteString(w, `{"error":{"code":"overloaded","message":"later"}}`)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
	out, _, err := h.run(t.Context(), "", "--json", h.file("a", history(10)))
	if r := counts(t, out); err != nil || r.Accepted != 10 || n.Load() != 2 {
		t.Errorf("got %+v, %v after %d requests", r, err, n.Load())
	}
}

func TestRefusedRunStops(t *testing.T) {
	h := newHouse(t)
	h.wrap = func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusInsufficientStorage)
			_, _ = io.WriteString(w, `{"error":{"code":"disk_full","message":"the disk is full"}}`)
		})
	}
	out, notes, err := h.run(t.Context(), "", "--json", h.file("a", history(50_000)))
	r := counts(t, out)
	if fault.Of(err).Kind != fault.Full || r.Accepted != 0 || r.NextLine != 1 ||
		!strings.Contains(notes, "line 1 is done") {
		t.Errorf("got %+v, %v, %q", r, err, notes)
	}
}

func TestSplitterKeepsEveryByte(t *testing.T) {
	var file bytes.Buffer
	huge := strings.Repeat("h", maxBytes+10)
	for i := range 30_000 {
		switch {
		case i == 7 || i == 25_000:
			file.WriteString(huge)
		case i%1000 == 0:
			file.WriteString(strings.Repeat("l", 100_000))
		default:
			fmt.Fprintf(&file, "%d", i)
		}
		file.WriteByte('\n')
	}
	file.WriteString("the end")
	want := strings.ReplaceAll(file.String(), huge+"\n", "")
	for name, in := range map[string]io.Reader{
		"at once": bytes.NewReader(file.Bytes()), "in bits": &slow{file.Bytes()},
	} {
		s := newSplitter(in)
		var got bytes.Buffer
		line := 1
		for {
			b, err := s.cut()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			for line == 8 || line == 25_001 {
				line++ // left out
			}
			if !bytes.HasPrefix(file.Bytes()[b.offset:], b.text) || b.line < line ||
				b.lines > maxLines || len(b.text) > maxBytes {
				t.Fatalf("%s: batch %d at %d, line %d: %d lines",
					name, b.number, b.offset, b.line, b.lines)
			}
			line = b.line + b.lines
			got.Write(b.text)
			s.free(b)
		}
		if got.String() != want || fmt.Sprint(s.leftOut()) != "[8 25001]" || line != 30_002 {
			t.Errorf("%s: got %d bytes, left out %v, next line %d; want %d bytes",
				name, got.Len(), s.leftOut(), line, len(want))
		}
	}
}

// slow reads a few bytes at a time.
type slow struct{ rest []byte }

func (s *slow) Read(p []byte) (int, error) {
	if len(s.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), 10_007)], s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// BenchmarkImport imports a file of ai_requests of about 640 bytes with their own ids, into a new
// store in this process, synced and sealed: IMPORT_EVENTS of them, or 200,000.
func BenchmarkImport(b *testing.B) {
	n := 200_000
	if s := os.Getenv("IMPORT_EVENTS"); s != "" {
		_, _ = fmt.Sscan(s, &n)
	}
	for b.Loop() {
		b.StopTimer()
		h := newHouse(b)
		path := h.file("a.ndjson", requests(n))
		b.StartTimer()
		out, _, err := h.run(context.Background(), "", path)
		if err != nil || !strings.Contains(out, grouped(n)) {
			b.Fatal(out, err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
