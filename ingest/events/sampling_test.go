package events

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"analytics/engine/auth"
	"analytics/engine/event"
	"analytics/engine/store"
)

func TestSamplingNeverDropsMoneyOrErrors(t *testing.T) {
	h := newHouse(t, store.Config{})
	key := h.key(auth.Ingest)
	h.intake.Reload(h.book, Config{Enabled: true, SamplingRate: 0})
	kept := []string{
		`{"type":"ai_request","model":"m","trace_id":"t"}`,
		`{"type":"activity","category":"c","action":"a","trace_id":"t"}`,
		`{"type":"metric","name":"m","trace_id":"t"}`,
		`{"type":"tool_call","tool":"t","success":false,"trace_id":"t"}`,
		`{"type":"agent_task","agent":"a","status":"failed","trace_id":"t"}`,
		`{"type":"page_view","url":"/","status_code":500,"trace_id":"t"}`,
		`{"type":"tool_call","tool":"t"}`, metric,
	}
	left := []string{
		`{"type":"tool_call","tool":"t","trace_id":"t"}`,
		`{"type":"agent_task","agent":"a","status":"completed","trace_id":"t"}`,
		`{"type":"page_view","url":"/","trace_id":"t"}`,
		`{"type":"engagement","url":"/","trace_id":"t"}`,
		`{"type":"event","name":"n","trace_id":"t"}`,
	}
	_, got := h.post("", strings.Join(append(kept, left...), "\n")).as(key).do()
	want := `{"accepted":8,"duplicates":0,"rejected":0,"errors":[],"sampled":5}`
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, kind := range []event.Kind{event.ToolCall, event.AgentTask, event.PageView} {
		for _, e := range h.stored(kind) {
			if e["sample_weight"] != "" {
				t.Errorf("%s: what is always kept weighs %s, want nothing", kind, e["sample_weight"])
			}
		}
	}
}

// sampled are the kinds that sampling leaves out.
var sampled = []event.Kind{event.ToolCall, event.AgentTask, event.PageView, event.Engagement,
	event.Custom}

func TestTracesAreKeptWholeByEveryServer(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 1))
	for _, rate := range []float64{1e-6, .001, .1, .3, .5, .7, .999, 1} {
		here, there := samplerOf(rate), samplerOf(rate)
		for range 10_000 {
			id := fmt.Appendf(nil, "%016x%016x", r.Uint64(), r.Uint64())
			first, kept := int64(0), false
			for i, n := 0, 1+r.IntN(8); i < n; i++ {
				var e, copied event.Event
				kind := sampled[r.IntN(len(sampled))]
				for _, e := range []*event.Event{&e, &copied} {
					e.Reset(kind)
					e.SetID(event.TraceID, id)
					if kind == event.ToolCall {
						e.SetBool(event.ToolSuccess, true)
					}
				}
				field, _ := kind.Weight()
				got := here.takes(&e)
				if there.takes(&copied) != got || copied.Int(field) != e.Int(field) {
					t.Fatalf("seed %d, rate %g: servers differ about trace %s", seed, rate, id)
				}
				if i == 0 {
					first, kept = e.Int(field), got
				}
				if got != kept || e.Int(field) != first {
					t.Fatalf("seed %d, rate %g: trace %s is kept in part: %s %v with weight %d, want %v %d",
						seed, rate, id, kind, got, e.Int(field), kept, first)
				}
			}
		}
	}
}

// TestWeightsAddUpToAll: the weights of all hashes are as many as the hashes, whatever the rate.
func TestWeightsAddUpToAll(t *testing.T) {
	for _, rate := range []float64{1e-6, 1e-3, .01, .1, .3, 1. / 3, .5, .7, .9, .999999} {
		s := samplerOf(rate)
		if s.whole*s.keep+s.rest != 0 || s.rest >= s.keep { // 2^64 is 0
			t.Errorf("rate %g: %d × %d + %d is not 2^64", rate, s.whole, s.keep, s.rest)
		}
		if s.whole+1 > event.MaxWeight {
			t.Errorf("rate %g: weight %d is above %d", rate, s.whole+1, event.MaxWeight)
		}
	}
}

// TestTotalsOfSamplesAreRight: of many traces of all kinds, what is sampled adds up to the truth
// within five standard deviations, and money and failures add up exactly.
func TestTotalsOfSamplesAreRight(t *testing.T) {
	const traces = 10_000
	seed := rand.Uint64()
	for _, rate := range []float64{.1, .3} {
		r := rand.New(rand.NewPCG(seed, 2))
		h := newHouse(t, store.Config{})
		h.intake.Reload(h.book, Config{Enabled: true, SamplingRate: rate})
		cost, failed := 0, 0
		var text strings.Builder
		for i := range traces {
			id := fmt.Sprintf("%016x%016x", r.Uint64(), r.Uint64())
			cents, bad := r.IntN(50), r.IntN(10) == 0
			cost += cents
			if bad {
				failed++
			}
			fmt.Fprintf(&text, `{"type":"ai_request","model":"m-x","cost_usd":%g,"trace_id":"%s"}`+"\n",
				float64(cents)/100, id)
			fmt.Fprintf(&text, `{"type":"tool_call","tool":"t","success":%v,"trace_id":"%s"}`+"\n", !bad, id)
			fmt.Fprintf(&text, `{"type":"page_view","url":"https://a.example/","trace_id":"%s"}`+"\n", id)
			if i%1000 == 999 {
				if _, err := h.intake.Take(t.Context(),
					&Body{Tenant: store.Default, Text: []byte(text.String()), Lines: true}); err != nil {
					t.Fatal(err)
				}
				text.Reset()
			}
		}
		got, spent, errors := map[event.Kind]int{}, 0, 0
		for _, kind := range []event.Kind{event.AIRequest, event.ToolCall, event.PageView} {
			for _, e := range h.stored(kind) {
				weight := 1
				if e["sample_weight"] != "" {
					weight, _ = strconv.Atoi(e["sample_weight"])
				}
				got[kind] += weight
				nano, _ := strconv.Atoi(e["cost"])
				spent += nano
				if kind == event.ToolCall && e["success"] != "1" {
					errors += weight
				}
			}
		}
		if got[event.AIRequest] != traces || spent != cost*1e7 || errors != failed {
			t.Errorf("seed %d, rate %g: %d requests, %d nano-USD, %d errors; want %d, %d, %d", seed, rate,
				got[event.AIRequest], spent, errors, traces, cost*1e7, failed)
		}
		s := samplerOf(rate)
		heavy := float64(s.rest) / float64(s.keep)
		low, high := float64(s.whole), float64(s.whole+1)
		variance := rate*(low*low*(1-heavy)+high*high*heavy) - 1
		bound := 5 * math.Sqrt(traces*variance)
		for _, kind := range []event.Kind{event.ToolCall, event.PageView} {
			if off := math.Abs(float64(got[kind] - traces)); off > bound {
				t.Errorf("seed %d, rate %g: %d of %s, want %d ± %.0f", seed, rate, got[kind], kind, traces,
					bound)
			}
		}
		t.Logf("seed %d, rate %g: %d tool calls, %d page views of %d ± %.0f", seed, rate,
			got[event.ToolCall], got[event.PageView], traces, bound)
	}
}

func TestSendersMaySampleThemselves(t *testing.T) {
	h := newHouse(t, store.Config{})
	key := h.key(auth.Ingest)
	send := func(rate float64, line, want string) {
		t.Helper()
		h.intake.Reload(h.book, Config{Enabled: true, SamplingRate: rate})
		if status, got := h.post("", line).as(key).do(); status != 200 {
			t.Fatalf("got %d %s", status, got)
		}
		all := h.stored(event.ToolCall)
		if got := all[len(all)-1]["sample_weight"]; got != want {
			t.Errorf("rate %g, %s: weight is %q, want %q", rate, line, got, want)
		}
	}
	const heavy = `{"type":"tool_call","tool":"t","sample_weight":20,"trace_id":"a"}`
	send(1, heavy, "20")
	send(.999999, `{"type":"tool_call","tool":"t","sample_weight":1048576,"trace_id":"b"}`, "1048576")
	send(1, `{"type":"tool_call","tool":"t","sample_weight":0}`, "")
	send(1, `{"type":"tool_call","tool":"t","sample_weight":20,"success":false}`, "")
	s := samplerOf(.25)
	for i := range 100 {
		var e event.Event
		e.Reset(event.Custom)
		e.SetID(event.TraceID, fmt.Appendf(nil, "%032x", i))
		e.SetInt(event.CustomWeight, 20)
		if s.takes(&e) && e.Int(event.CustomWeight) != 80 {
			t.Fatalf("a quarter of a twentieth weighs %d, want 80", e.Int(event.CustomWeight))
		}
	}
	public := &worker{in: h.intake}
	public.event.Reset(event.PageView)
	public.event.SetInt(event.PageWeight, 1000)
	if err := public.restrict(&Body{Public: true}); err != nil || public.event.Has(event.PageWeight) {
		t.Errorf("a browser's page view weighs %d (%v), want nothing", public.event.Int(event.PageWeight), err)
	}
}
