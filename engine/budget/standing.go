package budget

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
)

// The states of a budget.
const (
	Within   = "within" // its limit
	Over     = "over"   // and people were told
	Slowed   = "throttled"
	Paused   = "paused"
	Lifted   = "lifted"   // by hand, whatever is spent
	Counting = "counting" // what is spent is not known yet
)

// Standing is where a budget stands, or one group of it.
type Standing struct {
	Definition
	// Group are the values of By.
	Group []string `json:"group,omitempty"`
	// From and To are the period, Key its name.
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	Key      string    `json:"-"`
	Rolling  bool      `json:"-"`
	Spent    USD       `json:"spent"`
	Reserved USD       `json:"reserved"`
	Left     USD       `json:"left"` // of the limit, without what is spent and reserved; 0 at least
	State    string    `json:"state"`
	Resumes  time.Time `json:"resumes,omitzero"` // when a pause ends, where that is known
	Switch   *Switch   `json:"switch,omitempty"` // what was decided by hand
}

// Percent is how much of the limit is spent, rounded down.
func (s *Standing) Percent() int64 { return int64(s.Spent) / max(1, int64(s.Limit)/100) }

// Of is whom the budget is of, for people; nothing where that is everybody.
func (s *Standing) Of() string {
	values := slices.Clone(s.Group)
	for i, v := range values {
		if v == "" && i < len(s.By) {
			values[i] = "no " + s.By[i]
		}
	}
	return strings.Join(values, ", ")
}

// Definitions are a tenant's budgets by name.
func (l *Ledger) Definitions(t store.Tenant) []Definition {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := []Definition{}
	for _, n := range l.lines {
		if n.tenant == t {
			all = append(all, n.Definition)
		}
	}
	slices.SortFunc(all, func(a, b Definition) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// Standings are where a tenant's budgets stand, of one name if it is given: by name, and within it the
// groups that spent most first. One that has groups, but none that spent anything, is there without.
func (l *Ledger) Standings(ctx context.Context, t store.Tenant, name string) ([]Standing, error) {
	if err := l.ensure(ctx); err != nil {
		return nil, err
	}
	now := l.house.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	all := []Standing{}
	for _, n := range l.lines {
		if n.tenant != t || name != "" && n.Name != name {
			continue
		}
		if len(n.by) == 0 {
			n.cell("")
		}
		before := len(all)
		for _, c := range n.cells {
			s := l.standing(n, c, now)
			if len(n.by) == 0 || s.Spent > 0 || s.Reserved > 0 {
				all = append(all, s)
			}
		}
		if len(all) == before { // a budget for each value of something, none of which has come
			all = append(all, l.standing(n, &cell{}, now))
		}
	}
	slices.SortFunc(all, func(a, b Standing) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(b.Spent, a.Spent),
			slices.Compare(a.Group, b.Group))
	})
	return all, nil
}

func (l *Ledger) standing(n *line, c *cell, now time.Time) Standing {
	s := Standing{Definition: n.Definition, Group: c.values(), State: Within, Rolling: n.period.rolling()}
	s.From, s.To = n.period.Window(now)
	s.From, s.To = s.From.UTC(), s.To.UTC()
	s.Key = n.period.key(s.From)
	spent, reserved := n.in(c, now)
	s.Spent, s.Reserved = USD(spent), USD(reserved)
	s.Left = max(0, n.Limit-s.Spent-s.Reserved)
	sw := l.switches[n.place]
	on := sw.active(now)
	if on {
		s.Switch = &sw
	}
	switch over := spent >= event.NanoUSD(n.Limit); {
	case on && sw.Lifted:
		s.State = Lifted
	case on:
		s.State, s.Resumes = Paused, sw.Until
	case !n.knows(now):
		s.State = Counting
	case over && n.Action == Pause:
		s.State, s.Resumes = Paused, s.To
		if s.Rolling {
			s.Resumes = n.frees(c, now)
		}
	case over && n.Action == Throttle:
		s.State = Slowed
	case over:
		s.State = Over
	}
	return s
}
