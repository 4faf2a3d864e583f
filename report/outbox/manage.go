package outbox

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"analytics/engine/fault"
	"analytics/engine/plural"
)

// idOf names a letter in a few characters that can be copied.
func idOf(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:6])
}

// Opened is a letter with what is in it.
type Opened struct {
	Entry
	// Message is the form its channel takes, of its pictures only how large they are; nothing once it was
	// delivered.
	Message json.RawMessage `json:"message,omitempty"`
}

// Show is one letter.
func (o *Outbox) Show(id string) (Opened, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, r, err := o.find(id)
	if err != nil {
		return Opened{}, err
	}
	return Opened{o.entry(r), readable(r.Message)}, nil
}

// readable is a form with the number of bytes of each picture in place of them.
func readable(form json.RawMessage) json.RawMessage {
	var all map[string]json.RawMessage
	var images []map[string]any
	if json.Unmarshal(form, &all) != nil || json.Unmarshal(all["images"], &images) != nil {
		return form
	}
	for _, image := range images {
		if png, ok := image["png"].(string); ok {
			delete(image, "png")
			image["bytes"] = base64.StdEncoding.DecodedLen(len(png)) - strings.Count(png, "=")
		}
	}
	short, err := json.Marshal(images)
	if err != nil {
		return form
	}
	all["images"] = short
	if short, err = json.Marshal(all); err != nil {
		return form
	}
	return short
}

// find is the letter with that id. The caller holds mu.
func (o *Outbox) find(id string) (key string, r *row, err error) {
	for key, r := range o.rows {
		if idOf(key) == id {
			return key, r, nil
		}
	}
	return "", nil, fault.At(fault.NotFound, "unknown_letter", "id",
		"there is no message %.40q; `analytics outbox list` shows them", id)
}

// RetryOne has a letter that waits or was given up sent now, and opens its channel if that was closed.
func (o *Outbox) RetryOne(ctx context.Context, id string) (Entry, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	key, r, err := o.find(id)
	if err != nil {
		return Entry{}, err
	}
	if r.State == Delivered {
		return Entry{}, fault.At(fault.Conflict, "delivered", "id", "the message was delivered at %s",
			r.Posted.At.Format(time.RFC3339))
	}
	if err := o.reopen(ctx, r.channel); err != nil {
		return Entry{}, err
	}
	if err := o.again(ctx, key, r); err != nil {
		return Entry{}, err
	}
	o.nudge()
	return o.rows[key].entry(), nil
}

// Retry has all letters that wait or were given up sent now, and opens the channels that were closed.
// It returns how many letters there are to deliver.
func (o *Outbox) Retry(ctx context.Context) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for name := range o.closures {
		if err := o.reopen(ctx, name); err != nil {
			return 0, err
		}
	}
	n := 0
	for key, r := range o.rows {
		if r.State == Delivered || r.Message == nil {
			continue
		}
		if err := o.again(ctx, key, r); err != nil {
			return n, err
		}
		n++
	}
	o.nudge()
	return n, nil
}

// again makes a letter as if it had just been put in. The caller holds mu.
func (o *Outbox) again(ctx context.Context, key string, r *row) error {
	now := o.now().UTC()
	fresh := *r
	fresh.State, fresh.Created, fresh.Next, fresh.Attempts, fresh.Open = Pending, now, now, 0, 0
	if at := o.stations[r.channel]; at != nil && at.down > 0 {
		at.down, at.resume = 0, time.Time{}
	}
	return o.save(ctx, key, &fresh)
}

// reopen forgets that a channel was closed. The caller holds mu.
func (o *Outbox) reopen(ctx context.Context, name string) error {
	if o.closures[name] == nil {
		return nil
	}
	if err := o.shelf.Delete(ctx, closedKey(name)); err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	delete(o.closures, name)
	if at := o.stations[name]; at != nil {
		at.closed = nil
	}
	return nil
}

// Drop forgets a letter that waits or was given up. What was delivered stays known, so that it is not
// sent again.
func (o *Outbox) Drop(ctx context.Context, id string) (Entry, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	key, r, err := o.find(id)
	if err != nil {
		return Entry{}, err
	}
	if r.State == Delivered {
		return Entry{}, fault.At(fault.Conflict, "delivered", "id",
			"the message was delivered, and is kept so that it is not sent twice")
	}
	if err := o.shelf.Delete(ctx, key); err != nil {
		return Entry{}, fmt.Errorf("outbox: %w", err)
	}
	delete(o.rows, key)
	o.log.Info("message dropped", "channel", r.channel, "report", r.Report, "period", r.Period)
	return r.entry(), nil
}

// Warnings are what a person should know: channels that are closed, and messages that were given up.
func (o *Outbox) Warnings() (all []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	dead := map[string]int{}
	for _, r := range o.rows {
		if r.State == Dead {
			dead[r.channel]++
		}
	}
	for name, at := range o.stations {
		if at.shut() {
			all = append(all, fmt.Sprintf("nothing is sent to the channel %s: %s; `analytics alerts test %s` tries it",
				name, at.closed.Reason, name))
		}
	}
	for name, n := range dead {
		all = append(all, fmt.Sprintf("%s to the channel %s could not be delivered; `analytics outbox list --state dead` "+
			"says why", plural.Of(n, "message"), name))
	}
	slices.Sort(all)
	return all
}

// names lists the channels for people. The caller holds mu.
func (o *Outbox) names() string {
	var all []string
	for name := range o.stations {
		all = append(all, name)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}
