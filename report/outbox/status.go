package outbox

import (
	"cmp"
	"slices"
	"time"
)

// Status is how the outbox stands.
type Status struct {
	Webhook   string     `json:"webhook"` // none, open, or closed if one of the channels is
	Problem   string     `json:"problem,omitempty"`
	Pending   int        `json:"pending"`
	Delivered int        `json:"delivered"`
	Dead      int        `json:"dead"`
	Oldest    time.Time  `json:"oldest_pending,omitzero"`
	Resumes   time.Time  `json:"resumes,omitzero"`
	Channels  []Standing `json:"channels"`
}

// Standing is how one channel stands.
type Standing struct {
	Name   string   `json:"name"`
	Kind   string   `json:"kind"`
	Topics []string `json:"topics"`
	// Severities are those of the alerts it takes; all if there are none.
	Severities []string  `json:"severities,omitempty"`
	State      string    `json:"state"` // open or closed
	Problem    string    `json:"problem,omitempty"`
	Resumes    time.Time `json:"resumes,omitzero"`
	Pending    int       `json:"pending"`
	Dead       int       `json:"dead"`
}

// Status counts the letters and says whether anything stops them.
func (o *Outbox) Status() Status {
	o.mu.Lock()
	defer o.mu.Unlock()
	s := Status{Webhook: "none", Channels: []Standing{}}
	counts := map[string]*Standing{}
	for _, r := range o.rows {
		c := counts[r.channel]
		if c == nil {
			c = &Standing{}
			counts[r.channel] = c
		}
		switch r.State {
		case Pending:
			s.Pending++
			c.Pending++
			if s.Oldest.IsZero() || r.Created.Before(s.Oldest) {
				s.Oldest = r.Created
			}
			if c.Problem == "" {
				c.Problem = r.Problem
			}
		case Delivered:
			s.Delivered++
		case Dead:
			s.Dead++
			c.Dead++
		}
	}
	for _, at := range o.stations {
		c := o.standing(at)
		if n := counts[at.Name]; n != nil {
			c.Pending, c.Dead, c.Problem = n.Pending, n.Dead, cmp.Or(c.Problem, n.Problem)
		}
		if c.State == "closed" || s.Webhook == "none" {
			s.Webhook = c.State
		}
		if !c.Resumes.IsZero() && (s.Resumes.IsZero() || c.Resumes.Before(s.Resumes)) {
			s.Resumes = c.Resumes
		}
		s.Channels = append(s.Channels, c)
	}
	slices.SortFunc(s.Channels, func(a, b Standing) int { return cmp.Compare(a.Name, b.Name) })
	for _, c := range s.Channels { // of a closed channel first
		if c.State == "closed" || s.Problem == "" {
			s.Problem = c.Problem
		}
	}
	return s
}

// standing is how a channel stands, its letters aside. The caller holds mu.
func (o *Outbox) standing(at *station) Standing {
	c := Standing{Name: at.Name, Kind: at.Kind, Topics: at.topics(), Severities: at.Severities, State: "open"}
	if at.shut() {
		c.State, c.Problem = "closed", at.closed.Reason
	}
	if at.resume.After(o.now()) {
		c.Resumes = at.resume
	}
	return c
}
