package dialect_test

import (
	"encoding/json"
	"testing"

	"analytics/ingest/dialect"
)

// FuzzReader reads any answer whole and in two pieces: facts and what is passed on are the same,
// nothing that is passed on was not in the answer, and parts never exceed their totals.
func FuzzReader(f *testing.F) {
	all := exchanges(f)
	for i, x := range all {
		f.Add(x.bytes, uint16(i), uint16(len(x.bytes)/2), true)
	}
	f.Fuzz(func(t *testing.T, answer []byte, which, at uint16, hide bool) {
		x := all[int(which)%len(all)]
		q := x.dialect.Request(x.method, x.path, x.mediaType, x.body)
		passed, whole := x.read(q, answer, hide)
		again, facts := x.read(q, answer, hide, int(at))
		if facts != whole {
			t.Errorf("in two pieces\n got %+v\nwant %+v", facts, whole)
		}
		if string(again) != string(passed) {
			t.Errorf("in two pieces passes\n got %q\nwant %q", again, passed)
		}
		if !hide && string(passed) != string(answer) || len(passed) > len(answer) {
			t.Errorf("passes %q of %q", passed, answer)
		}
		u := whole.Usage
		if u.Input.Known && u.CacheRead.N+u.CacheWrite.N+u.AudioInput.N > u.Input.N ||
			u.CacheWrite1h.N > u.CacheWrite.N ||
			u.Output.Known && u.Reasoning.N+u.AudioOutput.N > u.Output.N {
			t.Errorf("parts exceed their totals: %+v", u)
		}
	})
}

// FuzzRequest reads any request, and sets include_usage in any body: what was JSON stays JSON and
// means the same but for the option.
func FuzzRequest(f *testing.F) {
	for _, x := range exchanges(f) {
		f.Add(x.method, x.path, x.mediaType, x.body)
	}
	f.Fuzz(func(t *testing.T, method, path, mediaType string, body []byte) {
		for _, name := range []string{"openai", "anthropic", "gemini"} {
			d, _ := dialect.ByName(name)
			if q := d.Request(method, path, mediaType, body); q.Billed != (q.Operation != "") {
				t.Errorf("billed and operation do not agree: %+v", q)
			}
		}
		with, ok := dialect.IncludeUsage(body)
		if !ok || !json.Valid(body) {
			return
		}
		var got map[string]any
		if err := json.Unmarshal(with, &got); err != nil {
			t.Fatalf("%s became %s: %v", body, with, err)
		}
		options, _ := got["stream_options"].(map[string]any)
		if include, _ := options["include_usage"].(bool); !include {
			if _, odd := options["include_usage"]; !odd { // a text or object there is the caller's
				t.Errorf("%s became %s", body, with)
			}
		}
	})
}
