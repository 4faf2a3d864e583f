package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/fault"
)

// TestCrashedErasureIsFinished: once the intent is written nothing of the tenant comes back,
// wherever the crash was.
func TestCrashedErasureIsFinished(t *testing.T) {
	ctx := context.Background()
	dir := sealedStore(t)
	s := openAt(t, dir, midday)
	other := Tenant{'o'}
	if _, err := s.Append(ctx, other, toolCalls("o", midday.Add(-time.Hour), 10)); err != nil {
		t.Fatal(err)
	}
	if err := s.Shelf(Default, "keys").Put(ctx, "k", []byte("kept")); err != nil {
		t.Fatal(err)
	}
	crashes := map[string]string{}
	s.cfg.Failpoint = func(edge string) { crashes[edge] = copyStore(t, dir) }
	if err := s.Erase(ctx, Default); err != nil {
		t.Fatal(err)
	}
	for _, edge := range []string{"erase.intent", "sweep.before", "sweep.after", "erase.dropped"} {
		if crashes[edge] == "" {
			t.Fatalf("erasing never came to %s", edge)
		}
		s := openAt(t, crashes[edge], midday)
		wantRows(t, s, 0, 0)
		wantSound(t, s)
		for _, sp := range erasable {
			err := s.scan(tenantKey(sp, Default), false, func(k, _ []byte) error {
				return fmt.Errorf("key %x is left", k)
			})
			if err != nil {
				t.Errorf("%s: %v", edge, err)
			}
		}
		if l, err := s.Ledger(other, event.ToolCall, 0, 1<<31); err != nil || len(l) != 1 {
			t.Errorf("%s: ledger of the other tenant: %v, %v", edge, l, err)
		}
		if v, ok, err := s.Shelf(Default, "keys").Get("k"); !ok || err != nil || string(v) != "kept" {
			t.Errorf("%s: shelf: %q, %v, %v", edge, v, ok, err)
		}
		appendAll(t, s, toolCalls("a", midday.Add(-4*time.Hour), 60), 60, 0)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = openAt(t, crashes[edge], midday)
		wantRows(t, s, 60, 60)
	}
}

// TestReadingWhatIsErased tells the reader so, and not that the store is damaged.
func TestReadingWhatIsErased(t *testing.T) {
	ctx := context.Background()
	s := openAt(t, sealedStore(t), midday)
	n := s.Snapshot(always(event.ToolCall))
	defer n.Release()
	if err := s.Erase(ctx, Default); err != nil {
		t.Fatal(err)
	}
	for _, c := range n.SealedChunks() {
		if _, err := c.Read(ctx, nil); fault.Of(err).Kind != fault.Unavailable {
			t.Errorf("reading: %v, want Unavailable", err)
		}
	}
}

// TestMergeTakesWhatIsCrowded: a day that is over with two small segments, one that is not over
// with eight.
func TestMergeTakesWhatIsCrowded(t *testing.T) {
	ctx := context.Background()
	s := openAt(t, t.TempDir(), midday)
	sealed := func(prefix string, at time.Time, rows int) {
		t.Helper()
		appendAll(t, s, toolCalls(prefix, at, rows), rows, 0)
		if _, err := s.Seal(ctx, 0, true); err != nil {
			t.Fatal(err)
		}
	}
	yesterday := dayOf(midday.Add(-24 * time.Hour))
	sealed("y1", yesterday.Start().Time(), 5)
	sealed("y2", yesterday.Start().Time(), 5)
	for i := range crowdedToday {
		if i == crowdedToday-1 {
			if d := s.Crowded(); len(d) != 1 || d[0].First != yesterday || d[0].Small != 2 {
				t.Fatalf("crowded: %+v, want yesterday alone", d)
			}
		}
		sealed(fmt.Sprint(i), midday.Add(-time.Minute*50), 4)
	}
	for _, d := range s.Crowded() {
		r, err := s.Merge(ctx, d.Tenant, d.Kind, d.First)
		if err != nil || r.Before != d.Small || r.After != 1 {
			t.Errorf("merge of %+v: %+v, %v", d, r, err)
		}
	}
	if d := s.Crowded(); len(d) != 0 {
		t.Errorf("still crowded: %+v", d)
	}
	wantRows(t, s, 10+4*crowdedToday, 0)
	wantSound(t, s)
}

// TestDropTakesWholeSegmentsAndSaysWhy compares the plan with what happens.
func TestDropTakesWholeSegmentsAndSaysWhy(t *testing.T) {
	ctx := context.Background()
	s := openAt(t, t.TempDir(), midday)
	day := dayOf(midday.Add(-48 * time.Hour))
	for i := range 3 { // three days of a segment each
		at := (day - 48 + event.Hour(24*i)).Start().Time()
		appendAll(t, s, toolCalls(fmt.Sprint(i), at, 24*60), 24*60, 0)
	}
	if _, err := s.Seal(ctx, event.MicrosOf(midday).Hour(), false); err != nil {
		t.Fatal(err)
	}
	appendAll(t, s, toolCalls("head", (day-47).Start().Time(), 3), 3, 0)
	from, to := day-48, day+5 // the third day reaches out
	plan := s.PlanDrop(Default, event.ToolCall, from, to)
	if plan.Rows != 2*24*60 || len(plan.Segments) != 3 || plan.Segments[2].Drop ||
		!strings.Contains(plan.Segments[2].String(), "keep") {
		t.Fatalf("plan: %+v", plan)
	}
	r, err := s.Drop(ctx, Default, event.ToolCall, from, to)
	if err != nil || r.Rows != plan.Rows || r.Bytes != plan.Bytes || r.Segments != 2 {
		t.Fatalf("drop: %+v, %v; plan %+v", r, err, plan)
	}
	wantRows(t, s, 24*60+3, 3)
	wantSound(t, s)
	again := s.PlanDrop(Default, event.ToolCall, from, to)
	if again.Rows != 0 || len(again.Segments) != 1 {
		t.Errorf("second plan: %+v", again)
	}
	for _, l := range ledgerOf(t, s) {
		if want := l.Hour < day; l.Dropped != want || l.Rows != l.Sealed+l.Head {
			t.Errorf("hour %d: %+v, want dropped %v", l.Hour, l, want)
		}
	}
	for hour := range marksOf(t, s) {
		if hour < day && hour != day-47 {
			t.Errorf("hour %d has a mark, and neither events nor a batch in the journal", hour)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, s.cfg.Dir, midday)
	wantRows(t, s, 24*60+3, 3)
	wantSound(t, s)
	// What was dropped is not known any more; what is left is.
	appendAll(t, s, toolCalls("2", day.Start().Time(), 10), 0, 10)
}

// TestMarksGoOnceTheJournalIsSwept and no sooner: a batch that is in a segment and in the journal still,
// as after a crash, would count twice.
func TestMarksGoOnceTheJournalIsSwept(t *testing.T) {
	ctx := context.Background()
	dir, copied := t.TempDir(), ""
	s := openAt(t, dir, midday)
	s.cfg.Failpoint = func(edge string) {
		if edge == "seal.sweep" && copied == "" {
			copied = copyStore(t, dir)
		}
	}
	at := midday.Add(-72 * time.Hour)
	appendAll(t, s, toolCalls("a", at, 60), 60, 0)
	if _, err := s.Seal(ctx, 0, true); err != nil || copied == "" {
		t.Fatal(err, copied)
	}
	s = openAt(t, copied, midday)
	before, to := marksOf(t, s), event.MicrosOf(at).Hour()+2
	err := s.dropMarks(series{Default, event.ToolCall}, to)
	if got := marksOf(t, s); err != nil || len(got) == 0 || !maps.Equal(got, before) {
		t.Fatalf("%v: marks %v, want %v of hours with batches", err, got, before)
	}
	wantRows(t, s, 60, 0)
	if _, err := s.Drop(ctx, Default, event.ToolCall, 0, to); err != nil || len(marksOf(t, s)) != 0 {
		t.Fatalf("%v: marks %v, want none", err, marksOf(t, s))
	}
	appendAll(t, s, toolCalls("late", at, 7), 7, 0)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, copied, midday)
	wantRows(t, s, 7, 7)
	if _, err := s.Seal(ctx, 0, true); err != nil || len(marksOf(t, s)) == 0 {
		t.Fatalf("%v: marks %v, want some again", err, marksOf(t, s))
	}
	wantRows(t, s, 7, 0)
	wantSound(t, s)
}

func marksOf(t *testing.T, s *Store) map[event.Hour]bool {
	t.Helper()
	marks, err := s.readMarks()
	if err != nil {
		t.Fatal(err)
	}
	hours := map[event.Hour]bool{}
	for p := range marks {
		hours[p.hour] = true
	}
	return hours
}

func ledgerOf(t *testing.T, s *Store) []HourLedger {
	t.Helper()
	l, err := s.Ledger(Default, event.ToolCall, 0, 1<<31)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestMaintenanceSparesADiskThatIsFilling: sealing fails before Badger does, and loses nothing.
func TestMaintenanceSparesADiskThatIsFilling(t *testing.T) {
	ctx := context.Background()
	cfg := small(t.TempDir())
	free := int64(1) << 40
	cfg.Space = func(string) (int64, int64, error) { return free, 1 << 40, nil }
	s := open(t, cfg)
	add(t, s, 2, 0, views(put{id: "a"}, put{id: "b"}))
	free = 1 << 20
	s.disk.look()
	if _, err := s.Seal(ctx, 0, true); fault.Of(err).Kind != fault.Full {
		t.Fatalf("sealing on a full disk: %v, want Full", err)
	}
	if got := idsIn(t, s, always(event.PageView)); len(got) != 2 {
		t.Errorf("ids %v", got)
	}
	free = 1 << 40
	s.disk.look()
	if r, err := s.Seal(ctx, 0, true); err != nil || r.Rows != 2 {
		t.Errorf("sealing after room came back: %+v, %v", r, err)
	}
}

// TestTheLedgerOfSomeHoursIsThatPartOfTheWhole, and nothing of the kinds before and after.
func TestTheLedgerOfSomeHoursIsThatPartOfTheWhole(t *testing.T) {
	s := openAt(t, t.TempDir(), midday)
	appendAll(t, s, toolCalls("a", midday.Add(-9*time.Hour), 8*60), 8*60, 0)
	for _, kind := range []event.Kind{event.AIRequest, event.AgentTask} {
		var b event.Batch
		var e event.Event
		e.Reset(kind)
		e.Timed, e.Named = true, true
		e.SetInt(event.Timestamp, int64(event.MicrosOf(midday.Add(-5*time.Hour))))
		e.SetID(event.EventID, []byte("one"))
		b.Add(&e)
		appendAll(t, s, &b, 1, 0)
	}
	all := ledgerOf(t, s)
	if len(all) < 8 {
		t.Fatalf("%d hours", len(all))
	}
	first := all[0].Hour
	for from := first - 1; from < first+10; from++ {
		for to := from; to < first+11; to++ {
			outside := func(h HourLedger) bool { return h.Hour < from || h.Hour >= to }
			want := slices.DeleteFunc(slices.Clone(all), outside)
			got, err := s.Ledger(Default, event.ToolCall, from, to)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("[%d, %d): %v, %v; want %v", from, to, got, err, want)
			}
		}
	}
}
