package rollup

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"analytics/engine/event"
)

const (
	// grace is how long after its end an hour is sealed: most of what comes late comes by then.
	grace = 2 * time.Minute
	// lateEvery is how often hours are sealed that got late events. Each time makes a segment of few
	// rows, which a merge has to take up, so not each minute.
	lateEvery = 15 * time.Minute
)

// sealing is how far sealing is.
type sealing struct {
	mu     sync.Mutex
	before event.Hour // hours before it were due at the last run
	last   time.Time
	rows   int64 // since the start
	errors int64
}

// Seal seals the hours that are over, with their cells. Unless forced, it leaves late events of
// hours sealed before for a quarter of an hour.
func (m *Mill) Seal(ctx context.Context, force bool) error {
	s := &m.sealing
	now := m.Now()
	before := event.MicrosOf(now.Add(-grace)).Hour()
	s.mu.Lock()
	wait := before == s.before && now.Sub(s.last) < lateEvery
	s.mu.Unlock()
	if wait && !force {
		return nil
	}
	report, err := m.Store.Seal(ctx, before, false)
	s.note(report.Rows, err)
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.before, s.last = before, now
	s.mu.Unlock()
	if report.Rows > 0 {
		m.Log.LogAttrs(ctx, slog.LevelInfo, "hours sealed", slog.Int("hours", report.Hours),
			slog.Int64("rows", report.Rows), slog.Int64("bytes", report.Bytes))
	}
	return nil
}

func (s *sealing) note(rows int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows += rows
	if err != nil {
		s.errors++
	}
}

// Merge makes few segments of the many small ones of a day.
func (m *Mill) Merge(ctx context.Context) error {
	for _, day := range m.Store.Crowded() {
		report, err := m.Store.Merge(ctx, day.Tenant, day.Kind, day.First)
		if err != nil {
			return err
		}
		m.Log.LogAttrs(ctx, slog.LevelInfo, "segments merged", slog.String("type", day.Kind.String()),
			slog.Time("day", day.First.Start().Time()), slog.Int("before", report.Before),
			slog.Int("after", report.After), slog.Int64("rows", report.Rows))
	}
	return nil
}

// Watch does what cannot wait for a job, until ctx ends: it seals early whenever the store says that
// its memory of unsealed events is half full, which at full speed is every few seconds, and stores
// sessions when there are too many to make them for who asks.
func (m *Mill) Watch(ctx context.Context) {
	var group sync.WaitGroup
	defer group.Wait()
	group.Go(func() { m.storeHurried(ctx) })
	for again := false; ctx.Err() == nil; {
		if again { // not to spin while the disk is full
			pause(ctx, time.Second)
		} else {
			select {
			case <-ctx.Done():
			case <-m.Store.Pressure():
			}
		}
		if ctx.Err() != nil {
			return
		}
		report, err := m.Store.Relieve(ctx)
		m.sealing.note(report.Rows, err)
		if again = err != nil; again && ctx.Err() == nil {
			m.Log.LogAttrs(ctx, slog.LevelError,
				"cannot seal early; intake waits when memory is full", slog.Any("error", err))
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	wait := time.NewTimer(d)
	defer wait.Stop()
	select {
	case <-ctx.Done():
	case <-wait.C:
	}
}
