package compat

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkLiteLLM takes what LiteLLM sends at once by default, 512 calls, of 3 KB each, stored and
// synced before the answer.
func BenchmarkLiteLLM(b *testing.B) {
	h := newHouse(b)
	first, _, _ := strings.Cut(strings.TrimPrefix(file(b, "litellm.json"), "["), ",\n {\"id\":\"msg_B2\"")
	n := 0
	for b.Loop() {
		b.StopTimer()
		var all []string
		for range 512 {
			n++
			all = append(all, strings.Replace(first, "chatcmpl-A1", fmt.Sprintf("chatcmpl-%d", n), 1))
		}
		body := "[" + strings.Join(all, ",") + "]"
		b.SetBytes(int64(len(body)))
		b.StartTimer()
		if status, answer := h.post("/v1/litellm", body); status != 200 || !strings.HasPrefix(answer, `{"accepted":512`) {
			b.Fatal(status, answer)
		}
	}
}

// BenchmarkLangfuse takes requests of fifteen items, as clients send them: five generations whole.
func BenchmarkLangfuse(b *testing.B) {
	h := newHouse(b)
	n := 0
	for b.Loop() {
		b.StopTimer()
		var items []string
		for range 5 {
			n++
			r := strings.NewReplacer(`"g"`, fmt.Sprintf(`"g%d"`, n), `"t"`, fmt.Sprintf(`"t%d"`, n))
			items = append(items, r.Replace(owner), r.Replace(begun), r.Replace(ended))
		}
		body := batch(items...)
		b.StartTimer()
		if status, answer := h.post(ingestion, body, h.basic()...); status != 207 {
			b.Fatal(status, answer)
		}
	}
}
