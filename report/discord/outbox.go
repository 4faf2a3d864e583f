package discord

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"analytics/engine/fault"
)

// shelf is where rows are kept.
type shelf interface {
	Put(ctx context.Context, key string, value []byte) error
	Delete(ctx context.Context, key string) error
	Each(prefix string, f func(key string, value []byte) error) error
}

const (
	// maxRows bounds the outbox. Delivered rows make room first, the oldest first; what they are
	// kept for is knowing that a period was sent, and 10,000 rows are decades of reports.
	maxRows = 10_000
	// keepTrying is how long a letter is tried before it is dead.
	keepTrying = 72 * time.Hour
	// The first and the longest time between two attempts.
	firstDelay = time.Second
	lastDelay  = 15 * time.Minute
)

// Outbox holds the letters of one channel. Every row is on the shelf, and in memory without the
// messages that were delivered. It is safe for concurrent use.
type Outbox struct {
	shelf  shelf
	now    func() time.Time
	jitter func() float64 // [0, 1)
	log    *slog.Logger
	wake   chan struct{}

	passing chan struct{} // holds one token during a pass, so that there is one pass at a time

	mu     sync.Mutex // guards what follows; never held while the network is used
	client *Client    // nil: no webhook is configured
	rows   map[string]*row
	closed *closure
	resume time.Time // Discord wants nothing before
}

// closure is why nothing is sent to a webhook any more. It outlives restarts: Discord restricts who
// goes on calling a webhook that is gone.
type closure struct {
	Webhook string    `json:"webhook"`
	Reason  string    `json:"reason"`
	At      time.Time `json:"at"`
}

// OpenOutbox reads the outbox from its shelf. jitter gives numbers in [0, 1).
func OpenOutbox(
	on shelf, now func() time.Time, jitter func() float64, log *slog.Logger,
) (*Outbox, error) {
	o := &Outbox{
		shelf: on, now: now, jitter: jitter, log: log, rows: map[string]*row{},
		wake: make(chan struct{}, 1), passing: make(chan struct{}, 1),
	}
	err := on.Each(rowPrefix, func(key string, value []byte) error {
		r, err := decodeRow(key, value)
		if err != nil {
			return err
		}
		o.rows[key] = r
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	err = on.Each(webhookKey, func(_ string, value []byte) error {
		o.closed = new(closure)
		return json.Unmarshal(value, o.closed)
	})
	if err != nil {
		return nil, fault.New(fault.Damaged, "store_damaged", "the outbox's note of a closed webhook "+
			"cannot be read").Wrap(err)
	}
	return o, nil
}

// Use sets the webhook to deliver to, nil for none. Letters that wait are tried at once: whoever
// changes the setting wants to see the effect.
func (o *Outbox) Use(c *Client) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.client != nil && c != nil && o.client.mark == c.mark {
		o.client = c
		return
	}
	o.client, o.resume = c, time.Time{}
	now := o.now()
	for _, r := range o.rows {
		if r.State == Pending {
			r.Next = now
		}
	}
	o.nudge()
}

// Enabled reports whether there is a webhook to deliver to.
func (o *Outbox) Enabled() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.client != nil
}

// Enqueue makes the letter durable and returns; delivery is Deliver's. The same letter again
// changes nothing. Another message for the same report and period replaces the one that waits, and
// edits the one that was delivered.
func (o *Outbox) Enqueue(ctx context.Context, l Letter) (Entry, error) {
	if err := l.check(); err != nil {
		return Entry{}, err
	}
	m := l.signed()
	sum, err := sumOf(m)
	if err != nil {
		return Entry{}, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	key := l.key()
	old := o.rows[key]
	if old != nil && old.Sum == sum {
		if old.State == Pending || old.State == Delivered && o.here(old) {
			return old.entry(), nil
		}
	}
	now := o.now().UTC()
	r := &row{
		Report: l.Report, Period: l.Period, State: Pending, Message: &m, Sum: sum,
		Created: now, Next: now,
	}
	if old != nil {
		r.Posted = old.Posted
	} else if err := o.makeRoom(ctx); err != nil {
		return Entry{}, err
	}
	if err := o.save(ctx, key, r); err != nil {
		return Entry{}, err
	}
	o.nudge()
	return r.entry(), nil
}

// here reports whether the row was posted to the webhook in use; without one, wherever it was
// counts.
func (o *Outbox) here(r *row) bool {
	return r.Posted != nil && (o.client == nil || r.Posted.Webhook == o.client.mark)
}

// makeRoom drops the oldest row that was delivered, or else the oldest dead one, if the outbox is
// full. The caller holds mu.
func (o *Outbox) makeRoom(ctx context.Context) error {
	if len(o.rows) < maxRows {
		return nil
	}
	for _, state := range []State{Delivered, Dead} {
		oldest := ""
		for key, r := range o.rows {
			if r.State == state && (oldest == "" || r.Created.Before(o.rows[oldest].Created)) {
				oldest = key
			}
		}
		if oldest != "" {
			if err := o.shelf.Delete(ctx, oldest); err != nil {
				return err
			}
			delete(o.rows, oldest)
			return nil
		}
	}
	return fault.New(fault.Limited, "outbox_full",
		"%d messages wait for Discord, which is the limit; see what stops them with "+
			"`analytics report outbox`", len(o.rows))
}

// save writes a row, then shows it. The caller holds mu.
func (o *Outbox) save(ctx context.Context, key string, r *row) error {
	value, err := r.encode()
	if err != nil {
		return err
	}
	if err := o.shelf.Put(ctx, key, value); err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	o.rows[key] = r
	return nil
}

// Entries lists the letters, the newest first, and of one state if it is given.
func (o *Outbox) Entries(state State) []Entry {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := []Entry{}
	for _, r := range o.rows {
		if state == "" || r.State == state {
			all = append(all, r.entry())
		}
	}
	slices.SortFunc(all, func(a, b Entry) int {
		return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(a.Report, b.Report),
			cmp.Compare(a.Period, b.Period))
	})
	return all
}

// Find is the letter of a report and period; ok is false when there was none.
func (o *Outbox) Find(report, period string) (e Entry, ok bool) {
	l := Letter{Report: report, Period: period}
	o.mu.Lock()
	defer o.mu.Unlock()
	r := o.rows[l.key()]
	if r == nil {
		return Entry{}, false
	}
	return r.entry(), true
}

// Status is how the channel stands.
type Status struct {
	Webhook   string    `json:"webhook"` // none, open, closed
	Problem   string    `json:"problem,omitempty"`
	Pending   int       `json:"pending"`
	Delivered int       `json:"delivered"`
	Dead      int       `json:"dead"`
	Oldest    time.Time `json:"oldest_pending,omitzero"`
	Resumes   time.Time `json:"resumes,omitzero"`
}

// Status counts the letters and says whether anything stops them.
func (o *Outbox) Status() Status {
	o.mu.Lock()
	defer o.mu.Unlock()
	s := Status{Webhook: "open"}
	switch {
	case o.client == nil:
		s.Webhook = "none"
	case o.shut():
		s.Webhook, s.Problem = "closed", o.closed.Reason
	}
	if o.resume.After(o.now()) {
		s.Resumes = o.resume
	}
	for _, r := range o.rows {
		switch r.State {
		case Pending:
			s.Pending++
			if s.Oldest.IsZero() || r.Created.Before(s.Oldest) {
				s.Oldest = r.Created
			}
			if s.Problem == "" {
				s.Problem = r.Problem
			}
		case Delivered:
			s.Delivered++
		case Dead:
			s.Dead++
		}
	}
	return s
}

// shut reports whether the webhook in use was found closed. The caller holds mu.
func (o *Outbox) shut() bool {
	return o.client != nil && o.closed != nil && o.closed.Webhook == o.client.mark
}

// Retry makes dead letters pending again and opens a webhook that was found closed. It returns how
// many letters there are to deliver now.
func (o *Outbox) Retry(ctx context.Context) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed != nil {
		if err := o.shelf.Delete(ctx, webhookKey); err != nil {
			return 0, err
		}
		o.closed = nil
	}
	n, now := 0, o.now().UTC()
	for key, r := range o.rows {
		if r.State == Delivered || r.Message == nil {
			continue
		}
		again := *r
		again.State, again.Created, again.Next, again.Attempts = Pending, now, now, 0
		if err := o.save(ctx, key, &again); err != nil {
			return n, err
		}
		n++
	}
	o.nudge()
	return n, nil
}

// nudge wakes Run without waiting for it.
func (o *Outbox) nudge() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}
