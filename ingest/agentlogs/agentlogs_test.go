package agentlogs

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/ingest/decode"
)

func plain(path string) (io.ReadCloser, error) { return os.Open(path) }

// written is when the recorded files were written last, later is long after.
var written = time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC)

func later() time.Time { return written.Add(24 * time.Hour) }

// recorded copies recorded logs, since the times of checked out files say nothing.
func recorded(t *testing.T, agent string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", agent))); err != nil {
		t.Fatal(err)
	}
	files, err := Find(agent, []string{dir}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if err := os.Chtimes(f.Path, written, written); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// read reads an agent's logs in places: the events by a short name, and the summary.
func read(t *testing.T, agent string, now func() time.Time, places ...string) (map[string]gjson.Result, Summary) {
	t.Helper()
	files, err := Find(agent, places, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := NewStream(agent, files, plain, now)
	b, err := io.ReadAll(s)
	if err != nil {
		t.Fatal(err)
	}
	accepted(t, b)
	all := map[string]gjson.Result{}
	gjson.ForEachLine(string(b), func(v gjson.Result) bool {
		name := v.Get("type").Str + " " + v.Get("model").Str + v.Get("tool").Str + " " + v.Get("timestamp").Str
		if all[name].Exists() {
			t.Errorf("%s twice", name)
		}
		all[name] = v
		return true
	})
	return all, s.Summary()
}

// accepted wants the intake to take every event.
func accepted(t *testing.T, lines []byte) {
	t.Helper()
	for _, word := range []string{"CANARY", "/home", "Users"} {
		if strings.Contains(string(lines), word) {
			t.Errorf("%s is in the events:\n%s", word, lines)
		}
	}
	var d decode.Decoder
	var e event.Event
	d.Reset(lines, true, decode.Window{Now: 1, From: 0, To: 1 << 62})
	for d.Next(&e) {
		if p := d.Problem(); p != nil {
			t.Errorf("%s\n%s", p.Message(), lines)
		}
	}
	if d.Err() != nil && len(lines) > 0 || d.Dropped() > 0 {
		t.Errorf("%v, %d fields dropped\n%s", d.Err(), d.Dropped(), lines)
	}
}

func has(t *testing.T, v gjson.Result, want string) {
	t.Helper()
	for name, w := range gjson.Parse(want).Map() {
		if got := v.Get(name); got.Raw != w.Raw && !(w.Type == gjson.Null && !got.Exists()) {
			t.Errorf("%s: got %q, want %q in %s", name, got.Raw, w.Raw, v.Raw)
		}
	}
}

func TestClaudeCodeAnswersCountOnce(t *testing.T) {
	all, sum := read(t, "claude-code", later, recorded(t, "claude"))
	const main = "ai_request claude-sonnet-4-5-20250929 2026-11-20T1"
	has(t, all[main+"0:00:03Z"], `{"input_tokens":7010,"cache_read_tokens":5000,"cache_write_tokens":2000,
		"cache_write_1h_tokens":2000,"output_tokens":250,"provider":"anthropic","agent":"claude-code",
		"project":"shop","session_id":"s1","conversation_id":"s1","tier":"standard","finish_reason":"tool_use",
		"requested_tool_calls":2,"duration_ms":null,"properties":{"agent_version":"2.1.4"}}`)
	has(t, all[main+"1:00:00Z"], `{"input_tokens":7005,"output_tokens":40,"session_id":"s2","project":"shop"}`)
	has(t, all["ai_request claude-haiku-4-5-20251001 2026-11-20T10:01:00Z"], `{"provider":"aws.bedrock",
		"cost_usd":0.0123,"duration_ms":4200,"input_tokens":100,"cache_read_tokens":null}`)
	has(t, all["ai_request claude-haiku-4-5-20251001 2026-11-20T10:00:06Z"],
		`{"properties":{"agent_version":"2.1.4","sub_agent":"a1"}}`)
	has(t, all["tool_call Bash 2026-11-20T10:00:04Z"],
		`{"success":true,"duration_ms":812,"result_bytes":10,"session_id":"s1","server":null}`)
	has(t, all["tool_call create_issue 2026-11-20T10:00:05Z"],
		`{"success":false,"error_type":"rejected","server":"github","result_bytes":14,"duration_ms":null}`)
	has(t, all["tool_call Read 2026-11-20T11:00:00Z"], `{"success":false,"error_type":"no_result"}`)
	if len(all) != 7 {
		t.Errorf("got %d events, want 7", len(all))
	}
	want := Summary{
		Files: 3, Requests: 4, ToolCalls: 3, Repeated: 2, Input: 7010 + 7005 + 100 + 30, CacheRead: 12000,
		Output: 250 + 40 + 20 + 6, Skipped: map[string]int{"made by the agent itself": 1, "not JSON": 1},
	}
	if fmt.Sprint(sum) != fmt.Sprint(want) {
		t.Errorf("got  %+v\nwant %+v", sum, want)
	}
}

// TestCopiesHaveTheIDsOfTheirOriginals reads files alone and together.
func TestCopiesHaveTheIDsOfTheirOriginals(t *testing.T) {
	dir := recorded(t, "claude") + "/projects/-home-ann-shop/"
	first, _ := read(t, "claude-code", later, dir+"s1.jsonl")
	resumed, _ := read(t, "claude-code", later, dir+"s2.jsonl")
	same := 0
	for name, v := range resumed {
		if original, ok := first[name]; ok {
			same++
			if v.Get("id").Str != original.Get("id").Str {
				t.Errorf("%s has another id in the copy", name)
			}
		}
	}
	if same != 3 { // an answer and two tools
		t.Errorf("got %d copies, want 3", same)
	}
}

func TestWhatIsBeingWrittenIsLeft(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.jsonl")
	text, err := os.ReadFile("testdata/claude/projects/-home-ann-shop/s2.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	all, sum := read(t, "claude-code", time.Now, path)
	if len(all) != 3 || sum.Skipped["still being written"] != 1 {
		t.Errorf("got %d events, %+v; want the last answer and its tool left", len(all), sum)
	}
}

func TestCodexAnswersCountOnce(t *testing.T) {
	all, sum := read(t, "codex", later, recorded(t, "codex"))
	const answer = "ai_request gpt-5-codex 2026-11-20T"
	has(t, all[answer+"09:00:05.1Z"], `{"input_tokens":9000,"cache_read_tokens":8000,"output_tokens":300,
		"reasoning_tokens":120,"provider":"openai","agent":"codex","project":"api","session_id":"0199aaaa",
		"cache_write_tokens":null,"properties":{"agent_version":"0.60.1"}}`)
	has(t, all[answer+"09:00:09Z"], // of totals alone
		`{"input_tokens":10000,"cache_read_tokens":9500,"output_tokens":50,"reasoning_tokens":0}`)
	has(t, all[answer+"12:05:00Z"], `{"input_tokens":1000,"cache_read_tokens":0,"session_id":"0199bbbb"}`)
	has(t, all["tool_call shell 2026-11-20T09:00:05Z"],
		`{"success":false,"error_type":"error","duration_ms":400,"result_bytes":6}`)
	has(t, all["tool_call find 2026-11-20T09:00:07Z"], `{"success":true,"server":"docs","duration_ms":250}`)
	has(t, all["tool_call apply_patch 2026-11-20T09:00:08Z"], `{"success":true,"duration_ms":100}`)
	has(t, all[answer+"13:05:00Z"], `{"input_tokens":1000,"session_id":"0199cccc"}`)
	if len(all) != 7 {
		t.Errorf("got %d events, want 7", len(all))
	}
	// Each file has the rate limit's repetition, and two of them the two copied answers.
	want := Summary{Files: 3, Requests: 4, ToolCalls: 3, Repeated: 7, Input: 21000, CacheRead: 17500,
		Output: 370, Skipped: map[string]int{}}
	if fmt.Sprint(sum) != fmt.Sprint(want) {
		t.Errorf("got  %+v\nwant %+v", sum, want)
	}
}

// TestCodexCopiesWithoutTheirOriginal reads sessions that continue one whose file is gone.
func TestCodexCopiesWithoutTheirOriginal(t *testing.T) {
	together, _ := read(t, "codex", later, recorded(t, "codex"))
	for session, at := range map[string]string{"0199bbbb": "12:05:00Z", "0199cccc": "13:05:00Z"} {
		all, sum := read(t, "codex", later, recorded(t, "codex")+"/sessions/*/*/*/*"+session+".jsonl")
		if sum.Requests != 1 || sum.ToolCalls != 0 || sum.Input != 1000 {
			t.Errorf("%s: got %+v", session, sum)
		}
		name := "ai_request gpt-5-codex 2026-11-20T" + at
		if got, want := all[name].Get("id").Str, together[name].Get("id").Str; got != want || got == "" {
			t.Errorf("%s: alone %q, together %q", name, got, want)
		}
	}
}

func TestFilesAreFound(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"p/a.jsonl", "p/agent-1.jsonl", "p/a/subagents/x.jsonl", "p/b.jsonl.gz", "p/notes.txt"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, written, written); err != nil {
			t.Fatal(err)
		}
	}
	f := func(want string, given ...string) {
		t.Helper()
		files, err := Find("claude-code", given, []string{filepath.Join(dir, "none"), dir})
		var got []string
		for _, f := range files {
			name, _ := filepath.Rel(dir, f.Path)
			got = append(got, name)
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%v: got %v, %v, want %s", given, got, err, want)
		}
	}
	f("p/a.jsonl p/b.jsonl.gz p/a/subagents/x.jsonl p/agent-1.jsonl")
	f("p/a.jsonl p/b.jsonl.gz p/a/subagents/x.jsonl p/agent-1.jsonl", dir, filepath.Join(dir, "p"))
	f("p/a.jsonl p/agent-1.jsonl", filepath.Join(dir, "*/a*.jsonl"))
	f("p/notes.txt", filepath.Join(dir, "p/notes.txt"))
	for _, given := range [][]string{{filepath.Join(dir, "none")}, nil} {
		if _, err := Find("codex", given, []string{filepath.Join(dir, "none")}); fault.ExitCode(err) != 3 {
			t.Errorf("%v: got %v", given, err)
		}
	}
}

func TestPlacesFollowTheAgentsOwnSettings(t *testing.T) {
	none := func(string) string { return "" }
	here := func(string) string { return "/x" }
	f := func(got []string, want ...string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	f(Places("claude-code", "/h", none), "/h/.claude/projects", "/h/.config/claude/projects")
	f(Places("claude-code", "/h", here), "/x/projects")
	f(Places("codex", "/h", none), "/h/.codex/sessions", "/h/.codex/archived_sessions")
	f(Places("codex", "/h", here), "/x/sessions", "/x/archived_sessions")
}

func TestBrokenFilesCostNothingElse(t *testing.T) {
	good := `{"type":"assistant","timestamp":"2026-11-20T10:00:00Z","message":{"id":"m%d","model":"claude-x","stop_reason":"e"}}`
	long := `{"type":"assistant","x":"` + strings.Repeat("x", maxLine) + `"}`
	texts := map[string]io.Reader{
		"a": strings.NewReader(fmt.Sprintf(good, 1) + "\n" + long + "\n" + fmt.Sprintf(good, 2)),
		"c": io.MultiReader(strings.NewReader(fmt.Sprintf(good, 3)+"\n"), broken{}),
		"d": strings.NewReader("\x00\x01\n[]\n7\n{}\n" + strings.Repeat("[", 100_000) + "\n" + fmt.Sprintf(good, 4)),
	}
	open := func(path string) (io.ReadCloser, error) {
		if texts[path] == nil {
			return nil, os.ErrPermission
		}
		return io.NopCloser(texts[path]), nil
	}
	s := NewStream("claude-code", []File{{Path: "a"}, {Path: "b"}, {Path: "c"}, {Path: "d"}}, open, time.Now)
	b, err := io.ReadAll(s)
	if err != nil {
		t.Fatal(err)
	}
	accepted(t, b)
	want := "map[line over 64 MiB:1 not JSON:2 unreadable file:1 unreadable rest of a file:1]"
	if sum := s.Summary(); sum.Requests != 4 || fmt.Sprint(sum.Skipped) != want {
		t.Errorf("got %+v, want 4 requests and %s", sum, want)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("the disk is bad") }

// FuzzLogs wants of any text that the intake takes what is made of it.
func FuzzLogs(f *testing.F) {
	for _, place := range []string{"testdata/claude", "testdata/codex"} {
		files, err := Find("codex", []string{place}, nil)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file.Path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, agent := range Agents() {
			open := func(string) (io.ReadCloser, error) {
				return io.NopCloser(strings.NewReader(strings.ReplaceAll(string(text), "CANARY", ""))), nil
			}
			s := NewStream(agent, []File{{}}, open, later)
			b, err := io.ReadAll(s)
			if err != nil {
				t.Fatal(err)
			}
			var d decode.Decoder
			var e event.Event
			d.Reset(b, true, decode.Window{Now: 1, From: 0, To: 1 << 62})
			for d.Next(&e) {
				if p := d.Problem(); p != nil && p.Field != "cost_usd" {
					t.Errorf("%s\n%s", p.Message(), b)
				}
			}
		}
	})
}
