package enrich

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"go/scanner"
	"go/token"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/classifier.txt")

// TestVersionIsOfTheseRules: whoever changes what classifies raises Version, so that events tell the
// verdicts of the old rules from those of the new. A change that changes no verdict only writes the
// file anew, with -update.
func TestVersionIsOfTheseRules(t *testing.T) {
	sum := sha256.New()
	for _, file := range []string{"agent.go", "classify.go", "crawler.go", "finder.go", "probe.go",
		"weights.go", "words.go"} {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var s scanner.Scanner // without comments and spaces
		s.Init(token.NewFileSet().AddFile(file, -1, len(source)), source, nil, 0)
		for {
			_, tok, text := s.Scan()
			if tok == token.EOF {
				break
			}
			fmt.Fprintf(sum, "%s %s\n", tok, text)
		}
	}
	for _, file := range []string{"data/crawlers.txt.gz", "data/words.txt"} {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = sum.Write(data)
	}
	got := Version + " " + hex.EncodeToString(sum.Sum(nil)[:8]) + "\n"
	const kept = "testdata/classifier.txt"
	want, err := os.ReadFile(kept)
	if *update {
		err = os.WriteFile(kept, []byte(got), 0o644)
		want = []byte(got)
	}
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("rules or lists are %q and were %q: raise Version if a verdict changed, and write the file with -update",
			got, want)
	}
}
