package lake

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/retention/depot/s3test"
)

func newPast(t *testing.T) *past {
	return &past{house: newHouse(t, t.TempDir(), t.TempDir()), gone: map[string]bool{}}
}

// rewritten is a store with a day that was archived and let go before a backup, and written anew after it since
// some of it was erased.
func rewritten(t *testing.T) *past {
	p := newPast(t)
	p.put(event.ToolCall, 40, 40)
	p.run()
	p.drop(event.ToolCall)
	p.copied()
	p.erase(0, 5)
	p.run()
	p.drop(event.ToolCall)
	return p
}

// TestKillsWhileTakingOver copies store and archive at every edge, as kill -9 would leave them. What the archive
// job does with such a copy loses nothing, and taking over again ends as if nothing had been.
func TestKillsWhileTakingOver(t *testing.T) {
	t.Parallel()
	p := rewritten(t)
	p.put(event.AIRequest, 30, 39)
	p.put(event.ToolCall, 30, 38)
	p.run()
	want := p.after()
	back := newHouse(t, p.backup, p.files)
	type kill struct{ name, dir, files string }
	var kills []kill
	times := 1
	if os.Getenv("ANALYTICS_TEST_STRICT") != "" { // the gate
		times = 3
	}
	seen := map[string]int{}
	back.edge = func(name string) {
		if seen[name]++; seen[name] > times {
			return
		}
		k := kill{fmt.Sprintf("%s-%d", name, seen[name]), filepath.Join(t.TempDir(), "store"),
			filepath.Join(t.TempDir(), "archive")}
		copyFolder(t, k.dir, back.dir)
		copyFolder(t, k.files, back.files)
		kills = append(kills, k)
	}
	back.takeOver(p.adoption())
	back.edge = func(string) {}
	back.wantWhole(want)
	for _, edge := range AdoptEdges() {
		if seen[edge] < times {
			t.Errorf("%s was met %d times", edge, seen[edge])
		}
	}
	for _, k := range kills {
		t.Run(k.name, func(t *testing.T) {
			again := newHouse(t, k.dir, k.files)
			_, _ = again.lake.Run(t.Context(), store.Default) // what is not taken over yet it refuses
			again.takeOver(p.adoption())
			again.wantWhole(want)
			if err := again.store.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestAnArchiveInABucketIsTakenOver as one in a folder is.
func TestAnArchiveInABucketIsTakenOver(t *testing.T) {
	t.Parallel()
	s := s3test.New(t)
	p := &past{house: bucketHouse(t, t.TempDir(), s, "lake"), gone: map[string]bool{}}
	p.put(event.ToolCall, 40, 40)
	p.run()
	p.drop(event.ToolCall)
	p.copied()
	p.erase(0, 5)
	p.put(event.AIRequest, 30, 39)
	p.run()
	back := bucketHouse(t, p.backup, s, "lake")
	dry, err := back.lake.Adopt(t.Context(), store.Default, Adoption{Erased: p.adoption().Erased, DryRun: true})
	if hours, _ := back.store.Ledger(store.Default, event.AIRequest, 0, 1<<31); err != nil || len(hours) > 0 {
		t.Errorf("a dry run: %+v, %v, and %d hours have events", dry, err, len(hours))
	}
	done := back.takeOver(p.adoption())
	if !slices.Equal(dry.Days, done.Days) {
		t.Errorf("a dry run says %+v, and it was %+v", dry.Days, done.Days)
	}
	if now, before := done.Events(); now != 62 || before != 40 {
		t.Errorf("%d events, %d before: %+v", now, before, done)
	}
	back.want("asked", back.asked(), p.acked)
	back.run()
	back.want("in the bucket", back.inBucket(), p.acked)
}

// alone takes over and wants one day, with a state and a reason.
func (h *house) alone(a Adoption, state, reason string) {
	h.t.Helper()
	done, err := h.lake.Adopt(h.t.Context(), store.Default, a)
	if err != nil || len(done.Days) != 1 || done.Days[0].State != state ||
		!strings.Contains(done.Days[0].Reason, reason) {
		h.t.Errorf("%+v, %v; want one day that is %s: %s", done, err, state, reason)
	}
}

// files lists what the archive has of a kind, by how its name ends.
func (h *house) list(kind event.Kind, end string) []string {
	h.t.Helper()
	all, err := filepath.Glob(filepath.Join(h.files, kind.String(), "*", "*", "*"+end))
	if err != nil || len(all) == 0 {
		h.t.Fatalf("%v, %v", all, err)
	}
	return all
}

// TestEventsThatWereLetGoForGoodComeBack where the file is theirs for certain, and else stay as they are.
func TestEventsThatWereLetGoForGoodComeBack(t *testing.T) {
	t.Parallel()
	for _, more := range []int{0, 6} {
		p := newPast(t)
		p.put(event.ToolCall, 24, 40)
		p.copied()
		p.put(event.ToolCall, more, 40)
		if more > 0 {
			merge(t, p.house)
		}
		p.run()
		back := newHouse(t, p.backup, p.files)
		if _, err := back.store.Drop(t.Context(), store.Default, event.ToolCall, 0, 1<<31); err != nil {
			t.Fatal(err)
		}
		if more > 0 {
			back.alone(Adoption{Trust: true}, "refused", "let go for good")
			continue
		}
		back.takeOver(Adoption{})
		back.wantWhole(p.acked)
	}
}

// TestFilesThatNoManifestNames go where others have their events, and stay where they have some alone.
func TestFilesThatNoManifestNames(t *testing.T) {
	t.Parallel()
	stray := func(p *past, name string, from *house) {
		t.Helper()
		text, err := os.ReadFile(from.list(event.ToolCall, ".parquet")[0])
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(filepath.Dir(p.list(event.ToolCall, ".parquet")[0]), name)
		if err := os.WriteFile(to, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := rewritten(t)
	stray(p, "000000000000002a.parquet", p.house)
	back := newHouse(t, p.backup, p.files)
	back.takeOver(p.adoption())
	back.wantWhole(p.acked)

	p = rewritten(t)
	other := newPast(t)
	other.seed = 1000
	other.put(event.ToolCall, 3, 40)
	other.run()
	stray(p, "000000000000002a.parquet", other.house)
	back = newHouse(t, p.backup, p.files)
	back.alone(p.adoption(), "adopted", "3 events that nobody else has")
	back.want("asked", back.asked(), p.acked)
	trusting := p.adoption()
	trusting.Trust = true
	back.takeOver(trusting)
	maps.Copy(p.acked, other.acked)
	back.wantWhole(p.acked)
}

// TestWhatWasErasedWithEverythingStaysErased: files that the former self did not come to remove go.
func TestWhatWasErasedWithEverythingStaysErased(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.put(event.ToolCall, 40, 40)
	p.copied()
	p.run()
	back := newHouse(t, p.backup, p.files)
	if err := back.store.Erase(t.Context(), store.Default); err != nil {
		t.Fatal(err)
	}
	back.alone(Adoption{Erased: Erased{All: noon.Add(-time.Minute)}}, "refused", "while everything was erased")
	all := Adoption{Erased: Erased{All: noon.Add(time.Second)}, DryRun: true}
	back.alone(all, "erased", "everything was erased")
	back.want("on disk", back.onDisk(), p.acked)
	all.DryRun = false
	back.alone(all, "erased", "everything was erased")
	back.wantWhole(map[string]int{})
	if left := back.onDisk(); len(left) > 0 {
		t.Errorf("%d events are on the disk", len(left))
	}
}

// TestADayThatWasErasedWhollyLeavesItsManifest, so that a restored store learns of it.
func TestADayThatWasErasedWhollyLeavesItsManifest(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.put(event.ToolCall, 40, 40)
	p.run()
	p.drop(event.ToolCall)
	p.copied()
	p.erase(0, 1)
	p.put(event.AIRequest, 5, 39)
	p.run()
	for _, name := range p.list(event.ToolCall, "") {
		if text, err := os.ReadFile(name); err != nil || !bytes.Contains(text, []byte(`"files": null`)) {
			t.Errorf("%s: %s, %v", name, text, err)
		}
	}
	back := newHouse(t, p.backup, p.files)
	back.takeOver(p.adoption())
	back.wantWhole(p.acked)
}

// TestTheFilesEventIsTheNewer: it was priced again after the backup.
func TestTheFilesEventIsTheNewer(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.put(event.ToolCall, 20, 40)
	p.copied()
	day := event.MicrosOf(noon.AddDate(0, 0, -40).Truncate(24 * time.Hour)).Hour()
	if _, err := p.store.Rewrite(t.Context(), store.Default, event.ToolCall, day, func(ev *event.Event) bool {
		was := ev.Int(event.ToolDurationMS)
		ev.SetInt(event.ToolDurationMS, 123456)
		return was != 123456
	}); err != nil {
		t.Fatal(err)
	}
	p.run()
	back := newHouse(t, p.backup, p.files)
	back.seed = 100
	back.put(event.ToolCall, 3, 40) // whose durations are others
	maps.Copy(p.acked, back.acked)
	back.takeOver(Adoption{})
	back.wantWhole(p.acked)
	newer := 0
	back.purge(func(ev *event.Event) bool {
		if ev.Int(event.ToolDurationMS) == 123456 {
			newer++
		}
		return false
	})
	if newer != 20 {
		t.Errorf("%d events are as the file has them, want 20", newer)
	}
}

// TestSessionsAreTakenAsAWhole: those of the file unless the store has more. The backup was made while the day was
// not over, and sessions are not made again of what only the archive has.
func TestSessionsAreTakenAsAWhole(t *testing.T) {
	t.Parallel()
	day := event.MicrosOf(noon.AddDate(0, 0, -40).Truncate(24 * time.Hour)).Hour()
	visits := func(h *house, r *rand.Rand, n int) {
		var slab []byte
		var e event.Event
		for i := range n {
			e.Reset(event.Session)
			e.SetInt(event.Timestamp, int64(day.Start())+int64(i))
			e.SetID(event.EventID, fmt.Appendf(nil, "%d", r.Int64()))
			slab = e.AppendRow(slab)
		}
		if _, err := h.store.Replace(t.Context(), store.Default, event.Session, day, [][]byte{slab}); err != nil {
			t.Fatal(err)
		}
	}
	for _, was := range []struct {
		dropped bool
		since   int // sessions of the former self
		theirs  bool
	}{{true, 0, true}, {false, 12, true}, {false, 10, true}, {false, 9, false}} {
		r := rand.New(rand.NewPCG(1, 2))
		p := newPast(t)
		visits(p.house, r, 10)
		p.run()
		if was.dropped {
			p.drop(event.Session)
		}
		p.copied()
		want := p.asked()
		if was.dropped { // as after an erasure: what was dropped is there again
			p.purge(func(ev *event.Event) bool { return ev.Time() == day.Start() })
			p.gone["x"] = true
		} else {
			visits(p.house, r, was.since)
		}
		p.run()
		if was.theirs {
			want = p.asked()
		}
		back := newHouse(t, p.backup, p.files)
		back.takeOver(p.adoption())
		back.wantWhole(want)
	}
}

// FuzzTenantOf reads the names of folders: what it takes for a tenant has that name, and every tenant's is taken.
func FuzzTenantOf(f *testing.F) {
	for _, name := range []string{"default", "0x6f00000000000001", "0xzz", "", "longer-than-eight", ".."} {
		f.Add(name, []byte(name))
	}
	f.Fuzz(func(t *testing.T, name string, raw []byte) {
		if is, err := tenantOf(name); err == nil && tenantName(is) != name {
			t.Errorf("%q is the tenant %q", name, is)
		}
		var want store.Tenant
		copy(want[:], raw)
		if is, err := tenantOf(tenantName(want)); err != nil || is != want {
			t.Errorf("the folder of %q is %q: %v", want, is, err)
		}
	})
}
