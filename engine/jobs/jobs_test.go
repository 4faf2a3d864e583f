package jobs

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"analytics/engine/store"
	"analytics/engine/store/storetest"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestADayIsDueOnce(t *testing.T) {
	f := func(name, last, now, want string) {
		t.Helper()
		z := zone(t, name)
		at, err := time.ParseInLocation("2006-01-02 15:04", now, z)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range Daily(2, 30, z, All).due(last, at.AddDate(0, 0, -3), at) {
			got = append(got, p.Key)
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s at %s after %q: due %q, want %q", name, now, last, s, want)
		}
	}
	f("Europe/Berlin", "2026-11-18", "2026-11-20 02:29", "")
	f("Europe/Berlin", "2026-11-18", "2026-11-20 02:30", "2026-11-19")
	f("Europe/Berlin", "2026-11-19", "2026-11-20 23:59", "")
	f("Europe/Berlin", "2026-11-16", "2026-11-20 03:00", "2026-11-17 2026-11-18 2026-11-19")
	// The night in which 02:30 does not exist, and the one in which it comes twice.
	f("America/New_York", "2026-03-06", "2026-03-08 03:30", "2026-03-07")
	f("America/New_York", "2026-10-30", "2026-11-01 02:30", "2026-10-31")
	f("Australia/Lord_Howe", "2026-10-02", "2026-10-04 02:31", "2026-10-03")
	f("Asia/Kathmandu", "2026-11-18", "2026-11-20 02:30", "2026-11-19")
	// Nothing was done yet: only days that ended after the beginning three days ago.
	f("UTC", "", "2026-11-20 03:00", "2026-11-17 2026-11-18 2026-11-19")
}

func TestADayIsAsLongAsItIs(t *testing.T) {
	f := func(name, date string, want time.Duration) {
		t.Helper()
		d, err := time.Parse(time.DateOnly, date)
		if err != nil {
			t.Fatal(err)
		}
		p := Daily(0, 0, zone(t, name), All).period(d)
		if got := p.To.Sub(p.From); got != want {
			t.Errorf("%s in %s has %s, want %s", date, name, got, want)
		}
	}
	f("Europe/London", "2026-03-29", 23*time.Hour)
	f("Europe/London", "2026-10-25", 25*time.Hour)
	f("Australia/Lord_Howe", "2026-10-04", 23*time.Hour+30*time.Minute)
	f("Australia/Lord_Howe", "2026-04-05", 24*time.Hour+30*time.Minute)
	f("Asia/Kathmandu", "2026-11-20", 24*time.Hour)
}

func TestSchedulesReadWell(t *testing.T) {
	f := func(s Schedule, want string) {
		t.Helper()
		if got := s.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	f(Every(time.Minute), "every 1m")
	f(Every(90*time.Second), "every 1m30s")
	f(Every(2*time.Hour), "every 2h")
	f(Daily(8, 0, time.UTC, Newest), "daily at 08:00 UTC")
}

// clock is set forward by tests: sleeping for a year, even in a bubble, runs the store's own ticks.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// pass lets time pass, and the next look of the scheduler with it.
func (c *clock) pass(d time.Duration) {
	c.ahead.Add(int64(d))
	time.Sleep(look + time.Second)
	synctest.Wait()
}

// world is a store and a scheduler in a bubble.
type world struct {
	t     *testing.T
	store *store.Store
	*Scheduler
}

func open(t *testing.T, dir string, c *clock, table ...Job) *world {
	t.Helper()
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	s, err := store.Open(context.Background(), store.Config{
		Space: storetest.Room, Dir: dir, MemTableSize: 8 << 20, Log: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	sch, err := New(s.Shelf(store.Default, "jobs"), table, c.now, log)
	if err != nil {
		t.Fatal(err)
	}
	if err := sch.Start(); err != nil {
		t.Fatal(err)
	}
	return &world{t, s, sch}
}

func (w *world) close() {
	w.t.Helper()
	if err := w.Stop(); err != nil {
		w.t.Error(err)
	}
	if err := w.store.Close(); err != nil {
		w.t.Error(err)
	}
}

func TestMissedDaysAreCaughtUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		var all, newest []Period
		table := []Job{
			{Name: "rollup", When: Daily(0, 5, time.UTC, All), Run: func(_ context.Context, p Period) error {
				all = append(all, p)
				return nil
			}},
			{Name: "report", When: Daily(8, 0, time.UTC, Newest), Run: func(_ context.Context, p Period) error {
				newest = append(newest, p)
				return nil
			}},
		}
		var c clock
		w := open(t, dir, &c, table...)
		c.pass(0)
		for range 60 {
			c.pass(time.Hour)
		}
		w.close()
		if len(all) != 2 || len(newest) != 2 {
			t.Fatalf("%d roll-ups and %d reports in 60 hours, want 2 of each", len(all), len(newest))
		}
		before, reports := len(all), len(newest)
		c.ahead.Add(int64(400 * 24 * time.Hour))
		w = open(t, dir, &c, table...)
		c.pass(0)
		w.close()
		if n := len(all) - before; n != 400 {
			t.Errorf("%d roll-ups were caught up, want 400", n)
		}
		for i := 1; i < len(all); i++ {
			if !all[i].From.Equal(all[i-1].To) {
				t.Fatalf("after %s came %s", all[i-1].Key, all[i].Key)
			}
		}
		if n := len(newest) - reports; n != 1 {
			t.Fatalf("%d reports after 400 days, want 1", n)
		}
		if p := newest[len(newest)-1]; p.Missed != 399 {
			t.Errorf("the report says %d were missed, want 399", p.Missed)
		}
	})
}

func TestFailuresAreTriedAgainAndPanicsAreFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		var c clock
		w := open(t, t.TempDir(), &c, Job{Name: "flaky", When: Daily(0, 0, time.UTC, All),
			Run: func(context.Context, Period) error {
				switch tries++; tries {
				case 1:
					return errors.New("no luck")
				case 2:
					panic("worse")
				}
				return nil
			}})
		defer w.close()
		c.pass(0)
		c.pass(25 * time.Hour)
		c.pass(2 * time.Minute)
		c.pass(4 * time.Minute)
		list, err := w.List()
		if err != nil {
			t.Fatal(err)
		}
		row := list[0].Last
		if tries != 3 || row.State != Done || row.Attempt != 3 || row.Error != "" {
			t.Errorf("%d tries, row %+v", tries, row)
		}
	})
}

// In a bubble time stands still while anybody is busy waiting, so this hangs if Stop does.
func TestStopWaitsAtRestForARun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c clock
		done := false
		w := open(t, t.TempDir(), &c, Job{Name: "slow", When: Every(time.Minute),
			Run: func(context.Context, Period) error {
				time.Sleep(5 * time.Second)
				done = true
				return nil
			}})
		time.Sleep(time.Second)
		begin := c.now()
		w.close()
		if took := c.now().Sub(begin); !done || took != 4*time.Second {
			t.Errorf("it stopped after %s, and the run was over: %v", took, done)
		}
	})
}

func TestAJobRunsOnceAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		running, most := 0, 0
		var c clock
		w := open(t, t.TempDir(), &c, Job{Name: "slow", When: Every(time.Second),
			Run: func(ctx context.Context, _ Period) error {
				running++
				most = max(most, running)
				time.Sleep(5 * time.Second)
				running--
				return ctx.Err()
			}})
		defer w.close()
		time.Sleep(3 * time.Second)
		if err := w.Run(context.Background(), "slow"); err != nil {
			t.Error(err)
		}
		if most != 1 {
			t.Errorf("%d at a time", most)
		}
		if err := w.Run(context.Background(), "slwo"); err == nil {
			t.Error("a job that is not there was run")
		}
	})
}
