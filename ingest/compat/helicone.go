package compat

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/web"
	"analytics/ingest/decode"
	"analytics/ingest/wire"
)

// postHelicone takes what Helicone's manual loggers send: one call of a provider, a tool or a vector
// database, in the provider's own format. What belongs to Helicone comes as headers of the request
// or, from older clients, as meta of the body.
func (d *Door) postHelicone(w http.ResponseWriter, r *http.Request) error {
	body, err := bodyOf(w, r)
	if err != nil {
		return err
	}
	if !json.Valid(body) {
		return broken("the body is not JSON")
	}
	v := gjson.ParseBytes(body)
	if !v.Get("providerRequest").IsObject() {
		return fault.At(fault.Invalid, string(decode.MissingField), "providerRequest",
			"the body needs providerRequest, providerResponse and timing")
	}
	id := ""
	answer, err := d.take(r.Context(), []item{{value: v}},
		func(l *wire.Lines, v gjson.Result) *decode.Problem {
			h := helicone{v: v, r: r}
			id = h.write(l)
			return nil
		})
	if err != nil {
		return err
	}
	if len(answer.Errors) > 0 {
		return fault.New(fault.Invalid, string(answer.Errors[0].Code), "%s", answer.Errors[0].Message)
	}
	w.Header().Set("Helicone-Id", id)
	return web.JSON(w, http.StatusOK, answer)
}

// helicone is one log being read.
type helicone struct {
	v gjson.Result
	r *http.Request
}

// write writes the event and says its id.
func (h helicone) write(l *wire.Lines) string {
	id := h.header("Helicone-Request-Id")
	if id == "" { // the same log again is the same id
		id = nameOf("helicone", h.v.Raw)
	}
	id = idOf(id)
	start, end := h.moment("startTime"), h.moment("endTime")
	took := time.Duration(-1)
	if !start.IsZero() && !end.IsZero() {
		took = end.Sub(start)
	}
	status, _ := number(h.v, "providerResponse.status")
	failed := status >= 400 || status < 0 // below zero: cancelled, or no answer
	switch kind := text(h.v, "providerRequest.json._type"); kind {
	case "tool", "vector_db":
		l.Begin(event.ToolCall)
		h.common(l, id, start)
		tool := text(h.v, "providerRequest.json.toolName", "providerRequest.json.operation")
		if tool == "" {
			tool = kind
		}
		l.Text(event.ToolTool, tool)
		if kind == "vector_db" {
			l.Text(event.ToolServer, "vector_db")
		}
		l.Span(event.ToolDurationMS, took)
		l.Bool(event.ToolSuccess, !failed && text(h.v, "providerResponse.json.status") != "failed")
	case "data": // steps of the sender's own, which are no call of anything
		return id
	default:
		l.Begin(event.AIRequest)
		h.common(l, id, start)
		l.Span(event.AIDurationMS, took)
		if status >= 100 && status <= 599 {
			l.Int(event.AIStatusCode, int64(status))
		}
		if failed {
			l.Bool(event.AISuccess, false)
		}
		h.request(l)
	}
	l.End()
	return id
}

// common writes what both kinds have.
func (h helicone) common(l *wire.Lines, id string, start time.Time) {
	if !start.IsZero() {
		l.Time(event.Timestamp, start)
	}
	l.Text(event.EventID, id)
	l.Text(event.UserID, h.header("Helicone-User-Id"))
	l.Text(event.SessionID, h.header("Helicone-Session-Id"))
	l.Text(event.ConversationID, h.header("Helicone-Session-Id"))
	t := tags{}
	t.set("session_name", h.header("Helicone-Session-Name"))
	t.set("session_path", h.header("Helicone-Session-Path"))
	const prefix = "helicone-property-"
	for name, values := range h.r.Header {
		if key := strings.ToLower(name); strings.HasPrefix(key, prefix) && len(values) > 0 {
			t.set(key[len(prefix):], values[0])
		}
	}
	h.v.Get("providerRequest.meta").ForEach(func(name, value gjson.Result) bool {
		if key := strings.ToLower(name.Str); strings.HasPrefix(key, prefix) && value.Type == gjson.String {
			t.set(key[len(prefix):], value.Str)
		}
		return true
	})
	l.Properties(t)
}

// request writes what the provider's request and answer say.
func (h helicone) request(l *wire.Lines) {
	request, response := h.v.Get("providerRequest.json"), h.v.Get("providerResponse.json")
	model := h.header("Helicone-Model-Override")
	if model == "" {
		model = text(request, "model")
	}
	answered := text(response, "model", "modelVersion")
	u := usageIn(response)
	if stream := h.v.Get("providerResponse.textBody"); stream.Type == gjson.String {
		name, used := readStream(stream.Str)
		u = u.Then(used)
		if answered == "" {
			answered = name
		}
	}
	if model == "" {
		model = answered
	}
	if model == "" {
		model = unknownModel
	}
	l.Text(event.AIModel, model)
	l.Text(event.AIResponseModel, answered)
	l.Text(event.AIProvider, h.provider())
	if host := hostOf(text(h.v, "providerRequest.url")); host != "" {
		l.Text(event.AIBackend, host)
	}
	if stream, ok := truth(request, "stream"); ok {
		l.Bool(event.AIStream, stream)
	}
	if messages := request.Get("messages"); messages.IsArray() {
		l.Int(event.AIMessageCount, messages.Get("#").Int())
	}
	l.Text(event.AIFinishReason, text(response, "choices.0.finish_reason", "stop_reason"))
	if kind := text(response, "error.type", "error.code"); kind != "" {
		l.Text(event.AIErrorType, kind)
	}
	if ms, ok := number(h.v, "timing.timeToFirstToken"); ok && ms > 0 && ms < maxMS {
		l.Span(event.AITTFBMS, time.Duration(ms*float64(time.Millisecond)))
	}
	l.Text(event.AIPromptID, h.header("Helicone-Prompt-Id"))
	if u.Known() {
		l.Usage(u)
		l.Text(event.AIUsageSource, "client")
	}
}

// provider is whose answer it is, as far as the path or the sender says. For others the backend
// tells.
func (h helicone) provider() string {
	if p := h.header("Helicone-Provider"); p != "" {
		return p
	}
	switch {
	case strings.HasPrefix(h.r.URL.Path, "/oai/"):
		return "openai"
	case strings.HasPrefix(h.r.URL.Path, "/anthropic/"):
		return "anthropic"
	}
	return ""
}

// header is one of Helicone's headers, of the request or of the meta in the body.
func (h helicone) header(name string) string {
	if v := h.r.Header.Get(name); v != "" {
		return v
	}
	found := ""
	h.v.Get("providerRequest.meta").ForEach(func(key, value gjson.Result) bool {
		if strings.EqualFold(key.Str, name) && value.Type == gjson.String {
			found = value.Str
		}
		return found == ""
	})
	return found
}

// moment is a time as Helicone's clients write it: whole seconds, and the milliseconds beyond.
func (h helicone) moment(name string) time.Time {
	at := h.v.Get("timing").Get(name)
	if !at.IsObject() {
		return moment(h.v, "timing."+name)
	}
	seconds, ok := number(at, "seconds")
	ms, _ := number(at, "milliseconds")
	if !ok || seconds < 0 || seconds > 9e9 || ms < 0 || ms > 1e6 {
		return time.Time{}
	}
	return time.Unix(0, int64(seconds*1e3)*1e6+int64(ms*1e6)).UTC()
}

// usageIn is the tokens in a provider's answer.
func usageIn(response gjson.Result) wire.Usage {
	for _, at := range []string{"usage", "usageMetadata", "response.usage", "message.usage"} {
		if u := usageOf(response.Get(at)); u.Known() {
			return u
		}
	}
	return wire.Usage{}
}

// readStream reads the model and the tokens out of a stream's text: lines of JSON, of which those of
// server-sent events begin with "data:".
func readStream(body string) (model string, u wire.Usage) {
	for line := range bytes.Lines([]byte(body)) {
		line = bytes.TrimSpace(bytes.TrimPrefix(bytes.TrimSpace(line), []byte("data:")))
		if len(line) == 0 || line[0] != '{' || !json.Valid(line) {
			continue
		}
		v := gjson.ParseBytes(line)
		if model == "" {
			model = text(v, "model", "message.model", "response.model", "modelVersion")
		}
		u = mergeStream(u, v)
	}
	return model, consistent(u)
}

// mergeStream assigns what a later part of a stream knows better. Anthropic's last part repeats
// output_tokens alone, without the cached tokens that its first part's total was made of.
func mergeStream(u wire.Usage, v gjson.Result) wire.Usage {
	later := usageIn(v)
	if text(v, "type") == "message_delta" {
		all := v.Get("usage")
		read := count(all, "cache_read_input_tokens").Or(u.CacheRead)
		write := count(all, "cache_creation_input_tokens").Or(u.CacheWrite)
		if input := count(all, "input_tokens"); input.Known {
			later.Input = sum(input, read, write)
		} else {
			later.Input = wire.Count{}
		}
	}
	return u.Then(later)
}
