package trail

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/query/answer"
)

// list makes the answer that a list of these columns gives.
func list(names []string, rows ...[]any) *answer.Answer {
	a := &answer.Answer{Rows: rows}
	for _, n := range names {
		a.Columns = append(a.Columns, answer.Column{Name: n, Kind: answer.KindField})
	}
	return a
}

var spans = []string{"timestamp", "type", "id", "span_id", "parent_span_id", "duration_ms", "success", "cost"}

var start = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func TestEachEventIsInTheTreeOnceWhateverSpansClaim(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 1))
	for range 200 {
		n := 1 + r.IntN(300)
		var rows [][]any
		for i := range n {
			row := []any{start.Add(time.Duration(r.IntN(50)) * time.Millisecond), "tool_call",
				strconv.Itoa(i), nil, nil, nil, nil, nil}
			if r.IntN(8) > 0 {
				row[3] = strconv.Itoa(r.IntN(n))
			}
			if r.IntN(8) > 0 {
				row[4] = strconv.Itoa(r.IntN(n))
			}
			rows = append(rows, row)
		}
		got := New("x", "trace_id", list(spans, rows...), false)
		seen := map[string]bool{}
		got.Walk(func(s *Step, depth int) {
			if seen[s.ID] || depth >= MaxDepth {
				t.Fatalf("seed %d: %s is there twice or too deep (%d)", seed, s.ID, depth)
			}
			seen[s.ID] = true
		})
		if len(seen) != n || len(got.Flat().Rows) != n {
			t.Fatalf("seed %d: %d of %d events are in the tree", seed, len(seen), n)
		}
	}
}

func TestLongChainsOfSpansEndAtMaxDepth(t *testing.T) {
	var rows [][]any
	for i := range 10_000 {
		rows = append(rows, []any{start.Add(time.Duration(-i)), "tool_call", strconv.Itoa(i),
			strconv.Itoa(i), strconv.Itoa(i + 1), nil, nil, nil})
	}
	got := New("x", "trace_id", list(spans, rows...), false)
	deepest, n := 0, 0
	got.Walk(func(_ *Step, depth int) { deepest, n = max(deepest, depth), n+1 })
	if deepest != MaxDepth-1 || n != 10_000 {
		t.Errorf("%d steps, the deepest at %d", n, deepest)
	}
	var b bytes.Buffer
	var back Trail
	if err := got.WriteJSON(&b); err != nil || json.Unmarshal(b.Bytes(), &back) != nil || back.Events != n {
		t.Errorf("it cannot be read back: %v", err)
	}
}

func TestSumsAreOfAllSteps(t *testing.T) {
	a := list(spans,
		[]any{start.Add(time.Second), "ai_request", "2", "b", "a", 1500.0, false, event.NanoUSD(250_000_001)},
		[]any{start, "ai_request", "1", "a", nil, 200.0, true, event.NanoUSD(500_000_000)},
		[]any{start.Add(time.Second), "activity", "3", nil, nil, nil, nil, nil},
	)
	got := New("x", "trace_id", a, true)
	if got.Events != 3 || got.Errors != 1 || got.Cost != "0.750000001" || got.DurationMS != 2500 {
		t.Errorf("%d events, %d errors, %s USD, %v ms", got.Events, got.Errors, got.Cost, got.DurationMS)
	}
	if len(got.Steps) != 2 || got.Steps[0].Children[0].ID != "2" || got.Steps[1].ID != "3" {
		t.Errorf("the tree is not as the spans say")
	}
	if want := `{"timestamp":"2026-11-20T12:00:01Z","type":"activity","id":"3"}`; string(got.Steps[1].Fields) != want {
		t.Errorf("fields are %s, want %s", got.Steps[1].Fields, want)
	}
}

func TestATaskThatToldItsStartEndsWhenItSaysSo(t *testing.T) {
	names := []string{"timestamp", "type", "id", "subject", "agent", "status", "duration_ms"}
	a := list(names,
		[]any{start.Add(2 * time.Second), "agent_task", "2", "draft", "w", "completed", 2000.0},
		[]any{start, "agent_task", "1", "draft", "w", "started", nil},
		[]any{start.Add(time.Second), "agent_task", "3", "other", "w", "completed", 3000.0},
	)
	got := New("x", "trace_id", a, false)
	at := map[string]float64{}
	got.Walk(func(s *Step, _ int) { at[s.ID] = s.OffsetMS })
	if at["2"] != 0 || at["1"] != 0 || at["3"] != 1000 || got.DurationMS != 4000 {
		t.Errorf("steps begin at %v of %v ms", at, got.DurationMS)
	}
}
