package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"analytics/engine/auth"
	"analytics/engine/budget"
	"analytics/engine/columns"
	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
	"analytics/engine/web"
	"analytics/ingest/enrich"
	"analytics/ingest/events"
	"analytics/ingest/pricing"
)

// shop is a house that closes and opens again on the same folder, with a ledger of budgets.
type shop struct {
	t        testing.TB
	dir      string
	upstream string
	secret   string

	store   *store.Store
	ledger  *budget.Ledger
	gateway *Gateway
	intake  *events.Intake
	server  *httptest.Server
	ended   sync.WaitGroup
	cancel  context.CancelFunc
}

func newShop(t testing.TB, upstream http.HandlerFunc, all ...budget.Definition) *shop {
	t.Helper()
	up := httptest.NewServer(upstream)
	t.Cleanup(up.Close)
	s := &shop{t: t, dir: t.TempDir(), upstream: up.URL}
	s.open()
	t.Cleanup(s.close)
	for _, d := range all {
		if err := s.ledger.Set(t.Context(), store.Default, d, "ann"); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func (s *shop) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) open() {
	s.t.Helper()
	log := slog.New(slog.DiscardHandler)
	var err error
	s.store, err = store.Open(context.Background(), store.Config{Space: storetest.Room,
		Dir: s.dir, Log: log, Now: time.Now})
	s.must(err)
	keys, err := auth.Open(s.t.Context(), s.store, time.Now)
	s.must(err)
	if s.secret == "" {
		s.secret, _, err = keys.Create(s.t.Context(), auth.NewKey{Name: "test", Scopes: []auth.Scope{auth.Ingest}})
		s.must(err)
	}
	lists, err := enrich.OpenLists()
	s.must(err)
	book, err := pricing.NewBook(map[string]pricing.Custom{"gift": {InputPer1M: "0", OutputPer1M: "0"}})
	s.must(err)
	salts := enrich.NewSalts(s.store.Shelf(store.Default, "settings"))
	s.intake = events.NewIntake(s.store, enrich.New(lists, salts), book, events.DefaultConfig(), time.Now)
	s.ledger, err = budget.Open(budget.House{Store: s.store, Zone: time.UTC, Now: time.Now, Log: log})
	s.must(err)
	s.intake.Charge(s.ledger)
	h := &house{t: s.t, upstream: &httptest.Server{URL: s.upstream}}
	s.gateway, err = New(s.intake, s.store.Shelf(store.Default, "gateway"), h.config(nil), loopback, time.Now, log)
	s.must(err)
	s.gateway.Guard(s.ledger, s.intake)
	mux := web.NewMux(web.Options{Keys: keys, Limiter: auth.NewLimiter(), Now: time.Now, Log: log})
	s.gateway.Routes(mux)
	s.server = httptest.NewServer(mux)
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	s.ended.Go(func() { s.gateway.Run(ctx) })
	s.ended.Go(func() { s.ledger.Run(ctx) })
}

func (s *shop) close() {
	s.t.Helper()
	s.server.Close()
	s.cancel()
	s.ended.Wait()
	s.must(s.gateway.Close())
	s.must(s.store.Close())
}

// call makes a call and returns its answer.
func (s *shop) call(path, body string) (*http.Response, string) {
	r, err := http.NewRequestWithContext(s.t.Context(), "POST", s.server.URL+path, strings.NewReader(body))
	if err != nil {
		s.t.Error(err)
		return nil, ""
	}
	r.Header.Set("Authorization", "Bearer "+s.secret)
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		s.t.Error(err)
		return nil, ""
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Error(err)
	}
	return res, string(text)
}

// spent is what the ledger says, and what the rows say.
func (s *shop) spent() (ledger, rows event.NanoUSD) {
	s.t.Helper()
	all, err := s.ledger.Standings(s.t.Context(), store.Default, "")
	s.must(err)
	snap := s.store.Snapshot(store.Range{Tenant: store.Default, Kind: event.AIRequest, From: 0, To: 1 << 60})
	defer snap.Release()
	chunks := snap.Chunks()
	for i := range chunks {
		rec, err := chunks[i].Read(s.t.Context(), nil)
		s.must(err)
		read := columns.NewRows(event.AIRequest, rec)
		var e event.Event
		for i := range int(rec.NumRows()) {
			read.Event(&e, i)
			rows += event.NanoUSD(e.Int(event.AICost))
		}
	}
	return event.NanoUSD(all[0].Spent), rows
}

const oneDollar = 1_000_000_000

// usage is an upstream that uses as many tokens as it is told, and counts what it earned.
func usage(earned *atomic.Int64) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var q struct {
			Seed int64 `json:"seed"` // tokens to answer with
		}
		text, _ := io.ReadAll(r.Body)
		_ = json.Unmarshal(text, &q)
		in := int64(len(text) / bytesPerToken)
		earned.Add(in*2500 + q.Seed*10_000) // gpt-4o: $2.50 and $10 a million
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"id":"c","object":"chat.completion","model":"gpt-4o","choices":[{"index":0,"message":`+
			`{"role":"assistant","content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":%d,`+
			`"completion_tokens":%d,"total_tokens":%d}}`, in, q.Seed, in+q.Seed)
	}
}

// TestManyClientsNeverOverspend has 64 clients spend a dollar as fast as they can, over four starts.
// What was earned never passes the dollar; no call is turned away for good that would have fitted; and
// after each start the ledger is the sum of the rows.
func TestManyClientsNeverOverspend(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	var earned, calls, waits atomic.Int64
	s := newShop(t, usage(&earned), budget.Definition{Name: "day", Limit: oneDollar, Period: "30d",
		Action: budget.Pause})
	const most = 500 // tokens a call may answer with: about half a cent
	passed := make(chan struct{}, 4096)
	var open sync.RWMutex
	var all sync.WaitGroup
	for i := range uint64(64) {
		all.Go(func() {
			random := rand.New(rand.NewPCG(seed, i))
			for {
				body := fmt.Sprintf(`{"model":"gpt-4o","max_tokens":%d,"seed":%d,"messages":[]}`, most,
					random.IntN(most)+1)
				open.RLock()
				res, text := s.call("/gateway/openai/v1/chat/completions", body)
				got := earned.Load()
				open.RUnlock()
				cost := int64(len(body)/bytesPerToken+1)*2500 + most*10_000
				switch {
				case res == nil:
					return
				case res.StatusCode == 200:
					calls.Add(1)
					passed <- struct{}{}
				case res.StatusCode == 429 && res.Header.Get("Retry-After") != "":
					waits.Add(1)
				case res.StatusCode == 402 && res.Header.Get("X-Should-Retry") == "false":
					if got+cost <= oneDollar {
						t.Errorf("turned away at %d earned, with a call of %d: %s", got, cost, text)
					}
					return
				default:
					t.Errorf("%d: %s", res.StatusCode, text)
					return
				}
			}
		})
	}
	for n := int64(1); n < 4; n++ {
		for range 60 {
			<-passed
		}
		open.Lock()
		s.close()
		s.open()
		ledger, rows := s.spent()
		if got := event.NanoUSD(earned.Load()); ledger != rows || ledger != got || got > oneDollar {
			t.Errorf("start %d: ledger %d, rows %d, earned %d", n, ledger, rows, got)
		}
		open.Unlock()
	}
	all.Wait()
	s.close()
	s.open()
	ledger, rows := s.spent()
	got := earned.Load()
	if ledger != rows || int64(ledger) != got || got > oneDollar || oneDollar-got > most*10_000+100_000 {
		t.Errorf("at the end: ledger %d, rows %d, earned %d", ledger, rows, got)
	}
	t.Logf("%d calls, %d told to wait, $%.9f of $1", calls.Load(), waits.Load(), float64(got)/oneDollar)
}

func TestPausedCallersGetTheProvidersError(t *testing.T) {
	var earned atomic.Int64
	s := newShop(t, usage(&earned), budget.Definition{Name: "team", Limit: 1, Period: "month", Action: budget.Pause})
	f := func(path, body string, status int, want ...string) {
		t.Helper()
		res, text := s.call(path, body)
		if res.StatusCode != status || res.Header.Get("X-Should-Retry") != "false" ||
			res.Header.Get("Retry-After") != "" || res.Header.Get(resumesHeader) == "" {
			t.Errorf("%s: got %d, %v, %s", path, res.StatusCode, res.Header, text)
		}
		for _, part := range append(want, "the budget team") {
			if !strings.Contains(text, part) {
				t.Errorf("%s: %s lacks %s", path, text, part)
			}
		}
	}
	f("/gateway/openai/v1/chat/completions", chatBody, 402, `"type":"billing_error"`, `"code":"budget_exceeded"`)
	f("/gateway/openai/v1/embeddings", `{"model":"text-embedding-3-small","input":"x"}`, 402, `"billing_error"`)
	f("/gateway/anthropic/v1/messages", `{"model":"claude-sonnet-4-5","max_tokens":9,"messages":[]}`, 402,
		`"type":"error"`, `"type":"billing_error"`)
	f("/gateway/gemini/v1beta/models/gemini-2.5-pro:generateContent", `{"contents":[]}`, 403,
		`"status":"PERMISSION_DENIED"`, `"reason":"budget_exceeded"`)
	if earned.Load() != 0 {
		t.Error("a paused call reached the upstream")
	}
	// What costs nothing goes on.
	res, text := s.call("/gateway/openai/v1/chat/completions", `{"model":"gift","messages":[]}`)
	if res.StatusCode != 200 {
		t.Errorf("a free model: got %d, %s", res.StatusCode, text)
	}
	s.must(s.ledger.Unpause(t.Context(), store.Default, "team", "ann"))
	if res, text := s.call("/gateway/openai/v1/chat/completions", chatBody); res.StatusCode != 200 {
		t.Errorf("unpaused: got %d, %s", res.StatusCode, text)
	}
}

// TestAbandonedCallsGiveTheirReservationBack has callers leave, and upstreams fail: nothing stays
// reserved once the rows are there.
func TestAbandonedCallsGiveTheirReservationBack(t *testing.T) {
	s := newShop(t, func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		if strings.Contains(string(text), "cut") {
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(http.StatusInternalServerError)
	}, budget.Definition{Name: "d", Limit: oneDollar, Period: "30d", Action: budget.Pause})
	for range 20 {
		s.call("/gateway/openai/v1/chat/completions", chatBody)
		s.call("/gateway/openai/v1/chat/completions", `{"model":"gpt-4o","user":"cut","messages":[]}`)
	}
	s.cancel()
	s.ended.Wait() // all rows are stored
	all, err := s.ledger.Standings(t.Context(), store.Default, "d")
	s.must(err)
	if all[0].Reserved != 0 || all[0].Spent != 0 {
		t.Errorf("got %s reserved, %s spent", all[0].Reserved, all[0].Spent)
	}
}

func TestLimitsOfRequests(t *testing.T) {
	f := func(body string, tokens, choices int64) {
		t.Helper()
		if a, b := limitsOf([]byte(body)); a != tokens || b != choices {
			t.Errorf("%s: got %d and %d, want %d and %d", body, a, b, tokens, choices)
		}
	}
	f(``, 0, 1)
	f(`[]`, 0, 1)
	f(`{"max_tokens":7}`, 7, 1)
	f(`{"max_tokens":7,"n":3,"max_completion_tokens":9}`, 9, 3)
	f(`{"max_output_tokens":"7"}`, 0, 1)
	f(`{"max_tokens":-1,"n":0}`, 0, 1)
	f(`{"messages":[{"content":"{\"max_tokens\":1}"}],"tools":[{"max_tokens":2}],"max_tokens":5}`, 5, 1)
	f(`{"generationConfig":{"maxOutputTokens":11,"candidateCount":2}}`, 11, 2)
	f(`{"max_tokens":99999999999}`, maxReservedOut, 1)
	f(`{"max_tokens":5`, 5, 1)
}

func FuzzLimitsOf(f *testing.F) {
	f.Add([]byte(`{"max_tokens":7,"n":3,"generationConfig":{"maxOutputTokens":1,"generationConfig":{}}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		tokens, choices := limitsOf(body)
		if tokens < 0 || tokens > maxReservedOut || choices < 1 || choices > maxChoices {
			t.Errorf("got %d and %d", tokens, choices)
		}
	})
}
