package sdktest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"analytics/ingest/gateway/double"
)

// seen is what a caller in JavaScript saw of a call.
type seen struct {
	User   string
	Text   string
	Calls  []string
	Tokens int
	Error  *struct {
		Name, Message string
		Status        int
		Code          any
	}
}

// String is what was seen, for people.
func (s *seen) String() string {
	text, err := json.Marshal(s)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// unable skips the test for want of something, which is an error where nothing may be skipped.
func unable(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("ANALYTICS_TEST_STRICT") != "" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format+"; the SDKs in JavaScript are not tested here", args...)
}

// modules fetches the SDKs into a temporary folder, beside the script.
func modules(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"node", "npm"} {
		if _, err := exec.LookPath(name); err != nil {
			unable(t, "there is no %s", name)
		}
	}
	dir := t.TempDir()
	for _, name := range []string{"package.json", "package-lock.json", "calls.mjs"} {
		text, err := os.ReadFile(filepath.Join("testdata", "js", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	npm := exec.CommandContext(t.Context(), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	npm.Dir = dir
	if out, err := npm.CombinedOutput(); err != nil {
		unable(t, "npm ci: %v\n%s", err, out)
	}
	return dir
}

// run runs the script against the server.
func (s *server) run(dir string) map[string]*seen {
	s.t.Helper()
	node := exec.Command("node", "calls.mjs")
	node.Dir = dir
	node.Env = append(os.Environ(), "GATEWAY="+s.url, "GATEWAY_KEY="+s.key)
	var log bytes.Buffer
	node.Stderr = &log
	out, err := node.Output()
	if err != nil {
		s.t.Fatalf("node: %v\n%s%s", err, out, log.String())
	}
	all := map[string]*seen{}
	for line := range bytes.Lines(out) {
		var one seen
		if err := json.Unmarshal(line, &one); err != nil {
			s.t.Fatalf("%v: %s", err, line)
		}
		all[one.User] = &one
	}
	return all
}

func TestJavaScript(t *testing.T) {
	dir := modules(t)
	s := start(t)
	all := s.run(dir)
	// ok checks a call that worked: what was said or asked for, the tokens seen, and its row.
	ok := func(user, text string, calls []string, tokens int, rows ...want) {
		t.Helper()
		got := all[user]
		if got == nil || got.Error != nil {
			t.Errorf("%s: got %s", user, got)
			return
		}
		if got.Text != text || strings.Join(got.Calls, " ") != strings.Join(calls, " ") || got.Tokens != tokens {
			t.Errorf("%s: got %s", user, got)
		}
		s.recorded(user, rows...)
	}
	// no checks a call that failed.
	no := func(user, name string, status int, row want) {
		t.Helper()
		got := all[user]
		if got == nil || got.Error == nil || got.Error.Name != name || got.Error.Status != status {
			t.Errorf("%s: got %s", user, got)
			return
		}
		s.recorded(user, row)
	}
	t.Run("OpenAI", func(*testing.T) { javaScriptOpenAI(ok, no) })
	t.Run("Anthropic", func(*testing.T) { javaScriptAnthropic(ok, no) })
	t.Run("Gemini", func(*testing.T) { javaScriptGemini(ok, no) })
}

type (
	works func(user, text string, calls []string, tokens int, rows ...want)
	fails func(user, name string, status int, row want)
)

var (
	streamed = want{"stream": "true"}
	whole    = want{"stream": "false"}
)

func javaScriptOpenAI(ok works, no fails) {
	calls := []string{`call_a{"city":"Paris"}`, `call_b{"city":"Rome"}`}
	tools := openAIRow.with(want{"finish_reason": "tool_calls", "requested_tool_calls": "2"})
	for _, wish := range []string{"plain", "gzip"} {
		ok("openai-"+wish, double.Text, nil, 1100, openAIRow.with(whole))
		ok("openai-"+wish+"-stream", double.Text, nil, 0, openAIRow.with(streamed))
	}
	ok("openai-tools", "", calls, 1100, tools.with(whole))
	ok("openai-tools-stream", "", calls, 0, tools.with(streamed))
	ok("openai-usage", double.Text, nil, 1100, openAIRow.with(streamed))
	ok("openai-responses", "Hello", nil, 1100, openAIRow.with(want{"endpoint": "/v1/responses"}))
	ok("openai-embedding", "0.5,-0.25", nil, 0, want{"operation": "embeddings", "input_tokens": "8"})
	ok("openai-retry", double.Text, nil, 0, openAIRow.failure(500, "internal_error", "0"),
		openAIRow.with(want{"attempt": "2"}))
	no("openai-status400", "BadRequestError", 400, openAIRow.failure(400, "invalid_value", "0"))
	no("openai-status401", "AuthenticationError", 401, openAIRow.failure(401, "invalid_api_key", "0"))
	no("openai-status429", "RateLimitError", 429, openAIRow.failure(429, "rate_limit_exceeded", "0"))
	no("openai-status500", "InternalServerError", 500, openAIRow.failure(500, "internal_error", "0"))
	broken := want{"stream": "true", "success": "false", "usage_source": "none"}
	no("openai-cut", "TypeError", 0, broken.with(want{"error_type": "upstream_truncated"}))
	no("openai-midway", "APIError", 0, broken.with(want{"error_type": "server_error"}))
}

func javaScriptAnthropic(ok works, no fails) {
	calls := []string{`toolu_a{"city":"Paris"}`, `toolu_b{"city":"Rome"}`}
	tools := anthropicRow.with(want{"finish_reason": "tool_use", "requested_tool_calls": "2"})
	for _, wish := range []string{"plain", "gzip"} {
		ok("anthropic-"+wish, double.Text, nil, 80, anthropicRow.with(whole))
		ok("anthropic-"+wish+"-stream", double.Text, nil, 80, anthropicRow.with(streamed))
	}
	ok("anthropic-tools", "", calls, 80, tools.with(whole))
	ok("anthropic-tools-stream", "", calls, 80, tools.with(streamed))
	for status, names := range map[int][2]string{400: {"BadRequestError", "invalid_request_error"},
		401: {"AuthenticationError", "authentication_error"}, 429: {"RateLimitError", "rate_limit_error"},
		500: {"InternalServerError", "api_error"}, 529: {"OverloadedError", "overloaded_error"}} {
		no(fmt.Sprint("anthropic-status", status), names[0], status,
			anthropicRow.failure(status, names[1], "0"))
	}
	broken := want{"stream": "true", "success": "false", "usage_source": "partial"}
	no("anthropic-cut", "AnthropicError", 0, broken.with(want{"error_type": "upstream_truncated"}))
	no("anthropic-midway", "APIError", 0, broken.with(want{"error_type": "overloaded_error"}))
}

func javaScriptGemini(ok works, no fails) {
	calls := []string{`weather{"city":"Paris"}`, `weather{"city":"Rome"}`}
	for _, wish := range []string{"plain", "gzip"} {
		ok("gemini-"+wish, double.Text, nil, 410, geminiRow.with(whole))
		ok("gemini-"+wish+"-stream", double.Text, nil, 410, geminiRow.with(streamed))
	}
	ok("gemini-tools", "", calls, 410, geminiRow.with(whole).with(want{"requested_tool_calls": "2"}))
	ok("gemini-tools-stream", "", calls, 410, geminiRow.with(streamed))
	for status, kind := range map[int]string{400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED",
		429: "RESOURCE_EXHAUSTED"} {
		no(fmt.Sprint("gemini-status", status), "ApiError", status, geminiRow.failure(status, kind, "0"))
	}
	no("gemini-cut", "TypeError", 0, want{"stream": "true", "success": "false",
		"error_type": "upstream_truncated", "usage_source": "partial"})
}
