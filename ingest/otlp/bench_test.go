package otlp

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkTraces sends batches of 512 spans, each of them a call with ten attributes and durable
// before the answer.
func BenchmarkTraces(b *testing.B) {
	const spans = 512
	for _, kind := range []string{"protobuf", "gzip", "json"} {
		b.Run(kind, func(b *testing.B) {
			h := newHouse(b)
			bodies := make([][]byte, b.N)
			for i := range bodies {
				batch := chats(spans, noon.Add(-time.Minute))
				list := batch.ResourceSpans().At(0).ScopeSpans().At(0).Spans()
				for j := range spans {
					s := list.At(j)
					s.SetTraceID([16]byte([]byte(fmt.Sprintf("%08d%08d", i, j))))
					for _, name := range []string{"server.address", "gen_ai.response.id", "user.id", "http.route"} {
						s.Attributes().PutStr(name, "api.example.com")
					}
				}
				switch bodies[i] = protobufOf(b, batch); kind {
				case "gzip":
					bodies[i] = gzipOf(b, bodies[i])
				case "json":
					bodies[i] = jsonOf(b, batch)
				}
			}
			headers := []string{"Content-Encoding", ""}
			switch kind {
			case "gzip":
				headers[1] = "gzip"
			case "json":
				headers = append(headers, "Content-Type", "application/json")
			}
			b.SetBytes(int64(len(bodies[0])))
			b.ReportAllocs()
			b.ResetTimer()
			for _, body := range bodies {
				if w := h.post("/v1/traces", body, headers...); w.Code != 200 {
					b.Fatalf("got %d %s", w.Code, w.Body)
				}
			}
			b.ReportMetric(float64(spans*b.N)/b.Elapsed().Seconds(), "spans/s")
		})
	}
}
