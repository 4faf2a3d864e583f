package outbox

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"
)

// Sender brings letters to one place: the webhook of a chat, a mail server, a program. Its errors
// are *Refusal and never hold a secret.
type Sender interface {
	// Mark tells places apart without saying their secrets.
	Mark() string
	// Form is the letter as the place takes it. The outbox keeps it until it is delivered.
	Form(l Letter) (json.RawMessage, error)
	// Send delivers a form and returns what it is called there. pause is how long the place wants
	// nothing further.
	Send(ctx context.Context, p Parcel) (id string, pause time.Duration, err error)
	// Edits says that what was delivered can be replaced. Elsewhere a letter is delivered once,
	// whatever it says later.
	Edits() bool
}

// Parcel is a letter on its way.
type Parcel struct {
	Report, Period string
	Form           json.RawMessage
	// Before is what Send returned for an earlier form of the letter; it is to be replaced.
	Before string
	// Created is when the letter was put in. It and the names are the same each time it is tried.
	Created time.Time
	Now     time.Time // of this attempt
}

// Channel is a place letters go to, and which of them.
type Channel struct {
	Name   string // as in the settings, and in the keys of rows
	Kind   string // discord, email, slack, webhook
	Topics []string
	// Severities are those of the alerts it takes; all if there are none. Letters without a severity
	// go to it whatever it says here.
	Severities []string
	Sender     Sender
}

// The topics of letters.
const (
	Reports = "reports"
	Alerts  = "alerts"
	Tests   = "tests" // of one channel, by name
)

// Severities are the severities of alerts, the least first.
var Severities = []string{"low", "medium", "high", "critical"}

// takes reports whether a letter is for the channel, the kind of channel it asks for aside.
func (c *Channel) takes(l *Letter) bool {
	if l.Channel != "" {
		return l.Channel == c.Name
	}
	return (len(c.Topics) == 0 || slices.Contains(c.Topics, cmp.Or(l.Topic, Reports))) &&
		(len(c.Severities) == 0 || l.Severity == "" || slices.Contains(c.Severities, l.Severity))
}

// topics are those it takes.
func (c *Channel) topics() []string {
	if len(c.Topics) == 0 {
		return []string{Alerts, Reports}
	}
	return c.Topics
}

// station is a channel in use. The outbox's mu guards it.
type station struct {
	Channel
	closed *closure
	resume time.Time // the place wants nothing before, or is not tried before
	said   string    // why that is so
	down   int       // how often in a row nobody answered
}

// shut reports whether the place was found closed.
func (s *station) shut() bool { return s.closed != nil && s.closed.Webhook == s.Sender.Mark() }

// Use sets the channels there are. Letters that wait for one that is new, or leads elsewhere
// now, are tried at once: whoever changes the setting wants to see the effect.
func (o *Outbox) Use(all ...Channel) {
	o.mu.Lock()
	defer o.mu.Unlock()
	before := o.stations
	o.stations = map[string]*station{}
	now := o.now()
	for _, c := range all {
		s := &station{Channel: c, closed: o.closures[c.Name]}
		o.stations[c.Name] = s
		if old := before[c.Name]; old != nil && old.Sender.Mark() == c.Sender.Mark() {
			s.resume, s.said, s.down = old.resume, old.said, old.down
			continue
		}
		for _, r := range o.rows {
			if r.State == Pending && r.channel == c.Name {
				r.Next = now
			}
		}
	}
	o.nudge()
}

// audience is the channels a letter is for, by name. If it asks for a kind of channel of which there
// is none, it goes to all: better there than nowhere. The caller holds mu.
func (o *Outbox) audience(l *Letter) []*station {
	var all, asked []*station
	for _, s := range o.stations {
		if !s.takes(l) {
			continue
		}
		all = append(all, s)
		if s.Kind == l.Kind {
			asked = append(asked, s)
		}
	}
	if len(asked) > 0 {
		all = asked
	}
	slices.SortFunc(all, func(a, b *station) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// Has reports whether there is a channel of that kind for a topic.
func (o *Outbox) Has(kind, topic string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, s := range o.stations {
		if s.Kind == kind && s.takes(&Letter{Topic: topic}) {
			return true
		}
	}
	return false
}

// Named reports whether there is a channel of that name.
func (o *Outbox) Named(name string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.stations[name] != nil
}

// Names are the names of channels.
func Names(all []Channel) (names []string) {
	for _, c := range all {
		names = append(names, c.Name)
	}
	return names
}
