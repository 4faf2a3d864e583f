package retention

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"sync"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/retention/depot"
	"analytics/retention/erasures"
	"analytics/retention/lake"
	"analytics/rollup/cube"
)

// Config is what a Keeper needs besides the store.
type Config struct {
	Policy Policy
	// Archive says where sealed days are archived. With one, events go only once it has them, and are
	// read from there; without one they go for good.
	Archive lake.Settings
	Means   depot.Means // of an archive in a bucket
	// Beside are folders in the data folder that are not the store's: a budget does not count them.
	Beside []string
	// Reports is the folder where reports are kept, and Written says of a file's name whether they wrote it
	// and when the time ends that the report is of; nil if nobody writes any.
	Reports string
	Written func(name string) (end time.Time, ok bool)
	// Zone is the reporting time zone, whose days counts by day are of; UTC unless set.
	Zone *time.Location
	Now  func() time.Time
	Log  *slog.Logger
}

// Keeper lets old events go.
type Keeper struct {
	store *store.Store
	lake  *lake.Lake // nil without an archive
	err   error      // why the archive cannot be used; then nothing is deleted

	mu      sync.Mutex // one heartbeat at a time; also guards cfg.Policy and refused
	cfg     Config
	refused map[store.SegmentID]bool // what could not go although the plan said so
	run     sync.Mutex               // held by a run
}

// New makes a Keeper.
func New(s *store.Store, cfg Config) *Keeper {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	k := &Keeper{store: s, cfg: cfg, refused: map[store.SegmentID]bool{}}
	if cfg.Archive.On() {
		k.lake, k.err = lake.Open(s, lake.Config{Settings: cfg.Archive, Means: cfg.Means, Now: cfg.Now,
			Log: cfg.Log, Failpoint: s.Failpoint})
	}
	return k
}

// SetPolicy changes the policy, as when the configuration is read again.
func (k *Keeper) SetPolicy(p Policy) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.cfg.Policy = p
}

func (k *Keeper) policy() Policy {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.cfg.Policy
}

// Plan is what a run would do for a tenant.
type Plan struct {
	Policy    Policy
	Cutoff    time.Time // events before it may go; zero if none may
	Suspended string    // why nothing is deleted now, empty if it may be
	Decisions []Decision
	Cells     []Decision // about counts whose events are not in the store
	Reports   []File     // which the default tenant alone has
	Disk      Disk
}

// Plan says what a run would do, and why. It changes nothing.
func (k *Keeper) Plan(ctx context.Context, t store.Tenant) (*Plan, error) {
	if k.err != nil {
		return nil, k.err
	}
	last, err := k.lastBeat()
	if err != nil {
		return nil, err
	}
	now, whole := k.cfg.Now(), k.policy()
	p := &Plan{Policy: whole.Of(erasures.TenantText(t))}
	cutoff, ok := p.Policy.Cutoff(now)
	if ok {
		p.Cutoff = cutoff.Start().Time()
	}
	if reason, ok := last.next(now).trusted(); !ok {
		p.Suspended = reason
	}
	if p.Cells, err = k.decideCells(ctx, p.Policy, t, now); err != nil {
		return nil, err
	}
	if t == store.Default {
		if p.Reports, err = k.reports(ctx); err != nil {
			return nil, err
		}
		p.Policy.sort(now, p.Reports)
	}
	if p.Decisions, err = k.decide(ctx, p.Policy, t, now); err != nil || whole.DiskBudget == 0 {
		return p, err
	}
	all := own(nil, p.Policy, t, p.Decisions)
	for _, other := range k.store.Tenants() {
		if other == t {
			continue
		}
		terms := whole.Of(erasures.TenantText(other))
		theirs, err := k.decide(ctx, terms, other, now)
		if err != nil {
			return nil, err
		}
		all = own(all, terms, other, theirs)
	}
	p.Disk, err = k.fit(ctx, whole, now, all)
	return p, err
}

// decide says what goes of a tenant's events because of its age.
func (k *Keeper) decide(ctx context.Context, p Policy, t store.Tenant, now time.Time) (out []Decision, err error) {
	for _, kind := range event.Kinds() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		stretches, err := k.stretches(t, kind)
		if err != nil {
			return nil, err
		}
		out = append(out, p.For(kind).Decide(now, stretches)...)
	}
	return out, nil
}

// decideCells says what becomes of a tenant's counts because of their age.
func (k *Keeper) decideCells(ctx context.Context, p Policy, t store.Tenant, now time.Time) (out []Decision, err error) {
	for _, kind := range event.Kinds() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		stretches, err := k.cellStretches(t, kind)
		if err != nil {
			return nil, err
		}
		out = append(out, p.cells(kind).decide(now, stretches)...)
	}
	return out, nil
}

// stretches lists what is there of a kind, counted against the ledger.
func (k *Keeper) stretches(t store.Tenant, kind event.Kind) ([]Stretch, error) {
	var out []Stretch
	for _, step := range k.store.PlanDrop(t, kind, 0, math.MaxUint32).Segments {
		out = append(out, Stretch{Kind: kind, From: step.From, To: step.To, Rows: step.Rows,
			Bytes: step.Bytes, Segment: step.ID})
	}
	hours, err := k.store.Ledger(t, kind, 0, math.MaxUint32)
	if err != nil {
		return nil, err
	}
	for _, h := range hours {
		if h.Head > 0 {
			out = append(out, Stretch{Kind: kind, From: h.Hour, To: h.Hour + 1, Rows: int64(h.Head),
				State: Unsealed})
		}
		if h.Rows != h.Sealed+h.Head {
			doubt(out, h.Hour)
		}
	}
	slices.SortStableFunc(out, func(a, b Stretch) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return out, nil
}

// doubt marks the segments that hold an hour.
func doubt(stretches []Stretch, h event.Hour) {
	for i := range stretches {
		s := &stretches[i]
		if s.State == Sealed && s.From <= h && h < s.To {
			s.State = Doubtful
		}
	}
}

// held makes sure that every cube has what a segment holds, by reading its blocks back. The reason
// is empty if they are there and whole.
func (k *Keeper) held(
	ctx context.Context, n *store.Snapshot, s Stretch,
) (reason string, err error) {
	segments := n.Segments()
	at := slices.IndexFunc(segments, func(g store.Segment) bool { return g.ID == s.Segment })
	if at < 0 || segments[at].RawDropped {
		return "changed meanwhile", nil
	}
	for _, c := range cube.Cubes(s.Kind) {
		data, err := n.Block(ctx, &segments[at], c.ID)
		if err == nil && data != nil {
			_, err = cube.OpenBlock(data)
		}
		switch {
		case ctx.Err() != nil:
			return "", ctx.Err()
		case err != nil:
			return fmt.Sprintf("its block of the cube %s cannot be read", c.Name), nil
		case data == nil:
			return fmt.Sprintf("the cube %s does not hold it; run `analytics rollup rebuild`",
				c.Name), nil
		}
	}
	return "", nil
}
