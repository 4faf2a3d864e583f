package export

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"analytics/engine/columns/sample"
	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
	"analytics/engine/web"
)

var noon = time.Date(2026, 11, 20, 12, 30, 0, 0, time.UTC)

// fill opens a store with events of a kind in each of the last hours: the older ones sealed, the
// newest two not.
func fill(t testing.TB, kind event.Kind, hours, each int) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{Space: storetest.Room, Dir: t.TempDir(), MemTableSize: 8 << 20,
		Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	source := sample.New(3)
	var e event.Event
	for h := hours; h > 0; h-- {
		from := event.MicrosOf(noon.Add(-time.Duration(h) * time.Hour))
		for done := 0; done < each; {
			var b event.Batch
			for ; done < each && b.Len() < 5000; done++ {
				source.Event(&e, kind, from+event.Micros(int64(done)*3_600_000_000/int64(each)))
				e.Timed, e.Named = true, true
				b.Add(&e)
			}
			if _, err := s.Append(t.Context(), store.Default, &b); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := s.Seal(t.Context(), event.MicrosOf(noon).Hour()-1, false); err != nil {
		t.Fatal(err)
	}
	return s
}

// door is a client of the route of a store.
func door(t testing.TB, s *store.Store) *web.Client {
	mux := web.NewMux(web.Options{})
	NewDoor(s, func() time.Time { return noon }).Routes(mux)
	return web.NewClient(t.TempDir(), func(context.Context) (http.Handler, func() error, error) {
		return mux, nil, nil
	})
}

func TestExportHasExactlyTheRange(t *testing.T) {
	s := fill(t, event.AIRequest, 10, 60) // an event a minute for ten hours, the last at 12:29
	client := door(t, s)
	f := func(since, until string, want int) {
		t.Helper()
		for _, format := range Formats() {
			var out, notes bytes.Buffer
			d := download{kind: "ai_request", since: since, until: until, format: format,
				output: "-", out: &out, notes: &notes}
			if err := d.run(t.Context(), client); err != nil {
				t.Errorf("%s to %s as %s: %v", since, until, format, err)
				continue
			}
			got := bytes.Count(out.Bytes(), []byte("\n"))
			switch format {
			case "csv":
				got--
			case "parquet": // DuckDB reads it, in duckdbtest
				got = want
				if !bytes.HasPrefix(out.Bytes(), []byte("PAR1")) ||
					!bytes.HasSuffix(out.Bytes(), []byte("PAR1")) {
					t.Errorf("%s to %s: not Parquet", since, until)
				}
			}
			if got != want {
				t.Errorf("%s to %s as %s: %d events, want %d", since, until, format, got, want)
			}
			if notes.Len() > 0 {
				t.Errorf("notes without a terminal: %q", notes.String())
			}
		}
	}
	f("30d", "", 600)
	f("1h", "", 60)
	f("90m", "30m", 60)
	f("2026-11-20T02:30:00Z", "2026-11-20T02:31:00Z", 1)
	f("2026-11-20T02:30:01Z", "2026-11-20T02:31:00Z", 0)
	f("2026-11-20T05:00", "2026-11-20T06:00:00.000001Z", 61)
	f("2026-11-21", "2026-11-22", 0)
}

func TestNDJSONIsWhatTheIntakeTakes(t *testing.T) {
	for _, kind := range event.Kinds() {
		accepted := map[string]bool{"type": true}
		for _, f := range kind.Fields() {
			if !f.Derived {
				accepted[f.Name] = true
			}
		}
		s := fill(t, kind, 3, 40)
		var out bytes.Buffer
		d := download{kind: kind.String(), output: "-", out: &out, notes: io.Discard}
		if err := d.run(t.Context(), door(t, s)); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		if len(lines) != 120 {
			t.Errorf("%s: %d lines, want 120", kind, len(lines))
		}
		for _, line := range lines {
			var members map[string]any
			if err := json.Unmarshal([]byte(line), &members); err != nil {
				t.Fatalf("%s: %v in %s", kind, err, line)
			}
			if members["type"] != kind.String() || members["id"] == nil {
				t.Errorf("%s: no type or id in %s", kind, line)
			}
			for name := range members {
				if !accepted[name] {
					t.Errorf("%s: the intake does not take %s", kind, name)
				}
			}
		}
	}
}

func TestTextFormatsByExample(t *testing.T) {
	var e event.Event
	e.Reset(event.AIRequest)
	e.SetInt(event.Timestamp, int64(event.MicrosOf(noon))+1500)
	e.SetID(event.EventID, []byte("a\"b"))
	e.SetText(event.AIModel, []byte("=gpt"))
	e.SetText(event.PropertiesField, []byte(`{"k":"v, w"}`))
	e.SetInt(event.AIInputUncachedTokens, 10)
	e.SetInt(event.AICacheReadTokens, 5)
	e.SetInt(event.AICacheWriteTokens, 0)
	e.SetInt(event.AICacheWrite1hTokens, 7)
	e.SetInt(event.AIOutputTextTokens, 3)
	e.SetInt(event.AIReasoningTokens, 4)
	e.SetInt(event.AICost, 1_000_000_001)
	e.SetInt(event.AIClientCost, 12_300_000)
	e.SetText(event.AICostSource, []byte("computed"))
	e.SetInt(event.AIDurationMS, 1_234_500)
	e.SetBool(event.AISuccess, true)
	line := func(l *lines) string {
		l.buffer = l.buffer[:0]
		return string(l.append(nil, l, &e))
	}
	const wantJSON = `{"type":"ai_request","timestamp":"2026-11-20T12:30:00.0015Z","id":"a\"b",` +
		`"properties":{"k":"v, w"},"model":"=gpt","success":true,"cache_read_tokens":5,` +
		`"cache_write_tokens":7,"cache_write_1h_tokens":7,"reasoning_tokens":4,` +
		`"duration_ms":1234.5,"input_tokens":22,"output_tokens":7,"cost_usd":0.0123}`
	if got := line(newNDJSON(io.Discard, event.AIRequest)); got != wantJSON {
		t.Errorf("got\n%s\nwant\n%s", got, wantJSON)
	}
	var out strings.Builder
	l := newCSV(&out, event.AIRequest)
	if err := errors.Join(l.Event(&e), l.Flush()); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for i, name := range rows[0] {
		if rows[1][i] != "" {
			got[name] = rows[1][i]
		}
	}
	want := map[string]string{"timestamp": "2026-11-20T12:30:00.0015Z", "id": `a"b`,
		"model": "'=gpt", "properties": `{"k":"v, w"}`, "success": "true", "input_tokens": "22",
		"cache_read_tokens": "5", "cache_write_tokens": "7", "cache_write_1h_tokens": "7",
		"output_tokens": "7", "reasoning_tokens": "4", "cost": "1.000000001", "cost_usd": "0.0123",
		"cost_source": "computed", "duration_ms": "1234.5"}
	for name, value := range want {
		if got[name] != value {
			t.Errorf("csv %s is %q, want %q", name, got[name], value)
		}
	}
	if len(got) != len(want) {
		t.Errorf("csv has %v", got)
	}
}

func TestAddressesArePutTogether(t *testing.T) {
	var e event.Event
	f := func(kind event.Kind, set map[int]string, want string) {
		t.Helper()
		e.Reset(kind)
		for field, value := range set {
			e.SetText(field, []byte(value))
		}
		if got, _ := placeOf(kind).url(nil, &e); string(got) != want {
			t.Errorf("url %q, want %q", got, want)
		}
	}
	f(event.PageView, map[int]string{event.PageSite: "example.org", event.PagePath: "/a/b"},
		"https://example.org/a/b")
	f(event.PageView, map[int]string{event.PagePath: "/a"}, "/a")
	f(event.PageView, map[int]string{event.PageSite: "example.org"}, "https://example.org/")
	f(event.PageView, map[int]string{event.PageSite: "e.org", event.PagePath: "/",
		event.PageSource: "Google", event.PageChannel: "paid_search", event.PageMedium: "cpc",
		event.PageCampaign: "a b&c"},
		"https://e.org/?utm_source=Google&utm_medium=cpc&utm_campaign=a+b%26c")
	f(event.PageView, map[int]string{event.PageSite: "e.org", event.PagePath: "/",
		event.PageSource: "Direct", event.PageChannel: "direct"}, "https://e.org/")
	f(event.Engagement, map[int]string{event.EngagementSite: "e.org",
		event.EngagementPath: "/x"}, "https://e.org/x")
	f(event.Custom, nil, "")
}

func TestFileAppearsOnlyWhenItIsWhole(t *testing.T) {
	s := fill(t, event.AIRequest, 5, 200)
	client := door(t, s)
	dir := t.TempDir()
	d := download{kind: "ai_request", output: filepath.Join(dir, "a.csv"), notes: io.Discard}
	if err := d.run(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(d.output)
	if err != nil || bytes.Count(b, []byte("\n")) != 1001 ||
		!bytes.HasPrefix(b, []byte("timestamp,id,")) {
		t.Errorf("%v: %.100s", err, b)
	}
	broken := func(name string, ctx context.Context, body io.Reader, rows int64) {
		t.Helper()
		d := download{format: "ndjson", output: filepath.Join(dir, "b.ndjson"), notes: io.Discard}
		if _, err := d.save(ctx, body, rows); err == nil {
			t.Errorf("%s: no error", name)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "*b.ndjson*")); len(left) != 0 {
			t.Errorf("%s: left %v", name, left)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) != 0 {
			t.Errorf("%s: left %v", name, left)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	broken("too few lines", ctx, strings.NewReader("{}\n"), 2)
	broken("cut", ctx, io.MultiReader(strings.NewReader("{}\n"), failing{}), 2)
	stop()
	broken("interrupted", ctx, strings.NewReader("{}\n{}\n"), 2)
	d.output = dir // a folder is in the way
	if err := d.run(t.Context(), client); err == nil {
		t.Error("wrote over a folder")
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestRouteRefusesWhatItDoesNotKnow(t *testing.T) {
	mux := web.NewMux(web.Options{})
	NewDoor(fill(t, event.Metric, 1, 1), func() time.Time { return noon }).Routes(mux)
	for target, want := range map[string]int{
		"/v1/export?type=metric":                   200,
		"/v1/export?type=metric&since=7d&until=1h": 200,
		"/v1/export":                                        400,
		"/v1/export?type=nothing":                           400,
		"/v1/export?type=metric&format=xlsx":                400,
		"/v1/export?type=metric&from=soon":                  400,
		"/v1/export?type=metric&tpye=x":                     400,
		"/v1/export?type=metric&from=2026-11-02&to=2026-11": 400,
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", target, nil)
		mux.ServeHTTP(w, r.WithContext(web.AsLocal(r.Context())))
		if w.Code != want {
			t.Errorf("%s: status %d, want %d: %s", target, w.Code, want, w.Body)
		}
	}
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest("GET", "/v1/export?type=metric", nil))
	if w.Code != http.StatusUnauthorized {
		t.Errorf("without a key: status %d", w.Code)
	}
}

func TestDecimal(t *testing.T) {
	f := func(v int64, digits int, want string) {
		t.Helper()
		if got := string(appendDecimal(nil, v, digits)); got != want {
			t.Errorf("%d / 10^%d is %q, want %q", v, digits, got, want)
		}
	}
	f(0, 9, "0")
	f(1, 9, "0.000000001")
	f(1_000_000_000, 9, "1")
	f(12_345_678_901, 9, "12.345678901")
	f(-1500, 3, "-1.5")
	f(math.MaxInt64, 9, "9223372036.854775807")
	f(math.MinInt64, 3, "-9223372036854775.808")
}

func BenchmarkExport(b *testing.B) {
	s := fill(b, event.AIRequest, 10, 20_000)
	for _, format := range Formats() {
		b.Run(format, func(b *testing.B) {
			rows := int64(0)
			for b.Loop() {
				e, err := Open(s, Request{Tenant: store.Default, Kind: event.AIRequest,
					From: noon.Add(-24 * time.Hour), To: noon, Format: format})
				if err != nil {
					b.Fatal(err)
				}
				n, err := e.Write(b.Context(), io.Discard)
				if err != nil {
					b.Fatal(err)
				}
				rows += n
				e.Close()
			}
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
