package gateway

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"analytics/engine/auth"
	"analytics/engine/event"
)

const (
	batchBody = `{"requests":[{"custom_id":"one","params":{"model":"claude-sonnet-4-5","max_tokens":9,` +
		`"messages":[{"role":"user","content":"canary-question"}]}},{"custom_id":"two","params":{` +
		`"model":"claude-sonnet-4-5","max_tokens":9,"messages":[]}},{"custom_id":"three","params":{}}]}`
	batchAnswer = `{"id":"msgbatch_01","type":"message_batch","processing_status":"in_progress"}`

	batchResults = `{"custom_id":"one","result":{"type":"succeeded","message":{"id":"msg_1","type":"message",` +
		`"role":"assistant","model":"claude-sonnet-4-5-20250929","content":[{"type":"text","text":"canary-answer"},` +
		`{"type":"tool_use","id":"t","name":"f","input":{"usage":{"input_tokens":9}}}],"stop_reason":"tool_use",` +
		`"usage":{"input_tokens":1000,"output_tokens":200,"service_tier":"batch"}}}}` + "\n" +
		`{"custom_id":"two","result":{"type":"errored","error":{"type":"error","error":{` +
		`"type":"invalid_request_error","message":"max_tokens: too many"}}}}` + "\n" +
		`{"custom_id":"three","result":{"type":"expired"}}` + "\n\n" +
		`{"custom_id":"four","result":{"type":"canceled"}}`
)

// batches is an upstream with one batch, whose results come compressed to those who take that.
func batches(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	w.Header().Set("Content-Type", "application/json")
	if !strings.HasSuffix(r.URL.Path, "/results") {
		_, _ = io.WriteString(w, batchAnswer)
		return
	}
	w.Header().Set("Content-Type", "application/x-jsonl")
	out := io.Writer(w)
	if r.Header.Get("Accept-Encoding") == "gzip" {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		defer z.Close()
		out = z
	}
	for half := len(batchResults) / 2; ; half = 0 { // cut inside a line
		_, _ = io.WriteString(out, batchResults[:half])
		_, _ = io.WriteString(out, batchResults[half:])
		return
	}
}

// TestBatchIsListedUnpricedAndPricedWhenItsResultsAreFetched fetches them twice, which counts once.
func TestBatchIsListedUnpricedAndPricedWhenItsResultsAreFetched(t *testing.T) {
	h := newHouse(t, batches, nil)
	key := h.key(auth.Ingest)
	ask := func(method, path, body string) *sent {
		return h.call(method, "/gateway/anthropic/v1/messages/batches"+path, body).with("X-Api-Key", "sk-ant").
			with("X-Analytics-Key", key).with("X-Analytics-User", "ann")
	}
	if res, body := ask("POST", "", batchBody).do(); res.StatusCode != 200 || body != batchAnswer {
		t.Fatalf("got %d %s", res.StatusCode, body)
	}
	ask("GET", "/msgbatch_01", "").do()
	if _, body := ask("GET", "/msgbatch_01/results", "").do(); body != batchResults {
		t.Fatalf("got %s", body)
	}
	ask("GET", "/msgbatch_01/results", "").with("Accept-Encoding", "gzip").do()
	rows := map[string]map[string]string{}
	all := h.rows()
	for _, row := range all {
		rows[row["operation"]+" "+row["success"]] = row
	}
	if len(all) != 3 || len(rows) != 3 {
		t.Fatalf("got %d rows: %v", len(all), all)
	}
	check(t, rows["batch 1"], map[string]string{"model": "claude-sonnet-4-5", "message_count": "3",
		"cost_source": "unpriced", "cost": "", "endpoint": "/v1/messages/batches", "user_id": "ann"})
	// 1,000 tokens at $1.50 and 200 at $7.50 for a million: half of $3 and $15.
	check(t, rows["chat 1"], map[string]string{"model": "claude-sonnet-4-5-20250929", "tier": "batch",
		"input_uncached_tokens": "1000", "output_text_tokens": "200", "cost": "3000000",
		"cost_source": "computed", "finish_reason": "tool_use", "requested_tool_calls": "1",
		"user_id": "ann", "duration_ms": "", "status_code": ""})
	check(t, rows["chat 0"], map[string]string{"model": "unknown", "error_type": "invalid_request_error",
		"error_message": "max_tokens: too many", "cost": ""})
}

// TestResultsKeepTheirTimeForAMonth: the time of the first fetching is forgotten only when there is
// nothing left to fetch.
func TestResultsKeepTheirTimeForAMonth(t *testing.T) {
	h := newHouse(t, batches, nil)
	start := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	at := func(batch string, after time.Duration) time.Duration {
		got, err := h.gateway.fetched(t.Context(), batch, start.Add(after))
		if err != nil {
			t.Fatal(err)
		}
		return event.MicrosOf(got).Time().Sub(start)
	}
	const day = 24 * time.Hour
	if got := [...]time.Duration{at("a/1", 0), at("a/1", 29*day), at("a/2", 34*day), at("a/1", 34*day),
		at("b/1", 36*day), at("a/1", 36*day)}; got != [...]time.Duration{0, 0, 34 * day, 0, 36 * day, 36 * day} {
		t.Errorf("got %v", got)
	}
}
