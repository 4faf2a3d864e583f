package importer

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"analytics/engine/event"
	"analytics/engine/fault"
)

// recorded is where package agentlogs keeps recorded logs.
const recorded = "../agentlogs/testdata/"

// settled copies recorded logs, one of them packed, and makes them old enough to be done.
func settled(t *testing.T, agent string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(recorded+agent)); err != nil {
		t.Fatal(err)
	}
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob(filepath.Join(dir, "*/*/*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if i > 0 {
			_ = os.Remove(name)
			name, text = name+".zst", w.EncodeAll(text, nil)
		}
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
		old := time.Now().Add(-time.Hour)
		if err := os.Chtimes(name, old, old); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLogsOfAgentsAreStoredOnce(t *testing.T) {
	h := newHouse(t)
	dir := settled(t, "claude")
	for _, want := range [][2]int{{7, 0}, {0, 7}} {
		out, _, err := h.run(t.Context(), "", "--json", "--from", "claude-code", dir)
		r := counts(t, out)
		if err != nil || r.Accepted != want[0] || r.Duplicates != want[1] || r.Logs.Requests != 4 {
			t.Errorf("got %s, %v, want %v", out, err, want)
		}
	}
	if requests, calls := h.stored(event.AIRequest), h.stored(event.ToolCall); requests != 4 || calls != 3 {
		t.Errorf("got %d requests and %d tool calls, want 4 and 3", requests, calls)
	}
	out, _, err := h.run(t.Context(), "", "--from", "codex", settled(t, "codex"))
	for _, want := range []string{
		"codex: 7 events", "accepted               7", "files                  3",
		"requests               4  and 3 tool calls", "repeated               7",
		"tokens            21,000  in, of which 17,500 were cached, and 370 out",
	} {
		if err != nil || !strings.Contains(out, want) {
			t.Errorf("got %s%v\nwant %q in it", out, err, want)
		}
	}
}

func TestDryRunSendsNothing(t *testing.T) {
	h := newHouse(t)
	out, _, err := h.run(t.Context(), "", "--dry-run", "--from", "claude-code", settled(t, "claude"))
	for _, want := range []string{
		"nothing was sent", "requests               4", "skipped                1  not JSON",
	} {
		if err != nil || !strings.Contains(out, want) {
			t.Errorf("got %s%v\nwant %q in it", out, err, want)
		}
	}
	if n := h.stored(event.AIRequest); n != 0 {
		t.Errorf("got %d stored", n)
	}
}

func TestLogsAreLookedForAtHome(t *testing.T) {
	h := newHouse(t)
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("CODEX_HOME", "")
	_, _, err := h.run(t.Context(), "", "--from", "codex")
	if fault.ExitCode(err) != 3 || !strings.Contains(err.Error(), filepath.Join(home, ".codex", "sessions")) {
		t.Errorf("got %v", err)
	}
	if err := os.CopyFS(filepath.Join(home, ".codex"), os.DirFS(settled(t, "codex"))); err != nil {
		t.Fatal(err)
	}
	out, _, err := h.run(t.Context(), "", "--json", "--from", "codex")
	if err != nil || !json.Valid([]byte(out)) || counts(t, out).Accepted == 0 {
		t.Errorf("got %s, %v", out, err)
	}
}

func TestWrongUsesOfFrom(t *testing.T) {
	h := newHouse(t)
	f := func(text string, args ...string) {
		t.Helper()
		_, _, err := h.run(t.Context(), "", args...)
		if fault.ExitCode(err) != 2 || !strings.Contains(err.Error(), text) {
			t.Errorf("%v: got %v, want %s", args, err, text)
		}
	}
	f("w3c or claude-code or codex, not \"emacs\"", "--from", "emacs")
	f("--from-line is for a file of events", "--from", "codex", "--from-line", "3", "x")
	f("--dry-run is for --from", "--dry-run", "x")
}

// BenchmarkLogs reads a session of 64 MB without sending it.
func BenchmarkLogs(b *testing.B) {
	h := newHouse(b)
	line := `{"parentUuid":"x","isSidechain":false,"cwd":"/home/ann/shop","sessionId":"s1","version":"2.1.4",` +
		`"message":{"model":"claude-sonnet-4-5","id":"msg_NUMBER","role":"assistant","content":[{"type":"text","text":"` +
		strings.Repeat("some words ", 360) + `"}],"stop_reason":"end_turn","usage":{"input_tokens":10,` +
		`"cache_read_input_tokens":5000,"output_tokens":1}},"requestId":"r","type":"assistant",` +
		`"timestamp":"2026-11-20T10:00:03.000Z"}` + "\n"
	var text bytes.Buffer
	for i := 0; text.Len() < 64<<20; i++ {
		text.WriteString(strings.Replace(line, "NUMBER", grouped(i), 1))
	}
	path := h.file("s.jsonl", text.Bytes())
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		if _, _, err := h.run(b.Context(), "", "--dry-run", "--from", "claude-code", path); err != nil {
			b.Fatal(err)
		}
	}
}
