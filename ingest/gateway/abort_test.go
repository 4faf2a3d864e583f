package gateway

import (
	"context"
	"io"
	"net/http"
	"runtime"
	"testing"
	"time"

	"analytics/engine/auth"
)

// until waits for a state that another goroutine brings about.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// leave calls and leaves: after the first event of the answer, or before any if it never comes.
func (h *house) leave(afterFirst bool, begun <-chan struct{}) {
	h.t.Helper()
	ctx, cancel := context.WithCancel(h.t.Context())
	r := h.chat(streamBody).Request.WithContext(ctx)
	if !afterFirst {
		go func() { <-begun; cancel() }()
		if _, err := plain.RoundTrip(r); err == nil {
			h.t.Error("there was an answer")
		}
		return
	}
	res, err := plain.RoundTrip(r)
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := io.ReadFull(res.Body, make([]byte, len(event1))); err != nil {
		h.t.Error(err)
	}
	cancel()
	_ = res.Body.Close()
}

// slow is an upstream whose answer goes on when it is told to.
func slow(begun chan<- struct{}, more <-chan struct{}, gone chan<- struct{}) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if begun != nil {
			close(begun)
		} else {
			w.Header().Set("Content-Type", "text/event-stream")
			_, _ = io.WriteString(w, event1)
			w.(http.Flusher).Flush()
		}
		select {
		case <-more:
			w.Header().Set("Content-Type", "text/event-stream")
			if begun != nil {
				_, _ = io.WriteString(w, event1)
			}
			_, _ = io.WriteString(w, event2+eventUsage+eventDone)
		case <-r.Context().Done():
			close(gone)
		}
	}
}

func TestAnswerIsReadToItsEndForWhoHasLeft(t *testing.T) {
	for _, afterFirst := range []bool{true, false} {
		more, gone := make(chan struct{}), make(chan struct{})
		var begun chan struct{}
		if !afterFirst {
			begun = make(chan struct{})
		}
		h := newHouse(t, slow(begun, more, gone), nil)
		h.leave(afterFirst, begun)
		until(t, "a drain", func() bool { return len(h.gateway.drains) == 1 })
		close(more)
		h.gateway.calls.wait()
		check(t, h.row(), map[string]string{
			"status_code": "499", "success": "0", "error_type": "client_abort", "usage_source": "provider",
			"input_uncached_tokens": "10", "output_text_tokens": "5", "finish_reason": "stop",
		})
		if len(h.gateway.drains) != 0 {
			t.Error("the place is not given back")
		}
	}
}

func TestCallIsCancelledForWhoHasLeft(t *testing.T) {
	full := func(h *house) {
		for range maxDrains {
			h.gateway.drains <- struct{}{}
		}
	}
	for name, c := range map[string]struct {
		change func(*Config)
		before func(*house)
		after  func(*house)
	}{
		"by configuration": {func(c *Config) { c.OnClientAbort = cancel }, nil, nil},
		"when too many are drained": {nil, full, func(h *house) {
			for range maxDrains {
				<-h.gateway.drains
			}
		}},
		"when it takes too long": {func(c *Config) { c.DrainTimeout = time.Millisecond }, nil, nil},
	} {
		for _, afterFirst := range []bool{true, false} {
			gone := make(chan struct{})
			var begun chan struct{}
			if !afterFirst {
				begun = make(chan struct{})
			}
			h := newHouse(t, slow(begun, nil, gone), c.change)
			if c.before != nil {
				c.before(h)
			}
			h.leave(afterFirst, begun)
			<-gone
			h.gateway.calls.wait()
			if c.after != nil {
				c.after(h)
			}
			t.Log(name, afterFirst)
			check(t, h.row(), map[string]string{
				"status_code": "499", "success": "0", "error_type": "client_abort", "usage_source": "none",
			})
		}
	}
}

func TestEndOfTheServerEndsDrainsAndKeepsTheirRows(t *testing.T) {
	gone := make(chan struct{})
	h := newHouse(t, slow(nil, nil, gone), nil)
	h.leave(true, nil)
	until(t, "a drain", func() bool { return len(h.gateway.drains) == 1 })
	check(t, h.row(), map[string]string{"error_type": "client_abort"})
	<-gone
}

func TestWhoHasTheWholeAnswerHasNotLeft(t *testing.T) {
	for _, policy := range []string{drain, cancel} {
		left := make(chan struct{})
		h := newHouse(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			_, _ = io.WriteString(w, event1+event2+eventUsage+eventDone)
			w.(http.Flusher).Flush()
			<-left // the end of the stream comes late
		}, func(c *Config) { c.OnClientAbort = policy })
		ctx, cancel := context.WithCancel(t.Context())
		res, err := plain.RoundTrip(h.chat(streamBody).Request.WithContext(ctx))
		if err != nil {
			t.Fatal(err)
		}
		all := event1 + event2 + eventUsage + eventDone
		if _, err := io.ReadFull(res.Body, make([]byte, len(all))); err != nil {
			t.Error(err)
		}
		cancel()
		_ = res.Body.Close()
		if policy == drain {
			until(t, "a drain", func() bool { return len(h.gateway.drains) == 1 })
		} else {
			h.gateway.calls.wait()
		}
		close(left)
		h.gateway.calls.wait()
		check(t, h.row(), map[string]string{"status_code": "200", "success": "1", "usage_source": "provider"})
	}
}

func TestCallerWhoLeavesWhileSendingIsRecorded(t *testing.T) {
	h := newHouse(t, answers(200, "application/json", chatAnswer), nil)
	r, w := io.Pipe()
	req, err := http.NewRequestWithContext(t.Context(), "POST", h.url+"/gateway/openai/v1/chat/completions", r)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+h.key(auth.Ingest))
	go func() {
		_, _ = io.WriteString(w, chatBody[:30])
		_ = w.CloseWithError(io.ErrClosedPipe)
	}()
	if res, err := plain.RoundTrip(req); err == nil {
		_ = res.Body.Close()
	}
	until(t, "the call", func() bool { return len(h.gateway.recorder.queue) > 0 || h.gateway.recorder.stored.Load() > 0 })
	check(t, h.row(), map[string]string{"status_code": "499", "error_type": "client_abort", "model": "gpt-4o"})
}
