package retention

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/retention/lake"
)

// days makes candidates of one segment of 100 bytes a day, so many days old each.
func days(kind event.Kind, tenant store.Tenant, ago ...int) (all []owned) {
	for _, n := range ago {
		from := hour(24*n) / 24 * 24
		d := Decision{Stretch: Stretch{Kind: kind, From: from, To: from + 24, Bytes: 100,
			Segment: store.SegmentID(1000*int(kind) + n)}}
		all = append(all, owned{Decision: &d, tenant: tenant, archived: true})
	}
	return all
}

// TestTheOldestDaysGoForABudget works on the rule alone: the budget is 1000 bytes, the goal 900.
func TestTheOldestDaysGoForABudget(t *testing.T) {
	p := Policy{Block: Block{DiskBudget: 1000, BudgetKeepDays: 1}}
	f := func(what string, used int64, change func([]owned), want []int, goes, short int64) {
		t.Helper()
		all := append(days(event.PageView, store.Default, 9, 7, 5, 1, 0),
			days(event.AIRequest, store.Tenant{'o'}, 9, 8)...)
		if change != nil {
			change(all)
		}
		d := p.fit(noon, used, all, map[store.SegmentID]bool{})
		var gone []int
		for _, o := range all {
			if o.Drop {
				gone = append(gone, int(hour(0)/24-o.From/24))
			}
		}
		if !slices.Equal(gone, want) || d.Goes != goes || d.Short != short {
			t.Errorf("%s: days %v go, %d bytes, short of %d; want %v, %d, %d", what, gone, d.Goes, d.Short, want, goes,
				short)
		}
	}
	f("under it", 1000, nil, nil, 0, 0)
	f("a whole day, of all types", 1001, nil, []int{9, 9}, 200, 0)
	f("then the next", 1150, nil, []int{9, 9, 8}, 300, 0)
	f("and the next", 1250, nil, []int{9, 7, 9, 8}, 400, 0)
	f("never the young", 2000, nil, []int{9, 7, 5, 9, 8}, 500, 500)
	f("what goes for its age counts", 1050, func(all []owned) { all[1].Drop = true }, []int{9, 7, 9}, 200, 0)
	f("what is not archived stays", 1001, func(all []owned) { all[0].archived = false }, []int{9, 8}, 200, 0)
	f("what is not sealed stays", 1101, func(all []owned) {
		for i := range all {
			all[i].State = Unsealed
		}
	}, nil, 0, 101)
}

func (h *house) used() int64 {
	h.t.Helper()
	n, err := h.keeper.used()
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

func TestABudgetIsKept(t *testing.T) {
	h := newHouse(t, 0, true)
	for ago := 6; ago >= 0; ago-- {
		h.put(event.AIRequest, 2000, 24*ago, true)
		h.put(event.PageView, 2000, 24*ago, true)
	}
	h.put(event.Activity, 2000, 24*9, true)
	used := h.used()
	// A little over: the oldest days are enough, and a type that is kept for ever is not touched.
	p := Policy{Types: map[string]int{"activity": 0}, Block: Block{DiskBudget: Size(used - 1), BudgetKeepDays: 1}}
	h.keeper.SetPolicy(p)
	dry := h.run(Options{DryRun: true})
	if dry.Disk.Goes == 0 || dry.Disk.Short != 0 || h.rows(event.AIRequest) != 14_000 {
		t.Fatalf("dry run: %+v, %d requests left", dry.Disk, h.rows(event.AIRequest))
	}
	var out bytes.Buffer
	if err := dry.reply().print(&out, false); err != nil || !strings.Contains(out.String(),
		"over retention.disk_budget of") {
		t.Errorf("the plan says\n%s, %v", &out, err)
	}
	if w := h.keeper.Warnings(); len(w) != 0 {
		t.Errorf("warned of a budget that can be kept: %v", w)
	}
	if err := h.keeper.Fit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if now := h.used(); now > used-1 {
		t.Errorf("%d bytes after the budget's run, over %d", now, used-1)
	}
	ai, views := h.rows(event.AIRequest), h.rows(event.PageView)
	if ai != views || ai >= 14_000 || ai < 4_000 || h.rows(event.Activity) != 2000 {
		t.Errorf("%d requests, %d page views, %d activities left", ai, views, h.rows(event.Activity))
	}
	if again := h.run(Options{}); again.Rows != 0 {
		t.Errorf("under its budget a run dropped %d events", again.Rows)
	}
	// Far too little: all goes but the young, and somebody is told.
	p.DiskBudget = 1000
	h.keeper.SetPolicy(p)
	if err := h.keeper.Fit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := h.rows(event.AIRequest); got != 4_000 { // of the last 24 hours, and of yesterday's half
		t.Errorf("%d requests left", got)
	}
	if w := h.keeper.Warnings(); len(w) != 1 || !strings.Contains(w[0], "raise the budget or keep less") {
		t.Errorf("warnings %v", w)
	}
}

// TestABudgetTakesNoMoreThanItMust: what is on its way out of the folder is not made room for again.
func TestABudgetTakesNoMoreThanItMust(t *testing.T) {
	h := newHouse(t, 0, true)
	for ago := 9; ago >= 0; ago-- {
		h.put(event.AIRequest, 2000, 24*ago, true)
		h.put(event.PageView, 2000, 24*ago, true)
	}
	used := h.used()
	h.keeper.SetPolicy(Policy{Block: Block{DiskBudget: Size(used - 1), BudgetKeepDays: 1}})
	want := h.run(Options{DryRun: true}).Rows
	if want == 0 || want > 16_000 {
		t.Fatalf("%d of 40,000 events would go; the test needs some to stay", want)
	}
	// A table that Badger has put into others, and has not removed yet.
	stray := filepath.Join(h.dir, "badger", "999999.sst")
	if err := os.WriteFile(stray, make([]byte, used/2), 0o600); err != nil {
		t.Fatal(err)
	}
	// And an export, which reads everything for as long as it takes.
	var exports []*store.Snapshot
	for _, kind := range []event.Kind{event.AIRequest, event.PageView} {
		exports = append(exports, h.store.Snapshot(store.Range{Tenant: store.Default, Kind: kind, To: math.MaxInt64}))
	}
	fit := func(when string) {
		t.Helper()
		if err := h.keeper.Fit(t.Context()); err != nil {
			t.Fatal(err)
		}
		if gone := 40_000 - h.rows(event.AIRequest) - h.rows(event.PageView); gone != want {
			t.Errorf("%s: %d events are gone, want %d", when, gone, want)
		}
	}
	fit("over the budget")
	fit("while somebody reads what went")
	for _, e := range exports {
		e.Release()
	}
	fit("before the room is given back")
	if err := h.store.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	fit("after that")
	if err := os.Remove(stray); err != nil {
		t.Fatal(err)
	}
	if got, now := store.FolderSize(h.dir), h.used(); got < now || got > used-1 {
		t.Errorf("the folder has %d bytes, of which %d count; the budget was %d", got, now, used-1)
	}
}

func TestABudgetNeverTakesWhatTheArchiveHasNot(t *testing.T) {
	h := newHouse(t, 0, true)
	h.keeper = New(h.store, Config{Now: h.keeper.cfg.Now, Policy: Policy{Block: Block{DiskBudget: 1000}},
		Archive: lake.Settings{Folder: t.TempDir(), AfterDays: 5}})
	h.put(event.AIRequest, 500, 24*9, true)
	h.put(event.AIRequest, 300, 24*3, true) // archived two days from now
	if err := h.keeper.Fit(t.Context()); err != nil || h.rows(event.AIRequest) != 800 {
		t.Fatalf("%v; %d events left of 800 that are not archived", err, h.rows(event.AIRequest))
	}
	if err := h.keeper.Archive(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := h.keeper.Fit(t.Context()); err != nil || h.rows(event.AIRequest) != 300 {
		t.Errorf("%v; %d events left, want the 300 that are not archived", err, h.rows(event.AIRequest))
	}
	if w := h.keeper.Warnings(); len(w) != 1 || !strings.Contains(w[0], "not archived yet") {
		t.Errorf("warnings %v", w)
	}
}

// TestSpaceComesBack measures files, not promises.
func TestSpaceComesBack(t *testing.T) {
	h := newHouse(t, 90, true)
	for i := range 10 {
		h.put(event.AIRequest, 4000, 24*100+i, true)
	}
	h.put(event.AIRequest, 100, 2, true)
	dir := h.dir
	before := store.FolderSize(dir)
	done := h.run(Options{})
	after := store.FolderSize(dir)
	if done.Rows != 40_000 || before-after < done.Bytes {
		t.Errorf("%d bytes in files, %d after %d bytes of %d events were dropped", before, after, done.Bytes, done.Rows)
	}
	h.cubesHold(event.AIRequest, 40_100)
}
