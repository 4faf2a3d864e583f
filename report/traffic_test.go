package report

import "testing"

// TestTrafficReportSaysWhatWasWorkedOut compares the report with figures worked out by hand in
// testdata/traffic.events.
func TestTrafficReportSaysWhatWasWorkedOut(t *testing.T) {
	w := newWorld(t, berlin, "2026-11-21T08:00")
	w.play("traffic.events")
	golden(t, "traffic.md", w.report(TrafficName, "2026-11-20").Markdown(""))
}
