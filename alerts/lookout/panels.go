package lookout

import (
	"analytics/alerts/anomaly"
	"analytics/engine/event"
	"analytics/query"
)

// panel is a question, the answer of which holds several series.
type panel struct {
	by       string // empty for everything together
	metrics  []string
	measures []measure
}

// measure is a number that is watched.
type measure struct {
	name   string
	unit   string
	kind   anomaly.Kind
	upOnly bool // less of it is no bad news
	lumpy  bool
	// read takes the value and the events it is made of from a row.
	read func(r row) (value, events float64)
}

// The measures, in the order of how much they say: what costs leads what is counted.
var (
	cost = measure{name: "cost", unit: "USD", lumpy: true,
		read: func(r row) (float64, float64) { return r.number("cost"), r.number("requests") }}
	requests = measure{name: "requests",
		read: func(r row) (float64, float64) { return r.number("requests"), r.number("requests") }}
	tokens = measure{name: "total_tokens", unit: "tokens", lumpy: true,
		read: func(r row) (float64, float64) { return r.number("total_tokens"), r.number("requests") }}
	failures = measure{name: "errors", upOnly: true,
		read: func(r row) (float64, float64) { return r.number("errors"), r.number("errors") }}
	errorRate = measure{name: "error_rate", unit: "ratio", kind: anomaly.Share, upOnly: true,
		read: func(r row) (float64, float64) { return r.number("errors"), r.known() }}
	latency = measure{name: "p95_duration_ms", unit: "ms", kind: anomaly.Size, upOnly: true,
		read: func(r row) (float64, float64) { return r.number("p95_duration_ms"), r.timed() }}
	views = measure{name: "page_views",
		read: func(r row) (float64, float64) { return r.number("page_views"), r.number("page_views") }}
	visitors = measure{name: "visitors",
		read: func(r row) (float64, float64) { return r.number("visitors"), r.number("visitors") }}
)

var (
	asked     = []string{"requests", "cost", "total_tokens", "errors", "error_rate"}
	askedLong = append(asked[:len(asked):len(asked)], "p95_duration_ms")
	askedWeb  = []string{"page_views", "visitors"}
	ofKeys    = []measure{cost, requests, tokens, errorRate}
	ofParts   = append(ofKeys[:len(ofKeys):len(ofKeys)], latency)
	ofAll     = append(ofParts[:len(ofParts):len(ofParts)], failures)
	ofWeb     = []measure{views, visitors}
)

// panels is the table of what is watched. Keys have no latency: no cube has it, and reading events
// for it would cost more than all the rest.
var panels = []panel{
	{"", askedLong, ofAll},
	{"model", askedLong, ofParts},
	{"agent", askedLong, ofParts},
	{"api_key_id", asked, ofKeys},
	{"", askedWeb, ofWeb},
	{"site", askedWeb, ofWeb},
}

// row is a row of an answer.
type row struct {
	a     *query.Answer
	cells []any
}

func (r row) cell(name string) any {
	if at := r.a.Column(name); at >= 0 {
		return r.cells[at]
	}
	return nil
}

// number is a cell as a number, 0 if there is none; money in USD.
func (r row) number(name string) float64 { return number(r.cell(name)) }

func number(cell any) float64 {
	switch v := cell.(type) {
	case int64:
		return float64(v)
	case float64:
		return v
	case bool:
		if v {
			return 1
		}
	case event.NanoUSD:
		return float64(v) / 1e9
	}
	return 0
}

// known is how many requests have a known outcome.
func (r row) known() float64 {
	if r.cell("error_rate") == nil {
		return 0
	}
	if rate := r.number("error_rate"); rate > 0 {
		return r.number("errors") / rate
	}
	return r.number("requests")
}

// timed is how many requests a latency is made of, about.
func (r row) timed() float64 {
	if r.cell("p95_duration_ms") == nil {
		return 0
	}
	return r.number("requests")
}
