package retention

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"analytics/engine/event"
)

var update = flag.Bool("update", false, "write the golden files")

// noon is the clock of most tests.
var noon = time.Date(2026, 11, 20, 12, 30, 0, 0, time.UTC)

// hour is the hour that began so many hours before noon's.
func hour(ago int) event.Hour { return event.MicrosOf(noon).Hour() - event.Hour(ago) }

// TestPolicyGivesReasons shows every reason, as people see it.
func TestPolicyGivesReasons(t *testing.T) {
	ai, page := event.AIRequest, event.PageView
	stretches := []Stretch{
		{Kind: ai, From: hour(24 * 100), To: hour(24 * 99), Rows: 1200, Bytes: 71_000},
		{Kind: ai, From: hour(24 * 99), To: hour(24 * 98), Rows: 900, Bytes: 54_321},
		{Kind: ai, From: hour(24 * 97), To: hour(24*97 - 1), Rows: 3, State: Unsealed},
		{Kind: ai, From: hour(24 * 96), To: hour(24*96 - 1), Rows: 5, Bytes: 900, State: Doubtful},
		{Kind: ai, From: hour(24*90 + 1), To: hour(24 * 90), Rows: 7, Bytes: 2_000_000_000},
		{Kind: ai, From: hour(24*90 + 12), To: hour(24*90 - 12), Rows: 11, Bytes: 1_500},
		{Kind: ai, From: hour(24 * 90), To: hour(24*90 - 1), Rows: 13, Bytes: 999_600},
		{Kind: ai, From: hour(24 * 2), To: hour(24), Rows: 17, Bytes: 1000},
		{Kind: page, From: hour(1), To: hour(0), Rows: 19, State: Unsealed},
	}
	var out bytes.Buffer
	types := map[string]int{"ai_request": 30, "page_view": 0}
	for _, p := range []Policy{{Days: 90}, {}, {Types: types}} {
		r := Report{Plan: Plan{Policy: p}, DryRun: true}
		for _, s := range stretches {
			r.Decisions = append(r.Decisions, p.For(s.Kind).Decide(noon, []Stretch{s})...)
		}
		if cutoff, ok := p.Cutoff(noon); ok {
			r.Cutoff = cutoff.Start().Time()
		}
		for _, all := range []bool{false, true} {
			fmt.Fprintf(&out, "# %d days, types %v, all %v\n", p.Days, p.Types, all)
			if err := r.reply().print(&out, all); err != nil {
				t.Fatal(err)
			}
		}
	}
	golden(t, "policy.txt", out.Bytes())
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; got\n%s", path, got)
	}
}

func TestNothingYoungerThanThePolicyEverGoes(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	for range 2000 {
		p := Policy{Days: rng.IntN(200)}
		now := noon.Add(time.Duration(rng.Int64N(int64(400 * 24 * time.Hour))))
		var stretches []Stretch
		for range 20 {
			from := event.MicrosOf(now).Hour() - event.Hour(rng.IntN(24*300))
			stretches = append(stretches, Stretch{Kind: event.AIRequest, From: from,
				To: from + 1 + event.Hour(rng.IntN(48)), State: State(rng.IntN(3))})
		}
		decisions := p.Decide(now, stretches)
		for _, d := range decisions {
			age := now.Sub(d.To.Start().Time())
			if d.Drop && (p.Days == 0 || age < time.Duration(p.Days)*24*time.Hour ||
				d.State != Sealed) {
				t.Fatalf("%+v goes at an age of %v under %d days", d, age, p.Days)
			}
			if d.Reason == "" {
				t.Fatalf("%+v has no reason", d)
			}
		}
		checkRanges(t, decisions)
	}
}

// checkRanges wants ranges that hold every segment that goes and none that stays.
func checkRanges(t *testing.T, decisions []Decision) {
	t.Helper()
	slices.SortStableFunc(decisions, func(a, b Decision) int { return int(a.From) - int(b.From) })
	all := ranges(event.AIRequest, decisions)
	for _, d := range decisions {
		if d.State == Unsealed {
			continue
		}
		inside := slices.ContainsFunc(all, func(s span) bool {
			return s.from <= d.From && d.To <= s.to
		})
		if inside && !d.Drop {
			t.Fatalf("%+v stays and lies in a range of %v", d, all)
		}
		if !inside && d.Drop && !shaded(d, decisions) {
			t.Fatalf("%+v goes and lies in no range of %v", d, all)
		}
	}
}

// shaded reports whether a segment that goes overlaps one that stays: then it may have to wait.
func shaded(d Decision, decisions []Decision) bool {
	return slices.ContainsFunc(decisions, func(o Decision) bool {
		return !o.Drop && o.State != Unsealed && o.From < d.To && d.From < o.To
	})
}

func TestPolicyCheck(t *testing.T) {
	for days, ok := range map[int]bool{-1: false, 0: true, 90: true, 3660: true, 3661: false} {
		if err := (Policy{Days: days}).Check(); (err == nil) != ok {
			t.Errorf("%d days: %v", days, err)
		}
	}
}
