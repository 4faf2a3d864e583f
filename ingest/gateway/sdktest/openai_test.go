package sdktest

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/responses"

	"analytics/ingest/gateway/double"
)

func (s *server) openAI(user string, retries int) openai.Client {
	return openai.NewClient(option.WithBaseURL(s.url+"/gateway/openai/v1"), option.WithAPIKey(s.key),
		option.WithMaxRetries(retries), option.WithHeader("X-Analytics-User", user))
}

func chat(text string) openai.ChatCompletionNewParams {
	return openai.ChatCompletionNewParams{
		Model: "gpt-4o", Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(text)},
	}
}

func TestOpenAIChat(t *testing.T) {
	s := start(t)
	for _, wish := range []string{"", "double:gzip"} {
		user := "chat" + wish
		c := s.openAI(user, 0)
		got, err := c.Chat.Completions.New(t.Context(), chat("Hi "+wish))
		if err != nil {
			t.Fatal(err)
		}
		if got.Choices[0].Message.Content != double.Text || got.Usage.TotalTokens != 1100 {
			t.Errorf("%s: got %s", user, got.RawJSON())
		}
		s.recorded(user, openAIRow.with(want{"stream": "false", "finish_reason": "stop",
			"endpoint": "/v1/chat/completions", "message_count": "1", "requested_tool_calls": "0"}))
	}
}

func TestOpenAIChatStreams(t *testing.T) {
	s := start(t)
	f := func(user, wish string, usage bool) {
		t.Helper()
		c, p := s.openAI(user, 0), chat("Hi "+wish)
		if usage {
			p.StreamOptions.IncludeUsage = openai.Bool(true)
		}
		stream := c.Chat.Completions.NewStreaming(t.Context(), p)
		var words []string
		var tokens int64
		for stream.Next() {
			chunk := stream.Current()
			tokens += chunk.Usage.TotalTokens
			if len(chunk.Choices) == 0 && !usage {
				t.Errorf("%s: a chunk without choices that nobody asked for: %s", user, chunk.RawJSON())
			}
			if len(chunk.Choices) > 0 && chunk.Choices[0].Delta.Content != "" {
				words = append(words, chunk.Choices[0].Delta.Content)
			}
		}
		if err := stream.Err(); err != nil {
			t.Fatal(user, err)
		}
		if strings.Join(words, "|") != strings.Join(double.Words, "|") {
			t.Errorf("%s: got %q", user, words)
		}
		if usage != (tokens == 1100) {
			t.Errorf("%s: the caller sees %d tokens", user, tokens)
		}
		s.recorded(user, openAIRow.with(want{"stream": "true", "finish_reason": "stop"}))
	}
	f("stream", "", false)
	f("stream-usage", "", true)
	f("stream-gzip", "double:gzip", false)
	f("stream-slow", "double:slow", false)
	row := s.rows("stream-slow", 1)[0]
	pause := float64(double.Pause.Milliseconds())
	// A pause before the first byte, and one before each of the eight pieces that follow.
	if first, total := number(row["ttfb_ms"]), number(row["duration_ms"]); first < pause ||
		first > 4*pause || total < 9*pause {
		t.Errorf("the first byte of a slow stream came after %v of %v ms", first, total)
	}
}

func TestOpenAITools(t *testing.T) {
	s := start(t)
	check := func(user string, message openai.ChatCompletionMessage, stream string) {
		t.Helper()
		var got []string
		for _, call := range message.ToolCalls {
			got = append(got, call.ID+" "+call.Function.Name+call.Function.Arguments)
		}
		if want := `call_a weather{"city":"Paris"} call_b weather{"city":"Rome"}`; strings.Join(got, " ") != want {
			t.Errorf("%s: got %q, want %s", user, got, want)
		}
		s.recorded(user, openAIRow.with(want{"stream": stream, "finish_reason": "tool_calls",
			"requested_tool_calls": "2"}))
	}
	c := s.openAI("tools", 0)
	got, err := c.Chat.Completions.New(t.Context(), chat("double:tools"))
	if err != nil {
		t.Fatal(err)
	}
	check("tools", got.Choices[0].Message, "false")
	c = s.openAI("tools-stream", 0)
	stream := c.Chat.Completions.NewStreaming(t.Context(), chat("double:tools"))
	var all openai.ChatCompletionAccumulator
	for stream.Next() {
		all.AddChunk(stream.Current())
	}
	if err := stream.Err(); err != nil {
		t.Fatal(err)
	}
	check("tools-stream", all.Choices[0].Message, "true")
}

func TestOpenAIErrorsAreTyped(t *testing.T) {
	s := start(t)
	for status, code := range map[int]string{400: "invalid_value", 401: "invalid_api_key",
		429: "rate_limit_exceeded", 500: "internal_error"} {
		user := "error-" + code
		c := s.openAI(user, 0)
		_, err := c.Chat.Completions.New(t.Context(), chat(statusWish(status)))
		var e *openai.Error
		if !errors.As(err, &e) || e.StatusCode != status || e.Code != code ||
			!strings.Contains(e.Message, "The double says") {
			t.Errorf("%d: got %v", status, err)
		}
		s.recorded(user, openAIRow.failure(status, code, "0").with(want{"stream": "false"}))
	}
}

func TestOpenAIRetriesAreAttempts(t *testing.T) {
	s := start(t)
	c := s.openAI("retry", 2)
	got, err := c.Chat.Completions.New(t.Context(), chat("double:flaky"))
	if err != nil || got.Choices[0].Message.Content != double.Text {
		t.Fatal(got, err)
	}
	s.recorded("retry", openAIRow.failure(500, "internal_error", "0").with(want{"attempt": "1"}),
		openAIRow.with(want{"attempt": "2"}))
}

func TestOpenAIStreamsThatBreakAreFailures(t *testing.T) {
	s := start(t)
	f := func(wish, kind string, says string) {
		t.Helper()
		c := s.openAI(wish, 0)
		stream := c.Chat.Completions.NewStreaming(t.Context(), chat("double:"+wish))
		for stream.Next() {
			continue
		}
		if err := stream.Err(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: the caller sees %v", wish, err)
		}
		s.recorded(wish, openAIRow.with(noUsage).with(want{"stream": "true", "error_type": kind,
			"response_model": double.OpenAIModel, "tier": "default",
			"cost": "<nil>", "cost_source": "unpriced"})) // begun, so billed: nobody knows for how much
	}
	f(double.Cut, "upstream_truncated", "unexpected EOF")
	f(double.Late, "upstream_truncated", "unexpected EOF") // all words came, but not how many they were
	f(double.Midway, "server_error", "The double broke.")
	c := s.openAI("sound", 0)
	speech, err := c.Audio.Speech.New(t.Context(), openai.AudioSpeechNewParams{
		Model: "gpt-4o-mini-tts", Input: "double:cut", Voice: openai.AudioSpeechNewParamsVoiceUnion{
			OfString: openai.String("alloy")}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(speech.Body); err == nil {
		t.Error("sound that broke has no error")
	}
	s.recorded("sound", want{"operation": "speech", "success": "false", "error_type": "upstream_truncated"})
}

func TestOpenAIOtherAPIs(t *testing.T) {
	s := start(t)
	c := s.openAI("responses", 0)
	input := responses.ResponseNewParamsInputUnion{OfString: openai.String("Hi")}
	r, err := c.Responses.New(t.Context(), responses.ResponseNewParams{Model: "gpt-4o", Input: input})
	if err != nil || r.OutputText() != "Hello" {
		t.Fatal(r, err)
	}
	stream := c.Responses.NewStreaming(t.Context(),
		responses.ResponseNewParams{Model: "gpt-4o", Input: input})
	said := ""
	for stream.Next() {
		said += stream.Current().Delta
	}
	if err := stream.Err(); err != nil || said != "Hello" {
		t.Fatal(said, err)
	}
	row := openAIRow.with(want{"endpoint": "/v1/responses", "finish_reason": "completed"})
	s.recorded("responses", row.with(want{"stream": "false"}), row.with(want{"stream": "true"}))

	c = s.openAI("others", 0)
	vectors, err := c.Embeddings.New(t.Context(), openai.EmbeddingNewParams{
		Model: double.EmbeddingModel,
		Input: openai.EmbeddingNewParamsInputUnion{OfString: openai.String("Hi")}})
	if err != nil || vectors.Data[0].Embedding[1] != -0.25 {
		t.Fatal(vectors, err)
	}
	image, err := c.Images.Generate(t.Context(), openai.ImageGenerateParams{
		Model: "gpt-image-1", Prompt: "a cat"})
	if err != nil || image.Data[0].B64JSON != "aGVsbG8=" {
		t.Fatal(image, err)
	}
	heard, err := c.Audio.Transcriptions.New(t.Context(), openai.AudioTranscriptionNewParams{
		Model: "gpt-4o-transcribe", File: openai.File(strings.NewReader("sound"), "x.wav", "audio/wav")})
	if err != nil || heard.Text != double.Text {
		t.Fatal(heard, err)
	}
	speech, err := c.Audio.Speech.New(t.Context(), openai.AudioSpeechNewParams{
		Model: "gpt-4o-mini-tts", Input: "Hi", Voice: openai.AudioSpeechNewParamsVoiceUnion{
			OfString: openai.String("alloy")}})
	if err != nil {
		t.Fatal(err)
	}
	sound, err := io.ReadAll(speech.Body)
	if err != nil || string(sound) != "ID3\x04\xff\xfbsound" {
		t.Errorf("heard %q, %v", sound, err)
	}
	if models, err := c.Models.List(t.Context()); err != nil || models.Data[0].ID != "gpt-4o" {
		t.Error(models, err)
	}
	// The list of models is no AI request. An embedding of 8 tokens costs 0.02 USD a million.
	s.recorded("others",
		want{"operation": "embeddings", "input_tokens": "8", "cost": "0.00000016", "success": "true"},
		want{"operation": "image_generation", "image_output_tokens": "50", "image_input_tokens": "40"},
		want{"operation": "transcription", "audio_input_tokens": "10", "output_tokens": "45"},
		want{"operation": "speech", "usage_source": "none", "success": "true"})
}

func TestOurKeyStaysHere(t *testing.T) {
	s := start(t)
	c := s.openAI("key", 0)
	if _, err := c.Chat.Completions.New(t.Context(), chat("Hi")); err != nil {
		t.Fatal(err)
	}
	for _, call := range s.upstream.Calls() {
		for name, values := range call.Header {
			if strings.Contains(strings.Join(values, " "), s.key) {
				t.Errorf("our key went upstream in %s", name)
			}
		}
	}
	c = openai.NewClient(option.WithBaseURL(s.url+"/gateway/openai/v1"), option.WithAPIKey("sk-own"),
		option.WithMaxRetries(0))
	_, err := c.Chat.Completions.New(t.Context(), chat("Hi"))
	var e *openai.Error
	if !errors.As(err, &e) || e.StatusCode != 401 || e.Code != "missing_key" {
		t.Errorf("without a key of ours: got %v", err)
	}
}
