package outbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"analytics/engine/fault"
)

// Trial is what became of a test message.
type Trial struct {
	Channel      string  `json:"channel"`
	Kind         string  `json:"kind"`
	Delivered    bool    `json:"delivered"`
	MessageID    string  `json:"message_id,omitempty"`
	Milliseconds float64 `json:"milliseconds"`
	Problem      string  `json:"problem,omitempty"`
	Do           string  `json:"do,omitempty"` // what a person can do about it
}

// Test sends a message to a channel now, past the letters that wait, and says what came of it. It is
// sent once and not kept. A channel that takes it is open again, if it was closed.
func (o *Outbox) Test(ctx context.Context, name string) (Trial, error) {
	o.mu.Lock()
	at, now := o.stations[name], o.now().UTC()
	names := o.names()
	o.mu.Unlock()
	switch {
	case at == nil && names == "":
		return Trial{}, fault.At(fault.NotFound, "unknown_channel", "name",
			"there is no channel; set report.discord, report.email or report.notify")
	case at == nil:
		return Trial{}, fault.At(fault.NotFound, "unknown_channel", "name",
			"there is no channel %.40q; there are %s", name, names)
	}
	t := Trial{Channel: name, Kind: at.Kind}
	if at.down == 0 && at.resume.After(now) {
		t.Problem = "the other side wants nothing before " + at.resume.Format(time.RFC3339)
		t.Do = "try again then"
		return t, nil
	}
	l := Letter{
		Report: "test", Period: now.Format("2006-01-02T15-04-05.000Z"), Topic: Tests, Channel: name,
		Note: Note{
			Title: "Test message", At: now,
			Lines: []string{"The channel " + name + " works: " + strings.Join(at.topics(), " and ") + " arrive here."},
			Facts: []Fact{{"Channel", name}, {"Type", at.Kind}},
		},
	}
	form, err := at.Sender.Form(l)
	if err != nil {
		return Trial{}, fmt.Errorf("channel %s: %w", name, err)
	}
	where, pause, err := o.send(ctx, at.Sender, &row{Report: l.Report, Period: l.Period, Message: form, Created: now})
	t.Milliseconds = float64(o.now().Sub(now).Microseconds()) / 1e3
	o.mu.Lock()
	defer o.mu.Unlock()
	if err == nil {
		t.Delivered, t.MessageID = true, where.ID
		at = o.current(at)
		o.upAgain(at, o.now().UTC())
		if pause > 0 {
			at.resume = o.now().UTC().Add(pause)
		}
		defer o.nudge()
		return t, o.reopen(ctx, name)
	}
	t.Problem = "it could not be sent"
	if r, ok := errors.AsType[*Refusal](err); ok {
		t.Problem, t.Do = r.Error(), r.Do
	}
	return t, nil
}
