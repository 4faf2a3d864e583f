package query

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"analytics/query/answer"
)

// nested is an AI request in the shape of a Routiium event. What is not known is null.
type nested struct {
	ID          string            `json:"id"`
	Timestamp   int64             `json:"timestamp"`
	Request     nestedRequest     `json:"request"`
	Response    nestedResponse    `json:"response"`
	Performance nestedPerformance `json:"performance"`
	Auth        nestedAuth        `json:"auth"`
	Routing     nestedRouting     `json:"routing"`
}

type nestedRequest struct {
	Endpoint     any `json:"endpoint"`
	Method       any `json:"method"`
	Model        any `json:"model"`
	Stream       any `json:"stream"`
	SizeBytes    any `json:"size_bytes"`
	MessageCount any `json:"message_count"`
	InputTokens  any `json:"input_tokens"`
	UserAgent    any `json:"user_agent"`
	ClientIP     any `json:"client_ip"` // never kept
}

type nestedResponse struct {
	StatusCode   any `json:"status_code"`
	SizeBytes    any `json:"size_bytes"`
	OutputTokens any `json:"output_tokens"`
	Success      any `json:"success"`
	ErrorMessage any `json:"error_message"`
}

type nestedPerformance struct {
	Duration any `json:"duration_ms"`
	TTFB     any `json:"ttfb_ms"`
	Upstream any `json:"upstream_duration_ms"`
}

type nestedAuth struct {
	Authenticated any `json:"authenticated"`
	KeyID         any `json:"api_key_id"`
	KeyLabel      any `json:"api_key_label"`
	Method        any `json:"auth_method"`
}

type nestedRouting struct {
	Backend      any      `json:"backend"`
	UpstreamMode any      `json:"upstream_mode"`
	MCPEnabled   any      `json:"mcp_enabled"`
	MCPServers   []string `json:"mcp_servers"`
	SystemPrompt any      `json:"system_prompt_applied"`
}

// nestedFields are the fields that nest reads, in its order.
var nestedFields = []string{
	"id", "timestamp", "endpoint", "method", "model", "stream", "request_bytes", "message_count",
	"input_tokens", "user_agent", "status_code", "response_bytes", "output_tokens", "success",
	"error_message", "duration_ms", "ttfb_ms", "upstream_duration_ms", "authenticated",
	"api_key_id", "api_key_label", "auth_method", "backend", "upstream_mode", "mcp_enabled",
	"mcp_servers", "system_prompt_applied", "provider",
}

// nest makes an event of a row of nestedFields.
func nest(row []any) nested {
	id, _ := row[0].(string)
	at, _ := row[1].(time.Time)
	n := nested{ID: id, Timestamp: at.Unix()}
	q, s, p := &n.Request, &n.Response, &n.Performance
	q.Endpoint, q.Method, q.Model, q.Stream = row[2], row[3], row[4], row[5]
	q.SizeBytes, q.MessageCount, q.InputTokens, q.UserAgent = row[6], row[7], row[8], row[9]
	s.StatusCode, s.SizeBytes, s.OutputTokens = row[10], row[11], row[12]
	s.Success, s.ErrorMessage = row[13], row[14]
	p.Duration, p.TTFB, p.Upstream = row[15], row[16], row[17]
	n.Auth = nestedAuth{row[18], row[19], row[20], row[21]}
	n.Routing = nestedRouting{
		Backend: row[22], UpstreamMode: row[23], MCPEnabled: row[24], MCPServers: []string{},
		SystemPrompt: row[26],
	}
	if servers, ok := row[25].(string); ok {
		n.Routing.MCPServers = strings.Split(servers, ",")
	}
	if n.Routing.Backend == nil { // who runs the model is the backend where nobody routed
		n.Routing.Backend = row[27]
	}
	return n
}

// export writes pages of events as one JSON array or one csv.
type export struct {
	w   http.ResponseWriter
	csv *csv.Writer
	n   int
}

func newExport(w http.ResponseWriter, format string) *export {
	e := &export{w: w}
	if format == "csv" {
		e.csv = csv.NewWriter(w)
		e.csv.UseCRLF = true
	}
	return e
}

var exportColumns = []string{
	"id", "timestamp", "endpoint", "method", "model", "stream", "status_code", "success",
	"duration_ms", "input_tokens", "output_tokens", "backend", "upstream_mode",
}

func (e *export) write(page []nested) error {
	if e.csv == nil {
		for i := range page {
			b, err := json.Marshal(&page[i])
			if err != nil {
				return err
			}
			lead := ","
			if e.n == 0 {
				lead = "["
			}
			e.n++
			if _, err := e.w.Write(append([]byte(lead), b...)); err != nil {
				return err
			}
		}
		return nil
	}
	if e.n == 0 {
		if err := e.csv.Write(exportColumns); err != nil {
			return err
		}
	}
	e.n++
	for i := range page {
		if err := e.csv.Write(page[i].line()); err != nil {
			return err
		}
	}
	e.csv.Flush()
	return e.csv.Error()
}

// line is the event as the csv has it.
func (n *nested) line() []string {
	return []string{
		answer.Safe(n.ID), strconv.FormatInt(n.Timestamp, 10), answer.Plain(n.Request.Endpoint),
		answer.Plain(n.Request.Method), answer.Plain(n.Request.Model),
		answer.Plain(n.Request.Stream), answer.Plain(n.Response.StatusCode),
		answer.Plain(n.Response.Success), answer.Plain(n.Performance.Duration),
		answer.Plain(n.Request.InputTokens), answer.Plain(n.Response.OutputTokens),
		answer.Plain(n.Routing.Backend), answer.Plain(n.Routing.UpstreamMode),
	}
}

// end closes the array.
func (e *export) end() error {
	if e.csv != nil {
		return nil
	}
	text := "]"
	if e.n == 0 {
		text = "[]"
	}
	_, err := e.w.Write([]byte(text))
	return err
}
