package retention

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
)

// written knows daily reports, as the room of reports does.
func written(name string) (end time.Time, ok bool) {
	day, ok := strings.CutSuffix(strings.TrimSuffix(strings.TrimSuffix(name, ".md"), ".png"), "-daily")
	at, err := time.Parse(time.DateOnly, day)
	return at.AddDate(0, 0, 1), ok && err == nil
}

func TestReportsGoByWhatTheyAreOf(t *testing.T) {
	f := func(days int, end time.Time, drop bool, reason string) {
		t.Helper()
		files := []File{{End: end}}
		Policy{Block: Block{ReportsKeepDays: days}}.sort(noon, files)
		if files[0].Drop != drop || files[0].Reason != reason {
			t.Errorf("kept for %d days, of %s: %v, %q", days, end, files[0].Drop, files[0].Reason)
		}
	}
	f(40, noon.AddDate(0, 0, -40), true, "older than 40 days, as retention.reports_keep_days says")
	f(40, noon.AddDate(0, 0, -40).Add(1), false, "younger than 40 days, as retention.reports_keep_days says")
	f(0, noon.AddDate(-9, 0, 0), false, "kept for ever, as retention.reports_keep_days says")
	for days, right := range map[int]bool{-1: false, 0: true, 31: false, 32: true, 3660: true, 3661: false} {
		b := DefaultBlock()
		b.ReportsKeepDays = days
		if err := b.Validate(); (err == nil) != right {
			t.Errorf("%d days: %v", days, err)
		}
	}
}

// papers puts reports into a house: of yesterday and of a year and more ago, and what is somebody else's.
func (h *house) papers() (ours, others []string) {
	h.t.Helper()
	h.keeper.cfg.Reports, h.keeper.cfg.Written = filepath.Join(h.dir, "reports"), written
	day := func(ago int) string { return h.now.AddDate(0, 0, -ago).Format(time.DateOnly) }
	h.must(os.MkdirAll(filepath.Join(h.keeper.cfg.Reports, day(500)+"-daily.md"), 0o700)) // a folder
	ours = []string{day(400) + "-daily.md", day(400) + "-daily.png", day(399) + "-daily.md", day(1) + "-daily.md"}
	others = []string{day(500) + "-daily.md", day(450) + "-daily.md", day(400) + "-notes.md", "README.md"}
	for _, name := range slices.Concat(ours, others[2:]) {
		h.must(os.WriteFile(filepath.Join(h.keeper.cfg.Reports, name), make([]byte, 5000), 0o600))
	}
	elsewhere := filepath.Join(h.t.TempDir(), "kept.md")
	h.must(os.WriteFile(elsewhere, []byte("kept"), 0o600))
	h.must(os.Symlink(elsewhere, filepath.Join(h.keeper.cfg.Reports, others[1])))
	return ours, others
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func TestOldReportsGoAndNoOtherFiles(t *testing.T) {
	h := newHouse(t, 90, true)
	h.keeper.SetPolicy(Policy{Days: 90, Block: DefaultBlock()})
	ours, others := h.papers()
	there := func(when string, want ...string) {
		t.Helper()
		var got []string
		entries, err := os.ReadDir(h.keeper.cfg.Reports)
		h.must(err)
		for _, e := range entries {
			got = append(got, e.Name())
		}
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s there are %v, want %v", when, got, want)
		}
	}
	all := slices.Concat(ours, others)
	dry := h.run(Options{DryRun: true})
	there("after a dry run", all...)
	var out bytes.Buffer
	h.must(dry.reply().print(&out, false))
	for _, want := range []string{
		"Reports are kept for 396 days after the time they are of.",
		"drop    " + ours[0] + "  " + ours[2] + "  3      15.0 kB  older than 396 days, as retention.reports_keep_days says",
		"keep    " + ours[3] + "  " + ours[3] + "  1      5.0 kB   younger than 396 days",
		"Would delete 3 files of reports, 15.0 kB; 1 file stays, 5.0 kB.",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the plan does not say %q:\n%s", want, &out)
		}
	}
	if _, err := h.keeper.Run(t.Context(), store.Tenant{'o'}, Options{}); err != nil {
		t.Fatal(err)
	}
	there("after another tenant's run", all...)
	now := h.now
	h.must(h.keeper.Beat(t.Context()))
	h.now = now.AddDate(2, 0, 0) // a clock that jumps
	if r := h.run(Options{}); r.Suspended == "" {
		t.Error("the clock is trusted")
	}
	there("while deletion is suspended", all...)
	h.now = now
	done := h.run(Options{AcceptClock: true})
	there("after a run", append(others, ours[3])...)
	out.Reset()
	h.must(done.reply().print(&out, true))
	if !strings.Contains(out.String(), "Deleted 3 files of reports, 15.0 kB; 1 file stays, 5.0 kB.") {
		t.Errorf("the run says\n%s", &out)
	}
	there("after another run", append(others, ours[3])...)
	h.run(Options{})
}

func TestADiskBudgetCountsReports(t *testing.T) {
	h := newHouse(t, 0, true)
	h.put(event.AIRequest, 10, 1, true)
	before := h.used()
	h.papers()
	if n := h.used() - before; n < 6*5000 {
		t.Errorf("6 reports of 5 kB count as %d bytes", n)
	}
}
