package process

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"analytics/engine/jobs"
	"analytics/engine/web"
)

// Life is what a server needs to live and end.
type Life struct {
	// Serve answers requests until Drain; it returns nil then.
	Serve func() error
	// Drain takes no new requests and waits for those under way.
	Drain func(ctx context.Context) error
	// Health is told when to let others in and when no more.
	Health *web.Health
	// Jobs run while it serves, and so does each of Beside until its context ends.
	Jobs   *jobs.Scheduler
	Beside []func(ctx context.Context)
	// Reload reads the settings again.
	Reload func() error
	// Fatal is closed when the store takes no more events; Err says why.
	Fatal <-chan struct{}
	Err   func() error
	Log   *slog.Logger
}

const (
	// drainTime is for requests under way; jobs and the store have the rest of fifteen seconds.
	drainTime = 10 * time.Second
	// lastResort ends a process that hangs on its way out. The next start recovers what is on disk.
	lastResort = 25 * time.Second
)

// Run serves until ctx ends, a signal asks for the end or the store fails. What it returns decides
// the exit code: nil after an orderly end. greet runs when everything is up, before others are told.
func Run(ctx context.Context, l Life, greet func() error) error {
	beside, stop := context.WithCancel(context.Background())
	var group sync.WaitGroup
	for _, f := range l.Beside {
		group.Go(func() { f(beside) })
	}
	defer group.Wait()
	defer stop()
	if err := l.Jobs.Start(); err != nil {
		return err
	}
	defer l.Jobs.Stop()
	if err := greet(); err != nil {
		return err
	}
	l.Health.Ready()
	return l.serve(ctx)
}

// serve waits for what ends it.
func (l Life) serve(ctx context.Context) error {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	served := make(chan error, 1)
	go func() { served <- l.Serve() }()
	for {
		select {
		case err := <-served:
			return err
		case <-l.Fatal:
			return l.end(signals, served, l.Err())
		case <-ctx.Done():
			return l.end(signals, served, nil)
		case sig := <-signals:
			if sig != syscall.SIGHUP {
				l.Log.Info("stopping", "signal", sig.String())
				return l.end(signals, served, nil)
			}
			if err := l.Reload(); err != nil {
				l.Log.Error("settings not reloaded, the old ones stay", "error", err)
				continue
			}
			l.Log.Info("settings reloaded")
		}
	}
}

// end drains. A second signal, or a drain that hangs, ends the process at once.
func (l Life) end(signals <-chan os.Signal, served <-chan error, cause error) error {
	done := make(chan struct{})
	defer close(done)
	go func() {
		for {
			select {
			case sig := <-signals:
				if sig == syscall.SIGHUP {
					continue
				}
				l.Log.Warn("second signal, ending at once")
			case <-time.After(lastResort):
				l.Log.Error("could not stop in time, ending at once", "after", lastResort.String())
			case <-done:
				return
			}
			os.Exit(1)
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	l.Health.Drain()
	if err := l.Drain(ctx); err != nil {
		l.Log.Warn("drained incompletely", "error", err)
	}
	if err := <-served; err != nil && cause == nil {
		cause = fmt.Errorf("serve: %w", err)
	}
	return cause
}
