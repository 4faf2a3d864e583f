package double

import (
	"fmt"
	"strings"
)

// Models that the answers name; their prices are in the kept table.
const (
	OpenAIModel    = "gpt-4o-2024-08-06"
	AnthropicModel = "claude-sonnet-4-5-20250929"
	GeminiModel    = "gemini-2.5-flash"
	EmbeddingModel = "text-embedding-3-small"
)

const chatUsage = `"usage":{"prompt_tokens":1000,"completion_tokens":100,"total_tokens":1100,` +
	`"prompt_tokens_details":{"cached_tokens":400,"audio_tokens":0},` +
	`"completion_tokens_details":{"reasoning_tokens":30,"audio_tokens":0,` +
	`"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}`

const responseUsage = `{"input_tokens":1000,"input_tokens_details":{"cached_tokens":400},` +
	`"output_tokens":100,"output_tokens_details":{"reasoning_tokens":30},"total_tokens":1100}`

var openAIErrors = map[string][2]string{ // type and code
	"400": {"invalid_request_error", "invalid_value"},
	"401": {"invalid_request_error", "invalid_api_key"},
	"429": {"tokens", "rate_limit_exceeded"},
	"500": {"server_error", "internal_error"},
	"503": {"server_error", "overloaded"},
}

func openAI(q *ask) reply {
	if q.Header.Get("Authorization") != "Bearer "+Key {
		return openAIError("401")
	}
	if q.wish == Status {
		return openAIError(q.status)
	}
	path := q.URL.Path
	switch {
	case path == "/v1/models":
		return object(`{"object":"list","data":[{"id":"gpt-4o","object":"model","created":1,` +
			`"owned_by":"openai"}]}`)
	case path == "/v1/chat/completions" && q.stream:
		return chatEvents(q)
	case path == "/v1/chat/completions":
		return chat(q)
	case path == "/v1/responses" && q.stream:
		return responseEvents()
	case path == "/v1/responses":
		return object(response("completed", responseUsage, responseOutput))
	case path == "/v1/embeddings":
		return object(`{"object":"list","data":[{"object":"embedding","index":0,` +
			`"embedding":[0.5,-0.25]}],"model":"` + EmbeddingModel + `",` +
			`"usage":{"prompt_tokens":8,"total_tokens":8}}`)
	case path == "/v1/images/generations":
		return object(`{"created":1,"data":[{"b64_json":"aGVsbG8="}],"usage":{"total_tokens":100,` +
			`"input_tokens":50,"output_tokens":50,"input_tokens_details":{"text_tokens":10,` +
			`"image_tokens":40}}}`)
	case path == "/v1/audio/transcriptions":
		return object(`{"text":"` + text(Text) + `","usage":{"type":"tokens","input_tokens":14,` +
			`"input_token_details":{"text_tokens":4,"audio_tokens":10},"output_tokens":45,` +
			`"total_tokens":59}}`)
	case path == "/v1/audio/speech":
		return reply{status: 200, media: "audio/mpeg", pieces: []string{"ID3\x04", "\xff\xfbsound"}}
	}
	return reply{status: 404, media: "application/json", pieces: []string{
		`{"error":{"message":"Invalid URL (` + q.Method + " " + path + `)",` +
			`"type":"invalid_request_error","param":null,"code":null}}`}}
}

func openAIError(status string) reply {
	kind := openAIErrors[status]
	a := object(fmt.Sprintf(`{"error":{"message":"The double says %s.","type":%q,"param":null,"code":%q}}`,
		status, kind[0], kind[1]))
	_, _ = fmt.Sscan(status, &a.status)
	a.header = map[string]string{"X-Request-Id": "req_double", "Retry-After-Ms": "1"}
	return a
}

const chatCalls = `"tool_calls":[{"id":"call_a","type":"function","function":{"name":"weather",` +
	`"arguments":"{\"city\":\"Paris\"}"}},{"id":"call_b","type":"function","function":` +
	`{"name":"weather","arguments":"{\"city\":\"Rome\"}"}}]`

func chat(q *ask) reply {
	message, finish := `"content":"`+text(Text)+`"`, "stop"
	if q.wish == Tools {
		message, finish = `"content":null,`+chatCalls, "tool_calls"
	}
	return object(`{"id":"chatcmpl-double","object":"chat.completion","created":1741569952,"model":"` +
		OpenAIModel + `","choices":[{"index":0,"message":{"role":"assistant",` + message +
		`,"refusal":null},"logprobs":null,"finish_reason":"` + finish + `"}],` + chatUsage +
		`,"service_tier":"default","system_fingerprint":"fp_double"}`)
}

// chatEvents has an event of usage only if that was asked for, as OpenAI does.
func chatEvents(q *ask) reply {
	asked := strings.Contains(q.body, `"include_usage":true`)
	chunk := func(choices, usage string) string {
		if asked && usage == "" {
			usage = `,"usage":null`
		}
		return `data: {"id":"chatcmpl-double","object":"chat.completion.chunk","created":1741569952,` +
			`"model":"` + OpenAIModel + `","service_tier":"default","system_fingerprint":"fp_double",` +
			`"choices":[` + choices + `]` + usage + "}\n\n"
	}
	delta := func(delta, finish string) string {
		return chunk(`{"index":0,"delta":`+delta+`,"logprobs":null,"finish_reason":`+finish+`}`, "")
	}
	pieces := []string{delta(`{"role":"assistant","content":"","refusal":null}`, "null")}
	switch q.wish {
	case Tools:
		for i, city := range []string{"Paris", "Rome"} {
			pieces = append(pieces,
				delta(fmt.Sprintf(`{"tool_calls":[{"index":%d,"id":"call_%c","type":"function",`+
					`"function":{"name":"weather","arguments":""}}]}`, i, 'a'+i), "null"),
				delta(fmt.Sprintf(`{"tool_calls":[{"index":%d,"function":{"arguments":"{\"city\":"}}]}`, i),
					"null"),
				delta(fmt.Sprintf(`{"tool_calls":[{"index":%d,"function":{"arguments":"\"%s\"}"}}]}`, i,
					city), "null"))
		}
		pieces = append(pieces, delta(`{}`, `"tool_calls"`))
	case Midway:
		return events(pieces[0], delta(`{"content":"Hel"}`, "null"),
			`data: {"error":{"message":"The double broke.","type":"server_error","param":null,`+
				`"code":null}}`+"\n\n")
	default:
		for _, word := range Words {
			pieces = append(pieces, delta(`{"content":"`+text(word)+`"}`, "null"))
		}
		pieces = append(pieces, delta(`{}`, `"stop"`))
	}
	if asked {
		pieces = append(pieces, chunk("", ","+chatUsage))
	}
	return events(append(pieces, "data: [DONE]\n\n")...)
}

const responseOutput = `{"id":"msg_1","type":"message","status":"completed","role":"assistant",` +
	`"content":[{"type":"output_text","text":"Hello","annotations":[]}]}`

func response(status, usage, output string) string {
	return `{"id":"resp_double","object":"response","created_at":1741476542,"status":"` + status +
		`","error":null,"incomplete_details":null,"instructions":null,"model":"` + OpenAIModel +
		`","output":[` + output + `],"parallel_tool_calls":true,"service_tier":"default","usage":` +
		usage + `}`
}

func responseEvents() reply {
	event := func(name, rest string) string {
		return "event: " + name + "\ndata: {\"type\":\"" + name + "\"," + rest + "}\n\n"
	}
	return events(
		event("response.created", `"sequence_number":0,"response":`+response("in_progress", "null", "")),
		event("response.output_item.added", `"sequence_number":1,"output_index":0,"item":{"id":"msg_1",`+
			`"type":"message","status":"in_progress","role":"assistant","content":[]}`),
		event("response.output_text.delta", `"sequence_number":2,"item_id":"msg_1","output_index":0,`+
			`"content_index":0,"delta":"Hello"`),
		event("response.output_item.done", `"sequence_number":3,"output_index":0,"item":`+responseOutput),
		event("response.completed", `"sequence_number":4,"response":`+
			response("completed", responseUsage, responseOutput)))
}
