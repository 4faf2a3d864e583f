package lake

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sync"
	"time"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/retention/depot"
)

// Lake is the archive of a store.
type Lake struct {
	store  *store.Store
	cfg    Config
	target depot.Depot
	run    sync.Mutex // one run at a time
}

// Open makes the archive that the settings describe, and has the store read from it.
func Open(s *store.Store, cfg Config) (*Lake, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Failpoint == nil {
		cfg.Failpoint = func(string) {}
	}
	cfg.Means.S3 = cfg.S3
	target, err := depot.At(cfg.Place(), cfg.Means)
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	l := &Lake{store: s, cfg: cfg, target: target}
	s.ReadArchive(l.source)
	return l, nil
}

// source is where the store finds a segment that it let go.
func (l *Lake) source(t store.Tenant, k event.Kind, first event.Hour, id store.SegmentID) (
	io.ReaderAt, error) {
	p := partition{t, k, first / hoursPerDay * hoursPerDay}
	return l.target.Open(p.file(id))
}

// Day is what a run did with a day, or why nothing.
type Day struct {
	Type   string `json:"type"`
	Date   string `json:"date"`
	Files  int    `json:"files"`
	Rows   int64  `json:"rows"`
	Bytes  int64  `json:"bytes"`
	State  string `json:"state"` // archived, kept (nothing changed), waiting, failed
	Reason string `json:"reason,omitempty"`
}

// Run archives every day of a tenant that is due and not archived as it is. One day's trouble does
// not keep the others from their turn: it is in the list, and in the error.
func (l *Lake) Run(ctx context.Context, t store.Tenant) (days []Day, err error) {
	l.run.Lock()
	defer l.run.Unlock()
	if err := l.tidy(); err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	return l.each(ctx, t, l.archive)
}

// Plan says what Run would do. It changes nothing.
func (l *Lake) Plan(ctx context.Context, t store.Tenant) (days []Day, err error) {
	return l.each(ctx, t, func(_ context.Context, w *work) error {
		w.Files, w.Rows, w.Bytes = len(w.live), sumRows(w.live), sumBytes(w.live)
		return nil
	})
}

// work is a day that may have to be archived.
type work struct {
	partition
	Day
	live  []store.Segment          // whose events are in the store
	known map[store.SegmentID]bool // everything in the catalog, dropped or not
	row   row
}

func (l *Lake) each(ctx context.Context, t store.Tenant, do func(context.Context, *work) error) (
	days []Day, err error) {
	var problems []error
	for _, kind := range event.Kinds() {
		all, err := l.due(t, kind)
		if err != nil {
			return days, err
		}
		for _, w := range all {
			if err := ctx.Err(); err != nil {
				return days, err
			}
			if w.State == "" {
				w.State = "archived"
				if err := do(ctx, w); err != nil {
					w.State, w.Reason = "failed", fault.Of(err).Message
					problems = append(problems,
						fmt.Errorf("archive %s of %s: %w", w.kind, w.date(), err))
				}
			}
			days = append(days, w.Day)
		}
	}
	return days, errors.Join(problems...)
}

// due lists the days of a kind that are in the store or in the archive, and what is to be done.
func (l *Lake) due(t store.Tenant, kind event.Kind) ([]*work, error) {
	n := l.store.Snapshot(store.Range{Tenant: t, Kind: kind, From: 0, To: math.MaxInt64})
	defer n.Release()
	byDay := map[event.Hour]*work{}
	at := func(day event.Hour) *work {
		w := byDay[day]
		if w == nil {
			w = &work{partition: partition{t, kind, day}, known: map[store.SegmentID]bool{}}
			w.Type, w.Date = kind.String(), w.date()
			byDay[day] = w
		}
		return w
	}
	for _, g := range n.Segments() {
		w := at(g.From / hoursPerDay * hoursPerDay)
		w.known[g.ID] = true
		if !g.RawDropped && !g.Archived() {
			w.live = append(w.live, g)
		}
	}
	committed, err := l.rows(t, kind)
	if err != nil {
		return nil, err
	}
	for _, p := range committed {
		at(p.day)
	}
	unsealed, err := l.unsealed(t, kind)
	if err != nil {
		return nil, err
	}
	var out []*work
	for _, w := range byDay {
		if w.row, err = l.row(w.partition); err != nil {
			return nil, err
		}
		l.judge(w, unsealed[w.day])
		out = append(out, w)
	}
	slices.SortFunc(out, func(a, b *work) int { return cmp.Compare(a.day, b.day) })
	return out, nil
}

// unsealed lists the days that have events in the journal, or counts that do not fit.
func (l *Lake) unsealed(t store.Tenant, kind event.Kind) (map[event.Hour]string, error) {
	hours, err := l.store.Ledger(t, kind, 0, math.MaxUint32)
	out := map[event.Hour]string{}
	for _, h := range hours {
		day := h.Hour / hoursPerDay * hoursPerDay
		switch {
		case h.Rows != h.Sealed+h.Head:
			out[day] = "the ledger counts other rows; see `analytics doctor`"
		case h.Head > 0 && out[day] == "":
			out[day] = "not all of it is sealed yet"
		}
	}
	return out, err
}

// judge says whether a day is to be archived; its state is empty if it is.
func (l *Lake) judge(w *work, unsealed string) {
	over := (w.day + hoursPerDay).Start().Time().Add(time.Duration(l.cfg.AfterDays) * 24 * time.Hour)
	for _, f := range w.row.Files {
		w.Files, w.Rows, w.Bytes = w.Files+1, w.Rows+f.Rows, w.Bytes+f.Bytes
	}
	switch {
	case !w.changed():
		w.State = "kept"
	case len(w.live) == 0 && len(w.row.Files)+len(w.row.Planned) == 0: // gone without an archive
		w.State, w.Reason = "kept", "its events went before there was an archive"
	case unsealed != "":
		w.State, w.Reason = "waiting", unsealed
	case l.cfg.Now().Before(over):
		w.State = "waiting"
		w.Reason = "it is archived from " + over.UTC().Format("2006-01-02 15:04 UTC")
	}
}

// changed reports whether the archive has other segments than the store, or files that have to go.
func (w *work) changed() bool {
	if len(w.row.Planned) > 0 {
		return true
	}
	for _, g := range w.live {
		if _, ok := w.row.find(g.ID); !ok {
			return true
		}
	}
	for _, f := range w.row.Files {
		if !w.known[f.Segment] {
			return true
		}
	}
	return len(w.live) == 0 && len(w.row.Files) == 0
}

func sumRows(all []store.Segment) (n int64) {
	for _, g := range all {
		n += int64(g.Rows)
	}
	return n
}

func sumBytes(all []store.Segment) (n int64) {
	for _, g := range all {
		n += g.Size()
	}
	return n
}

// encode is a value as JSON on lines.
func encode(v any) ([]byte, error) {
	b, err := json.MarshalIndent(v, "", " ")
	return append(b, '\n'), err
}

// digest reads a file of the archive and gives its length and SHA-256.
func (l *Lake) digest(ctx context.Context, name string) (size int64, sum string, err error) {
	r, err := l.target.Read(ctx, name)
	if err != nil {
		return 0, "", err
	}
	defer r.Close()
	h := sha256.New()
	if size, err = io.Copy(h, r); err != nil {
		return 0, "", err
	}
	return size, hex.EncodeToString(h.Sum(nil)), ctx.Err()
}

// Depot is where the files are.
func (l *Lake) Depot() depot.Depot { return l.target }
