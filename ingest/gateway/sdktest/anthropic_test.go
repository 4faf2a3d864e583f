package sdktest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"

	"analytics/ingest/gateway/double"
)

func statusWish(status int) string { return fmt.Sprintf("double:status%d", status) }

func (s *server) anthropic(user string, retries int) anthropic.Client {
	return anthropic.NewClient(option.WithBaseURL(s.url+"/gateway/anthropic"), option.WithAPIKey(s.key),
		option.WithMaxRetries(retries), option.WithHeader("X-Analytics-User", user))
}

func message(text string) anthropic.MessageNewParams {
	return anthropic.MessageNewParams{Model: "claude-sonnet-4-5", MaxTokens: 100,
		Messages: []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock(text))}}
}

// said is the text of a message, and its tool calls.
func said(m *anthropic.Message) (text string, calls []string) {
	for _, block := range m.Content {
		switch b := block.AsAny().(type) {
		case anthropic.TextBlock:
			text += b.Text
		case anthropic.ToolUseBlock:
			calls = append(calls, b.ID+" "+b.Name+string(b.Input))
		}
	}
	return text, calls
}

func TestAnthropicMessages(t *testing.T) {
	s := start(t)
	const calls = `[toolu_a weather{"city":"Paris"} toolu_b weather{"city":"Rome"}]`
	for wish, row := range map[string]want{
		"plain": {"finish_reason": "end_turn", "requested_tool_calls": "0"},
		"gzip":  {"finish_reason": "end_turn", "requested_tool_calls": "0"},
		"tools": {"finish_reason": "tool_use", "requested_tool_calls": "2"},
	} {
		check := func(user string, m *anthropic.Message) {
			t.Helper()
			text, tools := said(m)
			if wish == "tools" && fmt.Sprint(tools) != calls || wish != "tools" && text != double.Text {
				t.Errorf("%s: got %q %q", user, text, tools)
			}
			if m.Usage.OutputTokens != 80 || m.Usage.CacheReadInputTokens != 2000 {
				t.Errorf("%s: the caller sees %s", user, m.Usage.RawJSON())
			}
		}
		c := s.anthropic(wish, 0)
		m, err := c.Messages.New(t.Context(), message("double:"+wish))
		if err != nil {
			t.Fatal(wish, err)
		}
		check(wish, m)
		s.recorded(wish, anthropicRow.with(row).with(want{"stream": "false"}))

		user := wish + "-stream"
		c = s.anthropic(user, 0)
		stream := c.Messages.NewStreaming(t.Context(), message("double:"+wish))
		m = &anthropic.Message{}
		for stream.Next() {
			if err := m.Accumulate(stream.Current()); err != nil {
				t.Fatal(user, err)
			}
		}
		if err := stream.Err(); err != nil {
			t.Fatal(user, err)
		}
		check(user, m)
		s.recorded(user, anthropicRow.with(row).with(want{"stream": "true"}))
	}
}

func TestAnthropicErrorsAreTyped(t *testing.T) {
	s := start(t)
	for status, kind := range map[int]string{400: "invalid_request_error", 401: "authentication_error",
		429: "rate_limit_error", 500: "api_error", 529: "overloaded_error"} {
		c := s.anthropic(kind, 0)
		_, err := c.Messages.New(t.Context(), message(statusWish(status)))
		var e *anthropic.Error
		if !errors.As(err, &e) || e.StatusCode != status || !strings.Contains(e.RawJSON(), kind) ||
			e.RequestID != "req_double" {
			t.Errorf("%d: got %v", status, err)
		}
		s.recorded(kind, anthropicRow.failure(status, kind, "0"))
	}
	c := s.anthropic("retry", 2)
	if _, err := c.Messages.New(t.Context(), message("double:flaky")); err != nil {
		t.Fatal(err)
	}
	s.recorded("retry", anthropicRow.failure(500, "api_error", "0"), anthropicRow.with(want{"attempt": "2"}))
}

func TestAnthropicStreamsThatBreakAreFailures(t *testing.T) {
	s := start(t)
	for wish, kind := range map[string]string{
		double.Cut: "upstream_truncated", double.Midway: "overloaded_error"} {
		c := s.anthropic(wish, 0)
		stream := c.Messages.NewStreaming(t.Context(), message("double:"+wish))
		for stream.Next() {
			continue
		}
		if stream.Err() == nil {
			t.Errorf("%s: the caller sees no error", wish)
		}
		// What came is known: 2800 tokens read, 2 written.
		s.recorded(wish, want{"stream": "true", "success": "false", "error_type": kind,
			"usage_source": "partial", "input_tokens": "2800", "output_tokens": "2",
			"cost": "0.00348"}) // 1500 + 600 + 750 + 600 + 2 * 15
	}
}

func TestAnthropicCountsAreNotBilled(t *testing.T) {
	s := start(t)
	c := s.anthropic("count", 0)
	n, err := c.Messages.CountTokens(t.Context(), anthropic.MessageCountTokensParams{
		Model: "claude-sonnet-4-5", Messages: message("Hi").Messages})
	if err != nil || n.InputTokens != 14 {
		t.Fatal(n, err)
	}
	if _, err := c.Messages.New(t.Context(), message("Hi")); err != nil {
		t.Fatal(err)
	}
	s.recorded("count", anthropicRow)
}
