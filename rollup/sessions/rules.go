package sessions

import (
	"time"

	"analytics/engine/event"
)

// The rules, in microseconds like all time here.
const (
	// Idle is the longest pause within a session.
	Idle = event.Micros(30 * time.Minute / time.Microsecond)
	// Longest is how long after its start a session takes no events any more.
	Longest = 24 * hour
	// engagedAfter is the engagement, in milliseconds, that makes a visit no bounce.
	engagedAfter = 10_000

	hour = event.Micros(time.Hour / time.Microsecond)
	day  = 24 * hour
)

// Kinds are the kinds that sessions are made of.
func Kinds() []event.Kind {
	return []event.Kind{event.AIRequest, event.ToolCall, event.AgentTask, event.PageView,
		event.Engagement, event.Custom}
}

// OnSites are those of Kinds that sessions on a site are made of, and no other session of a site is: a
// call to a model has none, and is of another key.
func OnSites() []event.Kind {
	return []event.Kind{event.PageView, event.Engagement, event.Custom}
}

// Lookback is the moment from which on events must be known to know the sessions that start at or
// after t: 48.5 hours before the day of t begins. Events that never pause from then on cover a whole
// day before t, and are cut at its end whatever came before. The day itself is looked at for how
// many sessions of a visitor there were before; the day before it, for how many pages a site has.
func Lookback(t event.Micros) event.Micros { return dayOf(t) - 2*day - Idle }

// dayOf is the UTC midnight at or before a moment.
func dayOf(t event.Micros) event.Micros {
	d := t - t%day
	if d > t {
		d -= day
	}
	return d
}

// chain is the events of one key that never paused longer than Idle, seen up to one of them.
type chain struct{ first, last event.Micros }

// next moves the chain on to an event. cut says that whatever is open ends before it.
func (c *chain) next(at event.Micros) (cut bool) {
	if c.last == 0 || at-c.last > Idle {
		*c = chain{at, at}
		return true
	}
	midnight := dayOf(at)
	cut = c.last < midnight && c.first <= midnight-day
	c.last = at
	return cut
}
