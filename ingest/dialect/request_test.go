package dialect_test

import (
	"testing"

	"analytics/ingest/dialect"
)

func TestModelIsTheOneThatServersTake(t *testing.T) {
	d, _ := dialect.ByName("openai")
	f := func(path, body, want string) {
		t.Helper()
		if got := d.Request("POST", path, "application/json", []byte(body)).Model; got != want {
			t.Errorf("%s %s: got %q, want %q", path, body, got, want)
		}
	}
	const chat = "/v1/chat/completions"
	f(chat, `{"model":"a"}`, "a")
	f(chat, `{"model":"a","model":"b"}`, "b")
	f(chat, `{"model":"a","mod\u0065l":"b"}`, "b")
	f(chat, `{"model":"\u0061\n\ud83d\ude00"}`, "a\n😀")
	f(chat, `{"messages":[{"model":"x"}],"metadata":{"model":"y"}}`, "")
	f(chat, `{"messages":"\"},{\"model\":\"x\"","model":"a"}`, "a")
	f(chat, `{"model":7}`, "")
	f(chat, `{"model":"a"`, "a")
	f(chat, `not JSON`, "")
	f("/openai/deployments/mine/chat/completions", `{"model":"a"}`, "mine")
	f("/v1beta/models/gemini-2.5-flash:generateContent", `{"model":"a"}`, "gemini-2.5-flash")
	f("/v1beta/tunedModels/mine:generateContent", `{}`, "mine")
}

func TestPathsOfEveryServer(t *testing.T) {
	f := func(method, path, operation, endpoint string) {
		t.Helper()
		for _, name := range []string{"openai", "anthropic", "gemini"} {
			d, _ := dialect.ByName(name)
			q := d.Request(method, path, "", nil)
			if q.Operation != operation || q.Endpoint != endpoint || q.Billed != (operation != "") {
				t.Errorf("%s %s %s: got %+v", name, method, path, q)
			}
		}
	}
	f("POST", "/v1/chat/completions", "chat", "/v1/chat/completions")
	f("POST", "/v1/chat/completions/", "chat", "/v1/chat/completions")
	f("POST", "/openai/v1/chat/completions", "chat", "/v1/chat/completions")
	f("POST", "/api/v1/chat/completions", "chat", "/v1/chat/completions")
	f("POST", "/v1/completions", "text_completion", "/v1/completions")
	f("POST", "/v1/responses/compact", "chat", "/v1/responses/compact")
	f("POST", "/v1/rerank", "rerank", "/v1/rerank")
	f("POST", "/v1/videos", "video_generation", "/v1/videos")
	f("POST", "/v1beta/models/veo-3:predictLongRunning", "video_generation", "/models/*:predictLongRunning")
	f("POST", "/anthropic/v1/messages", "chat", "/v1/messages")
	f("GET", "/v1/chat/completions", "", "/v1/chat/completions")
	f("GET", "/v1/responses/resp_67ccd2bed1ec8190", "", "/v1/responses/*")
	f("POST", "/v1/responses/resp_67ccd2bed1ec8190/cancel", "", "/v1/responses/*/cancel")
	f("POST", "/v1/responses/input_tokens", "", "/v1/responses/input_tokens")
	f("POST", "/v1/fine_tuning/jobs", "", "/v1/fine_tuning/jobs")
	f("GET", "/v1beta/models/gemini-2.5-flash:generateContent", "", "/models/*:generateContent")
	f("POST", "/v1beta/models/gemini-2.5-flash:batchGenerateContent", "", "/models/*:batchGenerateContent")
	f("POST", "/v1beta/models/x:unknownVerb", "", "/v1beta/models/*")
	f("POST", "", "", "/*")
}
