package outbox

import (
	"fmt"
	"time"
)

// Fate is what becomes of a message that was not taken.
type Fate int

// The fates.
const (
	Again  Fate = iota // try the same again later: outage, timeout, server error
	Wait               // try again, but not before After: too many requests
	Closed             // the place is gone or not ours: send nothing more to it
	Bad                // this message will never be taken; the next may be
)

// Refusal is why a message was not taken. Its text never holds a secret.
type Refusal struct {
	Who    string // that refused
	Fate   Fate
	Status int           // 0 when there was no answer
	After  time.Duration // with Wait, and with Again where the other side said when
	Reason string
	Do     string // what a person can do, if anything is known
}

// Error is the reason, with the status where there was one.
func (r *Refusal) Error() string {
	if r.Status == 0 {
		return r.Who + ": " + r.Reason
	}
	return fmt.Sprintf("%s answered %d: %s", r.Who, r.Status, r.Reason)
}

// down reports whether it is the place that does not work, and not the message: nobody answered, or
// who answered speaks for somebody who does not.
func (r *Refusal) down() bool {
	return r.Fate == Again && (r.Status == 0 || r.Status == 502 || r.Status == 503 || r.Status == 504)
}
