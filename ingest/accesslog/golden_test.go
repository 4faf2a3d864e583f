package accesslog

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files")

// now is the time in these tests: the logs are of the day it is in.
func now() time.Time { return time.Date(2025, 11, 22, 12, 0, 0, 0, time.UTC) }

// read reads a log in memory.
func read(t testing.TB, from, layoutText, text string) (string, Summary) {
	t.Helper()
	f, err := NewFormat(from, layoutText)
	if err != nil {
		t.Fatal(err)
	}
	return readAs(t, Options{Format: f, Site: "site.example", Now: now}, text)
}

func readAs(t testing.TB, o Options, text string) (string, Summary) {
	t.Helper()
	s := NewStream([]string{"log"}, func(string) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(text)), nil
	}, o)
	out, err := io.ReadAll(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(out), s.Summary()
}

// TestLogsBecomeTheseEvents reads the logs in testdata: a few lines of each server, good, bad and odd.
func TestLogsBecomeTheseEvents(t *testing.T) {
	logs, err := filepath.Glob("testdata/*.log")
	if err != nil || len(logs) < 9 {
		t.Fatal(logs, err)
	}
	for _, path := range logs {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		from := strings.TrimSuffix(filepath.Base(path), ".log")
		events, sum := read(t, from, "", string(text))
		var got bytes.Buffer
		got.WriteString(events)
		e := json.NewEncoder(&got)
		e.SetIndent("", " ")
		if err := e.Encode(sum); err != nil {
			t.Fatal(err)
		}
		golden := strings.TrimSuffix(path, ".log") + ".golden"
		if *update {
			if err := os.WriteFile(golden, got.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), want) {
			t.Errorf("%s: got\n%s\nwant\n%s", path, got.Bytes(), want)
		}
	}
}
