package events

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"analytics/engine/auth"
	"analytics/engine/event"
	"analytics/engine/store"
)

const metric = `{"type":"metric","name":"m"}`

func TestAnswersAreExact(t *testing.T) {
	h := newHouse(t, store.Config{})
	key := h.key(auth.Ingest)
	for _, c := range []struct {
		query, body string
		status      int
		want        string
	}{
		{"", metric, 200, `{"accepted":1,"duplicates":0,"rejected":0,"errors":[]}`},
		{"", "[]", 200, `{"accepted":0,"duplicates":0,"rejected":0,"errors":[]}`},
		{"", `[` + metric + `,{"type":"ai_request"},` + metric + `]`, 200,
			`{"accepted":2,"duplicates":0,"rejected":1,"errors":[{"index":1,"code":"missing_field",` +
				`"message":"ai_request needs model"}]}`},
		{"?strict=1", `[` + metric + `,{"type":"ai_request"}]`, 400,
			`{"accepted":0,"duplicates":0,"rejected":1,"errors":[{"index":1,"code":"missing_field",` +
				`"message":"ai_request needs model"}]}`},
		{"?strict=1", metric, 200, `{"accepted":1,"duplicates":0,"rejected":0,"errors":[]}`},
		{"?strict=0", `{"type":"metric"}`, 200,
			`{"accepted":0,"duplicates":0,"rejected":1,"errors":[{"index":0,"code":"missing_field",` +
				`"message":"metric needs name"}]}`},
		{"", metric + "\n" + metric[:9], 200, `{"accepted":1,"duplicates":0,"rejected":1,"errors":[` +
			`{"index":1,"code":"broken_json","message":"broken JSON at byte 10: the string has no end"}]}`},
		{"", `{"type":"metric","name":"m","x":1,"messages":[]}`, 200,
			`{"accepted":1,"duplicates":0,"rejected":0,"errors":[],"dropped_fields":2}`},
		{"", `{"type":"metric","name":"m","id":"a"}`, 200,
			`{"accepted":1,"duplicates":0,"rejected":0,"errors":[]}`},
		{"", `{"type":"metric","name":"m","id":"a"}`, 200,
			`{"accepted":0,"duplicates":1,"rejected":0,"errors":[]}`},
		{"", "", 400, `{"error":{"code":"broken_json","message":"broken JSON at byte 1: the body must ` +
			`be a JSON object, an array of objects, or lines of objects"}}`},
		{"?strict=yes", metric, 400, `{"error":{"code":"invalid_parameter","message":"strict must be 1 ` +
			`or 0, not \"yes\"","field":"strict"}}`},
		{"?line_ids=x", metric, 400, `{"error":{"code":"invalid_parameter","message":"line_ids must be ` +
			`the offset of the body in its file, such as 0","field":"line_ids"}}`},
	} {
		status, got := h.post(c.query, c.body).as(key).do()
		if status != c.status || got != c.want {
			t.Errorf("%s %s\n got %d %s\nwant %d %s", c.query, c.body, status, got, c.status, c.want)
		}
	}
	if n := len(h.stored(event.Metric)); n != 7 {
		t.Errorf("got %d stored, want 7", n)
	}
	lines := strings.Repeat(`{"type":"metric"}`+"\n", 250)
	if _, got := h.post("", lines).as(key).do(); strings.Count(got, `"index"`) != 100 ||
		!strings.Contains(got, `"rejected":250`) || !strings.Contains(got, `"index":99`) {
		t.Errorf("250 problems: got %.200s", got)
	}
}

func TestWholeBodiesAreRefused(t *testing.T) {
	h := newHouse(t, store.Config{})
	ingest, query := h.key(auth.Ingest), h.key(auth.Query)
	inflated := bytes.Repeat([]byte(" "), 20<<20+1)
	for _, c := range []struct {
		name, key, encoding string
		body                []byte
		status              int
		code                string
	}{
		{"no key", "", "", []byte(metric), 401, "missing_key"},
		{"wrong scope", query, "", []byte(metric), 403, "missing_scope"},
		{"wire", ingest, "", bytes.Repeat([]byte(" "), 5<<20+1), 413, "body_too_large"},
		{"gzip bomb", ingest, "gzip", zip(inflated), 413, "body_too_large"},
		{"zstd bomb", ingest, "zstd", zstandard(inflated), 413, "body_too_large"},
		{"too many", ingest, "", []byte(strings.Repeat(metric+"\n", 10_001)), 413, "too_many_events"},
		{"encoding", ingest, "br", []byte(metric), 415, "unsupported_encoding"},
		{"broken gzip", ingest, "gzip", []byte(metric), 400, "bad_encoding"},
		{"cut gzip", ingest, "gzip", zip([]byte(metric))[:20], 400, "bad_encoding"},
		{"no JSON", ingest, "", []byte("hello"), 400, "broken_json"},
		{"no line", ingest, "", []byte("{\n{\n{x"), 400, "broken_json"},
		{"broken array", ingest, "", []byte("[" + metric + ",{"), 400, "broken_json"},
	} {
		r := h.post("", string(c.body))
		if c.key != "" {
			r.as(c.key)
		}
		if c.encoding != "" {
			r.with("Content-Encoding", c.encoding)
		}
		status, got := r.do()
		if status != c.status || !strings.Contains(got, `{"error":{"code":"`+c.code+`"`) {
			t.Errorf("%s: got %d %s, want %d %s", c.name, status, got, c.status, c.code)
		}
	}
	if n := len(h.stored(event.Metric)); n != 0 {
		t.Errorf("got %d stored, want none", n)
	}
	for encoding, body := range map[string][]byte{
		"gzip": zip([]byte(metric)), "zstd": zstandard([]byte(metric)), "identity": []byte(metric),
	} {
		if status, got := h.post("", string(body)).as(ingest).with("Content-Encoding", encoding).do(); status != 200 {
			t.Errorf("%s: got %d %s", encoding, status, got)
		}
	}
}

func zip(text []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(text)
	_ = w.Close()
	return b.Bytes()
}

func zstandard(text []byte) []byte {
	w, err := zstd.NewWriter(io.Discard)
	if err != nil {
		panic(err)
	}
	return w.EncodeAll(text, nil)
}

func TestPublicKeysForgeNothing(t *testing.T) {
	h := newHouse(t, store.Config{})
	key := h.key(auth.Public)
	forged := []string{
		`{"type":"ai_request","model":"m","cost_usd":99}`, `{"type":"tool_call","tool":"t"}`,
		`{"type":"agent_task","agent":"a"}`, `{"type":"activity","category":"c","action":"a"}`,
		metric, `[{"type":"page_view","url":"https://a.example/"},{"type":"ai_request","model":"m"}]`,
		`{"request":{"model":"m"}}`,
	}
	for _, body := range forged {
		if status, got := h.post("", body).as(key).do(); status != 403 ||
			!strings.Contains(got, `"forbidden_type"`) {
			t.Errorf("%s: got %d %s", body, status, got)
		}
	}
	for _, k := range event.Kinds() {
		if got := h.stored(k); len(got) != 0 {
			t.Errorf("%s: got %v stored", k, got)
		}
	}
	agent := "Mozilla/5.0 (X11; Linux x86_64; rv:152.0) Gecko/20100101 Firefox/152.0"
	status, got := h.post("", `{"type":"page_view","url":"https://a.example/x",
		"client_ip":"8.8.8.8","user_agent":"Googlebot/2.1"}`).as(key).with("User-Agent", agent).do()
	if status != 200 || !strings.Contains(got, `"accepted":1`) {
		t.Fatalf("got %d %s", status, got)
	}
	v := h.stored(event.PageView)[0]
	if v["country"] != "DE" || v["browser"] != "Firefox" || v["bot_class"] != "human" ||
		len(v["visitor_id"]) != 16 {
		t.Errorf("got %v", v)
	}
	old := fmt.Sprintf(`{"type":"page_view","url":"https://a.example/x","timestamp":%d}`,
		noon.Unix()-601)
	if status, got := h.post("", old).as(key).do(); status != 200 ||
		!strings.Contains(got, "timestamp_out_of_range") {
		t.Errorf("old: got %d %s", status, got)
	}
}

func TestOldEventsNeedBackfill(t *testing.T) {
	h := newHouse(t, store.Config{})
	old := `{"type":"metric","name":"m","timestamp":"2020-02-29T10:00:00Z"}`
	for _, c := range []struct {
		scopes []auth.Scope
		want   string
	}{
		{[]auth.Scope{auth.Ingest}, `"rejected":1`},
		{[]auth.Scope{auth.Ingest, auth.Backfill}, `"accepted":1`},
	} {
		if _, got := h.post("", old).as(h.key(c.scopes...)).do(); !strings.Contains(got, c.want) {
			t.Errorf("%v: got %s, want %s", c.scopes, got, c.want)
		}
	}
}

func TestNoAddressIsStored(t *testing.T) {
	dir := t.TempDir()
	h := newHouse(t, store.Config{Dir: dir})
	key := h.key(auth.Ingest)
	const canary = "canary0815"
	body := `[{"type":"page_view","url":"https://a.example/x?token=` + canary + `","client_ip":"203.0.113.77",` +
		`"referrer":"https://b.example/?q=` + canary + `","prompt":"` + canary + `"},` +
		`{"type":"ai_request","model":"m","client_ip":"203.0.113.77","messages":["` + canary + `"],` +
		`"error_message":"key sk-` + canary + `"}]`
	if status, got := h.post("", body).as(key).do(); status != 200 || !strings.Contains(got, `"accepted":2`) {
		t.Fatalf("got %d %s", status, got)
	}
	if err := h.store.Close(); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		for _, secret := range []string{canary, "203.0.113.77"} {
			if bytes.Contains(b, []byte(secret)) {
				t.Errorf("%s holds %s", filepath.Base(path), secret)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFullDiskIs507(t *testing.T) {
	full := false
	h := newHouse(t, store.Config{Space: func(string) (free, total int64, err error) {
		if full {
			return 1 << 20, 1 << 40, nil
		}
		return 1 << 39, 1 << 40, nil
	}})
	key := h.key(auth.Ingest)
	full = true
	deadline := 200
	for i := 0; ; i++ { // the store looks again after some events at the latest
		status, got := h.post("", strings.Repeat(metric+"\n", 5000)).as(key).do()
		if status == 507 {
			break
		}
		if status != 200 || i > deadline {
			t.Fatalf("got %d %s", status, got)
		}
	}
}

func TestDisabledRefuses(t *testing.T) {
	h := newHouse(t, store.Config{})
	h.intake.Reload(h.book, Config{Enabled: false, SamplingRate: 1})
	if status, got := h.post("", metric).as(h.key(auth.Ingest)).do(); status != 403 ||
		!strings.Contains(got, `"disabled"`) {
		t.Errorf("got %d %s", status, got)
	}
}

func TestClosingIs503(t *testing.T) {
	h := newHouse(t, store.Config{})
	key := h.key(auth.Ingest)
	if err := h.store.Close(); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.mux.ServeHTTP(w, h.post("", metric).as(key).Request)
	if w.Code != 503 || w.Header().Get("Retry-After") == "" {
		t.Errorf("got %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
}
