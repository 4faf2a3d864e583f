package store

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

func TestEdgesListsEveryFailpoint(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	call := regexp.MustCompile(`Failpoint\("([a-z.]+)"\)`)
	for _, f := range files {
		if matched, _ := filepath.Match("*_test.go", f); matched {
			continue
		}
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range call.FindAllSubmatch(text, -1) {
			found = append(found, string(m[1]))
		}
	}
	slices.Sort(found)
	found = slices.Compact(found)
	listed := slices.Sorted(slices.Values(Edges()))
	if !slices.Equal(found, listed) {
		t.Errorf("Edges lists %v, the code has %v", listed, found)
	}
}
