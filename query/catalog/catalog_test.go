package catalog

import (
	"strings"
	"testing"

	"analytics/engine/fault"
	"analytics/query/filter"
	"analytics/rollup/cube"
)

func TestFormulasAreWhatCubesKnow(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range New().Metrics {
		if seen[m.Name] || m.Help == "" || len(m.Formulas) == 0 {
			t.Errorf("%s is there twice, or says nothing", m.Name)
		}
		seen[m.Name] = true
		for _, f := range m.Formulas {
			_, err := cube.NewTable(cube.Spec{Kind: f.Kind, Measures: f.Measures()})
			if err != nil {
				t.Errorf("%s of %s: %v", m.Name, f.Kind, err)
			}
		}
	}
	// The names that the contract promises and that today's data can answer.
	for name := range strings.FieldsSeq(`requests errors success_rate error_rate input_tokens
		output_tokens cache_read_tokens cache_write_tokens reasoning_tokens total_tokens cost
		avg_duration_ms p50_duration_ms p90_duration_ms p95_duration_ms p99_duration_ms avg_ttfb_ms
		p95_ttfb_ms tokens_per_second cache_hit_rate users conversations tool_calls agent_tasks
		activities page_views sessions visitors pages_per_session avg_time_on_page_seconds
		avg_scroll_depth clicks events unpriced_requests`) {
		if !seen[name] {
			t.Errorf("there is no metric %s", name)
		}
	}
}

func TestDimensionsAreWhatCubesKnow(t *testing.T) {
	c := New()
	for _, d := range c.Dimensions {
		if d.Name == TypeDimension {
			continue
		}
		for _, k := range d.Kinds {
			if _, ok := cube.DimOf(k, d.Name); d.Group && !ok {
				t.Errorf("%s cannot be counted by %s", k, d.Name)
			}
			if !filterable(k, d.Name) {
				t.Errorf("%s cannot be filtered by %s", k, d.Name)
			}
		}
	}
	for name := range strings.FieldsSeq(`provider model endpoint project user_id agent prompt_id
		api_key_id status_code error_type tool server site path channel source medium campaign
		country region city device browser os bot_class content_id category action severity`) {
		if _, err := c.Dimension(name); err != nil {
			t.Error(err)
		}
	}
	for _, name := range []string{"duration_ms", "cost", "total_tokens"} {
		if _, err := c.Filterable(name); err != nil {
			t.Error(err)
		}
	}
}

func TestChoose(t *testing.T) {
	c := New()
	f := func(metrics, by, where, want string) {
		t.Helper()
		conditions, err := filter.Parse(where)
		if err != nil {
			t.Fatal(err)
		}
		choices, err := c.Choose(strings.Fields(metrics), strings.Fields(by), conditions)
		var got []string
		for _, ch := range choices {
			var kinds []string
			for _, k := range ch.Kinds {
				kinds = append(kinds, k.String())
			}
			got = append(got, ch.Metric.Name+"="+strings.Join(kinds, "+"))
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s by %s where %s: %s %v, want %s", metrics, by, where,
				strings.Join(got, " "), err, want)
		}
	}
	f("errors", "", "", "errors=ai_request")
	f("errors", "tool", "", "errors=tool_call")
	f("tool_calls errors", "agent", "", "tool_calls=tool_call errors=tool_call")
	f("cost errors tool_calls", "", "", "cost=ai_request errors=ai_request tool_calls=tool_call")
	f("errors", "", "tool==search", "errors=tool_call")
	f("errors", "", "type==agent_task", "errors=agent_task")
	f("tool_calls errors cost", "", "", "tool_calls=tool_call errors=tool_call cost=ai_request")
	f("activities last_seen", "", "", "activities=activity last_seen=activity")
	f("users", "path", "", "users=page_view")
	f("users cost", "", "", "users=ai_request cost=ai_request")
	f("events", "name", "", "events=event+metric")
	f("events", "", "type in tool_call,activity", "events=tool_call+activity")
	f("p95_duration_ms", "", "duration_ms>1.5;cost<0.1", "p95_duration_ms=ai_request")
}

func TestChooseRefuses(t *testing.T) {
	c := New()
	f := func(metrics, by, where, code, field, says string) {
		t.Helper()
		conditions, _ := filter.Parse(where)
		_, err := c.Choose(strings.Fields(metrics), strings.Fields(by), conditions)
		got := fault.Of(err)
		if err == nil || got.Code != code || got.Field != field ||
			!strings.Contains(got.Message, says) {
			t.Errorf("%s by %s where %s: %s %s %q", metrics, by, where, got.Code, got.Field, got.Message)
		}
	}
	f("reqests", "", "", "unknown_metric", "metrics", "did you mean requests?")
	f("p95", "", "", "unknown_metric", "metrics", "p95_duration_ms")
	f("zzzzzzzzzz", "", "", "unknown_metric", "metrics", "/v1/catalog")
	f("cost", "modle", "", "unknown_dimension", "by", "did you mean model")
	f("cost", "duration_ms", "", "unknown_dimension", "by", "filtered by")
	f("cost", "path", "", "invalid_combination", "by", "can be by type, project")
	f("page_views", "", "model==x", "invalid_combination", "filter", "filtered by model")
	f("cost", "", "mdoel==x", "invalid_filter", "filter", "did you mean model")
	f("cost", "", "status_code==abc", "invalid_filter", "filter", "abc")
	f("cost", "", "cache_write_tokens=~*a*", "invalid_filter", "filter", "is a quantity")
	f("cost", "", "success==no", "invalid_filter", "filter", "true or false")
	f("cost", "", "type==page_view", "invalid_combination", "filter", "its types are ai_request")
}
