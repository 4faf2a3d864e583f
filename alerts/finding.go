package alerts

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"analytics/alerts/rules"
	"analytics/engine/fault"
)

// Finding is what somebody who watches has found out: a rule on a metric, a detector of anomalies.
type Finding struct {
	// Type says who found it, and Rule the name of the rule or detector, with its version.
	Type    Type
	Rule    string
	Version int
	// Subject is what it is about, such as "error_rate of gpt-4o". Of one type and subject there is
	// one active incident at most.
	Subject string
	// Period names the stretch of time it is of, as a part of a path: a day, an hour, or when it
	// began. Of one subject and period there is one incident, and one message, ever.
	Period string
	// From and To are the stretch of time. The incident ends by itself at To, unless that is zero.
	From, To time.Time

	Title    string // what happened in a few words
	Message  string // in one line
	Severity Severity
	Group    []Label
	Reading  Reading
	// Moved are the parts of the events that changed most, the largest first.
	Moved []Moved
	// Renotify is after how long people are told again while it is open; zero for never.
	Renotify time.Duration
}

// Label is the value of a dimension: which part of the events an incident is about.
type Label = rules.Label

// Reading is a metric, what it is held against, and how bad it was.
type Reading struct {
	Metric    string  `json:"metric"`
	Unit      string  `json:"unit,omitempty"`
	Operator  string  `json:"operator,omitempty"` // how value stands to threshold
	Value     float64 `json:"value"`              // when the incident was opened
	Threshold float64 `json:"threshold"`          // or what was expected
	Worst     float64 `json:"worst"`              // value, unless it got worse
	Samples   int64   `json:"samples,omitempty"`  // how many events value is made of
}

// Moved is a part of the events, and what the metric is there and was before.
type Moved struct {
	Name  string  `json:"name"`  // of the dimension
	Value string  `json:"value"` // of the dimension
	Was   float64 `json:"was"`
	Is    float64 `json:"is"`
}

// Raise opens an incident for each finding that has none, and notes what got worse in those that
// have. What is opened in one call is told in one message. A finding of a period that is over by
// itself goes on with the incident of then, and without a message; one that somebody resolved stays
// resolved. It gives the incidents that were opened.
func (w *Watch) Raise(ctx context.Context, found ...Finding) (opened []Incident, err error) {
	now := w.desk.Now().UTC()
	w.mu.Lock()
	defer w.mu.Unlock()
	var changed []*Incident
	for i := range found {
		f := &found[i]
		if err := f.check(); err != nil {
			return nil, err
		}
		old := w.about(f)
		switch {
		case old == nil && slices.ContainsFunc(opened, func(o Incident) bool { return o.ID == f.id() }):
		case old == nil:
			opened = append(opened, f.incident(now))
		case old.Active():
			if next, worse := old.worse(f); worse {
				changed = append(changed, next)
			}
		case old.ResolvedBy == "":
			changed = append(changed, old.again(now))
		}
	}
	for i := range opened {
		opened[i].Telling = telling(opened)
		changed = append(changed, &opened[i])
		if err := w.makeRoom(ctx); err != nil {
			return nil, err
		}
	}
	if err := w.save(ctx, changed...); err != nil {
		return nil, err
	}
	for i := range opened {
		w.log.Warn("alert opened", "incident", opened[i].ID, "message", opened[i].Message)
	}
	return slices.Clone(opened), nil
}

// Clear resolves the active incident of a type and subject, if there is one. why says it in a few words,
// for the history.
func (w *Watch) Clear(ctx context.Context, t Type, subject, why string) error {
	now := w.desk.Now().UTC()
	w.mu.Lock()
	defer w.mu.Unlock()
	i := w.active[about(t, subject)]
	if i == nil {
		return nil
	}
	next := *i
	next.State, next.Resolved = Resolved, now
	next.step(Change{State: Resolved, At: now, By: itself, Why: why})
	return w.save(ctx, &next)
}

// about is the incident that a finding belongs to: the active one of its subject, or the one of its
// period. The caller holds mu.
func (w *Watch) about(f *Finding) *Incident {
	if i := w.known[f.id()]; i != nil {
		return i
	}
	return w.active[about(f.Type, f.Subject)]
}

// about is a key of what an incident of a finding is about.
func about(t Type, subject string) string { return string(t) + "\x00" + subject }

// about is a key of what the incident is about; budgets have a period each.
func (i *Incident) about() string {
	if i.Subject == "" {
		return i.ID
	}
	return about(i.Type, i.Subject)
}

func (f *Finding) incident(now time.Time) Incident {
	f.Reading.Worst = f.Reading.Value
	return Incident{
		ID: f.id(), Rule: f.Rule, Version: f.Version, Type: f.Type, Subject: f.Subject, Action: Notify,
		Period: f.Period, From: f.From.UTC(), To: f.To.UTC(), State: Open, Opened: now,
		Heading: f.Title, Message: f.Message, Severity: f.Severity, Group: f.Group,
		Reading: &f.Reading, Moved: f.Moved, Renotify: Span(f.Renotify),
	}
}

// id is unique for a type, subject and period. A rule whose subject is nothing but itself has no sum
// in its name.
func (f *Finding) id() string {
	apart := ""
	if f.Subject != f.Rule {
		apart = string(f.Type) + "\x00" + f.Subject
	}
	return slug(f.Rule, apart) + "-" + slug(f.Period, "")
}

var (
	goodID    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
	unfitting = regexp.MustCompile(`[^A-Za-z0-9]+`)
)

// slug makes a part of a path of any text. What tells it apart, if there is such, follows as a sum,
// and so does a text that does not fit.
func slug(text, apart string) string {
	plain := text
	if !goodID.MatchString(text) {
		plain = strings.Trim(unfitting.ReplaceAllString(text, "-"), "-")
		plain = plain[:min(len(plain), 40)]
		apart += "\x00" + text
	}
	if apart == "" {
		return plain
	}
	sum := sha256.Sum256([]byte(apart))
	return plain + "-" + hex.EncodeToString(sum[:4])
}

// worse is the incident with what a finding adds to it, if it does.
func (i *Incident) worse(f *Finding) (*Incident, bool) {
	if i.Reading == nil {
		return nil, false
	}
	grew := f.Reading.Value > i.Reading.Worst
	if strings.HasPrefix(i.Reading.Operator, "<") {
		grew = f.Reading.Value < i.Reading.Worst
	}
	higher := f.Severity.rank() > i.Severity.rank()
	if !grew && !higher {
		return nil, false
	}
	next := *i
	reading := *i.Reading
	next.Reading = &reading
	if grew {
		reading.Worst = f.Reading.Value
	}
	if higher {
		next.Severity = f.Severity
	}
	return &next, true
}

// again is an incident that was over by itself, and is not.
func (i *Incident) again(now time.Time) *Incident {
	next := *i
	next.State, next.Resolved = Open, time.Time{}
	if !i.Acknowledged.IsZero() {
		next.State = Acknowledged
	}
	next.step(Change{State: next.State, At: now, By: itself, Why: "it goes on"})
	return &next
}

// telling names the message of incidents that are told together.
func telling(all []Incident) string {
	if len(all) == 1 {
		return all[0].ID
	}
	return fmt.Sprintf("%s-and-%d", all[0].ID, len(all)-1)
}

// check says what a finding lacks: that is a broken promise of our own code.
func (f *Finding) check() error {
	if f.Subject == "" || f.Period == "" || f.Rule == "" || f.Severity.rank() == 0 {
		return fault.New(fault.Internal, "bad_finding", "a finding needs a rule, subject, period and severity")
	}
	return nil
}
