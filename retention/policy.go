package retention

import (
	"errors"
	"fmt"
	"maps"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
)

// Policy is what the configuration says about keeping events.
type Policy struct {
	// Days is how long raw events are kept at least; 0 keeps them for ever.
	Days int
	// Types keeps some types of events for other numbers of days, by the type's name.
	Types map[string]int
	// Block has what is kept otherwise of some tenants, and how large the data folder may become.
	Block

	tenant string // whose the policy is, once it is one tenant's own
	said   string // by which setting, once it is of one kind
}

// Of is the policy of one tenant. Where its own terms give days, they are all that counts for it:
// the days of types that hold for the others do not.
func (p Policy) Of(tenant string) Policy {
	terms, ok := p.Tenants[tenant]
	if !ok {
		return p
	}
	own := Policy{Days: p.Days, Types: map[string]int{}, Block: p.Block, tenant: tenant}
	if terms.Days != nil {
		own.Days = *terms.Days
	} else {
		maps.Copy(own.Types, p.Types)
	}
	maps.Copy(own.Types, terms.Types)
	return own
}

// For is the policy of one kind, of a tenant's own policy.
func (p Policy) For(kind event.Kind) Policy {
	one, terms := Policy{Days: p.Days}, p.Tenants[p.tenant]
	if p.tenant != "" && terms.Days != nil {
		one.said = "retention.tenants." + p.tenant + ".days"
	}
	if days, ok := p.Types[kind.String()]; ok {
		one.Days, one.said = days, "analytics.retention_by_type"
		if _, ok := terms.Types[kind.String()]; ok {
			one.said = "retention.tenants." + p.tenant + ".types"
		}
	}
	return one
}

// as names the setting that says so, where it is not analytics.retention_days.
func (p Policy) as() string {
	if p.said == "" {
		return ""
	}
	return ", as " + p.said + " says"
}

// DefaultDays is `analytics.retention_days` where the configuration does not say.
const DefaultDays = 90

// maxDays is ten years; more is a slip of the unit.
const maxDays = 3660

// What a stretch is of.
type What uint8

// Events go first, then the counts of their hours become counts of days, and these go last.
const (
	Events What = iota
	Hours
	Days
)

// State is what is known of a stretch.
type State uint8

// The states.
const (
	Sealed   State = iota // in a segment, counted right
	Unsealed              // in the journal still
	Doubtful              // the ledger counts other rows than there are
)

// Stretch is events of one kind that stay or go together: those of a segment, or those of an hour
// that are not sealed. Of a segment without events it is its cells.
type Stretch struct {
	What     What
	Kind     event.Kind
	From, To event.Hour // [From, To)
	Rows     int64
	Bytes    int64 // on disk; of unsealed events not known
	State    State
	Segment  store.SegmentID // of sealed and doubtful ones
}

// Decision is what happens to a stretch, and why.
type Decision struct {
	Stretch
	Drop   bool
	Reason string
}

// Cutoff is the hour before which events may go; ok is false if none may.
func (p Policy) Cutoff(now time.Time) (h event.Hour, ok bool) {
	if p.Days <= 0 {
		return 0, false
	}
	at := event.MicrosOf(now.Add(-time.Duration(p.Days) * 24 * time.Hour))
	if at <= 0 {
		return 0, false
	}
	return at.Hour(), true
}

// Decide says for every stretch whether it goes. It is a function of its arguments: the plan and
// the deletion are the same decision, made twice.
func (p Policy) Decide(now time.Time, stretches []Stretch) []Decision {
	cutoff, ok := p.Cutoff(now)
	out := make([]Decision, len(stretches))
	for i, s := range stretches {
		d := Decision{Stretch: s}
		switch {
		case !ok:
			d.Reason = "kept for ever" + p.as()
		case s.From >= cutoff:
			d.Reason = fmt.Sprintf("younger than %d days%s", p.Days, p.as())
		case s.To > cutoff:
			d.Reason = "its segment holds younger events; it goes " + s.due(p.Days)
		case s.State == Unsealed:
			d.Reason = "not sealed yet"
		case s.State == Doubtful:
			d.Reason = "the ledger counts other rows; see `analytics doctor`"
		default:
			d.Drop, d.Reason = true, fmt.Sprintf("older than %d days%s", p.Days, p.as())
		}
		out[i] = d
	}
	return out
}

// due says when the last hour of the stretch is old enough.
func (s *Stretch) due(days int) string {
	at := s.To.Start().Time().Add(time.Duration(days) * 24 * time.Hour)
	return "on " + at.Format("2006-01-02 15:04 UTC")
}

// Check gives what is wrong with the days; the block says itself what is wrong with it.
func (p Policy) Check() error {
	return errors.Join(checkDays("analytics.retention_days", p.Days),
		checkTypes("analytics.retention_by_type", p.Types))
}
