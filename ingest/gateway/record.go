package gateway

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"net/http"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/ingest/wire"
)

// record is what is kept of a call, until it is a row.
type record struct {
	tenant store.Tenant
	id     string
	span   string
	start  time.Time

	caller caller
	labels labels

	model, answeredBy       string
	provider, backend       string
	endpoint, method        string
	operation               string
	tier, finish            string
	errorType, errorMessage string
	userAgent, usageSource  string
	status                  int
	stream, won             bool
	messages, tools         int64
	usage                   wire.Usage

	total, first, upstream, overhead time.Duration
	firstKnown, costKnown            bool
	cost                             float64 // the upstream's own figure, in USD
	requestBytes, responseBytes      int64
}

// The error types of what happens between us and others; an upstream's own errors keep theirs.
const (
	clientAbort       = "client_abort"
	upstreamTruncated = "upstream_truncated"
	upstreamTimeout   = "upstream_timeout"
	upstreamFailed    = "upstream_unreachable"
	requestTooLarge   = "request_too_large"
)

// statusGone is the status of a call whose caller left, after nginx: nobody got one.
const statusGone = 499

// write writes the record as an event.
func (c *record) write(l *wire.Lines) {
	l.Begin(event.AIRequest)
	l.Text(event.EventID, c.id)
	l.Time(event.Timestamp, c.start)
	l.Text(event.Project, c.labels.project)
	l.Text(event.UserID, c.labels.user)
	l.Text(event.SessionID, c.labels.session)
	if c.labels.trace != "" {
		l.Text(event.TraceID, c.labels.trace)
		l.Text(event.SpanID, c.span)
		l.Text(event.ParentSpanID, c.labels.parent)
	}
	l.Text(event.Agent, c.labels.agent)
	l.Text(event.ConversationID, c.labels.conversation)
	l.Properties(c.labels.properties)
	l.Text(event.AIModel, c.model)
	l.Text(event.AIResponseModel, c.answeredBy)
	l.Text(event.AIProvider, c.provider)
	l.Text(event.AIBackend, c.backend)
	l.Text(event.AIEndpoint, c.endpoint)
	l.Text(event.AIMethod, c.method)
	l.Text(event.AIOperation, c.operation)
	l.Bool(event.AIStream, c.stream)
	l.Int(event.AIStatusCode, int64(c.status))
	l.Bool(event.AISuccess, c.won)
	l.Text(event.AIErrorType, c.errorType)
	l.Text(event.AIErrorMessage, c.errorMessage)
	l.Usage(c.usage)
	if c.costKnown {
		l.Float(event.AICostUSD, c.cost)
	}
	l.Text(event.AIUsageSource, c.usageSource)
	l.Text(event.AITier, c.tier)
	l.Text(event.AIFinishReason, c.finish)
	c.writeSpans(l)
	c.writeCounts(l)
	l.Text(event.AIUserAgent, c.userAgent)
	l.Text(event.AIAPIKeyID, c.caller.keyID)
	l.Text(event.AIAPIKeyLabel, c.caller.label)
	l.Text(event.AIAuthMethod, c.caller.method)
	l.Bool(event.AIAuthenticated, c.caller.known)
	l.Text(event.AIPromptID, c.labels.prompt)
	l.Text(event.AIPromptVersion, c.labels.promptVersion)
	l.Int(event.AIAttempt, c.labels.attempt)
	l.End()
}

func (c *record) writeSpans(l *wire.Lines) {
	l.Span(event.AIDurationMS, c.total)
	l.Span(event.AIUpstreamDurationMS, c.upstream)
	l.Span(event.AIOverheadMS, c.overhead)
	if c.firstKnown {
		l.Span(event.AITTFBMS, c.first)
	}
}

func (c *record) writeCounts(l *wire.Lines) {
	l.Int(event.AIRequestBytes, c.requestBytes)
	l.Int(event.AIResponseBytes, c.responseBytes)
	if c.messages > 0 {
		l.Int(event.AIMessageCount, c.messages)
	}
	if c.answeredBy != "" {
		l.Int(event.AIRequestedToolCalls, c.tools)
	}
}

// newID is a UUIDv7: the event's id, known before the answer so that it can be told.
func newID(now time.Time) string {
	var id [16]byte
	rand.Read(id[:])
	var millis [8]byte
	binary.BigEndian.PutUint64(millis[:], uint64(now.UnixMilli())<<16)
	copy(id[:6], millis[:6])
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	var text [36]byte
	hex.Encode(text[:8], id[:4])
	hex.Encode(text[9:13], id[4:6])
	hex.Encode(text[14:18], id[6:8])
	hex.Encode(text[19:23], id[8:10])
	hex.Encode(text[24:], id[10:])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}

// newSpan is a span id of W3C's trace context.
func newSpan() string {
	var id [8]byte
	rand.Read(id[:])
	id[7] |= 1 // never all zeros
	return hex.EncodeToString(id[:])
}

// failed reports a status that is none of success.
func failed(status int) bool { return status >= http.StatusBadRequest }
