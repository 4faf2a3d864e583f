package discord

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"time"

	"analytics/engine/fault"
)

// Letter is a message that is to be delivered once: which report (or alert) it is, and of which
// period.
type Letter struct {
	Report  string
	Period  string
	Message Message
}

// State is where a letter stands.
type State string

// The states.
const (
	Pending   State = "pending"   // not yet taken by Discord
	Delivered State = "delivered" // taken, with an id
	Dead      State = "dead"      // given up: refused, or too old
)

// row is a letter at rest. Its message is dropped once it is delivered.
type row struct {
	Report   string    `json:"report"`
	Period   string    `json:"period"`
	State    State     `json:"state"`
	Message  *Message  `json:"message,omitempty"`
	Sum      string    `json:"sum"`     // of the message: the same again is not sent again
	Created  time.Time `json:"created"` // when this message was put in; it is tried for 72 hours
	Attempts int       `json:"attempts,omitempty"`
	Next     time.Time `json:"next,omitzero"`
	Problem  string    `json:"problem,omitempty"`
	Posted   *posted   `json:"posted,omitempty"`

	unsaved bool // delivered, but the store did not take the note yet
}

// posted is what is known of the message in the channel: it is edited, not posted, from then on.
type posted struct {
	ID      string    `json:"id"`
	Webhook string    `json:"webhook"` // Client.Mark of where
	At      time.Time `json:"at"`
}

// Entry is what may be shown of a letter.
type Entry struct {
	Report    string    `json:"report"`
	Period    string    `json:"period"`
	State     State     `json:"state"`
	Created   time.Time `json:"created"`
	Attempts  int       `json:"attempts"`
	Next      time.Time `json:"next_attempt,omitzero"`
	Delivered time.Time `json:"delivered,omitzero"`
	MessageID string    `json:"message_id,omitempty"`
	Problem   string    `json:"problem,omitempty"`
}

func (r *row) entry() Entry {
	e := Entry{
		Report: r.Report, Period: r.Period, State: r.State, Created: r.Created,
		Attempts: r.Attempts, Problem: r.Problem,
	}
	if r.State == Pending {
		e.Next = r.Next
	}
	if r.Posted != nil {
		e.Delivered, e.MessageID = r.Posted.At, r.Posted.ID
	}
	return e
}

// The names of rows on the shelf. One channel exists, so it is part of the prefix.
const (
	rowPrefix  = "discord/row/"
	webhookKey = "discord/webhook"
)

var letterName = regexp.MustCompile(`^[A-Za-z0-9_.:-]{1,200}$`)

func (l *Letter) key() string { return rowPrefix + l.Report + "/" + l.Period }

func (l *Letter) check() error {
	if !letterName.MatchString(l.Report) || !letterName.MatchString(l.Period) {
		return fault.New(fault.Invalid, "bad_letter", "report %q of period %q cannot be a letter",
			l.Report, l.Period)
	}
	return nil
}

// signed is the message with report and period in the footer of its last embed, so that people can
// tell a message that came twice because Discord's first answer was lost.
func (l *Letter) signed() Message {
	m := l.Message
	text := l.Report + " · " + l.Period
	if len(m.Embeds) == 0 {
		m.Embeds = []Embed{{}}
	}
	m.Embeds = append([]Embed(nil), m.Embeds[:min(len(m.Embeds), maxEmbeds)]...)
	last := &m.Embeds[len(m.Embeds)-1]
	if last.Footer != nil {
		text += " · " + last.Footer.Text
	}
	last.Footer = &Footer{Text: text}
	return m.Fit()
}

func sumOf(m Message) (string, error) {
	b, err := json.Marshal(m)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:12]), nil
}

func decodeRow(key string, value []byte) (*row, error) {
	var r row
	if err := json.Unmarshal(value, &r); err != nil {
		return nil, fault.New(fault.Damaged, "store_damaged", "outbox row %q cannot be read", key).Wrap(err)
	}
	switch r.State {
	case Pending, Delivered, Dead:
	default:
		return nil, fault.New(fault.Damaged, "store_damaged", "outbox row %q is %q", key, r.State)
	}
	if r.State == Pending && r.Message == nil {
		return nil, fault.New(fault.Damaged, "store_damaged", "outbox row %q has no message", key)
	}
	return &r, nil
}

func (r *row) encode() ([]byte, error) {
	b, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("outbox row: %w", err)
	}
	return b, nil
}
