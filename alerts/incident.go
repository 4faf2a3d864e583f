package alerts

import (
	"errors"
	"time"

	"analytics/engine/config"
	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/versioned"
	"analytics/query/answer"
)

// State is where an incident stands.
type State string

// The states. An incident is resolved when its period is over: then there is a new budget; or before,
// by somebody.
const (
	Open         State = "open"
	Acknowledged State = "acknowledged"
	Resolved     State = "resolved"
)

// USD is money that is an exact decimal number of USD in JSON.
type USD event.NanoUSD

// MarshalJSON writes a number such as 104.2.
func (u USD) MarshalJSON() ([]byte, error) { return answer.AppendMoney(nil, event.NanoUSD(u)), nil }

// UnmarshalJSON reads such a number without rounding.
func (u *USD) UnmarshalJSON(b []byte) error {
	d, err := config.ParseDecimal(string(b))
	if err != nil {
		return err
	}
	nano, err := d.Scaled(9)
	*u = USD(nano)
	return err
}

// Span is a length of time that is text such as 1h30m in JSON.
type Span time.Duration

// MarshalText writes the length.
func (s Span) MarshalText() ([]byte, error) { return []byte(time.Duration(s).String()), nil }

// UnmarshalText reads such a length.
func (s *Span) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	*s = Span(d)
	return err
}

// rowFormat is the format of incidents, and of what checks remember, on their shelves. Those of format 0 are
// from before it was written, and read the same.
const rowFormat = 1

// Incident is a threshold that was passed, or something else that was found. It is at rest as it is
// shown.
type Incident struct {
	ID        string    `json:"id"` // the rule's id and the period: there cannot be two
	Rule      string    `json:"rule"`
	Version   int       `json:"version,omitempty"` // of the rule
	Type      Type      `json:"type"`
	Action    Action    `json:"action"`
	Threshold USD       `json:"threshold,omitzero"` // of spend; findings have a Reading
	Value     USD       `json:"value,omitzero"`     // what was spent when it was opened
	Period    string    `json:"period"`
	From      time.Time `json:"from,omitzero"`
	To        time.Time `json:"to,omitzero"` // when it ends by itself; zero if nobody knows
	State     State     `json:"state"`
	Message   string    `json:"message"`
	Opened    time.Time `json:"opened"`

	Acknowledged   time.Time `json:"acknowledged,omitzero"`
	AcknowledgedBy string    `json:"acknowledged_by,omitempty"`
	Resolved       time.Time `json:"resolved,omitzero"`
	ResolvedBy     string    `json:"resolved_by,omitempty"` // empty if its period was over
	Severity       Severity  `json:"severity"`
	History        []Change  `json:"history"`
	// Notified says that the message was handed to the outbox, which delivers it once.
	Notified bool `json:"notified"`
	// Silenced names the silence or maintenance window that keeps its message back.
	Silenced string `json:"silenced,omitempty"`

	// What follows is of findings (finding.go).
	Heading string   `json:"title,omitempty"`
	Subject string   `json:"subject,omitempty"`
	Group   []Label  `json:"group,omitempty"`
	Reading *Reading `json:"reading,omitempty"`
	Moved   []Moved  `json:"moved,omitempty"`

	Renotify Span      `json:"renotify,omitzero"`  // told again after so long while it is open
	Told     int       `json:"told,omitempty"`     // how often
	LastTold time.Time `json:"last_told,omitzero"` // when
	Telling  string    `json:"telling,omitempty"`  // the message that it is about to be told in
}

// Title is what happened in three words.
func (i *Incident) Title() string {
	if i.Heading != "" {
		return i.Heading
	}
	if i.Type == Budget {
		return "Budget threshold passed"
	}
	if i.Type == MonthlyCost {
		return "Monthly budget passed"
	}
	return "Daily budget passed"
}

// Active reports whether the incident goes on.
func (i *Incident) Active() bool { return i.State != Resolved }

func decodeIncident(key string, value []byte) (*Incident, error) {
	var i Incident
	err := versioned.Unmarshal("incident", rowFormat, value, &i)
	if fault.Of(err).Kind == fault.Newer {
		return nil, err
	}
	known := i.State == Open || i.State == Acknowledged || i.State == Resolved
	if err == nil && (i.ID != key || !known) {
		err = errors.New("it is not an incident")
	}
	if err != nil {
		return nil, fault.New(fault.Damaged, "store_damaged", "incident %q cannot be read", key).Wrap(err)
	}
	i.complete()
	return &i, nil
}
