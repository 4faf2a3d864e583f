package query

import (
	"context"
	"slices"
	"strings"

	"analytics/engine/event"
	"analytics/engine/store"
)

// Verb is a named question. It exists once: GET /v1/GROUP/NAME and `analytics GROUP NAME` are both
// made of it, and so is whatever else lists what can be asked.
type Verb struct {
	// Group and Name are the words: costs breakdown. A verb without a name is a word of its own.
	Group, Name string
	// Help is one line; Example is a command line that answers something useful.
	Help, Example string
	// Empty says what to do when there is nothing.
	Empty string
	// Since is the range where the asker names none. It is Fixed where no other can be named.
	Since string
	Fixed bool
	// Operand is the name of the parameter that the shell takes without its flag: the NAME in
	// `agents show NAME`. Where it is id, GET /v1/GROUP/{id} asks for the same.
	Operand string
	// Main lets the shell leave the name out: `trace ID` is `trace show ID`.
	Main bool
	// Own are parameters that only this verb has.
	Own []Param
	// Form is what is answered, unless there are Panels: then it is an object of several answers.
	Form
	Panels []Panel
	// Trail makes it everything that shares something with the id, in order.
	Trail bool
}

// Form is how one answer is made: of a question, of a list of events, or by a Table.
type Form struct {
	// Question has the defaults of everything the asker does not say.
	Question Question
	// Trend picks an interval that gives a readable number of buckets where the asker names none.
	Trend bool
	// List makes it a list of events of the kinds, of all kinds if there are none. Fields are its
	// columns, the usual ones if empty.
	List   bool
	Kinds  []event.Kind
	Fields []string
	// Table makes the answer where no question or list gives it. One says that it is of one thing, whose
	// fields are what other answers have numbers for; Kept that all of it is made of what passes the filter.
	Table     Table
	One, Kept bool
}

// Table makes an answer of its own. since is the range where the parameters name none. It must not
// look at the table of verbs, which it is in.
type Table func(
	ctx context.Context, d *Desk, tenant store.Tenant, p Params, since string,
) (*Answer, error)

// asks is the form of a question, trend the one of a question over time, and listed the one of a
// list.
func asks(q Question) Form { return Form{Question: q} }

func trend(q Question) Form { return Form{Question: q, Trend: true} }

func listed(kinds ...event.Kind) Form { return Form{List: true, Kinds: kinds} }

// Panel is one of several answers, under a name for programs and a title for people.
type Panel struct {
	Name, Title string
	Form
}

// Path is where the verb is over HTTP.
func (v *Verb) Path() string {
	if v.Name == "" {
		return "/v1/" + v.Group
	}
	return "/v1/" + v.Group + "/" + v.Name
}

// ByID is the path of the thing that the verb shows, empty where it shows no single thing. The rest
// of the path is the id, with the slashes it may have.
func (v *Verb) ByID() string {
	if v.Operand != "id" {
		return ""
	}
	return "/v1/" + v.Group + "/{id...}"
}

// Command is the verb as the shell has it, without flags.
func (v *Verb) Command() string {
	words := []string{"analytics", v.Group}
	if v.Name != "" && !v.Main {
		words = append(words, v.Name)
	}
	return strings.Join(append(words, v.usage()...), " ")
}

// usage is the operand as help names it.
func (v *Verb) usage() []string {
	for _, p := range v.Params() {
		if p.Name == v.Operand && p.Required {
			return []string{p.Word}
		} else if p.Name == v.Operand {
			return []string{"[" + p.Word + "]"}
		}
	}
	return nil
}

// Params are the parameters the verb takes.
func (v *Verb) Params() []Param {
	switch {
	case v.Fixed:
		return v.Own
	case v.Trail, v.Table != nil:
		return slices.Concat(v.Own, within)
	case len(v.Panels) > 0:
		return v.offered(slices.Concat(v.Own, common, v.forPanels(), onePanel))
	case v.List && len(v.Kinds) == 0:
		return v.offered(slices.Concat(v.Own, common, ofType, lists))
	case v.List:
		return v.offered(slices.Concat(v.Own, common, lists))
	}
	return v.offered(slices.Concat(v.Own, common, shaping))
}

// verbs is the table of named questions.
var verbs = slices.Concat(verbsOfAll, verbsOfAI, verbsOfAgents, verbsOfErrors,
	verbsOfTraffic, verbsOfContent, verbsOfSessions, verbsOfFunnels, verbsOfPerformance, verbsOfTrails, verbsOfEvents)

// Verbs is the table of named questions.
func Verbs() []Verb { return verbs }

// interval is the one that cuts a range into a readable number of buckets.
func (q *Question) interval() string {
	switch days := q.To.Sub(q.From).Hours() / 24; {
	case days <= 2:
		return "hour"
	case days <= 92:
		return "day"
	case days <= 200:
		return "week"
	}
	return "month"
}
