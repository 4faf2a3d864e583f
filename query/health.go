package query

import (
	"context"
	"fmt"
	"strings"

	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/query/answer"
	"analytics/query/catalog"
)

// vital is one part of the health score: a number that is fine up to Good, is worth nothing from Bad
// on, and loses points evenly between the two.
type vital struct {
	part string
	// question gives the number in the column metric, by the events in the column of.
	question   Question
	of, metric string
	// before compares: the number is how many times what it was in the range before.
	before    bool
	unit      string
	good, bad float64
	weight    float64
}

// vitals are the parts of the health score; those of one question stand together. Weights add up to
// 100; where a part has too few events to judge by, the others share its weight. The bounds are of a
// service that people use: one failed request in a hundred goes unnoticed, one in ten is an outage,
// and what is slow is told by what was normal before, since models differ by a hundred times.
var vitals = []vital{
	{part: "failed AI requests", question: aiVitals, of: "requests", metric: "error_rate",
		unit: "ratio", good: .01, bad: .10, weight: 30},
	{part: "slowness of AI requests", question: aiVitals, of: "requests", metric: "p95_duration_ms",
		before: true, unit: "times before", good: 1.25, bad: 3, weight: 15},
	{part: "wait for the first byte", question: aiVitals, of: "requests", metric: "p95_ttfb_ms",
		unit: "ms", good: 2000, bad: 10_000, weight: 10},
	{part: "failed tool calls", question: Question{Metrics: []string{"tool_calls", "error_rate"}},
		of: "tool_calls", metric: "error_rate", unit: "ratio", good: .02, bad: .20, weight: 15},
	{part: "failed agent tasks", question: Question{Metrics: []string{"agent_tasks", "error_rate"}},
		of: "agent_tasks", metric: "error_rate", unit: "ratio", good: .05, bad: .30, weight: 10},
	{part: "processor", question: host("cpu_percent"), of: "samples", metric: "avg_value",
		unit: "percent", good: 70, bad: 95, weight: 5},
	{part: "memory", question: host("memory_percent"), of: "samples", metric: "avg_value",
		unit: "percent", good: 80, bad: 97, weight: 5},
	{part: "disk", question: host("disk_percent"), of: "samples", metric: "max_value",
		unit: "percent", good: 80, bad: 95, weight: 10},
}

var aiVitals = Question{Compare: "previous", Metrics: []string{
	"requests", "error_rate", "p95_duration_ms", "p95_ttfb_ms"}}

func host(name string) Question {
	return Question{Metrics: []string{"samples", "avg_value", "max_value"}, Filter: "name==" + name}
}

// fewest is how many events a part is judged by at least.
const fewest = 10

// health is the health score and what it is made of: 0 to 100, the mean of the scores of its parts
// by their weights. What a part costs the whole is in the column lost.
func health(
	ctx context.Context, d *Desk, tenant store.Tenant, p Params, since string,
) (*Answer, error) {
	a := &Answer{Columns: []Column{
		{Name: "part", Kind: answer.KindDimension, Type: catalog.String},
		{Name: "value", Kind: answer.KindMetric, Type: catalog.Number},
		{Name: "unit", Kind: answer.KindDimension, Type: catalog.String},
		{Name: "score", Kind: answer.KindMetric, Type: catalog.Number},
		{Name: "weight", Kind: answer.KindMetric, Type: catalog.Number},
		{Name: "lost", Kind: answer.KindMetric, Type: catalog.Number},
		{Name: "why", Kind: answer.KindDimension, Type: catalog.String},
	}}
	type judged struct {
		vital
		value, score any
		why          string
	}
	var parts []judged
	total, sum := 0.0, 0.0
	var got *Answer
	for i, v := range vitals {
		if i == 0 || v.of != vitals[i-1].of || v.question.Filter != vitals[i-1].question.Filter {
			q, err := p.question(v.question, since)
			if err != nil {
				return nil, err
			}
			got, err = d.Answer(ctx, tenant, q)
			if err != nil && fault.Of(err).Code != "invalid_combination" {
				return nil, err
			}
		}
		if got == nil {
			continue // the filter names what these events do not have
		}
		a.Meta = got.Meta
		value, why := v.measure(got)
		j := judged{vital: v, value: value, why: why}
		if x, ok := value.(float64); ok {
			score := v.score(x)
			j.score, j.why = score, v.explain(score)
			total, sum = total+v.weight, sum+v.weight*score
		}
		parts = append(parts, j)
	}
	for _, j := range parts {
		row := []any{j.part, j.value, j.unit, j.score, nil, nil, j.why}
		if score, ok := j.score.(float64); ok {
			row[4] = round(j.weight/total*100, 1)
			row[5] = round((100-score)*j.weight/total, 1)
		}
		a.Rows = append(a.Rows, row)
	}
	a.Meta.Notes, a.Meta.Errors, a.Meta.Exact = nil, nil, false // quantiles are in it
	a.Totals = map[string]any{"score": nil, "lost": nil}
	if total > 0 {
		score := round(sum/total, 1)
		a.Totals["score"], a.Totals["lost"] = score, round(100-score, 1)
	}
	return a, nil
}

// measure is the part's number, nil if there are too few events; why says so.
func (v *vital) measure(a *Answer) (value any, why string) {
	row := a.Rows[0]
	n, _ := row[a.Column(v.of)].(int64)
	if n < fewest {
		return nil, fmt.Sprintf("not judged: %d of at least %d %s", n, fewest, strings.ReplaceAll(v.of, "_", " "))
	}
	x, ok := row[a.Column(v.metric)].(float64)
	if !ok {
		return nil, "not judged: nothing tells"
	}
	if !v.before {
		return x, ""
	}
	n, _ = row[a.Column(v.of+"_previous")].(int64)
	was, ok := row[a.Column(v.metric+"_previous")].(float64)
	if !ok || was <= 0 || n < fewest {
		return nil, fmt.Sprintf("not judged: %d of at least %d %s in the range before", n, fewest,
			strings.ReplaceAll(v.of, "_", " "))
	}
	return round(x/was, 3), ""
}

// score is 100 up to good, 0 from bad on, and a straight line between.
func (v *vital) score(x float64) float64 {
	return round(100*min(1, max(0, (v.bad-x)/(v.bad-v.good))), 1)
}

func (v *vital) explain(score float64) string {
	bounds := "fine up to " + v.spoken(v.good) + ", 0 from " + v.spoken(v.bad)
	switch {
	case score == 100:
		return "good: " + bounds
	case score == 0:
		return "bad: " + bounds
	}
	return "poor: " + bounds
}

// spoken is a bound as people say it.
func (v *vital) spoken(x float64) string {
	switch v.unit {
	case "ratio":
		return fmt.Sprintf("%v %%", round(100*x, 3))
	case "percent":
		return fmt.Sprintf("%v %%", x)
	case "times before":
		return fmt.Sprintf("%v times", x)
	}
	return fmt.Sprintf("%v %s", x, v.unit)
}
