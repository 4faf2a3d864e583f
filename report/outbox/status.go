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
	Name    string    `json:"name"`
	Kind    string    `json:"kind"`
	Topics  []string  `json:"topics"`
	State   string    `json:"state"` // open or closed
	Problem string    `json:"problem,omitempty"`
	Resumes time.Time `json:"resumes,omitzero"`
}

// Status counts the letters and says whether anything stops them.
func (o *Outbox) Status() Status {
	o.mu.Lock()
	defer o.mu.Unlock()
	s := Status{Webhook: "none", Channels: []Standing{}}
	for _, at := range o.stations {
		c := Standing{Name: at.Name, Kind: at.Kind, Topics: at.Topics, State: "open"}
		if len(c.Topics) == 0 {
			c.Topics = []string{Reports, Alerts}
		}
		if at.shut() {
			c.State, c.Problem = "closed", at.closed.Reason
			s.Webhook, s.Problem = "closed", at.closed.Reason
		} else if s.Webhook == "none" {
			s.Webhook = "open"
		}
		if at.resume.After(o.now()) {
			c.Resumes = at.resume
			if s.Resumes.IsZero() || at.resume.Before(s.Resumes) {
				s.Resumes = at.resume
			}
		}
		s.Channels = append(s.Channels, c)
	}
	slices.SortFunc(s.Channels, func(a, b Standing) int { return cmp.Compare(a.Name, b.Name) })
	for _, r := range o.rows {
		switch r.State {
		case Pending:
			s.Pending++
			if s.Oldest.IsZero() || r.Created.Before(s.Oldest) {
				s.Oldest = r.Created
			}
			if s.Problem == "" {
				s.Problem = r.Problem
			}
		case Delivered:
			s.Delivered++
		case Dead:
			s.Dead++
		}
	}
	return s
}
