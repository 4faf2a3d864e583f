package decode

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"analytics/engine/event"
)

// one decodes a body that holds one good event.
func one(t *testing.T, body string) *event.Event {
	t.Helper()
	var d Decoder
	e := new(event.Event)
	d.Reset([]byte(body), false, window())
	if !d.Next(e) || d.Problem() != nil || d.Err() != nil {
		t.Fatalf("%s: got %+v, %v, want an event", body, d.Problem(), d.Err())
	}
	return e
}

func TestNumbersAreKeptExactly(t *testing.T) {
	for _, c := range []struct {
		field string
		json  string
		want  int64
	}{
		{"request_bytes", "0", 0},
		{"request_bytes", "-0", 0},
		{"request_bytes", "42", 42},
		{"request_bytes", "42.0", 42},
		{"request_bytes", "1e3", 1000},
		{"request_bytes", "1.5E+2", 150},
		{"request_bytes", "1500e-2", 15},
		{"request_bytes", "1.00000000000000000000000000000000", 1},
		{"request_bytes", "9007199254740992", 1 << 53},
		{"request_bytes", "0.9007199254740992e16", 1 << 53},
		{"request_bytes", "0e999999999999", 0},
		{"duration_ms", "12", 12_000},
		{"duration_ms", "12.3456", 12_346},
		{"duration_ms", "0.0005", 0},
		{"duration_ms", "0.0015", 2},
		{"duration_ms", "0.00150000000000000000000000001", 2},
		{"duration_ms", "0.00050000000000000000000000001", 1},
		{"duration_ms", "1e-300", 0},
		{"duration_ms", "-0.0", 0},
		{"cost_usd", "0.000000001", 1},
		{"cost_usd", `"0.000000001"`, 1},
		{"cost_usd", "12.345678901", 12_345_678_901},
		{"cost_usd", `"12.3456789015"`, 12_345_678_902},
		{"cost_usd", `"12.3456789025"`, 12_345_678_902},
		{"cost_usd", "12.34567890250001", 12_345_678_903},
		{"cost_usd", "1e6", 1e15},
		{"cost_usd", `"-0"`, 0},
	} {
		e := one(t, `{"type":"ai_request","model":"m","`+c.field+`":`+c.json+`}`)
		name := c.field
		if name == "cost_usd" {
			name = "client_cost"
		}
		n, _ := event.AIRequest.Field(name)
		if !e.Has(n) || e.Int(n) != c.want {
			t.Errorf("%s %s: got %d (set %v), want %d", c.field, c.json, e.Int(n), e.Has(n), c.want)
		}
	}
	e := one(t, `{"type":"engagement","url":"/","time_on_page_ms":1234.5,"scroll_depth":1e2}`)
	if e.Int(event.EngagementTimeOnPageMS) != 1234 || e.Int(event.EngagementScrollDepth) != 100 {
		t.Errorf("got %d ms, %d %%", e.Int(event.EngagementTimeOnPageMS),
			e.Int(event.EngagementScrollDepth))
	}
	e = one(t, `{"type":"metric","name":"m","value":-0.0}`)
	if got := fmt.Sprint(e.Float(event.MetricValue)); got != "0" {
		t.Errorf("minus zero: got %s, want 0", got)
	}
}

func TestTimestampsInEveryNotation(t *testing.T) {
	for _, c := range [][2]string{
		{`"2026-11-20T23:00:00Z"`, "2026-11-20T23:00:00Z"},
		{`"2026-11-20t23:00:00z"`, "2026-11-20T23:00:00Z"},
		{`"2026-11-20 23:00:00Z"`, "2026-11-20T23:00:00Z"},
		{`"2026-11-20T23:00:00.123456789+05:30"`, "2026-11-20T17:30:00.123456Z"},
		{`"2026-11-20T23:00:00.9-03:00"`, "2026-11-21T02:00:00.9Z"},
		{"1795219200", "2026-11-21T00:00:00Z"},
		{"1795219200.123456789", "2026-11-21T00:00:00.123456Z"},
		{"1795219200123", "2026-11-21T00:00:00.123Z"},
		{"1795219200123.4569", "2026-11-21T00:00:00.123456Z"},
		{"1.7952192e9", "2026-11-21T00:00:00Z"},
		{"1.7952192e12", "2026-11-21T00:00:00Z"},
	} {
		e := one(t, `{"type":"metric","name":"m","timestamp":`+c[0]+`}`)
		if got := e.Time().Time().Format(time.RFC3339Nano); got != c[1] || !e.Timed {
			t.Errorf("%s: got %s (timed %v), want %s", c[0], got, e.Timed, c[1])
		}
	}
	for _, body := range []string{m1, `{"type":"metric","name":"m","timestamp":null}`} {
		if e := one(t, body); e.Time() != now || e.Timed {
			t.Errorf("%s: got %v, timed %v; want now, not timed", body, e.Time().Time(), e.Timed)
		}
	}
}

func TestTextIsUnescapedCutAndScrubbed(t *testing.T) {
	for _, c := range [][3]string{
		{"title", `"a\u00e9\ud83d\ude00\/\n\"b"`, "aé😀/ \"b"},
		{"title", `"` + strings.Repeat("é", 300) + `"`, strings.Repeat("é", 256)},
		{"title", `"x` + strings.Repeat("é", 300) + `"`, "x" + strings.Repeat("é", 255)},
		{"content_id", `"p-\u0031"`, "p-1"},
		{"site", `"a.example"`, "a.example"},
	} {
		e := one(t, `{"type":"page_view","url":"/","`+c[0]+`":`+c[1]+`}`)
		n, _ := event.PageView.Field(c[0])
		if got := string(e.Text(n)); got != c[2] {
			t.Errorf("%s %s: got %q, want %q", c[0], c[1], got, c[2])
		}
	}
	e := one(t, `{"type":"tool_call","tool":"t",`+
		`"error_message":"bad key sk-abcdefgh12\nfor a@b.example"}`)
	if got := string(e.Text(event.ToolErrorMessage)); got != "bad key [redacted] for [email]" {
		t.Errorf("got %q", got)
	}
	e = one(t, `{"type":"ai_request","model":"m","mcp_servers":["git", "","fi\u006ces"],`+
		`"error_message":"`+strings.Repeat("wörd ", 60)+`"}`)
	if got := string(e.Text(event.AIMCPServers)); got != "git,files" {
		t.Errorf("mcp_servers: got %q", got)
	}
	if got := e.Text(event.AIErrorMessage); len(got) != 199 && len(got) != 200 {
		t.Errorf("error_message: got %d bytes", len(got))
	}
}

func TestPropertiesAreCanonical(t *testing.T) {
	for _, c := range [][2]string{
		{`{}`, ""},
		{`{"a":null}`, ""},
		{`{ "b" : 1 , "a" : true }`, `{"a":true,"b":1}`},
		{`{"\u0062":"\u00e9\/\u0001\t","a":"\"\\"}`, `{"a":"\"\\","b":"é/\u0001\t"}`},
		{`{"a":1.0,"b":-0,"c":1e2,"d":0.1000,"e":1e21,"f":1.5e-9,"g":123456789012345678}`,
			`{"a":1,"b":0,"c":100,"d":0.1,"e":1e+21,"f":1.5e-9,"g":123456789012345678}`},
		{`{"prompt":"secret","Messages":[{"content":"x"}],"k":"` + strings.Repeat("é", 200) + `"}`,
			`{"k":"` + strings.Repeat("é", 128) + `"}`},
	} {
		e := one(t, `{"type":"metric","name":"m","properties":`+c[0]+`}`)
		if got := string(e.Text(event.PropertiesField)); got != c[1] {
			t.Errorf("%s\n got %s\nwant %s", c[0], got, c[1])
		}
	}
}

func TestMessageContentIsDropped(t *testing.T) {
	body := `{"messages":[{"role":"user","content":"canary"}],"prompt":"canary","type":"ai_request",` +
		`"model":"m","input":"canary","output":{"text":"canary"},"body":"canary","system":"canary",` +
		`"completion":"canary","choices":["canary"],"cost":5,"client_cost":7,"price_key":"canary",` +
		`"request":{"model2":"canary","body":"canary"},"properties":{"content":"canary"}}`
	r := run(body, false)
	if len(r.rows) != 1 || strings.Contains(r.rows[0], "canary") || r.dropped != 14 {
		t.Errorf("got %q, %d dropped, problems %q, %v", r.rows, r.dropped, r.problems, r.err)
	}
}
