package compat

import (
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/ingest/events"
	"analytics/ingest/pricing"
)

const ingestion = "/api/public/ingestion"

// basic is what Langfuse's SDKs send: the public and the secret key.
func (h *house) basic() []string {
	pair := base64.StdEncoding.EncodeToString([]byte("pk-lf-1:" + h.key))
	return []string{"Authorization", "Basic " + pair}
}

// The costs are worked out by hand, in nano-USD, with the prices in litellm_test.go.
//
//	gen-1: 20 x 2,500 + 100 x 1,250 + 30 x 10,000 = 50,000 + 125,000 + 300,000 = 475,000
//	gen-3: 1,000 x 3,000 + 3,000 x 300 + 400 x 3,750 + 600 x 6,000 + 100 x 15,000 = 10,500,000
func TestLangfuseBatchGetsAVerdictForEachItem(t *testing.T) {
	h := newHouse(t)
	status, answer := h.post(ingestion, file(t, "langfuse_v2.json"), h.basic()...)
	const good, wrong = `{"id":"%s","status":201}`, `{"id":"%s","status":400,"message":"%s","error":"Invalid request data"}`
	var successes []string
	for i := 1; i <= 9; i++ {
		successes = append(successes, fmt.Sprintf(good, fmt.Sprintf("e%d", i)))
	}
	want := `{"errors":[` + strings.Join([]string{
		fmt.Sprintf(wrong, "e10", "timestamp is out of range: it must be from 2026-11-14T12:00:00Z to 2026-11-21T12:10:00Z"),
		fmt.Sprintf(wrong, "e11", "there is no such type of event"),
		fmt.Sprintf(wrong, "e12", "the observation needs an id"),
		fmt.Sprintf(wrong, "", "an event must be a JSON object"),
	}, ",") + `],"successes":[` + strings.Join(successes, ",") + `]}`
	if status != 207 || answer != want {
		t.Errorf("got %d %s\nwant %s", status, answer, want)
	}
	rows := h.stored(event.AIRequest)
	has(t, rows["gen-1"], map[string]string{
		"model": "gpt-4o", "trace_id": "tr-1", "parent_span_id": "span-1", "span_id": "gen-1",
		"user_id": "user-9", "session_id": "sess-3", "duration_ms": "2500000", "ttfb_ms": "750000",
		"input_uncached_tokens": "20", "cache_read_tokens": "100", "output_text_tokens": "20",
		"reasoning_tokens": "10", "cost": "475000", "client_cost": "475000", "success": "1",
		"prompt_id": "greet", "prompt_version": "4", "operation": "chat",
		"properties": `{"environment":"production","name":"answer","release":"v12","tags":"prod,eu","trace":"chat"}`,
	})
	has(t, rows["gen-2"], map[string]string{
		"success": "0", "error_message": "overloaded", "cost": "0", "duration_ms": "100000",
	})
	has(t, rows["gen-3"], map[string]string{
		"input_uncached_tokens": "1000", "cache_read_tokens": "3000", "cache_write_tokens": "400",
		"cache_write_1h_tokens": "600", "cost": "10500000", "user_id": "user-9",
	})
	has(t, h.stored(event.ToolCall)["tool-1"], map[string]string{
		"tool": "search", "duration_ms": "250000", "success": "1", "trace_id": "tr-1", "user_id": "user-9",
	})
	has(t, h.stored(event.AgentTask)["agent-1"], map[string]string{"agent": "triage", "success": "0"})
	h.post(ingestion, file(t, "langfuse_v2.json"), h.basic()...)
	if n := len(h.stored(event.AIRequest)); n != 3 {
		t.Errorf("got %d requests, want 3", n)
	}
	noContent(t, h)
}

// batch is a body of items, each "type body".
func batch(items ...string) string {
	var all []string
	for i, it := range items {
		kind, body, _ := strings.Cut(it, " ")
		all = append(all, fmt.Sprintf(`{"id":"i%d","type":"%s","timestamp":"2026-11-21T12:00:00Z","body":%s}`,
			i, kind, body))
	}
	return `{"batch":[` + strings.Join(all, ",") + `]}`
}

const (
	begun = `generation-create {"id":"g","traceId":"t","startTime":"2026-11-21T12:00:00Z","model":"gpt-4o"}`
	ended = `generation-update {"id":"g","traceId":"t","endTime":"2026-11-21T12:00:09Z",` +
		`"usage":{"input":100,"output":10}}`
	owner = `trace-create {"id":"t","userId":"ann","name":"chat"}`
)

// say sends a batch that must be taken whole.
func (h *house) say(items ...string) {
	h.t.Helper()
	status, answer := h.post(ingestion, batch(items...), h.basic()...)
	if status != 207 || !strings.HasPrefix(answer, `{"errors":[],`) {
		h.t.Fatalf("got %d %s", status, answer)
	}
}

func (h *house) settle(after time.Duration) {
	h.t.Helper()
	h.pass(after)
	if err := h.door.Settle(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
}

var whole = map[string]string{
	"model": "gpt-4o", "duration_ms": "9000000", "user_id": "ann", "input_uncached_tokens": "100",
	"timestamp": fmt.Sprint(noon.UnixMicro()), "properties": `{"trace":"chat"}`,
}

// TestHalvesOfAGenerationMeet sends beginning, end and trace in every order, each in its own
// request, with a crash between any two.
func TestHalvesOfAGenerationMeet(t *testing.T) {
	for _, order := range [][]string{
		{begun, ended, owner}, {begun, owner, ended}, {owner, begun, ended}, {owner, ended, begun},
		{ended, owner, begun}, {ended, begun, owner},
	} {
		for crash := range 3 {
			h := newHouse(t)
			for i, item := range order {
				if got := len(h.stored(event.AIRequest)); got != 0 {
					t.Errorf("stored before all was said: %d", got)
				}
				if i == crash {
					if err := h.store.Close(); err != nil {
						t.Fatal(err)
					}
					h.open()
				}
				h.say(item)
				h.settle(time.Second)
			}
			has(t, h.stored(event.AIRequest)["g"], whole)
		}
	}
}

func TestWhatNeverEndsIsStoredInTheEnd(t *testing.T) {
	h := newHouse(t)
	h.say(begun)
	h.settle(59 * time.Minute)
	if n := len(h.stored(event.AIRequest)); n != 0 {
		t.Errorf("got %d stored while it may go on", n)
	}
	h.settle(time.Minute)
	has(t, h.stored(event.AIRequest)["g"], map[string]string{"model": "gpt-4o", "duration_ms": "-", "user_id": "-"})
	h.say(ended) // too late to count, and not another request
	h.settle(2 * time.Hour)
	if n := len(h.stored(event.AIRequest)); n != 1 {
		t.Errorf("got %d stored, want 1", n)
	}
}

func TestEndedGenerationWaitsShortlyForItsUser(t *testing.T) {
	h := newHouse(t)
	h.say(begun, ended, `trace-create {"id":"t","name":"chat"}`)
	h.settle(patience - time.Second)
	if n := len(h.stored(event.AIRequest)); n != 0 {
		t.Errorf("got %d stored too early", n)
	}
	h.say(owner)
	has(t, h.stored(event.AIRequest)["g"], whole)
}

func TestLedgerIsBounded(t *testing.T) {
	h := newHouse(t)
	for from := 0; from <= maxWaiting; from += 1000 {
		var items []string
		for i := from; i < from+1000; i++ {
			items = append(items, fmt.Sprintf(`generation-create {"id":"g%d","traceId":"t%d","model":"m"}`, i, i),
				fmt.Sprintf(`trace-create {"id":"t%d"}`, i))
		}
		h.pass(time.Second)
		h.say(items...)
	}
	if n := len(h.stored(event.AIRequest)) + len(h.door.ledger.observations); n != maxWaiting+1000 {
		t.Errorf("got %d stored and waiting, want %d", n, maxWaiting+1000)
	}
	if n := len(h.door.ledger.observations); n > maxWaiting {
		t.Errorf("%d wait, over the limit", n)
	}
	h.settle(2 * time.Hour)
	h.settle(time.Hour)
	l := h.door.ledger
	if n := len(l.observations) + len(l.traces) + len(l.members); n != 0 {
		t.Errorf("%d are left after hours", n)
	}
	rows := 0
	_ = l.shelf.Each("langfuse/", func(string, []byte) error { rows++; return nil })
	if rows != 0 {
		t.Errorf("%d rows are left on the shelf", rows)
	}
}

func TestLangfuseShapesOfUsage(t *testing.T) {
	f := func(in string, want map[string]string) {
		t.Helper()
		h := newHouse(t)
		h.say(`generation-create {"id":"g","model":"gpt-4o","startTime":"2026-11-21T12:00:00Z",` +
			`"endTime":"2026-11-21T12:00:01Z",` + in + `}`)
		has(t, h.stored(event.AIRequest)["g"], want)
	}
	tokens := func(in, read, out, reasoning string) map[string]string {
		return map[string]string{"input_uncached_tokens": in, "cache_read_tokens": read,
			"output_text_tokens": out, "reasoning_tokens": reasoning}
	}
	f(`"usage":{"promptTokens":7,"completionTokens":3,"totalTokens":10}`, tokens("7", "-", "3", "-"))
	f(`"usage":{"prompt_tokens":7,"completion_tokens":3}`, tokens("7", "-", "3", "-"))
	f(`"usage":{"input":"7","output":3,"inputCost":0.5,"outputCost":0.25}`,
		map[string]string{"input_uncached_tokens": "7", "client_cost": "750000000"})
	f(`"usageDetails":{"input_tokens":70,"output_tokens":30,"input_tokens_details":{"cached_tokens":50},`+
		`"output_tokens_details":{"reasoning_tokens":20}}`, tokens("20", "50", "10", "20"))
	f(`"usageDetails":{"input":20,"input_cached_tokens":50,"output":10,"output_reasoning_tokens":20,"total":100}`,
		tokens("20", "50", "10", "20"))
	f(`"usageDetails":{"input":70,"input_cached_tokens":50,"output":30,"output_reasoning_tokens":20,"total":100}`,
		tokens("20", "50", "10", "20"))
	f(`"usageDetails":{"input":5,"output":2},"costDetails":{"input":0.1,"output":0.2}`,
		map[string]string{"input_uncached_tokens": "5", "client_cost": "300000000"})
}

func TestLangfuseClientsFindWhatTheyAskFor(t *testing.T) {
	h := newHouse(t)
	f := func(path, auth string, status int, want string) {
		t.Helper()
		w := h.get(path, auth)
		if w.Code != status || strings.TrimSpace(w.Body.String()) != want && want != "" {
			t.Errorf("%s: got %d %s", path, w.Code, w.Body)
		}
	}
	f("/api/public/health", "", 200, `{"status":"OK","version":"3.0.0"}`)
	f("/api/public/projects", h.basic()[1], 200, `{"data":[{"id":"default","name":"default","metadata":{}}]}`)
	f("/api/public/projects", "Basic cGs6c2s=", 401, "")
}

// TestRealClientsRequests replays what langfuse 3.39.2 for JavaScript sent with flushAt 1: a request
// for each item. The cost: 40 x 2,500 + 60 x 1,250 + 20 x 10,000.
func TestRealClientsRequests(t *testing.T) {
	h := newHouse(t)
	for body := range strings.Lines(file(t, "langfuse_js.ndjson")) {
		status, answer := h.post(ingestion, body, h.basic()...)
		if status != 207 || !strings.HasPrefix(answer, `{"errors":[],"successes":[{"id":"`) {
			t.Errorf("got %d %s", status, answer)
		}
	}
	rows := h.stored(event.AIRequest)
	has(t, rows["7545a224-cdc0-43cc-a06b-6145d5df02c1"], map[string]string{
		"user_id": "ann", "session_id": "s-1", "duration_ms": "301000", "input_uncached_tokens": "40",
		"cache_read_tokens": "60", "output_text_tokens": "20", "cost": "375000", "success": "1",
	})
	has(t, rows["3870779f-4c2c-470e-9785-f21c521595e9"], map[string]string{
		"success": "0", "error_message": "boom", "cost": "0", "user_id": "ann",
	})
	if len(rows) != 2 {
		t.Errorf("got %d requests, want 2", len(rows))
	}
	noContent(t, h)
}

func TestRefusedBatchCanBeSentAgain(t *testing.T) {
	h := newHouse(t)
	book, err := pricing.NewBook(nil)
	if err != nil {
		t.Fatal(err)
	}
	h.say(begun)
	h.intake.Reload(book, events.Config{Enabled: false, SamplingRate: 1})
	if status, answer := h.post(ingestion, batch(ended, owner), h.basic()...); status != 403 {
		t.Errorf("got %d %s", status, answer)
	}
	if err := h.door.Settle(t.Context()); err == nil {
		t.Error("what could not be stored is gone")
	}
	h.intake.Reload(book, events.DefaultConfig())
	h.say(ended, owner)
	has(t, h.stored(event.AIRequest)["g"], whole)
}

// TestManyClientsAtOnce sends the halves of many generations from many sides. Each is stored once.
func TestManyClientsAtOnce(t *testing.T) {
	h := newHouse(t)
	const clients, each = 8, 40
	var group sync.WaitGroup
	for c := range clients {
		group.Go(func() {
			for i := range each {
				id := func(item string) string {
					item = strings.ReplaceAll(item, `"g"`, fmt.Sprintf(`"g%d"`, i))
					return strings.ReplaceAll(item, `"t"`, fmt.Sprintf(`"t%d"`, i))
				}
				items := []string{id(begun), id(owner), id(ended)}
				for k := range items {
					if status, answer := h.post(ingestion, batch(items[(c+k)%3]), h.basic()...); status != 207 {
						t.Errorf("got %d %s", status, answer)
					}
				}
			}
		})
	}
	group.Go(func() {
		for range 50 {
			if err := h.door.Settle(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
	group.Wait()
	h.settle(time.Minute)
	rows := h.stored(event.AIRequest)
	for i := range each {
		has(t, rows[fmt.Sprintf("g%d", i)], whole)
	}
	if len(rows) != each || len(h.door.ledger.observations) != 0 {
		t.Errorf("got %d stored and %d waiting", len(rows), len(h.door.ledger.observations))
	}
}
