package gateway

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"net/http"
	"strings"
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
	untimed                 bool // nobody knows how long it took: a request of a batch
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
	say(l, event.EventID, c.id)
	l.Time(event.Timestamp, c.start)
	say(l, event.Project, c.labels.project)
	say(l, event.UserID, c.labels.user)
	say(l, event.SessionID, c.labels.session)
	if c.labels.trace != "" {
		say(l, event.TraceID, c.labels.trace)
		say(l, event.SpanID, c.span)
		say(l, event.ParentSpanID, c.labels.parent)
	}
	say(l, event.Agent, c.labels.agent)
	say(l, event.ConversationID, c.labels.conversation)
	l.Properties(c.labels.properties)
	say(l, event.AIModel, c.model)
	say(l, event.AIResponseModel, c.answeredBy)
	say(l, event.AIProvider, c.provider)
	say(l, event.AIBackend, c.backend)
	say(l, event.AIEndpoint, c.endpoint)
	say(l, event.AIMethod, c.method)
	say(l, event.AIOperation, c.operation)
	l.Bool(event.AIStream, c.stream)
	if c.status >= 100 && c.status < 600 { // servers make up others
		l.Int(event.AIStatusCode, int64(c.status))
	}
	l.Bool(event.AISuccess, c.won)
	say(l, event.AIErrorType, c.errorType)
	say(l, event.AIErrorMessage, c.errorMessage)
	l.Usage(c.usage)
	if c.costKnown {
		l.Float(event.AICostUSD, c.cost)
	}
	say(l, event.AIUsageSource, c.usageSource)
	say(l, event.AITier, c.tier)
	say(l, event.AIFinishReason, c.finish)
	c.writeSpans(l)
	c.writeCounts(l)
	say(l, event.AIUserAgent, c.userAgent)
	say(l, event.AIAPIKeyID, c.caller.keyID)
	say(l, event.AIAPIKeyLabel, c.caller.label)
	say(l, event.AIAuthMethod, c.caller.method)
	l.Bool(event.AIAuthenticated, c.caller.known)
	say(l, event.AIPromptID, c.labels.prompt)
	say(l, event.AIPromptVersion, c.labels.promptVersion)
	l.Int(event.AIAttempt, c.labels.attempt)
	l.End()
}

// say writes text that came from outside. What is not UTF-8 grows when it is made so, and a field that
// is too long then would cost the row.
func say(l *wire.Lines, field int, v string) { l.Text(field, strings.ToValidUTF8(v, "\uFFFD")) }

func (c *record) writeSpans(l *wire.Lines) {
	if c.untimed {
		return
	}
	l.Span(event.AIDurationMS, c.total)
	l.Span(event.AIUpstreamDurationMS, c.upstream)
	l.Span(event.AIOverheadMS, c.overhead)
	if c.firstKnown {
		l.Span(event.AITTFBMS, c.first)
	}
}

func (c *record) writeCounts(l *wire.Lines) {
	if !c.untimed {
		l.Int(event.AIRequestBytes, c.requestBytes)
		l.Int(event.AIResponseBytes, c.responseBytes)
	}
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
