package events

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"analytics/engine/auth"
	"analytics/engine/event"
	"analytics/engine/jobs"
	"analytics/engine/store"
)

func TestEventsArriveEnrichedAndPriced(t *testing.T) {
	h := newHouse(t, store.Config{})
	key := h.key(auth.Ingest)
	body := `{"id":"550e8400-e29b-41d4-a716-446655440000","timestamp":1795219200,` +
		`"request":{"endpoint":"/v1/chat/completions","model":"gpt-4o","size_bytes":256,` +
		`"input_tokens":1000,"client_ip":"8.8.8.8"},"response":{"status_code":200,"output_tokens":100},` +
		`"performance":{"duration_ms":12.5},"routing":{"backend":"openai"}}` + "\n" +
		`{"type":"ai_request","model":"nobody-knows-this","input_tokens":5,"cost_usd":"0.25"}`
	if status, got := h.post("", body).as(key).do(); status != 200 ||
		got != `{"accepted":2,"duplicates":0,"rejected":0,"errors":[]}` {
		t.Fatalf("got %d %s", status, got)
	}
	bySource := map[string]map[string]string{}
	for _, e := range h.stored(event.AIRequest) {
		bySource[e["cost_source"]] = e
	}
	// gpt-4o: 1000 x 2.50 USD and 100 x 10 USD a million tokens.
	for name, want := range map[string]string{
		"id": "550e8400-e29b-41d4-a716-446655440000", "timestamp": "1795219200000000",
		"model": "gpt-4o", "provider": "openai", "cost": "3500000", "country": "US", "success": "1",
		"request_bytes": "256", "duration_ms": "12500", "input_uncached_tokens": "1000",
	} {
		if got := bySource["computed"][name]; got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	for _, name := range []string{"client_ip", "input_tokens", "cost_usd"} {
		if got, ok := bySource["computed"][name]; ok {
			t.Errorf("%s is stored: %q", name, got)
		}
	}
	client := bySource["client"]
	if client["cost"] != "250000000" || client["timestamp"] != fmt.Sprint(noon.UnixMicro()) ||
		client["id"][14] != '7' {
		t.Errorf("client's figure: got %v", client)
	}
}

func TestRetriesStoreNothingTwice(t *testing.T) {
	h := newHouse(t, store.Config{})
	key := h.key(auth.Ingest)
	body := `{"type":"metric","name":"a","id":"1"}` + "\n" + `{"type":"metric","name":"b","id":"2",` +
		`"timestamp":"2026-11-20T10:00:00Z"}` + "\n"
	want := []string{`"accepted":2,"duplicates":0`, `"accepted":0,"duplicates":2`,
		`"accepted":0,"duplicates":2`}
	for i, w := range want {
		if _, got := h.post("", body).as(key).do(); !strings.Contains(got, w) {
			t.Errorf("time %d: got %s, want %s", i, got, w)
		}
		h.at = h.at.Add(time.Hour)
	}
	if n := len(h.stored(event.Metric)); n != 2 {
		t.Errorf("got %d stored, want 2", n)
	}
}

func TestLineIDsMakeAFileRepeatable(t *testing.T) {
	h := newHouse(t, store.Config{})
	key := h.key(auth.Ingest, auth.Backfill)
	line := `{"type":"metric","name":"same","timestamp":"2026-10-20T10:00:00Z"}` + "\n"
	file := strings.Repeat(line, 11) // sent in batches of five and six
	for _, want := range []string{`"accepted":%d,"duplicates":0`, `"accepted":0,"duplicates":%d`} {
		for from, to := 0, 5; from < 11; from, to = to, 11 {
			part := file[from*len(line) : to*len(line)]
			_, got := h.post(fmt.Sprintf("?line_ids=%d", from*len(line)), part).as(key).do()
			if w := fmt.Sprintf(want, to-from); !strings.Contains(got, w) {
				t.Errorf("lines %d to %d: got %s, want %s", from, to, got, w)
			}
		}
	}
	for _, e := range h.stored(event.Metric) {
		if e["id"][14] != '8' {
			t.Errorf("got id %s, want a UUIDv8", e["id"])
		}
	}
}

func TestServerIDsAreUnique(t *testing.T) {
	h := newHouse(t, store.Config{})
	seen := map[string]bool{}
	for range 3 {
		body := &Body{Tenant: store.Default, Text: []byte(strings.Repeat(metric+"\n", 1000))}
		if _, err := h.intake.Take(context.Background(), body); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range h.stored(event.Metric) {
		id := e["id"]
		if seen[id] || id[14] != '7' || !strings.ContainsRune("89ab", rune(id[19])) {
			t.Errorf("got id %s (seen %v), want new UUIDv7s", id, seen[id])
		}
		seen[id] = true
	}
	if len(seen) != 3000 {
		t.Errorf("got %d events, want 3000", len(seen))
	}
}

func TestConfigIsChecked(t *testing.T) {
	for rate, good := range map[float64]bool{0: true, 0.5: true, 1: true, 1.1: false, -1: false,
		1e-6: true, 1e-7: false} {
		if err := (Config{SamplingRate: rate}).Validate(); err == nil != good {
			t.Errorf("%v: got %v", rate, err)
		}
	}
}

func TestSaltsGoWithoutVisitors(t *testing.T) {
	h := newHouse(t, store.Config{})
	view := `{"type":"page_view","url":"https://a.example/","client_ip":"193.99.144.80"}`
	if status, got := h.post("", view).as(h.key(auth.Ingest)).do(); status != 200 {
		t.Fatalf("got %d %s", status, got)
	}
	shelf := h.store.Shelf(store.Default, "settings")
	salts := func() (n int) {
		err := shelf.Each("visitor_salt/", func(string, []byte) error { n++; return nil })
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, want := range []int{1, 1, 0} {
		if err := h.intake.Jobs()[0].Run(t.Context(), jobs.Period{}); err != nil {
			t.Fatal(err)
		}
		if got := salts(); got != want {
			t.Errorf("%s: got %d salts, want %d", h.at.Format(time.DateOnly), got, want)
		}
		h.at = h.at.AddDate(0, 0, 1)
	}
}
