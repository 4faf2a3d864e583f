package report

import (
	"time"

	"analytics/engine/event"
	"analytics/query/answer"
	"analytics/report/chart"
)

// Report is one report, before it takes a form. All strings are plain text: the forms make them
// inert.
type Report struct {
	Name    string // such as daily_cost_report, as in jobs, files and footers
	Title   string
	Span    Span
	Written time.Time
	// Partial says that the span was not over when the report was written.
	Partial bool
	Empty   bool // nothing happened, then and before
	// Headline is what one reads in ten seconds: the figure, what changed, and why.
	Headline []string
	Sections []Section
	// Chart is what is drawn of the figures, nil if there is nothing to see.
	Chart *chart.Chart
	// Notes say what the figures do not contain.
	Notes []string
	// Mood colours the card: calm, notable or bad.
	Mood Mood
}

// Mood is how urgently one should look.
type Mood int

// The moods.
const (
	Calm Mood = iota
	Notable
	Bad
)

// Section is a titled table.
type Section struct {
	Title   string
	Note    string
	Columns []Column
	Rows    [][]any
	// Bar is the key of a column of counts that is also drawn as bars, if any.
	Bar string
	// Card is how many rows the Discord card shows; 0 leaves the section out there.
	Card int
}

// Column is a column of a table. Cards show the marked ones.
type Column struct {
	Key   string
	Label string
	Right bool
	Card  bool
}

// The cells of a table besides string, int64, event.NanoUSD and nil (not known). Each type has its
// way to be read by people; in JSON they are plain numbers.
type (
	Share       float64       // of 1: 0.25 is 25 %
	Change      float64       // of 1, with its sign: 0.25 is +25 %
	Points      float64       // between two shares: 0.25 is +25 points
	MoneyChange event.NanoUSD // with its sign
	CountChange int64         // with its sign
	Millis      float64
	Seconds     float64
	Mean        float64 // of a count, such as pages per session
	Depth       float64 // percent
	Clock       time.Time
)

// plain is a cell as query/answer writes it.
func plain(cell any) any {
	switch v := cell.(type) {
	case Share:
		return float64(v)
	case Change:
		return float64(v)
	case Points:
		return float64(v)
	case MoneyChange:
		return event.NanoUSD(v)
	case CountChange:
		return int64(v)
	case Millis:
		return float64(v)
	case Seconds:
		return float64(v)
	case Mean:
		return float64(v)
	case Depth:
		return float64(v)
	case Clock:
		return time.Time(v)
	}
	return cell
}

// text and number make columns.
func text(key, label string) Column   { return Column{Key: key, Label: label, Card: true} }
func number(key, label string) Column { return Column{Key: key, Label: label, Right: true} }

func (c Column) carded() Column { c.Card = true; return c }

// add puts a section into the report unless it has no rows: what cannot be said is left out.
func (r *Report) add(s Section) {
	if len(s.Rows) > 0 {
		r.Sections = append(r.Sections, s)
	}
}

// note adds the notes of an answer, each once.
func (r *Report) note(answers ...*answer.Answer) {
	for _, a := range answers {
		if a == nil {
			continue
		}
		for _, n := range a.Meta.Notes {
			r.say(n)
		}
	}
}

func (r *Report) say(note string) {
	for _, n := range r.Notes {
		if n == note {
			return
		}
	}
	r.Notes = append(r.Notes, note)
}
