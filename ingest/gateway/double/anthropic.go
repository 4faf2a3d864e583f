package double

import (
	"fmt"
	"strings"
)

const messageUsage = `"input_tokens":500,"cache_creation_input_tokens":300,` +
	`"cache_read_input_tokens":2000,"cache_creation":{"ephemeral_5m_input_tokens":200,` +
	`"ephemeral_1h_input_tokens":100},"service_tier":"standard"`

var anthropicErrors = map[string]string{
	"400": "invalid_request_error", "401": "authentication_error", "429": "rate_limit_error",
	"500": "api_error", "529": "overloaded_error",
}

func anthropic(q *ask) reply {
	if q.Header.Get("X-Api-Key") != Key {
		return anthropicError("401")
	}
	switch path := q.URL.Path; {
	case q.wish == Status:
		return anthropicError(q.status)
	case path == "/v1/messages/count_tokens":
		return object(`{"input_tokens":14}`)
	case path == "/v1/messages" && q.stream:
		return messageEvents(q)
	case path == "/v1/messages":
		return message(q)
	}
	return reply{status: 404, media: "application/json", pieces: []string{
		`{"type":"error","error":{"type":"not_found_error","message":"Not found"}}`}}
}

func anthropicError(status string) reply {
	a := object(fmt.Sprintf(`{"type":"error","error":{"type":%q,"message":"The double says %s."},`+
		`"request_id":"req_double"}`, anthropicErrors[status], status))
	_, _ = fmt.Sscan(status, &a.status)
	a.header = map[string]string{"Request-Id": "req_double", "Retry-After-Ms": "1"}
	return a
}

func message(q *ask) reply {
	content, stop := `{"type":"text","text":"`+text(Text)+`"}`, "end_turn"
	if q.wish == Tools {
		content, stop = tool("a", `{"city":"Paris"}`)+","+tool("b", `{"city":"Rome"}`), "tool_use"
	}
	return object(`{"model":"` + AnthropicModel + `","id":"msg_double","type":"message",` +
		`"role":"assistant","content":[` + content + `],"stop_reason":"` + stop +
		`","stop_sequence":null,"usage":{` + messageUsage + `,"output_tokens":80}}`)
}

func tool(id, input string) string {
	return `{"type":"tool_use","id":"toolu_` + id + `","name":"weather","input":` + input + `}`
}

func messageEvents(q *ask) reply {
	event := func(name, rest string) string {
		return "event: " + name + "\ndata: {\"type\":\"" + name + "\"" + rest + "}\n\n"
	}
	block := func(index int, start string, deltas ...string) string {
		all := event("content_block_start", fmt.Sprintf(`,"index":%d,"content_block":%s`, index, start))
		for _, d := range deltas {
			all += event("content_block_delta", fmt.Sprintf(`,"index":%d,"delta":%s`, index, d))
		}
		return all + event("content_block_stop", fmt.Sprintf(`,"index":%d`, index))
	}
	pieces := []string{event("message_start", `,"message":{"model":"`+AnthropicModel+
		`","id":"msg_double","type":"message","role":"assistant","content":[],"stop_reason":null,`+
		`"stop_sequence":null,"usage":{`+messageUsage+`,"output_tokens":2}}`), event("ping", "")}
	stop := "end_turn"
	switch q.wish {
	case Midway:
		return events(append(pieces, event("error",
			`,"error":{"type":"overloaded_error","message":"Overloaded"}`))...)
	case Tools:
		stop = "tool_use"
		for i, city := range []string{"Paris", "Rome"} {
			pieces = append(pieces, block(i, tool(string(rune('a'+i)), "{}"),
				`{"type":"input_json_delta","partial_json":"{\"city\":"}`,
				`{"type":"input_json_delta","partial_json":"\"`+city+`\"}"}`))
		}
	default:
		var deltas []string
		for _, word := range Words {
			deltas = append(deltas, `{"type":"text_delta","text":"`+text(word)+`"}`)
		}
		for part := range strings.SplitAfterSeq(block(0, `{"type":"text","text":""}`, deltas...), "\n\n") {
			if part != "" {
				pieces = append(pieces, part)
			}
		}
	}
	return events(append(pieces,
		event("message_delta", `,"delta":{"stop_reason":"`+stop+`","stop_sequence":null},`+
			`"usage":{"output_tokens":80}`),
		event("message_stop", ""))...)
}
