package outbox

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	"analytics/engine/fault"
	"analytics/engine/versioned"
)

// Letter is a message that is to be delivered once: which report (or alert) it is, and of which
// period.
type Letter struct {
	Report string
	Period string
	// Topic is Reports or Alerts, Reports if empty: channels may take one of them only.
	Topic string
	// Severity is how much an alert matters, low to critical: channels may take some of them only.
	Severity string
	// Kind asks for channels of that kind, such as email, if there are any.
	Kind string
	// Channel names the only channel it is for; any if empty.
	Channel string
	Note    Note // what it says
}

// State is where a letter stands.
type State string

// The states.
const (
	Pending   State = "pending"   // not yet taken by the channel
	Delivered State = "delivered" // taken, with an id
	Dead      State = "dead"      // given up: refused, or too old
)

// rowFormat is the format of letters and of notes of closed channels on the shelf. Those of format 0 are from
// before it was written, and read the same.
const rowFormat = 1

// row is a letter at rest, for one channel. Its message is dropped once it is delivered.
type row struct {
	Report   string          `json:"report"`
	Period   string          `json:"period"`
	State    State           `json:"state"`
	Message  json.RawMessage `json:"message,omitempty"` // Sender.Form
	Sum      string          `json:"sum"`               // of the message: the same again is not sent again
	Created  time.Time       `json:"created"`           // when this message was put in; it is tried for 72 hours
	Attempts int             `json:"attempts,omitempty"`
	Next     time.Time       `json:"next,omitzero"`
	Problem  string          `json:"problem,omitempty"`
	Do       string          `json:"do,omitempty"` // what a person can do about it
	Posted   *posted         `json:"posted,omitempty"`
	// Open counts the times it was sent without what became of it being written down: a kill came
	// between. It is written before sending.
	Open int `json:"open,omitempty"`

	channel string // of the key
	unsaved bool   // delivered, but the store did not take the note yet
}

// maxOpen is how often a letter is sent without an answer on record: the second time it may be in
// the channel already, a third time nobody is helped.
const maxOpen = 2

// posted is what is known of the message in the channel: it is edited, not posted, from then on.
type posted struct {
	ID      string    `json:"id"`
	Webhook string    `json:"webhook"` // Sender.Mark of where
	At      time.Time `json:"at"`
}

// Entry is what may be shown of a letter.
type Entry struct {
	ID        string    `json:"id"`
	Channel   string    `json:"channel"`
	Report    string    `json:"report"`
	Period    string    `json:"period"`
	State     State     `json:"state"`
	Created   time.Time `json:"created"`
	Attempts  int       `json:"attempts"`
	Next      time.Time `json:"next_attempt,omitzero"`
	Delivered time.Time `json:"delivered,omitzero"`
	MessageID string    `json:"message_id,omitempty"`
	Problem   string    `json:"problem,omitempty"`
	Do        string    `json:"do,omitempty"`
}

func (r *row) entry() Entry {
	l := Letter{Report: r.Report, Period: r.Period}
	e := Entry{
		ID: idOf(l.key(r.channel)), Channel: r.channel, Report: r.Report, Period: r.Period, State: r.State,
		Created:  r.Created,
		Attempts: r.Attempts, Problem: r.Problem, Do: r.Do,
	}
	if r.State == Pending {
		e.Next = r.Next
	}
	if r.Posted != nil {
		e.Delivered, e.MessageID = r.Posted.At, r.Posted.ID
	}
	return e
}

// The names of what is on the shelf: <channel>/row/<report>/<period> is a letter, <channel>/webhook
// says why nothing is sent to a place any more.
const (
	rowPart    = "/row/"
	closedPart = "/webhook"
)

var letterName = regexp.MustCompile(`^[A-Za-z0-9_.:-]{1,200}$`)

// Type is what a letter is, in a word: alert, report or test.
func (l *Letter) Type() string {
	switch l.Topic {
	case Alerts:
		return "alert"
	case Tests:
		return "test"
	}
	return "report"
}

func (l *Letter) key(channel string) string { return channel + rowPart + l.Report + "/" + l.Period }

func closedKey(channel string) string { return channel + closedPart }

func (l *Letter) check() error {
	if !letterName.MatchString(l.Report) || !letterName.MatchString(l.Period) {
		return fault.New(fault.Invalid, "bad_letter", "report %q of period %q cannot be a letter",
			l.Report, l.Period)
	}
	return nil
}

func sumOf(form json.RawMessage) string {
	sum := sha256.Sum256(form)
	return hex.EncodeToString(sum[:12])
}

func decodeRow(key string, value []byte) (*row, error) {
	var r row
	if err := versioned.Unmarshal("letter", rowFormat, value, &r); err != nil {
		if fault.Of(err).Kind == fault.Newer {
			return nil, err
		}
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
	r.channel, _, _ = strings.Cut(key, rowPart)
	return &r, nil
}

func (r *row) encode() ([]byte, error) {
	b, err := versioned.Marshal(rowFormat, r)
	if err != nil {
		return nil, fmt.Errorf("outbox row: %w", err)
	}
	return b, nil
}
