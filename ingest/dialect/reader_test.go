package dialect_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"analytics/ingest/dialect"
)

func chat(t testing.TB) (*dialect.Dialect, dialect.Request) {
	t.Helper()
	d, ok := dialect.ByName("openai")
	if !ok {
		t.Fatal("there is no dialect openai")
	}
	return d, d.Request("POST", "/v1/chat/completions", "application/json",
		[]byte(`{"model":"gpt-4o","stream":true,"messages":[]}`))
}

const (
	contentChunk = `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1741569952,` +
		`"model":"gpt-4o-2024-08-06","service_tier":"default","system_fingerprint":"fp_1","choices":` +
		`[{"index":0,"delta":{"content":" grove beneath"},"logprobs":null,"finish_reason":null}],` +
		`"usage":null}` + "\n\n"
	usageChunk = `data: {"id":"chatcmpl-1","choices":[],"usage":{"prompt_tokens":8,` +
		`"completion_tokens":9,"total_tokens":17}}` + "\n\n"
)

func TestContentIsPassedAsSoonAsItIsKnownToBeContent(t *testing.T) {
	d, q := chat(t)
	r := d.Reader(q, 200, "text/event-stream")
	r.HideUsage()
	known := strings.Index(contentChunk, `{"index"`) + 1
	if got := r.Pass([]byte(contentChunk[:known-1])); len(got) > 0 {
		t.Errorf("passed %q, which could be usage", got)
	}
	for i := known - 1; i < len(contentChunk); i++ {
		want := contentChunk[i : i+1]
		if i == known-1 {
			want = contentChunk[:known]
		}
		if got := r.Pass([]byte(contentChunk[i : i+1])); string(got) != want {
			t.Fatalf("at byte %d passed %q, want %q", i, got, want)
		}
	}
}

func TestUsageIsHiddenOnlyWhereAsked(t *testing.T) {
	d, q := chat(t)
	f := func(contentType, answer, want string, hide bool) {
		t.Helper()
		r := d.Reader(q, 200, contentType)
		if hide {
			r.HideUsage()
		}
		got := string(r.Pass([]byte(answer))) + string(r.Rest())
		if got != want {
			t.Errorf("%s, hide %v\n got %q\nwant %q", contentType, hide, got, want)
		}
	}
	all := contentChunk + usageChunk + "data: [DONE]\n\n"
	less := contentChunk + "data: [DONE]\n\n"
	f("text/event-stream", all, all, false)
	f("text/event-stream", all, less, true)
	f("", all, less, true) // known by its first bytes
	f("application/json", usageChunk[6:], usageChunk[6:], true)
	f("text/html", all, all, true)
	// The last event may lack its end.
	f("text/event-stream", contentChunk+strings.TrimRight(usageChunk, "\n"), contentChunk, true)
	f("text/event-stream", contentChunk+usageChunk[:20], contentChunk+usageChunk[:20], true)
}

func TestUsageOfAnAnswerOfAnySizeIsFound(t *testing.T) {
	d, q := chat(t)
	q.Stream = false
	r := d.Reader(q, 200, "application/json")
	write := func(s string) { _, _ = r.Write([]byte(s)) }
	write(`{"model":"gpt-image-1","data":[`)
	piece := strings.Repeat("iVBORw0KGgoAAAANSUhEUgAA", 1024)
	for i := range 4 {
		if i > 0 {
			write(",")
		}
		write(`{"b64_json":"`)
		for range 200 {
			write(piece)
		}
		write(`"}`)
	}
	write(`],"usage":{"input_tokens":50,"output_tokens":4160}}`)
	f := r.Facts()
	if f.Usage.Input.N != 50 || f.Usage.Output.N != 4160 || !f.Terminated {
		t.Errorf("got %+v", f)
	}
}

func TestReadingMakesNoGarbage(t *testing.T) {
	d, q := chat(t)
	for _, hide := range []bool{false, true} {
		r := d.Reader(q, 200, "text/event-stream")
		if hide {
			r.HideUsage()
		}
		chunk := []byte(contentChunk)
		if n := testing.AllocsPerRun(100, func() { r.Pass(chunk) }); n > 0 {
			t.Errorf("hide %v: %v allocations a chunk", hide, n)
		}
	}
}

func TestDeepAndBrokenTextsAreHarmless(t *testing.T) {
	d, q := chat(t)
	for _, text := range []string{
		strings.Repeat("[", 1<<16), strings.Repeat(`{"usage":`, 1<<14), strings.Repeat("}", 1<<10),
		strings.Repeat(`{"choices":[{"delta":{"tool_calls":[{"function":{"name":`, 1<<10),
		`{"usage":{"prompt_tokens":-1,"completion_tokens":1e400,"total_tokens":"5"}}`,
		`{"usage":{"prompt_tokens":9007199254740993}}`, `{"usage":5,"model":{"id":7}}`,
		`{"\u`, `{"model":"\ud83d\ude00\u12"}`, `"`, `\`, `{"a":"\`,
	} {
		r := d.Reader(q, 200, "application/json")
		_, _ = r.Write([]byte(text))
		if f := r.Facts(); f.Usage.Known() {
			t.Errorf("%.60s: got %+v", text, f.Usage)
		}
	}
}

// TestAnswersOfEscapesAreReadInLinearTime would take minutes if each escape were looked for from
// the start of what is left, or each quote beyond an escape.
func TestAnswersOfEscapesAreReadInLinearTime(t *testing.T) {
	d, q := chat(t)
	for _, unit := range []string{`\\`, `\"`, `\n`, `a\"`} {
		r := d.Reader(q, 200, "application/json")
		_, _ = fmt.Fprintf(r, `{"x":"%s","usage":{"prompt_tokens":3}}`, strings.Repeat(unit, 4<<20))
		if f := r.Facts(); f.Usage.Input.N != 3 {
			t.Errorf("%s: got %+v", unit, f)
		}
	}
}

func BenchmarkReader(b *testing.B) {
	d, q := chat(b)
	for _, hide := range []bool{false, true} {
		b.Run(fmt.Sprintf("chunk/hide=%v", hide), func(b *testing.B) {
			r := d.Reader(q, 200, "text/event-stream")
			if hide {
				r.HideUsage()
			}
			chunk := []byte(contentChunk)
			b.SetBytes(int64(len(chunk)))
			b.ReportAllocs()
			for b.Loop() {
				r.Pass(chunk)
			}
		})
	}
	b.Run("image", func(b *testing.B) {
		r := d.Reader(q, 200, "application/json")
		_, _ = r.Write([]byte(`{"data":[{"b64_json":"`))
		piece := bytes.Repeat([]byte("iVBORw0KGgoAAAANSUhEUgAA"), 1365)
		b.SetBytes(int64(len(piece)))
		b.ReportAllocs()
		for b.Loop() {
			_, _ = r.Write(piece)
		}
	})
	b.Run("whole", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r := d.Reader(q, 200, "text/event-stream")
			_, _ = r.Write([]byte(contentChunk))
			_ = r.Facts()
		}
	})
}

func BenchmarkRequest(b *testing.B) {
	d, _ := dialect.ByName("openai")
	body := []byte(`{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"` +
		strings.Repeat(`The quick brown fox. \n`, 400) + `"}]}`)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		_ = d.Request("POST", "/v1/chat/completions", "application/json", body)
	}
}
