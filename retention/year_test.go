package retention

import (
	"context"
	"errors"
	"flag"
	"log/slog"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"analytics/engine/columns/sample"
	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
	"analytics/retention/lake"
	"analytics/rollup"
	"analytics/rollup/bots/history"
	"analytics/rollup/cube"
)

var year = flag.Bool("year", false, "simulate a year instead of weeks: some minutes")

// life is a store whose days go by as fast as the jobs of a day can be done.
type life struct {
	*house
	mill    *rollup.Mill
	archive string
	sent    map[event.Kind]int64
	money   int64 // nano-USD of all requests
	source  *sample.Source
	judged  *history.History
	day     time.Time
	hours   []int // of a day in which events come
}

// newLife keeps things for so long, with an archive or without.
func newLife(t *testing.T, p Policy, archive bool) *life {
	h := &house{t: t, dir: t.TempDir(), tenant: store.Default, now: noon.Truncate(24 * time.Hour)}
	l := &life{house: h, day: h.now, sent: map[event.Kind]int64{}, source: sample.New(7)}
	now := func() time.Time { return h.now }
	var err error
	h.store, err = store.Open(t.Context(), store.Config{Space: storetest.Room, Dir: h.dir,
		MemTableSize: 8 << 20, Now: now,
		Derive: rollup.Derive(time.UTC)})
	l.must(err)
	t.Cleanup(func() { h.store.Close() })
	l.mill = rollup.New(rollup.Config{Store: h.store, Now: now})
	of := history.House{Store: h.store, Zone: time.UTC, Now: now, Log: slog.New(slog.DiscardHandler),
		Classify: func(*event.Event) bool { return false }, Remake: l.mill.RemakeSessions,
		Record: func(context.Context, store.Tenant, []byte) error { return nil }}
	of.Use = ignore
	l.judged, err = history.Open(of)
	l.must(err)
	_, err = l.judged.Flag(t.Context(), history.Rule{UserAgent: "nobody is called like this"},
		history.Scope{Tenant: store.Default, From: h.now.AddDate(0, 0, -30), To: h.now}, func(int, int) {})
	l.must(err)
	cfg := Config{Policy: p, Now: now}
	if archive {
		l.archive = t.TempDir()
		cfg.Archive = lake.Settings{Folder: l.archive, AfterDays: 2}
	}
	h.keeper = New(h.store, cfg)
	return l
}

// ignore takes rules, whose type this room may not name.
func ignore[R any]([]R) {}

func (l *life) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

// pass lets a day go by: events of every kind come in some of its hours, and after midnight the jobs of
// a night run.
func (l *life) pass(perHour int) {
	l.t.Helper()
	ctx := l.t.Context()
	var b event.Batch
	var e event.Event
	for _, hour := range l.hours {
		for _, kind := range event.Kinds() {
			if kind.Derived() {
				continue
			}
			n := perHour
			if kind != event.AIRequest && kind != event.PageView {
				n = 1 + perHour/10
			}
			for i := range n {
				at := l.day.Add(time.Duration(hour)*time.Hour + time.Duration(i)*time.Second)
				l.source.Event(&e, kind, event.MicrosOf(at))
				e.Timed, e.Named = true, true
				if kind == event.AIRequest {
					l.money += e.Int(event.AICost)
				}
				b.Add(&e)
				l.sent[kind]++
			}
		}
	}
	_, err := l.store.Append(ctx, store.Default, &b)
	l.must(err)
	l.day = l.day.AddDate(0, 0, 1)
	l.now = l.day.Add(3 * time.Hour)
	l.must(l.mill.Seal(ctx, true))
	l.must(l.mill.CloseSessions(ctx))
	l.must(l.mill.Merge(ctx))
	l.must(l.mill.Daily(ctx))
	l.must(errors.Join(l.judged.Apply(ctx), l.judged.Mark(ctx)))
	l.must(l.keeper.Archive(ctx))
	l.must(l.keeper.Sweep(ctx))
}

// asked wants every cube to count what was sent since a day, months apart.
func (l *life) asked(since time.Time, sent map[event.Kind]int64, sentMoney int64) {
	l.t.Helper()
	for kind, want := range sent {
		for _, c := range cube.Cubes(kind) {
			spec := cube.Spec{Kind: kind, Dims: c.Dims, Measures: []string{"rows"}}
			if c.ID == cube.AIUsage {
				spec.Measures = append(spec.Measures, "sum(cost)")
			}
			f, err := l.mill.Fill(l.t.Context(), store.Default, c, spec, event.MicrosOf(since),
				event.MicrosOf(l.day.AddDate(0, 0, 1)))
			l.must(err)
			rows, money := int64(0), int64(0)
			for g := range f.Table.Len() {
				n, _ := f.Table.Int(0, g)
				rows += n
				if c.ID == cube.AIUsage {
					n, _ = f.Table.Int(1, g)
					money += n
				}
			}
			if rows != want || f.Lost != 0 || c.ID == cube.AIUsage && money != sentMoney {
				l.t.Errorf("cube %s counts %d events and %d nano-USD, %d segments lost; sent were %d and %d", c.Name,
					rows, money, f.Lost, want, sentMoney)
			}
		}
	}
}

// kept is how many events of a kind lie in the store, and how many can be read here or there.
func (l *life) kept(kind event.Kind) (here, all int64) {
	n := l.store.Snapshot(store.Range{Tenant: store.Default, Kind: kind, To: math.MaxInt64})
	defer n.Release()
	for _, c := range n.Chunks() {
		all += int64(c.Rows)
	}
	return l.rows(kind), all
}

// archived wants the archive to be whole, and to have of every kind what left the store.
func (l *life) archived() {
	l.t.Helper()
	for kind, sent := range l.sent {
		here, all := l.kept(kind)
		if all != sent {
			l.t.Errorf("%d of %d events of %s can be read from store and archive", all, sent, kind)
		}
		left := int64(0)
		days, err := l.keeper.lake.Plan(l.t.Context(), store.Default)
		l.must(err)
		for _, d := range days {
			date, err := time.Parse(time.DateOnly, d.Date)
			l.must(err)
			cutoff := l.now.AddDate(0, 0, -l.keeper.policy().Days).Truncate(24 * time.Hour)
			if d.Type == kind.String() && date.Before(cutoff) {
				left += d.Rows
			}
		}
		if left != sent-here {
			l.t.Errorf("the archive has %d events of %s of days that are over, and %d left the store", left, kind,
				sent-here)
		}
	}
	files, bad, err := l.keeper.lake.Verify(l.t.Context(), store.Default)
	if err != nil || len(bad) > 0 || files == 0 {
		l.t.Errorf("the archive: %d files, %v bad, %v", files, bad, err)
	}
}

// rawBytes is how large the raw events in the store are.
func (l *life) rawBytes() (bytes int64) {
	for _, kind := range event.Kinds() {
		bytes += l.store.PlanDrop(store.Default, kind, 0, math.MaxUint32).Bytes
	}
	return bytes
}

// tables is what Badger's files take more or less of, depending on when they were last put together.
const tables = 64 << 10

// TestTheStoreStaysAsLargeAsItsWindow lets weeks go by, or with -year a year. Once the oldest raw events
// go as fast as new ones come, they take as much room on each day as on every other, within 5 %. What
// the folder grows by from then on is the cells that answer for what went, no more from the second third
// to the last than from the first to the second, within 10 %: nothing that went stays behind.
func TestTheStoreStaysAsLargeAsItsWindow(t *testing.T) {
	t.Parallel() // it waits for the disk most of the time
	days, raw, perHour, hours := 12, 3, 40, []int{13}
	if *year {
		days, raw, perHour, hours = 365, 30, 400, []int{8, 13, 21}
	}
	for name, archive := range map[string]bool{"without an archive": false, "with an archive": true} {
		if !archive && !*year {
			continue // the long form tries both
		}
		t.Run(name, func(t *testing.T) {
			l := newLife(t, Policy{Days: raw}, archive)
			l.hours = hours
			var folder, events []int64
			for day := 1; day <= days; day++ {
				l.pass(perHour)
				if day%(days/3) == 0 {
					folder, events = append(folder, store.FolderSize(l.dir)), append(events, l.rawBytes())
					t.Logf("day %d: the folder has %d bytes, raw events in it %d", day, folder[len(folder)-1],
						events[len(events)-1])
				}
			}
			for _, n := range events[1:] {
				if n < events[0]*95/100 || n > events[0]*105/100 {
					t.Errorf("raw events have %d bytes and had %d", n, events[0])
				}
			}
			first, second := folder[1]-folder[0], folder[2]-folder[1]
			if second > first*110/100+tables {
				t.Errorf("the folder grew by %d bytes, and then by %d", first, second)
			}
			l.asked(noon.AddDate(0, 0, -1), l.sent, l.money)
			if archive {
				l.archived()
			}
		})
	}
}

// forever is how large that is which has no term: what says how many events there were of each kind and hour,
// the ledger (l) and the catalog (c), and of what is archived also its rows on the shelf (x). See
// engine/FORMAT.md.
func (l *life) forever() (bytes int64) {
	image, err := l.store.Image(l.t.Context())
	l.must(err)
	defer image.Close()
	l.must(image.Small(l.t.Context(), func(k, v []byte) error {
		if k[0] == 'l' || k[0] == 'c' || k[0] == 'x' && strings.Contains(string(k), "archive/") {
			bytes += int64(len(k) + len(v))
		}
		return nil
	}))
	return bytes
}

// forgotten wants nothing on the shelves to be of a day before one, but for what says where archived days are.
func (l *life) forgotten(before time.Time) {
	l.t.Helper()
	date, later := regexp.MustCompile(`20\d\d-\d\d-\d\d`), map[string]bool{}
	image, err := l.store.Image(l.t.Context())
	l.must(err)
	defer image.Close()
	l.must(image.Small(l.t.Context(), func(k, _ []byte) error {
		name := string(k)
		if at := date.FindString(name); k[0] == 'x' && at != "" && !strings.Contains(name, "archive/") {
			if at < before.Format(time.DateOnly) {
				l.t.Errorf("a shelf has %q, of a day before %s", name, before.Format(time.DateOnly))
			}
			later[strings.Split(name[10:], "/")[0]] = true
		}
		return nil
	}))
	if names := slices.Sorted(maps.Keys(later)); !slices.Equal(names, []string{"c", "d", "h", "mark", "ruled"}) {
		l.t.Errorf("what the shelves have of younger days begins with %q", names)
	}
}

// TestTheFolderStaysFlatOnceItsTermsAreReached lets days go by until raw events, hours and days are all as
// old as they may become, and then as many again. From then on the folder is as large at the end of each
// stretch as it was at the beginning, but for what has no term, which is counted to the byte, and within 1 %
// and what Badger's logs and manifest take more or less. In a year it had 25.7, 35.2, 35.3, 35.5, 35.6 and 35.8 MB
// after each 60 days, of which 0.1 MB more each time had no term (with an archive 25.8, 35.4, 35.6, 36.0, 36.3
// and 36.5, and 0.2); without terms it would have grown by 20 MB in each. What the terms keep is counted exactly.
func TestTheFolderStaysFlatOnceItsTermsAreReached(t *testing.T) {
	t.Parallel()
	days, perHour, hours, slack := 18, 30, []int{13}, int64(tables)
	p := Policy{Days: 2, Block: Block{HourlyKeepDays: 4, DailyKeepDays: 6}}
	if *year {
		days, perHour, hours, slack = 365, 400, []int{8, 13, 21}, 4*tables
		p = Policy{Days: 30, Block: Block{HourlyKeepDays: 60, DailyKeepDays: 120}}
	}
	for name, archive := range map[string]bool{"without an archive": false, "with an archive": true} {
		if archive && !*year {
			continue // the long form tries both
		}
		t.Run(name, func(t *testing.T) {
			l := newLife(t, p, archive)
			l.hours = hours
			var folder, forever []int64
			sent, money := map[event.Kind]int64{}, int64(0)
			for day := 1; day <= days; day++ {
				if day == days-p.DailyKeepDays+3 { // what goes from here on is kept to the end
					maps.Copy(sent, l.sent)
					money = l.money
				}
				l.pass(perHour)
				if day%(days/6) == 0 {
					size, without := store.FolderSize(l.dir), l.forever()
					folder, forever = append(folder, size), append(forever, without)
					t.Logf("day %d: the folder has %d bytes, raw events in it %d, what has no term %d", day, size,
						l.rawBytes(), without)
				}
			}
			first := folder[2] - forever[2] // after half of the time all terms are reached
			for i, n := range folder[3:] {
				if n -= forever[3+i]; n > first*101/100+slack {
					t.Errorf("but for what has no term the folder has %d bytes and had %d", n, first)
				}
			}
			for kind := range sent {
				sent[kind] = l.sent[kind] - sent[kind]
			}
			l.forgotten(l.day.AddDate(0, 0, -2-p.DailyKeepDays))
			l.asked(l.day.AddDate(0, 0, 2-p.DailyKeepDays), sent, l.money-money)
			if archive {
				l.archived()
			}
		})
	}
}
