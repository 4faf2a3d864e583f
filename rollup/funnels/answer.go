package funnels

import (
	"fmt"
	"math"
	"time"
)

// Table is an answer in the form of all answers: columns, rows, totals and what they are made of.
type Table struct {
	Columns []Column         `json:"columns"`
	Rows    []map[string]any `json:"rows"`
	Totals  map[string]any   `json:"totals"`
	Meta    Meta             `json:"meta"`
}

// Column is one column of a Table.
type Column struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
	Type string `json:"type"`
	Unit string `json:"unit,omitempty"`
}

// Meta says what a Table is made of.
type Meta struct {
	Funnel Funnel    `json:"funnel"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	TZ     string    `json:"tz"`
	Exact  bool      `json:"exact"`
	// Groups is how many values the dimension has.
	Groups  int            `json:"groups,omitempty"`
	Sources map[string]any `json:"sources"`
	Notes   []string       `json:"notes"`
	Elapsed float64        `json:"elapsed_ms"`
}

// Table is the result as a table: a row for each step of each group.
func (r *Result) table(zone *time.Location, took time.Duration) *Table {
	counted := "visitors"
	if r.Question.Sessions {
		counted = "sessions"
	}
	t := &Table{Rows: []map[string]any{}}
	if r.Question.By != "" {
		t.Columns = append(t.Columns, Column{r.Question.By, "dimension", "string", ""})
	}
	t.Columns = append(t.Columns,
		Column{"step", "dimension", "integer", ""}, Column{"name", "dimension", "string", ""},
		Column{counted, "metric", "integer", ""}, Column{"conversion", "metric", "number", "ratio"},
		Column{"step_conversion", "metric", "number", "ratio"},
		Column{"drop_off", "metric", "integer", ""}, Column{"drop_off_rate", "metric", "number", "ratio"},
		Column{"median_seconds", "metric", "number", "s"})
	groups := r.Groups
	if r.Question.By == "" {
		groups = []Group{r.All}
	}
	for _, g := range groups {
		for i, s := range g.Steps {
			row := map[string]any{"step": i + 1, "name": s.Step, counted: s.Reached,
				"conversion": round(s.Conversion), "step_conversion": round(s.FromPrevious),
				"drop_off": s.Lost, "drop_off_rate": 0.0, "median_seconds": nil}
			if i > 0 && s.Reached+s.Lost > 0 {
				row["drop_off_rate"] = round(1 - s.FromPrevious)
			}
			if s.Median != nil {
				row["median_seconds"] = round(s.Median.Seconds())
			}
			if r.Question.By != "" {
				row[r.Question.By] = g.Value
			}
			t.Rows = append(t.Rows, row)
		}
	}
	first, last := r.All.Steps[0], r.All.Steps[len(r.All.Steps)-1]
	t.Totals = map[string]any{"entered": first.Reached, "completed": last.Reached,
		"conversion": round(last.Conversion)}
	t.Meta = Meta{
		Funnel: r.Funnel, From: r.Question.From.In(zone), To: r.Question.To.In(zone), TZ: zone.String(),
		Exact: !r.Sampled, Groups: r.Values, Sources: map[string]any{"raw_rows": r.Rows},
		Notes: r.notes(), Elapsed: round(float64(took) / float64(time.Millisecond)),
	}
	return t
}

// notes say what limits the answer.
func (r *Result) notes() []string {
	notes := []string{"visitors are counted by user_id where events have one; without one a visitor " +
		"lasts a day, so ways over midnight are seen of users only"}
	if r.Question.Sessions {
		notes = []string{"sessions are those with a session_id; without one they end with a pause of " +
			"half an hour between page views or custom events"}
	}
	if r.Sampled {
		notes = append(notes, "some events were left out by sampling, and with them steps: the numbers "+
			"are too small")
	}
	if r.Values >= maxNames {
		notes = append(notes, fmt.Sprintf("%s has more than %d values; the others are %s",
			r.Question.By, maxNames, Other))
	}
	return notes
}

func round(v float64) float64 { return math.Round(v*1e6) / 1e6 }
