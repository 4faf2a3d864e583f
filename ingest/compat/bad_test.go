package compat

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/ingest/decode"
	"analytics/ingest/wire"
)

var doors = []string{
	"/v1/litellm", ingestion, "/custom/v1/log", "/oai/v1/log", "/anthropic/v1/log", "/v1/client/usage/log",
}

func TestBadBodiesAreRefused(t *testing.T) {
	h := newHouse(t)
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	for range 64 {
		_, _ = w.Write(bytes.Repeat([]byte(" "), 1<<20))
	}
	_ = w.Close()
	for _, path := range doors {
		f := func(want int, body string, headers ...string) {
			t.Helper()
			if status, answer := h.post(path, body, headers...); status != want {
				t.Errorf("%s: got %d %.200s, want %d", path, status, answer, want)
			}
		}
		f(401, "{}", "Authorization", "Bearer ak_ing_wrong")
		f(401, "{}", "Authorization", "Basic cGs6c2s=")
		f(401, "{}", "Authorization", "")
		f(400, "")
		f(400, "{broken")
		f(400, strings.Repeat("[", 200_000))
		f(400, strings.Repeat(`{"batch":[`, 100_000))
		f(413, strings.Repeat(" ", 6<<20))
		f(413, bomb.String(), "Content-Encoding", "gzip")
		f(415, "{}", "Content-Encoding", "br")
		f(400, "not gzip", "Content-Encoding", "gzip")
	}
}

func TestPackedBodiesAreTaken(t *testing.T) {
	h := newHouse(t)
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write([]byte(file(t, "litellm.json")))
	_ = w.Close()
	if status, answer := h.post("/v1/litellm", packed.String(), "Content-Encoding", "gzip"); status != 200 ||
		!strings.HasPrefix(answer, `{"accepted":4`) {
		t.Errorf("got %d %s", status, answer)
	}
}

// FuzzDoors wants of any JSON that what a door writes is what the intake reads: every event is
// well-formed, none has a field twice, and its parts fit into its totals.
func FuzzDoors(f *testing.F) {
	for _, name := range []string{"litellm.json", "langfuse_v2.json"} {
		f.Add([]byte(file(f, name)))
	}
	f.Add([]byte(log("https://x", `{"model":"m","_type":"tool"}`, `{"textBody":"data: {}","json":{"usage":{"input_tokens":1}}}`)))
	f.Add([]byte(`{"model":"m","tokens_used":5,"usage":{"prompt_tokens":-1,"completion_tokens":1e999}}`))
	f.Add([]byte(`{"model":"m","usage":{"input":1,"output":1},"usageDetails":{"input_cached_1h_creation":9e18,"total":"x"}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		list, err := split(body)
		if err != nil {
			return
		}
		var l wire.Lines
		for _, it := range list {
			if it.problem != nil {
				continue
			}
			_ = readLiteLLM(&l, it.value)
			_ = readPromptOps(&l, it.value)
			u := langfuseUsage(it.value)
			readWhole(t, &l)
			sayings(&l, it.value, u)
			readWhole(t, &l)
		}
	})
}

func sayings(l *wire.Lines, v gjson.Result, u wire.Usage) {
	for _, kind := range []string{"generation", "tool", "agent"} {
		o := readObservation(v, kind)
		o.Usage = u
		o.merge(readObservation(v, kind))
		(&told{observation: *o, trace: *readTrace(v, store.Default)}).write(l)
	}
	if s := readLangfuse(v, store.Default, false); s.observation != nil {
		(&told{observation: *s.observation}).write(l)
	}
	_, _ = readStream(v.Raw)
	_ = usageIn(v)
}

// readWhole reads lines as the intake does. What it refuses must be the sender's fault.
func readWhole(t *testing.T, l *wire.Lines) {
	t.Helper()
	var d decode.Decoder
	d.Reset(l.Bytes(), true, decode.Window{Now: 1, From: 0, To: 1 << 62})
	var e event.Event
	for d.Next(&e) {
		p := d.Problem()
		if p == nil {
			continue
		}
		// A cost of more than a million, a time of other centuries, a length over the limit.
		allowed := p.Code == decode.OutOfRange || p.Code == decode.InvalidValue &&
			(p.Field == "cost_usd" || strings.HasSuffix(p.Field, "_ms") || p.Field == "timestamp")
		if !allowed {
			t.Errorf("%s\n%s", p.Message(), l.Bytes())
		}
	}
	if err := d.Err(); err != nil && l.Len() > 0 {
		t.Errorf("%v\n%s", err, l.Bytes())
	}
	l.Reset()
}
