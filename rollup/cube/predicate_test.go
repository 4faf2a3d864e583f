package cube_test

import (
	"fmt"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/rollup/cube"
)

// requests are four AI requests; the last has nothing but a model.
func requests() []*event.Event {
	request := func(model, provider string, status, cost, duration int64, ok bool) *event.Event {
		e := new(event.Event)
		e.Reset(event.AIRequest)
		e.SetInt(event.Timestamp, int64(hour.Start()))
		e.SetID(event.EventID, []byte(model))
		e.SetText(event.AIModel, []byte(model))
		if provider != "" {
			e.SetText(event.AIProvider, []byte(provider))
			e.SetInt(event.AIStatusCode, status)
			e.SetInt(event.AICost, cost)
			e.SetInt(event.AIDurationMS, duration)
			e.SetBool(event.AISuccess, ok)
			e.SetInt(event.AIInputUncachedTokens, 100)
			e.SetInt(event.AICacheReadTokens, cost)
		}
		return e
	}
	return []*event.Event{
		request("gpt-4o", "openai", 200, 1_500_000_000, 1500, true),
		request("gpt-4o-mini", "openai", 429, 0, 20, false),
		request("claude-opus-4-1", "anthropic", 200, 75, 100_000, true),
		request("local", "", 0, 0, 0, false),
	}
}

func TestPredicates(t *testing.T) {
	recs := records(event.AIRequest, requests(), []int{4})
	count := func(field string, c cube.Compare, values ...string) string {
		spec := cube.Spec{Kind: event.AIRequest, Dims: []string{"model"}, Measures: []string{"rows"},
			Filter: []cube.Predicate{{Field: field, Compare: c, Values: values}}}
		tab := table(t, spec)
		check(t, tab.Add(recs[0], cube.Always, cube.Never))
		got := ""
		for _, e := range requests() {
			for g := range tab.Len() {
				if tab.Dim(0, g) == string(e.Text(event.AIModel)) {
					got += string(e.Text(event.AIModel)[:5]) + " "
				}
			}
		}
		return got
	}
	f := func(want, field string, c cube.Compare, values ...string) {
		t.Helper()
		if got := count(field, c, values...); got != want {
			t.Errorf("%s %s %q: got %q, want %q", field, c, values, got, want)
		}
	}
	f("gpt-4 ", "model", cube.Eq, "gpt-4o")
	f("gpt-4 gpt-4 ", "model", cube.Glob, "gpt-*")
	f("gpt-4 gpt-4 claud ", "model", cube.Glob, "*-*")
	f("local ", "model", cube.Glob, "l?c*l")
	f("gpt-4 gpt-4 ", "provider", cube.Eq, "openai")
	f("claud local ", "provider", cube.Ne, "openai")
	f("local ", "provider", cube.Eq, "")
	f("gpt-4 gpt-4 claud ", "provider", cube.Ne, "")
	f("claud local ", "provider", cube.In, "anthropic", "", "nobody")
	f("gpt-4 gpt-4 ", "provider", cube.Gt, "anthropic")
	f("gpt-4 ", "status_code", cube.Ge, "400")
	f("gpt-4 claud ", "status_code", cube.Lt, "300")
	f("gpt-4 claud local ", "status_code", cube.Ne, "429")
	f("local ", "status_code", cube.Eq, "")
	f("gpt-4 ", "status_code", cube.Glob, "4??")
	f("gpt-4 ", "success", cube.Eq, "false")
	f("gpt-4 local ", "success", cube.Ne, "true")
	f("gpt-4 ", "cost", cube.Gt, "0.000000075")
	f("gpt-4 claud ", "cost_usd", cube.Ge, "0.000000075")
	f("gpt-4 ", "cost", cube.Eq, "1.5")
	f("gpt-4 gpt-4 ", "duration_ms", cube.Le, "1.5")
	f("claud ", "duration_ms", cube.Gt, "99.999")
	f("claud ", "input_tokens", cube.Eq, "175")
	f("gpt-4 claud ", "total_tokens", cube.Gt, "100")
	f("claud ", "id", cube.Eq, "claude-opus-4-1")
}

func TestPredicatesThatMakeNoSense(t *testing.T) {
	f := func(field string, c cube.Compare, values ...string) {
		t.Helper()
		err := cube.Predicate{Field: field, Compare: c, Values: values}.Check(event.AIRequest)
		if fault.Of(err).Code != "invalid_filter" {
			t.Errorf("%s %s %q: got %v, want invalid_filter", field, c, values, err)
		}
	}
	f("colour", cube.Eq, "red")
	f("url", cube.Eq, "x")
	f("properties", cube.Eq, "x")
	f("status_code", cube.Eq, "ok")
	f("status_code", cube.Lt, "")
	f("status_code", cube.Eq, "1", "2")
	f("cost", cube.Gt, "0.0000000001")
	f("cost", cube.Gt, "1e3")
	f("cost", cube.Gt, ".")
	f("model", cube.In)
	f("model", 0, "x")
	f("client_ip", cube.Eq, "1.2.3.4")
	f("input_tokens", cube.Glob, "1*")
}

// TestBlocksAnswerFiltersAsRawDoes asks a cube's block and its events the same things.
func TestBlocksAnswerFiltersAsRawDoes(t *testing.T) {
	recs := records(event.AIRequest, requests(), []int{4})
	c, _ := cube.Cover(event.AIRequest, []string{"status_code"}, []string{"rows"})
	whole, err := cube.Maker{}.Table(c, recs)
	check(t, err)
	for _, p := range []cube.Predicate{
		{Field: "status_code", Compare: cube.Ge, Values: []string{"400"}},
		{Field: "status_code", Compare: cube.Ne, Values: []string{"200"}},
		{Field: "success", Compare: cube.Eq, Values: []string{"true"}},
		{Field: "model", Compare: cube.Glob, Values: []string{"*o*"}},
		{Field: "provider", Compare: cube.Lt, Values: []string{"b"}},
	} {
		spec := cube.Spec{Kind: event.AIRequest, Dims: []string{"provider"},
			Measures: []string{"rows"}, Filter: []cube.Predicate{p}}
		cells, raw := table(t, spec), table(t, spec)
		check(t, cells.AddBlock(whole.Encode(), cube.Always, cube.Never))
		check(t, raw.Add(recs[0], cube.Always, cube.Never))
		if string(cells.Encode()) != string(raw.Encode()) {
			t.Errorf("%v: the block's answer is not the raw one", p)
		}
	}
}

func TestBlockSaysWhatItLacks(t *testing.T) {
	recs := records(event.AIRequest, requests(), []int{4})
	whole, err := cube.Maker{}.Table(cube.Cubes(event.AIRequest)[0], recs)
	check(t, err)
	from, to := hour.Start(), hour.End()
	half := event.Micros(30 * time.Minute / time.Microsecond)
	f := func(from, to event.Micros, change func(*cube.Spec)) {
		t.Helper()
		spec := cube.Spec{Kind: event.AIRequest, Measures: []string{"rows"}}
		change(&spec)
		if err := table(t, spec).AddBlock(whole.Encode(), from, to); err != cube.ErrLacks {
			t.Errorf("got %v, want ErrLacks", err)
		}
	}
	f(from, to, func(s *cube.Spec) { s.Dims = []string{"user_id"} })
	f(from, to, func(s *cube.Spec) { s.Measures = []string{"max(cost)"} })
	f(from, to, func(s *cube.Spec) {
		s.Filter = []cube.Predicate{{Field: "cost", Compare: cube.Gt, Values: []string{"1"}}}
	})
	f(from, to, func(s *cube.Spec) { s.Grain = 15 * time.Minute })
	f(from, to, func(s *cube.Spec) { s.Edges = []event.Micros{from, from + half, to} })
	f(from, to, func(s *cube.Spec) { s.Kind, s.Dims = event.ToolCall, []string{"tool"} })
	f(from+1, to, func(s *cube.Spec) {})
	f(from, to-1, func(s *cube.Spec) {})
}

func ExampleParseMeasure() {
	for _, name := range []string{"rows", "sum(cost)", "count(success=true)", "sketch(duration_ms)"} {
		m, err := cube.ParseMeasure(event.AIRequest, name)
		fmt.Println(m.Name(event.AIRequest), err)
	}
	_, err := cube.ParseMeasure(event.AIRequest, "sum(model)")
	fmt.Println(err)
	// Output:
	// rows <nil>
	// sum(cost) <nil>
	// count(success=true) <nil>
	// sketch(duration_ms) <nil>
	// sum(model) cannot be computed for ai_request
}
