package web

import (
	"strings"
	"testing"
)

func TestPrintedJSONIsForReading(t *testing.T) {
	var out strings.Builder
	err := PrintJSON(&out, map[string]any{"path": "/a?b&c<d>", "terminal": "\x1b[2J"})
	want := "{\n  \"path\": \"/a?b&c<d>\",\n  \"terminal\": \"\\u001b[2J\"\n}\n"
	if err != nil || out.String() != want {
		t.Errorf("got %s and %v, want %s", out.String(), err, want)
	}
}
