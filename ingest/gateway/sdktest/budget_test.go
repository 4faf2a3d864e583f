package sdktest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/openai/openai-go/v3"
	"google.golang.org/genai"
)

// budget asks the server over its socket to keep a budget.
func (s *server) budget(method, path, body string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, "http://analytics/v1/budgets/"+path,
		strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := s.http.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		s.t.Fatalf("%s %s: %s", method, path, res.Status)
	}
}

// TestPausesAreNotTriedAgain has each official SDK, told to try five times more, meet a paused budget:
// its caller gets the SDK's own error with the reason, after one call, of which the provider sees
// nothing.
func TestPausesAreNotTriedAgain(t *testing.T) {
	s := start(t)
	s.budget("PUT", "all", `{"limit":0.000001,"period":"month","action":"pause_requests"}`)
	paused := want{"success": "false", "cost": "0", "attempt": "1", "usage_source": "none"}
	const reason = "the budget all"

	openAI := s.openAI("openai", 5)
	_, err := openAI.Chat.Completions.New(t.Context(), chat("Hi"))
	var asOpenAI *openai.Error
	if !errors.As(err, &asOpenAI) || asOpenAI.StatusCode != 402 || asOpenAI.Code != "budget_exceeded" ||
		asOpenAI.Type != "billing_error" || !strings.Contains(asOpenAI.Message, reason) {
		t.Errorf("openai: got %v", err)
	}
	anthropicClient := s.anthropic("anthropic", 5)
	_, err = anthropicClient.Messages.New(t.Context(), message("Hi"))
	var asAnthropic *anthropic.Error
	if !errors.As(err, &asAnthropic) || asAnthropic.StatusCode != 402 ||
		!strings.Contains(asAnthropic.RawJSON(), "billing_error") || !strings.Contains(asAnthropic.RawJSON(), reason) {
		t.Errorf("anthropic: got %v", err)
	}
	_, err = s.gemini("gemini").Models.GenerateContent(t.Context(), "gemini-2.5-flash", genai.Text("Hi"), nil)
	asGemini, ok := errors.AsType[genai.APIError](err)
	if !ok || asGemini.Code != 403 || asGemini.Status != "PERMISSION_DENIED" ||
		!strings.Contains(asGemini.Message, reason) {
		t.Errorf("gemini: got %v", err)
	}
	status := func(w want, status string) want {
		return paused.with(want{"status_code": status, "error_type": "budget_exceeded"}).with(w)
	}
	s.told("openai", status(want{"model": "gpt-4o"}, "402"))
	s.told("anthropic", status(want{"model": "claude-sonnet-4-5"}, "402"))
	s.told("gemini", status(want{"model": "gemini-2.5-flash"}, "403"))

	s.budget("POST", "all/unpause", "")
	if _, err := openAI.Chat.Completions.New(t.Context(), chat("Hi")); err != nil {
		t.Errorf("unpaused: %v", err)
	}
}

// told checks the only row of a user whose call was refused.
func (s *server) told(user string, w want) {
	s.t.Helper()
	row := s.rows(user, 1)[0]
	for name, v := range w {
		if got := fmt.Sprint(row[name]); got != v {
			s.t.Errorf("%s: got %s %s, want %s", user, name, got, v)
		}
	}
}
