package events

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"analytics/engine/auth"
	"analytics/engine/store"
)

// aiLine is a typical ai_request of about 640 bytes, with places for two random ids.
const aiLine = `{"type":"ai_request","id":"%08x-7a3f-7d21-9c55-%012x",` +
	`"timestamp":"2026-11-21T11:%02d:00.123Z","project":"support-bot","user_id":"user_18233",` +
	`"session_id":"sess_9f8e7d6c","trace_id":"4bf92f3577b34da6a3ce%012x",` +
	`"span_id":"00f067aa0ba902b7","agent":"triage","conversation_id":"conv_77120",` +
	`"model":"gpt-4o-mini-2024-07-18","provider":"openai","endpoint":"/v1/chat/completions",` +
	`"stream":true,"status_code":200,"input_tokens":1834,` +
	`"cache_read_tokens":1024,"output_tokens":412,"reasoning_tokens":128,"duration_ms":1847.25,` +
	`"ttfb_ms":312.5,"request_bytes":7420,"response_bytes":2210,"message_count":7,` +
	`"api_key_id":"key_abc123","properties":{"env":"prod","tier":"gold"}}` + "\n"

// lines are n events that no other call of lines has made.
func lines(dst []byte, serial *int, n int) []byte {
	for range n {
		*serial++
		i := *serial
		dst = fmt.Appendf(dst, aiLine, uint32(i)*2654435761, i, i%60, i*7919)
	}
	return dst
}

// sealing does what the seal job does while the benchmark runs: without it the head fills up.
func sealing(h *house) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	h.t.Cleanup(func() { cancel(); <-done })
	go func() {
		defer close(done)
		for {
			select {
			case <-h.store.Pressure():
				if _, err := h.store.Relieve(ctx); err != nil && ctx.Err() == nil {
					h.t.Error(err)
				}
			case <-ctx.Done():
				return
			}
		}
	}()
}

// BenchmarkIntake takes in bodies of 1,000 events with everything but HTTP: decode, enrich, price,
// and a synced append.
func BenchmarkIntake(b *testing.B) {
	h := newHouse(b, store.Config{})
	sealing(h)
	body, serial := []byte(nil), 0
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		body = lines(body[:0], &serial, 1000)
		b.StartTimer()
		answer, err := h.intake.Take(context.Background(),
			&Body{Tenant: store.Default, Text: body, Lines: true})
		if err != nil || answer.Accepted != 1000 {
			b.Fatal(answer, err)
		}
	}
	b.SetBytes(int64(len(body)))
	b.ReportMetric(float64(b.N)*1000/b.Elapsed().Seconds(), "events/s")
}

// pageLine is a typical page view, with places for an address.
const pageLine = `{"type":"page_view","timestamp":"2026-11-21T11:%02d:00Z",` +
	`"url":"https://shop.example/products/%d?utm_source=newsletter&utm_medium=email",` +
	`"title":"Garden chairs","referrer":"https://www.google.com/","client_ip":"193.99.%d.%d",` +
	`"user_agent":"Mozilla/5.0 (X11; Linux x86_64; rv:152.0) Gecko/20100101 Firefox/152.0",` +
	`"language":"de-DE","screen":"1920x1080","session_id":"s%d"}` + "\n"

// BenchmarkRead is the part of it before the store.
func BenchmarkRead(b *testing.B) {
	serial := 0
	var pages []byte
	for i := range 1000 {
		pages = fmt.Appendf(pages, pageLine, i%60, i%50, i%256, i/4, i)
	}
	for name, body := range map[string][]byte{
		"ai_request": lines(nil, &serial, 1000), "page_view": pages,
	} {
		b.Run(name, func(b *testing.B) {
			h := newHouse(b, store.Config{})
			w := newWorker(h.intake)
			in := &Body{Tenant: store.Default, Text: body, Lines: true}
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				err := w.read(context.Background(), h.intake.policy.Load(), in)
				if err != nil || w.batch.Len() != 1000 {
					b.Fatal(w.answer, err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/event")
		})
	}
}

// BenchmarkHTTP sends bodies over loopback, from the same machine: 1,000 events a body over 4
// connections, and one event a request over 64.
func BenchmarkHTTP(b *testing.B) {
	for _, c := range []struct{ events, connections int }{{1000, 4}, {1, 64}} {
		b.Run(fmt.Sprintf("events=%d", c.events), func(b *testing.B) {
			h := newHouse(b, store.Config{})
			sealing(h)
			key := h.key(auth.Ingest)
			server := httptest.NewServer(h.mux)
			defer server.Close()
			client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: c.connections}}
			serial := 0
			bodies := make(chan []byte, b.N)
			for range b.N {
				bodies <- lines(nil, &serial, c.events)
			}
			close(bodies)
			b.ResetTimer()
			done := make(chan error, c.connections)
			for range c.connections {
				go func() { done <- drain(client, server.URL, key, bodies) }()
			}
			for range c.connections {
				if err := <-done; err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N*c.events)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

func drain(client *http.Client, url, key string, bodies <-chan []byte) error {
	for body := range bodies {
		r, err := http.NewRequest("POST", url+"/v1/events", bytes.NewReader(body))
		if err != nil {
			return err
		}
		r.Header.Set("Authorization", "Bearer "+key)
		r.Header.Set("Content-Type", "application/x-ndjson")
		answer, err := client.Do(r)
		if err != nil {
			return err
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return fmt.Errorf("status %s", answer.Status)
		}
	}
	return nil
}
