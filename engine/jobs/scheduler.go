package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/go-co-op/gocron/v2"

	"analytics/engine/fault"
	"analytics/engine/store"
)

// Scheduler runs a table of jobs.
type Scheduler struct {
	jobs   []*runner
	cron   gocron.Scheduler
	log    *slog.Logger
	now    func() time.Time
	ctx    context.Context
	cancel context.CancelFunc
}

// runner is one job and its place in the ledger.
type runner struct {
	Job
	of     *Scheduler
	ledger ledger
	busy   chan struct{} // holds a token while a run goes on
	retry  time.Time     // not before; only who holds busy touches it
	quiet  bool          // runs so often that only trouble is written down
	last   atomic.Pointer[Row]
	clock  atomic.Pointer[gocron.Job] // nil before Start
}

// daily jobs are looked at this often: the longest a report is late.
const look = 5 * time.Second

// frequent jobs run so often that a synced ledger row each time would cost more than the job.
const frequent = time.Minute

// New makes a scheduler that keeps its ledger on the shelf. It runs nothing before Start.
func New(
	shelf *store.Shelf, table []Job, now func() time.Time, log *slog.Logger,
) (*Scheduler, error) {
	cron, err := gocron.NewScheduler(
		gocron.WithLocation(time.UTC), gocron.WithStopTimeout(time.Second))
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	s := &Scheduler{cron: cron, log: log, now: now}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	for _, j := range table {
		if j.Timeout == 0 {
			j.Timeout = defaultTimeout
		}
		s.jobs = append(s.jobs, &runner{
			Job: j, of: s, ledger: ledger{shelf}, busy: make(chan struct{}, 1),
			quiet: j.When.every > 0 && j.When.every <= frequent,
		})
	}
	return s, nil
}

// Start begins to run jobs. Those that run every so often run once now.
func (s *Scheduler) Start() error {
	for _, r := range s.jobs {
		tick := r.When.every
		if tick == 0 {
			tick = look
		}
		clock, err := s.cron.NewJob(
			gocron.DurationJob(tick), gocron.NewTask(r.tick), gocron.WithName(r.Name),
			gocron.WithSingletonMode(gocron.LimitModeReschedule),
			gocron.WithStartAt(gocron.WithStartImmediately()))
		if err != nil {
			return fmt.Errorf("jobs: %s: %w", r.Name, err)
		}
		r.clock.Store(&clock)
	}
	s.cron.Start()
	return nil
}

// patience is how long Stop waits for runs that were cancelled.
const patience = 10 * time.Second

// Stop lets no further run begin, cancels those that go on and waits for them. gocron waits for its runs
// in a loop that keeps a processor busy, so it is asked when there are none.
func (s *Scheduler) Stop() error {
	s.cancel()
	enough := time.NewTimer(patience)
	defer enough.Stop()
	for _, r := range s.jobs {
		select {
		case r.busy <- struct{}{}:
			<-r.busy
			continue
		case <-enough.C:
		}
		break
	}
	return s.cron.Shutdown()
}

// Lag is how late the job is that is latest, of those that run every so often: how long ago the run
// that is going on or was last should have been over. A job that has not run yet is not late.
func (s *Scheduler) Lag() (lag time.Duration) {
	for _, r := range s.jobs {
		if row := r.last.Load(); row != nil && r.When.every > 0 {
			from := row.Finished
			if from.IsZero() {
				from = row.Started
			}
			lag = max(lag, s.now().Sub(from)-r.When.every)
		}
	}
	return lag
}

// Run runs a job now and waits for it: a daily one for the day that ended last. A run that goes on
// is waited for first.
func (s *Scheduler) Run(ctx context.Context, name string) error {
	r, err := s.find(name)
	if err != nil {
		return err
	}
	select {
	case r.busy <- struct{}{}:
	case <-ctx.Done():
		return fault.New(fault.Unavailable, "busy", "job %s is running", name).Wrap(ctx.Err())
	}
	defer func() { <-r.busy }()
	p := Period{From: s.now(), To: s.now(), Manual: true}
	if r.When.every == 0 {
		p = r.When.newest(s.now())
		p.Manual = true
	}
	return r.run(ctx, p)
}

func (s *Scheduler) find(name string) (*runner, error) {
	for _, r := range s.jobs {
		if r.Name == name {
			return r, nil
		}
	}
	return nil, fault.At(fault.NotFound, "unknown_job", "name",
		"there is no job %q; `analytics jobs list` names them", name)
}

// tick runs what is due. What fails is in the ledger and the log, and is tried again later.
func (r *runner) tick() {
	select {
	case r.busy <- struct{}{}:
		defer func() { <-r.busy }()
	default:
		return
	}
	now := r.of.now()
	if r.of.ctx.Err() != nil || now.Before(r.retry) {
		return
	}
	if r.When.every > 0 {
		r.attempt(Period{From: now, To: now})
		return
	}
	row, known, err := r.ledger.load(r.Name)
	if err == nil && !known {
		row.Beginning = now
		err = r.ledger.save(r.of.ctx, row)
	}
	if err != nil {
		r.of.log.Error("job ledger", "job", r.Name, "error", err)
		return
	}
	for _, p := range r.When.due(row.Last, row.Beginning, now) {
		if !r.attempt(p) {
			return
		}
	}
}

// Failed periods are tried again after this, doubled each time, up to the longest.
const (
	firstRetry   = time.Minute
	longestRetry = time.Hour
)

// attempt runs one period and says whether it was done.
func (r *runner) attempt(p Period) bool {
	err := r.run(r.of.ctx, p)
	if err == nil {
		r.retry = time.Time{}
		return true
	}
	if r.of.ctx.Err() != nil {
		return false
	}
	wait := firstRetry
	if r.When.every > 0 {
		wait = min(firstRetry, r.When.every)
	} else if row, _, loadErr := r.ledger.load(r.Name); loadErr == nil {
		wait = min(longestRetry, firstRetry<<min(row.Attempt-1, 10))
	}
	r.retry = r.of.now().Add(wait)
	return false
}

// run does the work once and writes down how it went. The caller holds busy.
func (r *runner) run(ctx context.Context, p Period) error {
	row, _, err := r.ledger.load(r.Name)
	was := row.State
	if err != nil {
		return fmt.Errorf("job %s: read the ledger: %w", r.Name, err)
	}
	again := row.Period == p.Key && (row.State == Running || row.State == Failed)
	row.Period, row.Missed, row.Error = p.Key, p.Missed, ""
	row.Started, row.Finished = r.of.now().UTC(), time.Time{}
	row.Attempt++
	if !again {
		row.Attempt = 1
	}
	row.State = Running
	if !r.quiet {
		if err := r.ledger.save(ctx, row); err != nil {
			return fmt.Errorf("job %s: write the ledger: %w", r.Name, err)
		}
	}
	err = r.guarded(ctx, p)
	row.State, row.Finished = Done, r.of.now().UTC()
	if err != nil {
		row.State, row.Error = Failed, fault.Of(err).Message
		r.of.log.Error("job failed", "job", r.Name, "period", p.Key, "attempt", row.Attempt, "error", err)
	} else if p.Key > row.Last {
		row.Last = p.Key
	}
	r.last.Store(&row)
	if r.quiet && err == nil && was != Failed {
		return nil
	}
	// The end is written down even when ctx was canceled meanwhile.
	if saveErr := r.ledger.save(context.WithoutCancel(ctx), row); err == nil && saveErr != nil {
		return fmt.Errorf("job %s: write the ledger: %w", r.Name, saveErr)
	}
	return err
}

// guarded runs the function under its timeout and turns a panic into an error.
func (r *runner) guarded(ctx context.Context, p Period) (err error) {
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	defer func() {
		if v := recover(); v != nil {
			r.of.log.Error("job panicked", "job", r.Name, "panic", v, "stack", string(debug.Stack()))
			err = fault.New(fault.Internal, "panic", "job %s panicked: %v", r.Name, v)
		}
	}()
	return r.Run(ctx, p)
}
