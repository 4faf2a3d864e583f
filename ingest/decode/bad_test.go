package decode

import (
	"fmt"
	"strings"
	"testing"

	"analytics/engine/event"
)

// now is 2026-11-21T03:44:00Z in the tests.
const now = event.Micros(1_795_232_640e6)

func window() Window {
	return Window{Now: now, From: now - 7*86400e6, To: now + 600e6}
}

// result is what a body became: the accepted events as rows, and the problems as text.
type result struct {
	rows     []string
	problems []string
	dropped  int
	err      error
}

func run(body string, asLines bool) (r result) {
	var d Decoder
	var e event.Event
	d.Reset([]byte(body), asLines, window())
	for d.Next(&e) {
		if p := d.Problem(); p != nil {
			r.problems = append(r.problems, fmt.Sprintf("%d %s: %s", p.Index, p.Code, p.Message()))
			continue
		}
		if !e.Has(event.EventID) {
			e.SetID(event.EventID, []byte("x"))
		}
		r.rows = append(r.rows, string(e.AppendRow(nil)))
	}
	r.err, r.dropped = d.Err(), d.Dropped()
	return r
}

func long(n int) string { return strings.Repeat("a", n) }

func ai(rest string) string { return `{"type":"ai_request","model":"m",` + rest + `}` }

func web(rest string) string { return `{"type":"page_view","url":"/",` + rest + `}` }

// many repeats an entry with its number in it, with commas between.
func many(n int, entry string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ","+entry, i)
	}
	return b.String()[1:]
}

// badEvents are events, and what is said of them.
var badEvents = [][2]string{
	{`{"type":"ai_request"}`, "missing_field: ai_request needs model"},
	{`{"type":"ai_request","model":null}`, "missing_field: ai_request needs model"},
	{`{"type":"ai_request","model":""}`, "missing_field: ai_request needs model"},
	{`{"type":"activity","category":"x"}`, "missing_field: activity needs action"},
	{`{"type":"agent_task"}`, "missing_field: agent_task needs agent"},
	{`{}`, "missing_field: the event needs type"},
	{`{"model":"m"}`, "missing_field: the event needs type"},
	{`{"type":"AI_REQUEST"}`, `unknown_type: there is no type "AI_REQUEST"; the types are ai_request, tool_call, ` +
		`agent_task, page_view, engagement, event, activity, metric`},
	{`{"type":"a\u0000b"}`, `unknown_type: there is no type "a\x00b"; the types are ai_request, tool_call, ` +
		`agent_task, page_view, engagement, event, activity, metric`},
	{`{"type":7}`, "wrong_type: type must be a string"},
	{`{"type":null}`, "wrong_type: type must be a string"},
	{`[1]`, "wrong_type: an event must be a JSON object"},
	{`{"type":"ai_request","model":5}`, "wrong_type: model must be a string"},
	{`{"type":"ai_request","model":["m"]}`, "wrong_type: model must be a string"},
	{ai(`"id":17`), "wrong_type: id must be a string"},
	{ai(`"stream":"true"`), "wrong_type: stream must be true or false"},
	{ai(`"stream":1`), "wrong_type: stream must be true or false"},
	{ai(`"input_tokens":"5"`), "wrong_type: input_tokens must be a number"},
	{ai(`"input_tokens":1.5`), "invalid_value: input_tokens must be a whole number"},
	{ai(`"input_tokens":-1`), "invalid_value: input_tokens must not be negative"},
	{ai(`"input_tokens":-1e300`), "invalid_value: input_tokens must not be negative"},
	{ai(`"input_tokens":9007199254740993`), "invalid_value: input_tokens is over 9007199254740992"},
	{ai(`"input_tokens":1e309`), "invalid_value: input_tokens is over 9007199254740992"},
	{ai(`"input_tokens":18446744073709551616`),
		"invalid_value: input_tokens is over 9007199254740992"},
	{ai(`"duration_ms":-0.5`), "invalid_value: duration_ms must not be negative"},
	{ai(`"duration_ms":1e300`), "invalid_value: duration_ms is too large"},
	{ai(`"duration_ms":true`), "wrong_type: duration_ms must be a number"},
	{ai(`"status_code":99`), "invalid_value: status_code must be from 100 to 599"},
	{ai(`"status_code":600`), "invalid_value: status_code must be from 100 to 599"},
	{ai(`"attempt":1001`), "invalid_value: attempt is over 1000"},
	{ai(`"cost_usd":-1`), "invalid_value: cost_usd must not be negative"},
	{ai(`"cost_usd":"1,5"`), "invalid_value: cost_usd is not a decimal number"},
	{ai(`"cost_usd":"$5"`), "invalid_value: cost_usd is not a decimal number"},
	{ai(`"cost_usd":1000000.1`), "invalid_value: cost_usd is over 1000000"},
	{ai(`"cost_usd":{}`), "wrong_type: cost_usd must be a number"},
	{ai(`"input_tokens":5,"cache_read_tokens":6`), "invalid_value: input_tokens is less than " +
		"the sum of its parts; it includes cached, reasoning and audio tokens"},
	{ai(`"output_tokens":5,"reasoning_tokens":3,"audio_output_tokens":3`),
		"invalid_value: output_tokens is less than the sum of its parts; it includes cached, " +
			"reasoning and audio tokens"},
	{ai(`"cache_write_tokens":5,"cache_write_1h_tokens":6`), "invalid_value: " +
		"cache_write_1h_tokens is more than cache_write_tokens, of which it is a part"},
	{ai(`"model":"x"`), "duplicate_field: model is given more than once"},
	{ai(`"type":"ai_request"`), "duplicate_field: type is given more than once"},
	{ai(`"request":{"model":"x"}`), "duplicate_field: model is given more than once"},
	{ai(`"request":{},"request":{}`), "duplicate_field: request is given more than once"},
	{ai(`"request":[]`), "wrong_type: request must be an object"},
	{ai(`"user_id":"` + long(129) + `"`), "too_long: user_id is over 128 bytes"},
	{ai(`"id":"` + long(65) + `"`), "too_long: id is over 64 bytes"},
	{ai(`"user_id":"a\nb"`), "invalid_value: user_id must not hold control characters"},
	{ai(`"mcp_servers":["a",1]`), "wrong_type: mcp_servers must be a list of at most 64 strings"},
	{ai(`"mcp_servers":{}`), "wrong_type: mcp_servers must be a list of strings"},
	{ai(`"properties":[]`), "wrong_type: properties must be an object"},
	{ai(`"properties":{"a":{}}`),
		"wrong_type: properties.a must be a string, a number or a boolean"},
	{ai(`"properties":{"a":[1,{"b":[]}],"c":{}}`),
		"wrong_type: properties.a must be a string, a number or a boolean"},
	{ai(`"properties":{"a":1,"\u0061":2}`), "duplicate_field: properties.a is given more than once"},
	{ai(`"properties":{"":1}`),
		"invalid_value: properties has a name that is empty, over 128 bytes or not plain"},
	{ai(`"properties":{"a":1e309}`), "invalid_value: properties.a is too large for a 64-bit float"},
	{ai(`"properties":{` + many(33, `"k%d":1`) + `}`),
		"too_many_properties: properties has more than 32 entries"},
	{ai(many(256, `"k%d":1`)), "too_many_keys: the event has more than 256 keys"},
	{ai(`"x":"` + long(65536) + `"`), "too_large: the event is over 65536 bytes"},
	{`{"type":"metric","name":"m","value":1e309}`,
		"invalid_value: value is too large for a 64-bit float"},
	{`{"type":"metric","name":"m","value":"1"}`, "wrong_type: value must be a number"},
	{`{"type":"engagement","url":"/","scroll_depth":101}`,
		"invalid_value: scroll_depth is over 100"},
	{`{"type":"activity","category":"a","action":"b","severity":"urgent"}`,
		"invalid_value: severity must be one of low, medium, high, critical"},
	{`{"type":"agent_task","agent":"a","status":"done"}`,
		"invalid_value: status must be one of started, completed, failed"},
	{web(`"timestamp":"yesterday"`),
		"invalid_value: timestamp is not RFC 3339, unix seconds or unix milliseconds"},
	{web(`"timestamp":"2026-02-30T00:00:00Z"`),
		"invalid_value: timestamp is not RFC 3339, unix seconds or unix milliseconds"},
	{web(`"timestamp":true`), "wrong_type: timestamp must be a number"},
	{web(`"timestamp":"2026-11-14T03:43:59Z"`), "timestamp_out_of_range: timestamp is out of " +
		"range: it must be from 2026-11-14T03:44:00Z to 2026-11-21T03:54:00Z"},
	{web(`"timestamp":1795233241`), "timestamp_out_of_range: timestamp is out of " +
		"range: it must be from 2026-11-14T03:44:00Z to 2026-11-21T03:54:00Z"},
	{web(`"timestamp":-5`), "timestamp_out_of_range: timestamp is out of " +
		"range: it must be from 2026-11-14T03:44:00Z to 2026-11-21T03:54:00Z"},
	{web(`"timestamp":1e30`), "timestamp_out_of_range: timestamp is out of " +
		"range: it must be from 2026-11-14T03:44:00Z to 2026-11-21T03:54:00Z"},
}

func TestBadEventsAreNamed(t *testing.T) {
	for _, c := range badEvents {
		for _, body := range []string{c[0], "[" + c[0] + "]"} {
			if strings.HasPrefix(c[0], "[") && body != c[0] {
				continue
			}
			r := run(body, false)
			want := "0 " + c[1]
			if r.err != nil || len(r.rows) != 0 || len(r.problems) != 1 || r.problems[0] != want {
				t.Errorf("%.90s\n got %q, %v\nwant %q", body, r.problems, r.err, want)
			}
		}
	}
}

// brokenLines are texts that are not JSON, each in its own way.
var brokenLines = []string{
	`{"type":"metric","name":"m","value":01}`,
	`{"type":"metric","name":"m","value":1.}`,
	`{"type":"metric","name":"m","value":.5}`,
	`{"type":"metric","name":"m","value":+1}`,
	`{"type":"metric","name":"m","value":1e}`,
	`{"type":"metric","name":"m","value":0x10}`,
	`{"type":"metric","name":"m","value":-}`,
	`{"type":"metric","name":"m","value":NaN}`,
	`{"type":"metric","name":"m","value":Infinity}`,
	`{"type":"metric","name":"m","value":nul}`,
	`{"type":"metric","name":"m","value":True}`,
	`{"type":"metric","name":"m",}`,
	`{"type":"metric","name":"m"`,
	`{"type":"metric","name":"m`,
	`{"type":"metric","name"`,
	`{"type":"metric" "name":"m"}`,
	`{"type":"metric","name" "m"}`,
	`{"type":"metric",name:"m"}`,
	`{'type':'metric'}`,
	`{"type":"metric","name":"m"}}`,
	`{"type":"metric","name":"m"} x`,
	`{"type":"metric","name":"m"}{"type":"metric","name":"m"}`,
	`{"type":"metric","name":"m"}` + "\x00",
	"{\"type\":\"metric\",\"name\":\"a\tb\"}",
	"{\"type\":\"metric\",\"name\":\"a\x00b\"}",
	"{\"type\":\"metric\",\"name\":\"a\xffb\"}",
	"{\"type\":\"metric\",\"name\":\"\xc0\xaf\"}",
	"{\"type\":\"metric\",\"name\":\"\xed\xa0\x80\"}",
	"{\"type\":\"metric\",\"name\":\"m\"}\xff",
	`{"type":"metric","name":"\x41"}`,
	`{"type":"metric","name":"\u12"}`,
	`{"type":"metric","name":"\u12g4"}`,
	`{"type":"metric","name":"\ud800"}`,
	`{"type":"metric","name":"\udc00\ud800"}`,
	`{"type":"metric","name":"\ud800\u0041"}`,
	`{"type":"metric","name":"m","x":[1,]}`,
	`{"type":"metric","name":"m","x":[1 2]}`,
	`{"type":"metric","name":"m","x":{"a"}}`,
	`{"type":"metric","name":"m","x":{1:2}}`,
	`{"type":"metric","name":"m","x":[}`,
	`{"type":"metric","name":"m","x":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`,
	`{"type":"metric","name":"m","x":` + strings.Repeat(`{"a":`, 5000),
	`{"type":"metric","name":"m",//comment` + "\r}",
	`<html>`,
	`null`[:3],
}

func TestBrokenJSONNeverPasses(t *testing.T) {
	for _, line := range brokenLines {
		if r := run(line, false); r.err == nil || len(r.problems)+len(r.rows) > 1 {
			t.Errorf("single %.80q: got rows %q, problems %q", line, r.rows, r.problems)
		}
		if r := run("["+line+"]", false); r.err == nil {
			t.Errorf("array %.80q: got rows %q, problems %q", line, r.rows, r.problems)
		}
		good := `{"type":"metric","name":"good"}`
		r := run(good+"\n"+line+"\n"+good, true)
		if r.err != nil || len(r.rows) != 2 || len(r.problems) != 1 ||
			!strings.HasPrefix(r.problems[0], "1 broken_json: ") {
			t.Errorf("line %.80q: got %d rows, %q, %v", line, len(r.rows), r.problems, r.err)
		}
		if r := run(line+"\n"+line, true); r.err == nil {
			t.Errorf("no line of %.80q survives, but there is no error", line)
		}
	}
}
