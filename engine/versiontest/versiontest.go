// Package versiontest holds a version against the source that it is the version of. It is for tests of
// rules whose verdicts are kept beside their version.
package versiontest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/scanner"
	"go/token"
	"os"
	"testing"
)

// Check fails if the Go files, apart from comments and spaces, or the data files are not those that the
// file kept was written for, together with the version. With update it writes that file anew.
func Check(t *testing.T, version, kept string, update bool, sources, data []string) {
	t.Helper()
	sum := sha256.New()
	for _, file := range sources {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var s scanner.Scanner
		s.Init(token.NewFileSet().AddFile(file, -1, len(source)), source, nil, 0)
		for {
			_, tok, text := s.Scan()
			if tok == token.EOF {
				break
			}
			fmt.Fprintf(sum, "%s %s\n", tok, text)
		}
	}
	for _, file := range data {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = sum.Write(text)
	}
	got := version + " " + hex.EncodeToString(sum.Sum(nil)[:8]) + "\n"
	if update {
		if err := os.WriteFile(kept, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("rules or lists are %q and were %q: raise Version if a verdict changed, and write the file with -update",
			got, want)
	}
}
