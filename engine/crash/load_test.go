package crash

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// load sends batches from several connections until the server is gone or stop is closed. Batches
// without an answer stay unknown; about half of those of earlier lives are sent again, which must
// not store anything twice.
type load struct {
	*ledger
	t       *testing.T
	workers int
	largest int // events in a batch
	// plenty is how many events a run sends as fast as it can; 0 is no end. What the server has to do
	// grows with what it was sent: on a slow machine a test that waits for it would never get there.
	plenty  int64
	acks    atomic.Int64
	refused atomic.Int64 // answers 503 and 507: a retry may come
}

type receipt struct{ Accepted, Duplicates, Rejected int }

func (l *load) run(s *server, stop <-chan struct{}) {
	var group sync.WaitGroup
	before := l.acks.Load()
	retry := make(chan int, 1024)
	for i, index := range l.unknown() {
		if i%2 == 0 && len(retry) < cap(retry) {
			retry <- index
		}
	}
	for worker := range l.workers {
		group.Go(func() {
			r := rand.New(rand.NewPCG(l.seed, uint64(worker)<<32|uint64(len(l.batches))))
			for s.alive() {
				if l.plenty > 0 && l.acks.Load()-before > l.plenty {
					time.Sleep(50 * time.Millisecond) // go on, but slowly
				}
				select {
				case <-stop:
					return
				case index := <-retry:
					l.send(s, index, true)
				default:
					index, _, err := l.open(1 + r.IntN(l.largest))
					if err != nil {
						l.t.Error(err)
						return
					}
					l.send(s, index, false)
					if r.IntN(10) == 0 && l.at(index).fate == acked {
						l.sendAgain(s, index)
					}
				}
			}
		})
	}
	group.Wait()
}

// send sends a batch and writes down its fate.
func (l *load) send(s *server, index int, again bool) {
	b := l.at(index)
	out, err := s.do("POST", "/v1/events", "application/x-ndjson", l.body(b))
	var status errStatus
	switch {
	case errors.As(err, &status):
		if status.code != 503 && status.code != 507 {
			l.t.Errorf("batch %d: %v", index, err)
		}
		l.refused.Add(1)
		if !again { // an earlier try of a batch sent again may have been stored
			l.note(index, rejected)
		}
		time.Sleep(10 * time.Millisecond) // a client backs off; nothing is measured by this
		return
	case err != nil:
		return // unknown: the connection died
	}
	var r receipt
	if err := json.Unmarshal(out, &r); err != nil {
		l.t.Errorf("batch %d: answer %q: %v", index, out, err)
	}
	if r.Accepted+r.Duplicates != b.count || r.Rejected != 0 || !again && r.Duplicates != 0 {
		l.t.Errorf("batch %d of %d (again %v): answer %+v", index, b.count, again, r)
	}
	l.acks.Add(int64(b.count))
	l.note(index, acked)
}

// sendAgain sends a batch that was acknowledged: all of it is a duplicate.
func (l *load) sendAgain(s *server, index int) {
	b := l.at(index)
	out, err := s.do("POST", "/v1/events", "application/x-ndjson", l.body(b))
	if err != nil {
		return
	}
	var r receipt
	if err := json.Unmarshal(out, &r); err != nil || r.Duplicates != b.count {
		l.t.Errorf("batch %d sent twice: answer %s", index, out)
	}
}

func (l *load) note(index int, f fate) {
	if err := l.close(index, f); err != nil {
		l.t.Error(err)
	}
}

// verify holds the store against the ledger: acked ⊆ stored ⊆ sent, each id once, cubes equal to raw
// for every hour, totals of questions equal to sums over what is stored.
func (l *load) verify(s *server) {
	l.t.Helper()
	fates := l.readBack(l.t)
	want := map[string]int{} // id -> sequence number
	for seq := range fates {
		want[l.event(seq).id] = seq
	}
	seen := make(map[int]bool, len(fates))
	var input, output, requests int
	for _, kind := range []string{"ai_request", "tool_call", "page_view"} {
		for _, row := range l.export(s, kind) {
			seq, ok := want[row.ID]
			if !ok {
				l.t.Fatalf("%s %s is stored and was never sent", kind, row.ID)
			}
			if seen[seq] {
				l.t.Fatalf("%s %s is stored twice", kind, row.ID)
			}
			seen[seq] = true
			if fates[seq] == rejected {
				l.t.Fatalf("event %d was refused and is stored", seq)
			}
			if e := l.event(seq); kind == "ai_request" {
				if row.InputTokens != e.input || row.OutputTokens != e.output {
					l.t.Fatalf("event %d has %d and %d tokens, sent %d and %d",
						seq, row.InputTokens, row.OutputTokens, e.input, e.output)
				}
				requests, input, output = requests+1, input+e.input, output+e.output
			}
		}
	}
	lost := 0
	for seq, f := range fates {
		if f == acked && !seen[seq] {
			if lost++; lost <= 5 {
				e := l.event(seq)
				l.t.Errorf("event %d (%s %s at %s) was acknowledged and is not stored", seq, e.kind, e.id, e.at)
			}
		}
	}
	if lost > 0 {
		l.t.Fatalf("%d of %d events lost", lost, len(fates))
	}
	l.totals(s, requests, input, output)
	if out, err := s.do("POST", "/v1/rollup/check", "", nil); err != nil {
		l.t.Fatalf("cube and raw: %v %s", err, out)
	}
}

type row struct {
	ID           string `json:"id"`
	InputTokens  int    `json:"input_tokens"`
	OutputTokens int    `json:"output_tokens"`
}

func (l *load) span() url.Values {
	return url.Values{
		"from": {l.begin.Add(-4 * time.Hour).Format(time.RFC3339)},
		"to":   {l.begin.Add(2 * time.Hour).Format(time.RFC3339)},
	}
}

func (l *load) export(s *server, kind string) []row {
	l.t.Helper()
	q := l.span()
	q.Set("type", kind)
	q.Set("format", "ndjson")
	out, err := s.do("GET", "/v1/export?"+q.Encode(), "", nil)
	if err != nil {
		l.t.Fatal(err)
	}
	return decodeLines[row](l.t, out)
}

func (l *load) totals(s *server, requests, input, output int) {
	l.t.Helper()
	q := l.span()
	q.Set("metrics", "requests,input_tokens,output_tokens")
	out, err := s.do("GET", "/v1/query?"+q.Encode(), "", nil)
	if err != nil {
		l.t.Fatal(err)
	}
	var answer struct {
		Totals struct {
			Requests     int `json:"requests"`
			InputTokens  int `json:"input_tokens"`
			OutputTokens int `json:"output_tokens"`
		}
	}
	if err := json.Unmarshal(out, &answer); err != nil {
		l.t.Fatal(err)
	}
	got := answer.Totals
	if got.Requests != requests || got.InputTokens != input || got.OutputTokens != output {
		l.t.Fatalf("totals are %+v; the rows add up to %d requests, %d and %d tokens",
			got, requests, input, output)
	}
}
