package trail

import (
	"cmp"
	"encoding/json"
	"io"
	"slices"
	"time"

	"analytics/engine/event"
	"analytics/query/answer"
)

// MaxDepth is how deep a tree is at most: deeper steps stand beside those of the last level, since
// readers of JSON and screens have an end.
const MaxDepth = 64

// Columns are the fields that New reads. All is what a full trail shows besides.
var Columns = []string{
	"timestamp", "type", "id", "subject", "trace_id", "span_id", "parent_span_id", "session_id",
	"conversation_id", "user_id", "agent", "actor", "category", "duration_ms", "success", "status",
	"outcome", "severity", "error_type", "status_code", "cost", "total_tokens",
}

// Trail is events that belong together.
type Trail struct {
	ID string `json:"id"`
	// FoundBy is the field in which ID was found.
	FoundBy string    `json:"found_by"`
	Start   time.Time `json:"start"`
	// DurationMS is from the first start to the last end.
	DurationMS float64     `json:"duration_ms"`
	Events     int         `json:"events"`
	Errors     int         `json:"errors"`
	Cost       json.Number `json:"cost"` // USD, exact
	Tokens     int64       `json:"total_tokens"`
	Steps      []*Step     `json:"steps"`
	Notes      []string    `json:"notes,omitempty"`
}

// Step is one event of a trail.
type Step struct {
	Type     string    `json:"type"`
	ID       string    `json:"id"`
	Time     time.Time `json:"timestamp"`
	OffsetMS float64   `json:"offset_ms"` // since the start of the trail
	// DurationMS is nil for what happens in a moment.
	DurationMS *float64 `json:"duration_ms"`
	// What is the model, tool, task, page, or the category and action of an activity. Who is the
	// actor, user or agent.
	What     string       `json:"what"`
	Who      string       `json:"who,omitempty"`
	Agent    string       `json:"agent,omitempty"`
	Outcome  string       `json:"outcome,omitempty"`
	Severity string       `json:"severity,omitempty"`
	Error    string       `json:"error,omitempty"`
	Cost     *json.Number `json:"cost,omitempty"`
	Tokens   *int64       `json:"total_tokens,omitempty"`
	// Fields is everything the event has, where that was asked for.
	Fields   json.RawMessage `json:"fields,omitempty"`
	Children []*Step         `json:"children,omitempty"`

	began        time.Time // Time, or before it where Time is the end
	span, parent string
	failed       bool
	above        *Step
	depth        int // below steps that nobody called, however deep
}

// New makes a trail of the rows of a list that has the Columns. full keeps all fields of each row.
func New(id, foundBy string, a *answer.Answer, full bool) *Trail {
	t := &Trail{ID: id, FoundBy: foundBy, Events: len(a.Rows)}
	at := map[string]int{}
	for i, c := range a.Columns {
		at[c.Name] = i
	}
	var steps []*Step
	var cost event.NanoUSD
	var end time.Time
	for _, row := range a.Rows {
		r := reader{row, at}
		s := r.step()
		if full {
			s.Fields = r.fields(a.Columns)
		}
		if s.failed {
			t.Errors++
		}
		c, _ := r.cell("cost").(event.NanoUSD)
		cost += c
		if s.Tokens != nil {
			t.Tokens += *s.Tokens
		}
		steps = append(steps, s)
	}
	settle(steps)
	for _, s := range steps {
		if t.Start.IsZero() || s.began.Before(t.Start) {
			t.Start = s.began
		}
		if e := s.end(); e.After(end) {
			end = e
		}
	}
	t.Cost = json.Number(answer.AppendMoney(nil, cost))
	t.DurationMS = ms(end.Sub(t.Start))
	slices.SortStableFunc(steps, func(a, b *Step) int {
		return cmp.Or(a.began.Compare(b.began), cmp.Compare(b.length(), a.length()), cmp.Compare(a.ID, b.ID))
	})
	for _, s := range steps {
		s.OffsetMS = ms(s.began.Sub(t.Start))
	}
	t.Steps = nest(steps)
	return t
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func (s *Step) length() float64 {
	if s.DurationMS == nil {
		return 0
	}
	return *s.DurationMS
}

func (s *Step) end() time.Time {
	return s.began.Add(time.Duration(s.length() * float64(time.Millisecond)))
}

// WriteJSON writes the trail as one JSON object, children inside the steps that called them.
func (t *Trail) WriteJSON(w io.Writer) error {
	b, err := json.Marshal(t)
	if err == nil {
		_, err = w.Write(b)
	}
	return err
}

// settle says when each step began: at its time, but for the end of a task whose start was an event
// of its own. There the sender told the end when it came, and the length with it.
func settle(steps []*Step) {
	type task struct{ agent, what string }
	started := map[task]time.Time{}
	for _, s := range steps {
		if s.Type == "agent_task" && s.Outcome == "started" {
			started[task{s.Agent, s.What}] = s.Time
		}
	}
	for _, s := range steps {
		s.began = s.Time
		at, ok := started[task{s.Agent, s.What}]
		if ok && s.Type == "agent_task" && s.Outcome != "started" && 2*ms(s.Time.Sub(at)) >= s.length() {
			s.began = s.Time.Add(-time.Duration(s.length() * float64(time.Millisecond)))
		}
	}
}

// nest puts steps below those that called them. A step that is its own ancestor stands at the top.
func nest(steps []*Step) []*Step {
	bySpan := map[string]*Step{}
	for _, s := range steps {
		if s.span != "" && bySpan[s.span] == nil {
			bySpan[s.span] = s
		}
	}
	var roots []*Step
	for _, s := range steps {
		parent := bySpan[s.parent]
		if s.parent == "" || parent == s {
			parent = nil
		}
		for up := parent; up != nil; up = up.above {
			if up == s { // spans that call each other in a circle
				parent = nil
				break
			}
		}
		if parent != nil {
			s.above = parent
		}
	}
	for _, s := range steps {
		for up := s.above; up != nil; up = up.above {
			s.depth++
		}
	}
	for _, s := range steps {
		parent := s.above
		for parent != nil && parent.depth >= MaxDepth-1 {
			parent = parent.above
		}
		if parent == nil {
			roots = append(roots, s)
		} else {
			parent.Children = append(parent.Children, s)
		}
	}
	return roots
}

// Walk calls f for each step, callers before what they called, with its depth.
func (t *Trail) Walk(f func(s *Step, depth int)) {
	var walk func(steps []*Step, depth int)
	walk = func(steps []*Step, depth int) {
		for _, s := range steps {
			f(s, depth)
			walk(s.Children, depth+1)
		}
	}
	walk(t.Steps, 0)
}
