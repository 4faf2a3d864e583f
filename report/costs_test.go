package report

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write golden files anew")

// golden compares text with a file under testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

// TestCostReportSaysWhatWasWorkedOut compares the report with figures worked out by hand in
// testdata/costs.events.
func TestCostReportSaysWhatWasWorkedOut(t *testing.T) {
	w := newWorld(t, berlin, "2026-11-21T08:00")
	w.play("costs.events")
	r := w.report(CostsName, "")
	golden(t, "costs.md", r.Markdown())
	b, err := r.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "costs.json", append(b, '\n'))
}
