package gateway

import (
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"analytics/engine/auth"
)

// TestEveryCallHasItsRow makes calls of all kinds at once: whole, cut by the upstream, given up by the
// caller at any moment, refused by the upstream. Each that was let in is one row.
func TestEveryCallHasItsRow(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	var mu sync.Mutex
	got := 0
	h := newHouse(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		got++
		mu.Unlock()
		body, _ := io.ReadAll(r.Body)
		switch kind := string(body); {
		case strings.Contains(kind, "refuse"):
			w.WriteHeader(http.StatusTooManyRequests)
		case strings.Contains(kind, "cut"):
			w.Header().Set("Content-Type", "text/event-stream")
			_, _ = io.WriteString(w, event1)
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		case strings.Contains(kind, "stream"):
			w.Header().Set("Content-Type", "text/event-stream")
			for range 20 {
				_, _ = io.WriteString(w, event1)
				w.(http.Flusher).Flush()
			}
			_, _ = io.WriteString(w, event2+eventUsage+eventDone)
		default:
			answers(200, "application/json", chatAnswer)(w, r)
		}
	}, nil)
	key := h.key(auth.Ingest)
	var all sync.WaitGroup
	for i := range uint64(16) {
		all.Go(func() {
			random := rand.New(rand.NewPCG(seed, i))
			for range 40 {
				h.disturb(random, key)
			}
		})
	}
	all.Wait()
	h.gateway.calls.wait()
	mu.Lock()
	reached := got // a call whose caller left at once may still come
	mu.Unlock()
	rows := h.rows()
	if len(rows) < reached || len(rows) > 16*40 {
		t.Errorf("%d rows of %d calls that reached the upstream", len(rows), reached)
	}
	types, ids := map[string]int{}, map[string]bool{}
	for _, row := range rows {
		types[row["error_type"]]++
		ids[row["id"]] = true
		if (row["success"] == "1") != (row["error_type"] == "") {
			t.Errorf("success %s with error %q", row["success"], row["error_type"])
		}
	}
	if len(ids) != len(rows) || types[""] == 0 || types["upstream_truncated"] == 0 || types["http_429"] == 0 {
		t.Errorf("%d ids of %d rows, %v", len(ids), len(rows), types)
	}
	if h.gateway.held.Load() != 0 || len(h.gateway.drains) != 0 {
		t.Errorf("%d bytes held, %d drains left", h.gateway.held.Load(), len(h.gateway.drains))
	}
}

// disturb makes a call of a random kind, and gives some up after a random time.
func (h *house) disturb(random *rand.Rand, key string) {
	kinds := []string{"whole", "stream", "stream", "cut", "refuse"}
	body := `{"model":"gpt-4o","user":"` + kinds[random.IntN(len(kinds))] + `","messages":[]}`
	ctx, cancel := context.WithCancel(h.t.Context())
	defer cancel()
	if random.IntN(2) == 0 {
		defer time.AfterFunc(time.Duration(random.IntN(3000))*time.Microsecond, cancel).Stop()
	}
	r := h.call("POST", "/gateway/local/v1/chat/completions", body).as(key).Request.WithContext(ctx)
	if res, err := plain.RoundTrip(r); err == nil {
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
	}
}
