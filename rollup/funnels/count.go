package funnels

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
)

// Question is what is asked of a funnel.
type Question struct {
	Tenant store.Tenant
	// People enter in [From, To).
	From, To time.Time
	// Sessions counts sessions instead of people.
	Sessions bool
	// By is a dimension of page views, such as channel, or empty.
	By string
	// Limit is how many values of it are told apart; the others are (other).
	Limit int
	Bots  bool
	// Where leaves out who does not begin where it says.
	Where Where
}

// Where is conditions on the first page view of somebody in the range, which is also where By puts them.
type Where struct {
	// Fields are those of page views that Passing looks at.
	Fields []int
	// Passing lists the rows of a record of page views that pass; nil if everybody does.
	Passing func(rec arrow.Record) []int32
	// Unseen says that who saw no page in the range passes.
	Unseen bool
}

// Dimensions are what a funnel can be counted by, and what Where may be about.
func Dimensions() []string {
	names := make([]string, 0, len(dimensions))
	for name := range dimensions {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

var dimensions = map[string]int{
	"site": event.PageSite, "path": event.PagePath, "source": event.PageSource,
	"channel": event.PageChannel, "medium": event.PageMedium, "campaign": event.PageCampaign,
	"country": event.PageCountry, "region": event.PageRegion, "city": event.PageCity,
	"device": event.PageDevice, "browser": event.PageBrowser, "os": event.PageOS,
	"language": event.PageLanguage, "referrer_host": event.PageReferrerHost,
	"content_id": event.PageContentID, "project": event.Project,
}

// The limits of one question, for memory: some 120 B a person and 16 B a hit.
const (
	maxPeople = 2_000_000
	maxHits   = 8_000_000
	// maxNames is how many values of a dimension are looked at; whatever comes later is (other).
	maxNames = 100_000
	// MaxValues is how many values of a dimension are told apart at most.
	MaxValues    = 1000
	defaultLimit = 20
	// Other is where the values go that are not told apart.
	Other = "(other)"
)

// pause ends a session that has no session_id.
const pause = event.Micros(30 * time.Minute / time.Microsecond)

// Result is how many get how far.
type Result struct {
	Funnel   Funnel
	Question Question
	// All is everybody; Groups are by the value of the dimension, the largest first, (other) last.
	All    Group
	Groups []Group
	// Values is how many values the dimension has.
	Values int
	Rows   int64 // read
	// Sampled says that events were left out when they came in.
	Sampled bool
}

// Group is everybody, or those with one value of a dimension.
type Group struct {
	Value string
	Steps []StepCount
}

// StepCount is one step.
type StepCount struct {
	Step string
	// Reached is how many got here or further; Lost how many got no further than the step before.
	Reached, Lost int64
	// Conversion is Reached over those who entered, FromPrevious over those at the step before, 0
	// where nobody was.
	Conversion, FromPrevious float64
	// Median is the time from the step before, nil at the first and where nobody came.
	Median *time.Duration
}

// Count counts a funnel. It reads the columns it needs of the events in the range, and for a window
// after it.
func Count(ctx context.Context, s *store.Store, f Funnel, q Question) (*Result, error) {
	steps, window, err := f.compile()
	if err != nil {
		return nil, err
	}
	if err := q.check(); err != nil {
		return nil, err
	}
	c := &counter{
		question: q, steps: steps, window: event.Micros(window / time.Microsecond), people: map[string]int32{},
		values: map[string]int32{},
	}
	if err := c.read(ctx, s); err != nil {
		return nil, err
	}
	r := &Result{Funnel: f, Question: q, Rows: c.rows, Sampled: c.sampled}
	c.settle()
	all, each := c.walk()
	r.All = all.group("", f.Steps)
	if q.By != "" {
		r.Groups, r.Values = groups(each, c.names, q.Limit, f.Steps)
	}
	return r, nil
}

func (q *Question) check() error {
	if q.By != "" && dimensions[q.By] == 0 {
		return fault.At(fault.Invalid, "unknown_dimension", "by",
			"a funnel cannot be counted by %q, but by %s", clip(q.By), join(Dimensions()))
	}
	if q.Limit == 0 {
		q.Limit = defaultLimit
	}
	if q.Limit < 0 || q.Limit > MaxValues {
		return fault.At(fault.Invalid, "invalid_limit", "limit",
			"limit must be a whole number from 1 to %d", MaxValues)
	}
	if !q.From.Before(q.To) {
		return fault.At(fault.Invalid, "invalid_range", "since", "the range ends before it begins")
	}
	return nil
}

// settle gives the visitors who became users to them, and puts the hits in order.
func (c *counter) settle() {
	for i := range c.hits {
		h := &c.hits[i]
		if u := c.each[h.who].user; u >= 0 {
			h.who = u
		}
	}
	for i := range c.each {
		p := &c.each[i]
		if p.user >= 0 && p.seen {
			c.each[p.user].see(p.first, p.value, p.passes, c.names)
		}
	}
	c.hits = byPerson(c.hits, len(c.each))
}

// byPerson orders hits by person and time. They are dealt out first, since each person's are few and
// nearly in order.
func byPerson(hits []hit, people int) []hit {
	next := make([]int32, people+1)
	for _, h := range hits {
		next[h.who+1]++
	}
	for i := range people {
		next[i+1] += next[i]
	}
	sorted := make([]hit, len(hits))
	for _, h := range hits {
		sorted[next[h.who]] = h
		next[h.who]++
	}
	from := int32(0)
	for _, end := range next[:people] {
		slices.SortFunc(sorted[from:end], func(a, b hit) int { return cmp.Compare(a.at, b.at) })
		from = end
	}
	return sorted
}

// walk walks everybody's ways, and counts them together and by value.
func (c *counter) walk() (all tally, each []tally) {
	all, each = newTally(len(c.steps)), make([]tally, len(c.names))
	w := newWalker(len(c.steps), c.window, event.MicrosOf(c.question.To))
	for i := 0; i < len(c.hits); {
		from := i
		for i++; i < len(c.hits) && !c.ends(c.hits[i-1], c.hits[i]); i++ {
		}
		way := w.walk(c.hits[from:i])
		if len(way) == 0 || !c.counts(c.hits[from].who) {
			continue
		}
		all.add(way)
		if c.question.By != "" {
			t := &each[c.each[c.hits[from].who].value]
			if t.reached == nil {
				*t = newTally(len(c.steps))
			}
			t.add(way)
		}
	}
	return all, each
}

// counts reports whether somebody begins where the question says.
func (c *counter) counts(who int32) bool {
	w, p := &c.question.Where, &c.each[who]
	return w.Passing == nil || p.seen && p.passes || !p.seen && w.Unseen
}

// ends says whether what is counted as one ends between two hits.
func (c *counter) ends(a, b hit) bool {
	return a.who != b.who ||
		c.question.Sessions && !c.each[a.who].session && b.at-a.at > pause
}

// Notes say what limits the answer.
func (r *Result) Notes() []string {
	notes := []string{"visitors are counted by user_id where events have one; without one a visitor " +
		"lasts a day, so ways over midnight are seen of users only"}
	if r.Question.Sessions {
		notes = []string{"sessions are those with a session_id; without one they end with a pause of " +
			"half an hour between page views or custom events"}
	}
	if r.Question.Where.Passing != nil {
		notes = append(notes, "the filter is on the first page view of each in the range; all that they did counts")
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
