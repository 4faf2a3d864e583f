package lookout

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"analytics/alerts/anomaly"
	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/query"
	"analytics/query/filter"
)

const (
	// span is how far back calls are looked at for loops.
	span = 10 * time.Minute
	// leastCalls is how many calls of an actor are looked at at all.
	leastCalls = 8
	// mostActors and mostCalls bound what is read.
	mostActors = 20
	mostCalls  = 4000
)

// Circling is an actor that seems to run in circles.
type Circling struct {
	Dimension string         `json:"dimension"` // conversation_id, session_id or agent
	Value     string         `json:"value"`
	Agent     string         `json:"agent,omitempty"`
	Points    int            `json:"points"`
	Signs     []anomaly.Sign `json:"signs"`
	Calls     int            `json:"calls"`
	From      time.Time      `json:"from"`
	To        time.Time      `json:"to"`
	CostUSD   float64        `json:"cost"`
}

// actors are who may run in circles: a conversation if calls name one, or else a session, or else an
// agent, of which much happens side by side.
var actors = []string{"conversation_id", "session_id", "agent"}

// circles looks for loops among those who called most in the last minutes.
func (l *Lookout) circles(ctx context.Context, now time.Time, r *Result) error {
	from := now.Add(-span)
	a, err := l.ask(ctx, query.Question{
		Metrics: []string{"events"}, By: actors, Filter: "type in ai_request,tool_call",
		Order: "-events", Limit: mostActors, From: from, To: now,
	})
	if err != nil {
		return err
	}
	busy := map[string][]string{}
	for _, cells := range a.Rows {
		row := row{a, cells}
		if row.number("events") < leastCalls {
			continue
		}
		for _, by := range actors {
			if name, _ := row.cell(by).(string); name != "" {
				if !slices.Contains(busy[by], name) {
					busy[by] = append(busy[by], name)
				}
				break
			}
		}
	}
	for _, by := range actors {
		if len(busy[by]) == 0 {
			continue
		}
		if err := l.circlesBy(ctx, by, busy[by], from, now, r); err != nil {
			return err
		}
	}
	return nil
}

func (l *Lookout) circlesBy(
	ctx context.Context, by string, names []string, from, to time.Time, r *Result,
) error {
	l.questions++
	a, err := l.desk.List(ctx, store.Default, query.Listing{
		Kinds:  []event.Kind{event.AIRequest, event.ToolCall},
		Filter: filter.Conditions{}.And(by, filter.In, names...).String(), From: from, To: to, Limit: mostCalls,
		Fields: []string{"timestamp", "type", "conversation_id", "session_id", "agent", "tool", "model", "input_tokens",
			"output_tokens", "result_bytes", "success", "error_type", "cost"},
	})
	if err != nil {
		return err
	}
	calls, agents := map[string][]anomaly.Call{}, map[string]string{}
	for _, cells := range slices.Backward(a.Rows) { // the newest came first
		row := row{a, cells}
		name, _ := row.cell(by).(string)
		if name == "" || !row.mine(by) {
			continue
		}
		calls[name] = append(calls[name], row.call())
		agents[name], _ = row.cell("agent").(string)
	}
	least := l.cfg.Sensitivity.Looping()
	for _, name := range names {
		loop := anomaly.Circles(calls[name], by == "agent")
		if loop.Points < least {
			continue
		}
		c := Circling{
			Dimension: by, Value: name, Agent: agents[name], Points: loop.Points, Signs: loop.Signs, Calls: loop.Calls,
			From: loop.From, To: loop.To, CostUSD: float64(loop.Cost) / 1e9,
		}
		r.Loops = append(r.Loops, c)
		f := c.finding(l.desk.Zone())
		r.Findings, r.GoingOn = append(r.Findings, f), append(r.GoingOn, f.Subject)
	}
	return nil
}

// mine reports whether a call has no narrower actor than that.
func (r row) mine(by string) bool {
	for _, narrower := range actors {
		if narrower == by {
			return true
		}
		if name, _ := r.cell(narrower).(string); name != "" {
			return false
		}
	}
	return true
}

func (r row) call() (c anomaly.Call) {
	c.At, _ = r.cell("timestamp").(time.Time)
	c.Tool, _ = r.cell("tool").(string)
	c.Model, _ = r.cell("model").(string)
	c.Error, _ = r.cell("error_type").(string)
	c.Input = int64(r.number("input_tokens"))
	c.Size = int64(cmp.Or(r.number("result_bytes"), r.number("output_tokens")))
	success, known := r.cell("success").(bool)
	c.Failed = known && !success
	if spent, ok := r.cell("cost").(event.NanoUSD); ok {
		c.Cost = int64(spent)
	}
	return c
}

func (c *Circling) finding(zone *time.Location) Finding {
	who := strings.TrimSuffix(c.Dimension, "_id") + " " + c.Value
	if c.Agent != "" && c.Dimension != "agent" {
		who = "agent " + c.Agent + ", " + who
	}
	reasons := make([]string, len(c.Signs))
	for i, s := range c.Signs {
		reasons[i] = s.Reason
	}
	f := Finding{
		Kind: "loop", Metric: "calls", Subject: "loop " + c.Dimension + "=" + c.Value, Dimension: c.Dimension,
		Value: c.Value, Up: true, Is: float64(c.Calls), Events: int64(c.Calls), From: c.From, Severity: "high",
		Period: c.From.In(zone).Format(time.DateOnly), Title: "An agent seems to run in circles",
		Message: fmt.Sprintf("%s: %s. %d calls since %s", upper(who), strings.Join(reasons, "; "), c.Calls,
			c.From.In(zone).Format("15:04:05")),
	}
	if c.CostUSD > 0 {
		f.Message += ", " + show(c.CostUSD, "USD")
	}
	f.Message += "."
	return f
}
