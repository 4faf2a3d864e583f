package outbox

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/engine/versioned"
)

// shelf is where rows are kept.
type shelf interface {
	Put(ctx context.Context, key string, value []byte) error
	Delete(ctx context.Context, key string) error
	Apply(ctx context.Context, changes ...store.Change) error
	Each(prefix string, f func(key string, value []byte) error) error
}

const (
	// maxRows bounds the outbox. Delivered rows make room first, the oldest first; what they are
	// kept for is knowing that a period was sent, and 10,000 rows are decades of reports.
	maxRows = 10_000
	// maxForm bounds the message of a row, with room for the rest of it in what a shelf takes (512 KiB).
	maxForm = 480 << 10
	// sendLimit is for one letter of any channel; shutting down waits for those on their way. It is
	// long because a mail server that looks for spam takes its time, and a letter whose answer is not
	// waited for comes twice.
	sendLimit = 30 * time.Second
	// keepTrying is how long a letter is tried before it is dead.
	keepTrying = 72 * time.Hour
	// The first and the longest time between two attempts.
	firstDelay = time.Second
	lastDelay  = 15 * time.Minute
)

// Outbox holds the letters of all channels. Every row is on the shelf, and in memory without the
// messages that were delivered. It is safe for concurrent use.
type Outbox struct {
	shelf  shelf
	now    func() time.Time
	jitter func() float64 // [0, 1)
	log    *slog.Logger
	wake   chan struct{}

	mu       sync.Mutex // guards what follows; never held while the network is used
	stations map[string]*station
	rows     map[string]*row
	closures map[string]*closure // by channel, whether it is set or not
	doors    map[string]chan struct{}
}

// closure is why nothing is sent to a place any more. It outlives restarts: Discord restricts who
// goes on calling a webhook that is gone, mail servers who goes on with a wrong password.
type closure struct {
	Webhook string    `json:"webhook"` // Sender.Mark
	Reason  string    `json:"reason"`
	At      time.Time `json:"at"`
}

// Open reads the outbox from its shelf. jitter gives numbers in [0, 1).
func Open(
	on shelf, now func() time.Time, jitter func() float64, log *slog.Logger,
) (*Outbox, error) {
	o := &Outbox{
		shelf: on, now: now, jitter: jitter, log: log, rows: map[string]*row{},
		stations: map[string]*station{}, closures: map[string]*closure{},
		wake: make(chan struct{}, 1), doors: map[string]chan struct{}{},
	}
	if err := on.Each("", o.read); err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	return o, nil
}

// read takes in what stands on the shelf under a key.
func (o *Outbox) read(key string, value []byte) error {
	if name, ok := strings.CutSuffix(key, closedPart); ok && !strings.Contains(key, rowPart) {
		c := new(closure)
		if err := versioned.Unmarshal("closed channel", rowFormat, value, c); err != nil {
			if fault.Of(err).Kind == fault.Newer {
				return err
			}
			return fault.New(fault.Damaged, "store_damaged", "the outbox's note of a closed webhook "+
				"cannot be read").Wrap(err)
		}
		o.closures[name] = c
		return nil
	}
	r, err := decodeRow(key, value)
	if err != nil {
		return err
	}
	if r.State == Pending && r.Open > 0 {
		o.log.Warn("a message was being sent when the program stopped: it may come twice",
			"channel", r.channel, "report", r.Report, "period", r.Period)
	}
	o.rows[key] = r
	return nil
}

// Enabled reports whether there is a channel to deliver to.
func (o *Outbox) Enabled() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.stations) > 0
}

// Enqueue makes the letter durable, for all channels it is for or for none, and returns; delivery is
// Deliver's. The same letter again changes nothing. Another message for the same report and period
// replaces the one that waits, and edits the one that was delivered where that can be done.
func (o *Outbox) Enqueue(ctx context.Context, l Letter) ([]Entry, error) {
	if err := l.check(); err != nil {
		return nil, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	fresh := map[string]*row{}
	var changes []store.Change
	entries := []Entry{}
	for _, s := range o.audience(&l) {
		r, is, err := o.rowFor(s, l)
		if err != nil {
			return nil, err
		}
		entries = append(entries, r.entry())
		if !is {
			continue
		}
		value, err := r.encode()
		if err != nil {
			return nil, err
		}
		fresh[l.key(s.Name)] = r
		changes = append(changes, store.Change{Key: l.key(s.Name), Value: value})
	}
	if err := o.makeRoom(ctx, fresh); err != nil {
		return nil, err
	}
	if len(changes) > 0 {
		if err := o.shelf.Apply(ctx, changes...); err != nil {
			return nil, fmt.Errorf("outbox: %w", err)
		}
		maps.Copy(o.rows, fresh)
		o.nudge()
	}
	return entries, nil
}

// rowFor is the letter's row of a channel; fresh is false if the one that is there says it already.
// The caller holds mu.
func (o *Outbox) rowFor(s *station, l Letter) (r *row, fresh bool, err error) {
	form, err := o.formFor(s, l)
	if err != nil {
		return nil, false, err
	}
	sum := sumOf(form)
	old := o.rows[l.key(s.Name)]
	if old != nil {
		here := old.Posted != nil && old.Posted.Webhook == s.Sender.Mark()
		same := old.Sum == sum || !s.Sender.Edits()
		if old.State == Pending && old.Sum == sum || old.State == Delivered && here && same {
			return old, false, nil
		}
	}
	now := o.now().UTC()
	r = &row{
		Report: l.Report, Period: l.Period, State: Pending, Message: form, Sum: sum,
		Created: now, Next: now, channel: s.Name,
	}
	if old != nil {
		r.Posted = old.Posted
		if old.State == Pending {
			r.Open = old.Open
		}
	}
	return r, true, nil
}

// formFor is the letter as the channel takes it: without pictures where it would be too large to keep.
func (o *Outbox) formFor(s *station, l Letter) (json.RawMessage, error) {
	form, err := s.Sender.Form(l)
	if err == nil && len(form) > maxForm && len(l.Note.Images) > 0 {
		o.log.Warn("the pictures of a message are left out: they are too large", "channel", s.Name,
			"report", l.Report, "period", l.Period, "bytes", len(form), "limit", maxForm)
		l.Note.Images = nil
		form, err = s.Sender.Form(l)
	}
	if err != nil {
		return nil, fmt.Errorf("channel %s: %w", s.Name, err)
	}
	return form, nil
}

// makeRoom drops the oldest rows that were delivered, or else the oldest dead ones, until there is
// room for the fresh ones. The caller holds mu.
func (o *Outbox) makeRoom(ctx context.Context, fresh map[string]*row) error {
	more := 0
	for key := range fresh {
		if o.rows[key] == nil {
			more++
		}
	}
	for more > 0 && len(o.rows)+more > maxRows {
		if err := o.dropOldest(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (o *Outbox) dropOldest(ctx context.Context) error {
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
		"%d messages wait, which is the limit; see what stops them with "+
			"`analytics outbox list`", len(o.rows))
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

// Entries lists the letters, the newest first: of one state and to one channel, if they are given.
func (o *Outbox) Entries(state State, channel string) []Entry {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := []Entry{}
	for _, r := range o.rows {
		if (state == "" || r.State == state) && (channel == "" || r.channel == channel) {
			all = append(all, o.entry(r))
		}
	}
	slices.SortFunc(all, func(a, b Entry) int {
		return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(a.Report, b.Report),
			cmp.Compare(a.Period, b.Period), cmp.Compare(a.Channel, b.Channel))
	})
	return all
}

// entry is a letter with why it waits, be it that it was not tried at all because of its channel. The caller
// holds mu.
func (o *Outbox) entry(r *row) Entry {
	e := r.entry()
	if r.State != Pending {
		return e
	}
	at, why := o.stations[r.channel], ""
	switch {
	case at == nil:
		why, e.Next = "there is no channel "+r.channel+" any more", time.Time{}
	case at.shut():
		why, e.Next = "nothing is sent to the channel "+r.channel+": "+at.closed.Reason, time.Time{}
		e.Do = cmp.Or(e.Do, "see to that, then `analytics outbox retry`")
	case at.resume.After(o.now()):
		why = "the channel " + r.channel + " is given a rest: " + at.said
	}
	e.Problem = cmp.Or(e.Problem, why)
	if at != nil && e.Next.Before(at.resume) && !e.Next.IsZero() {
		e.Next = at.resume
	}
	return e
}

// Find is the letter of a report and period: of several channels, the one that is furthest from
// being delivered. ok is false when there was none.
func (o *Outbox) Find(report, period string) (e Entry, ok bool) {
	for _, one := range o.Letters(report, period) {
		if !ok || one.State == Pending || one.State == Dead && e.State == Delivered {
			e, ok = one, true
		}
	}
	return e, ok
}

// Letters are the letters of a report and period, by channel.
func (o *Outbox) Letters(report, period string) []Entry {
	l := Letter{Report: report, Period: period}
	o.mu.Lock()
	defer o.mu.Unlock()
	var all []Entry
	for key, r := range o.rows {
		if key == l.key(r.channel) {
			all = append(all, o.entry(r))
		}
	}
	slices.SortFunc(all, func(a, b Entry) int { return cmp.Compare(a.Channel, b.Channel) })
	return all
}

// nudge wakes Run without waiting for it.
func (o *Outbox) nudge() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}
