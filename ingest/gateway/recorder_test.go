package gateway

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"analytics/engine/auth"
	"analytics/engine/store"
)

func TestFullQueueSlowsCallersDownAndLosesNothing(t *testing.T) {
	h := build(t, answers(200, "application/json", chatAnswer), nil) // nobody writes yet
	for range maxQueued {
		h.gateway.recorder.queue <- filler()
	}
	key := h.key(auth.Ingest)
	done := make(chan string)
	go func() {
		_, body := h.call("POST", "/gateway/openai/v1/chat/completions", chatBody).as(key).do()
		done <- body
	}()
	// The caller has its answer; only the end of its connection's turn waits.
	if body := <-done; body != chatAnswer {
		t.Errorf("got %s", body)
	}
	if n := len(h.gateway.recorder.queue); n != maxQueued {
		t.Errorf("%d rows wait", n)
	}
	h.run()
	h.gateway.calls.wait()
	if n := len(h.rows()); n != maxQueued+1 {
		t.Errorf("got %d rows, want %d", n, maxQueued+1)
	}
}

func filler() *record {
	return &record{id: newID(time.Now()), start: time.Now(), model: "m", status: 200,
		tenant: store.Default}
}

func TestRowsThatCannotBeStoredAreCounted(t *testing.T) {
	h := build(t, nil, nil)
	if err := h.store.Close(); err != nil {
		t.Fatal(err)
	}
	q := h.gateway.recorder
	ended, cancel := context.WithCancel(t.Context())
	cancel() // nothing is waited for at the end
	q.take(filler())
	q.run(ended)
	q.close()
	if q.stored.Load() != 0 || q.lost.Load() != 1 || !strings.Contains(h.log.String(), `"rows":1`) {
		t.Errorf("stored %d, lost %d: %s", q.stored.Load(), q.lost.Load(), h.log)
	}
}

func TestLabelsAreReadFromAllTheirNames(t *testing.T) {
	f := func(headers map[string]string, want labels) {
		t.Helper()
		r := httptest.NewRequest("POST", "/", nil)
		for name, value := range headers {
			r.Header.Set(name, value)
		}
		if want.attempt == 0 {
			want.attempt = 1
		}
		if got := labelsOf(r.Header); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%v\n got %+v\nwant %+v", headers, got, want)
		}
	}
	type m = map[string]string
	f(m{}, labels{})
	f(m{"Helicone-User-Id": "u", "Helicone-Session-Id": "s", "Helicone-Prompt-Id": "p"},
		labels{user: "u", session: "s", conversation: "s", prompt: "p"})
	f(m{"X-Analytics-User": "ours", "Helicone-User-Id": "theirs"}, labels{user: "ours"})
	f(m{"Helicone-Request-Id": "r1", "Helicone-Property-Conversation": "c"},
		labels{properties: map[string]any{"helicone_request_id": "r1", "conversation": "c"}})
	f(m{"X-Stainless-Retry-Count": "2"}, labels{attempt: 3})
	f(m{"X-Stainless-Retry-Count": "-1"}, labels{})
	f(m{"X-Stainless-Retry-Count": "99999"}, labels{})
	const trace, span = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	f(m{"Traceparent": "00-" + trace + "-" + span + "-00"}, labels{trace: trace, parent: span})
	f(m{"Traceparent": "01-" + trace + "-" + span + "-01-more"}, labels{trace: trace, parent: span})
	for _, bad := range []string{
		"", "00", "ff-" + trace + "-" + span + "-00", "00-" + strings.Repeat("0", 32) + "-" + span + "-00",
		"00-" + trace + "-" + strings.Repeat("0", 16) + "-00", "00-" + strings.ToUpper(trace) + "-" + span + "-00",
		"00-" + trace + "x-" + span + "-00",
	} {
		f(m{"Traceparent": bad}, labels{})
	}
}

func TestManyAndLongPropertiesCostNoRow(t *testing.T) {
	h := newHouse(t, answers(200, "application/json", chatAnswer), nil)
	s := h.chat(chatBody).with("X-Analytics-User", "u\xff\"\\"+strings.Repeat("é", 300))
	for i := range 100 {
		s.with(fmt.Sprintf("X-Analytics-Property-P%d", i), strings.Repeat(`"`, 120))
	}
	res, _ := s.do()
	if res.StatusCode != 200 {
		t.Fatal(res.Status)
	}
	row := h.row()
	if n := strings.Count(row["properties"], `":"`); n < 10 || n > 32 || len(row["user_id"]) > 128 {
		t.Errorf("got %d properties, %q", n, row["user_id"])
	}
}

func TestIDsAreUUIDsOfTheirTime(t *testing.T) {
	at := time.UnixMilli(0x0123456789ab)
	seen := map[string]bool{}
	for range 1000 {
		id := newID(at)
		if len(id) != 36 || !strings.HasPrefix(id, "01234567-89ab-7") || !strings.Contains("89ab", id[19:20]) {
			t.Fatalf("got %s", id)
		}
		seen[id] = true
	}
	if len(seen) != 1000 {
		t.Error("ids repeat")
	}
	if s := newSpan(); len(s) != 16 || !isHex(s) {
		t.Errorf("got %s", s)
	}
}
