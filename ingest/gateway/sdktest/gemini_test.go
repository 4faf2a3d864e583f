package sdktest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/genai"

	"analytics/ingest/gateway/double"
)

func (s *server) gemini(user string) *genai.Client {
	s.t.Helper()
	c, err := genai.NewClient(s.t.Context(), &genai.ClientConfig{
		APIKey: s.key, Backend: genai.BackendGeminiAPI, HTTPOptions: genai.HTTPOptions{
			BaseURL: s.url + "/gateway/gemini", Headers: http.Header{"X-Analytics-User": {user}}}})
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

func TestGemini(t *testing.T) {
	s := start(t)
	const model = "gemini-2.5-flash"
	for wish, tools := range map[string]string{"plain": "0", "gzip": "0", "tools": "2"} {
		prompt := genai.Text("double:" + wish)
		check := func(user, text string, calls []*genai.FunctionCall) {
			t.Helper()
			names := ""
			for _, call := range calls {
				names += fmt.Sprint(call.Name, call.Args)
			}
			if wish == "tools" && names != "weathermap[city:Paris]weathermap[city:Rome]" ||
				wish != "tools" && text != double.Text {
				t.Errorf("%s: got %q %s", user, text, names)
			}
		}
		got, err := s.gemini(wish).Models.GenerateContent(t.Context(), model, prompt, nil)
		if err != nil {
			t.Fatal(wish, err)
		}
		check(wish, got.Text(), got.FunctionCalls())
		s.recorded(wish, geminiRow.with(want{"stream": "false", "requested_tool_calls": tools,
			"endpoint": "/models/*:generateContent", "message_count": "1"}))

		user := wish + "-stream"
		var text string
		var calls []*genai.FunctionCall
		for part, err := range s.gemini(user).Models.GenerateContentStream(t.Context(), model, prompt, nil) {
			if err != nil {
				t.Fatal(user, err)
			}
			text += part.Text()
			calls = append(calls, part.FunctionCalls()...)
		}
		check(user, text, calls)
		s.recorded(user, geminiRow.with(want{"stream": "true", "requested_tool_calls": tools}))
	}
	if n, err := s.gemini("count").Models.CountTokens(t.Context(), model, genai.Text("Hi"), nil); err != nil ||
		n.TotalTokens != 31 {
		t.Error(n, err)
	}
	vectors, err := s.gemini("embed").Models.EmbedContent(t.Context(), "gemini-embedding-001",
		genai.Text("Hi"), nil)
	if err != nil || len(vectors.Embeddings) != 1 {
		t.Fatal(vectors, err)
	}
	s.recorded("embed", want{"operation": "embeddings", "model": "gemini-embedding-001",
		"usage_source": "none", "success": "true"})
}

func TestGeminiErrorsAreTyped(t *testing.T) {
	s := start(t)
	for status, kind := range map[int]string{400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED",
		429: "RESOURCE_EXHAUSTED", 500: "INTERNAL"} {
		_, err := s.gemini(kind).Models.GenerateContent(t.Context(), "gemini-2.5-flash",
			genai.Text(statusWish(status)), nil)
		var e genai.APIError
		if !errors.As(err, &e) || e.Code != status || e.Status != kind ||
			!strings.Contains(e.Message, "The double says") {
			t.Errorf("%d: got %v", status, err)
		}
		s.recorded(kind, geminiRow.failure(status, kind, "0"))
	}
}

func TestGeminiStreamsThatBreakAreFailures(t *testing.T) {
	s := start(t)
	failed := false
	stream := s.gemini("cut").Models.GenerateContentStream(t.Context(), "gemini-2.5-flash",
		genai.Text("double:cut"), nil)
	for _, err := range stream {
		failed = failed || err != nil
	}
	if !failed {
		t.Error("the caller sees no error")
	}
	s.recorded("cut", want{"stream": "true", "success": "false", "error_type": "upstream_truncated",
		"usage_source": "partial"})
}
