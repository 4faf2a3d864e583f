package bots

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

var update = flag.Bool("update", false, "write testdata/version.txt")

// TestVersionIsOfTheseRules: whoever changes what judges raises Version, so that sessions tell the
// verdicts of the old rules from those of the new. A change that changes no verdict only writes the
// file anew, with -update.
func TestVersionIsOfTheseRules(t *testing.T) {
	sum := sha256.New()
	for _, file := range []string{"agent.go", "judge.go", "rules.go", "sequence.go", "tally.go", "timing.go", "weights.go"} {
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
	got := Version + " " + hex.EncodeToString(sum.Sum(nil)[:8]) + "\n"
	const kept = "testdata/version.txt"
	want, err := os.ReadFile(kept)
	if *update {
		err = os.WriteFile(kept, []byte(got), 0o644)
		want = []byte(got)
	}
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the rules are %q and were %q: raise Version if a verdict changed, and write the file with -update",
			got, want)
	}
}
