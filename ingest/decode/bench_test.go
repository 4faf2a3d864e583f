package decode

import (
	"bytes"
	"testing"

	"analytics/engine/event"
)

// aiLine is a typical ai_request of about 640 bytes.
const aiLine = `{"type":"ai_request","id":"019b2c4e-7a3f-7d21-9c55-3f2a9d1e7b44",` +
	`"timestamp":"2026-11-21T03:44:00.123Z","project":"support-bot","user_id":"user_18233",` +
	`"session_id":"sess_9f8e7d6c5b4a","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736",` +
	`"span_id":"00f067aa0ba902b7","agent":"triage","conversation_id":"conv_77120",` +
	`"model":"gpt-4o-mini-2024-07-18","provider":"openai","endpoint":"/v1/chat/completions",` +
	`"operation":"chat","stream":true,"status_code":200,"input_tokens":1834,` +
	`"cache_read_tokens":1024,"output_tokens":412,"reasoning_tokens":128,"duration_ms":1847.25,` +
	`"ttfb_ms":312.5,"request_bytes":7420,"response_bytes":2210,"message_count":7,` +
	`"api_key_id":"key_abc123","properties":{"env":"prod","tier":"gold","retry":0}}` + "\n"

var testWindow = Window{Now: 1_795_000_000e6, From: 0, To: 1_900_000_000e6}

func BenchmarkDecode(b *testing.B) {
	body := bytes.Repeat([]byte(aiLine), 1000)
	var d Decoder
	var e event.Event
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		d.Reset(body, true, testWindow)
		n := 0
		for d.Next(&e) {
			if p := d.Problem(); p != nil {
				b.Fatal(p.Message())
			}
			n++
		}
		if n != 1000 || d.Err() != nil {
			b.Fatal(n, d.Err())
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/event")
}

func BenchmarkDecodeRow(b *testing.B) {
	body := bytes.Repeat([]byte(aiLine), 1000)
	var d Decoder
	var e event.Event
	var row []byte
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		d.Reset(body, true, testWindow)
		row = row[:0]
		for d.Next(&e) {
			row = e.AppendRow(row)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/event")
}
