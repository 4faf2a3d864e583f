package bots

import (
	"flag"
	"testing"

	"analytics/engine/versiontest"
)

var update = flag.Bool("update", false, "write testdata/version.txt")

// TestVersionIsOfTheseRules: whoever changes what judges raises Version, so that sessions tell the
// verdicts of the old rules from those of the new. A change that changes no verdict only writes the
// file anew, with -update.
func TestVersionIsOfTheseRules(t *testing.T) {
	versiontest.Check(t, Version, "testdata/version.txt", *update, []string{
		"agent.go", "judge.go", "rules.go", "sequence.go", "tally.go", "timing.go",
		"walk.go", "weights.go"}, nil)
}
