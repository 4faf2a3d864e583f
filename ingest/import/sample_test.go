package importer

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"time"
)

// requests is n ai_requests of about 640 bytes over the last day, each with random ids.
func requests(n int) []byte {
	var b bytes.Buffer
	b.Grow(n * 760)
	r := rand.New(rand.NewPCG(1, 2))
	models := []string{"gpt-4o", "gpt-4o-mini", "claude-sonnet-4-5", "gemini-2.5-flash"}
	start := time.Now().Add(-24 * time.Hour)
	for i := range n {
		at := start.Add(time.Duration(i) * 24 * time.Hour / time.Duration(n))
		fmt.Fprintf(&b, `{"type":"ai_request","id":"%08x-%04x-7%03x-9%03x-%012x","timestamp":"%s",`+
			`"project":"support-bot","user_id":"user_%d","session_id":"sess_%08x",`+
			`"trace_id":"%016x%016x","span_id":"%016x","agent":"triage",`+
			`"conversation_id":"conv_%d","model":"%s","provider":"openai",`+
			`"endpoint":"/v1/chat/completions","stream":true,"status_code":200,"input_tokens":%d,`+
			`"cache_read_tokens":%d,"output_tokens":%d,"reasoning_tokens":%d,"duration_ms":%.2f,`+
			`"ttfb_ms":%.1f,"request_bytes":%d,"response_bytes":%d,"message_count":7,`+
			`"api_key_id":"key_abc123","properties":{"env":"prod","tier":"gold"}}`+"\n",
			r.Uint32(), r.Uint32()&0xffff, r.Uint32()&0xfff, r.Uint32()&0xfff, r.Uint64()>>16,
			at.UTC().Format("2006-01-02T15:04:05.000Z"), r.IntN(500), r.IntN(3000), r.Uint64(),
			r.Uint64(), r.Uint64(), r.IntN(4000), models[r.IntN(4)], 1024+r.IntN(3000),
			r.IntN(1024), 300+r.IntN(900), r.IntN(300), 400+r.Float64()*3000, 100+r.Float64()*300,
			r.IntN(20000), r.IntN(9000))
	}
	return b.Bytes()
}
