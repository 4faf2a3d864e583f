package enrich

import (
	"flag"
	"testing"

	"analytics/engine/versiontest"
)

var update = flag.Bool("update", false, "write testdata/classifier.txt")

// TestVersionIsOfTheseRules: whoever changes what classifies raises Version, so that events tell the
// verdicts of the old rules from those of the new. A change that changes no verdict only writes the
// file anew, with -update.
func TestVersionIsOfTheseRules(t *testing.T) {
	versiontest.Check(t, Version, "testdata/classifier.txt", *update,
		[]string{"agent.go", "classify.go", "crawler.go", "finder.go", "probe.go", "weights.go", "words.go"},
		[]string{"data/crawlers.txt.gz", "data/words.txt"})
}
