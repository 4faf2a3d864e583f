package sdktest

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"analytics/engine/event"
)

// unable skips the test for want of something, which is an error where nothing may be skipped.
func unable(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("ANALYTICS_TEST_STRICT") != "" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format+"; the exporters in JavaScript are not tested here", args...)
}

// modules fetches the exporters into a temporary folder, beside the script.
func modules(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"node", "npm"} {
		if _, err := exec.LookPath(name); err != nil {
			unable(t, "there is no %s", name)
		}
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "js"))); err != nil {
		t.Fatal(err)
	}
	npm := exec.CommandContext(t.Context(), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	npm.Dir = dir
	if out, err := npm.CombinedOutput(); err != nil {
		unable(t, "npm ci: %v\n%s", err, out)
	}
	return dir
}

func TestJavaScript(t *testing.T) {
	dir := modules(t)
	s := start(t)
	node := exec.CommandContext(t.Context(), "node", "export.mjs")
	node.Dir = dir
	node.Env = append(os.Environ(), "HOUSE="+s.http, "HOUSE_KEY="+s.key, "OTEL_LOG_LEVEL=none")
	var log bytes.Buffer
	node.Stderr = &log
	out, err := node.Output()
	if err != nil {
		t.Fatalf("node: %v\n%s%s", err, out, log.String())
	}
	told := map[string]string{} // what each exporter's error says
	for line := range bytes.Lines(out) {
		var one struct {
			Name  string
			Code  int // 0 is success
			Error string
		}
		if err := json.Unmarshal(line, &one); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		told[one.Name] = one.Error
		if failed := strings.HasSuffix(one.Name, "wrong-key"); (one.Code != 0) != failed {
			t.Errorf("%s: got %d %q", one.Name, one.Code, one.Error)
		}
	}
	if len(told) != 10 {
		t.Fatalf("got %v, want 10 of them", told)
	}
	for _, kind := range []string{"json", "proto"} {
		if got := told[kind+"-wrong-key"]; !strings.Contains(got, "Unauthorized") {
			t.Errorf("%s with a wrong key: got %q", kind, got)
		}
	}
	// Three of each kind; those that are too old were rejected, which is no error to JavaScript.
	s.has(event.AIRequest, 6*25, chat)
}
