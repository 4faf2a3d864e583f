package gateway

import (
	"cmp"
	"math"
	"net/http"
	"strconv"
	"time"

	"analytics/ingest/dialect"
)

// begin starts the row of a call that a model works for. Other calls, such as lists of models, are
// passed on like all and have no row.
func (c *call) begin() {
	if !c.asked.Billed {
		c.rec = &record{}
		return
	}
	c.rec = &record{
		tenant: c.caller.tenant, caller: c.caller, id: newID(c.start), start: c.start,
		labels: labelsOf(c.r.Header), model: c.asked.Model, provider: c.up.provider, backend: c.up.name,
		endpoint: c.asked.Endpoint, method: c.r.Method, operation: c.asked.Operation,
		tier: c.asked.Tier, stream: c.asked.Stream, messages: int64(c.asked.Messages),
		userAgent: c.r.UserAgent(), usageSource: dialect.None,
	}
	l := &c.rec.labels
	if l.trace != "" {
		c.rec.span = newSpan()
	}
	l.user = cmp.Or(l.user, c.asked.User)
	if l.prompt == "" {
		l.prompt = c.asked.Prompt
		l.promptVersion = cmp.Or(l.promptVersion, c.asked.Version)
	}
}

// finish completes the row and hands it to the recorder. Every call that was entered ends here.
func (c *call) finish(status int, kind, message string) {
	c.leave.Do(func() {}) // from here on it does not matter whether the caller stays
	c.cancel(nil)
	if c.clock != nil {
		c.clock.Stop()
	}
	if c.spare {
		<-c.g.drains
	}
	if !c.asked.Billed {
		return
	}
	r := c.rec
	if r.total == 0 {
		r.total = c.g.now().Sub(c.start)
	}
	r.upstream = c.waited
	// What is ours is what is left without waiting for others: for the upstream, and for the caller
	// to send its request and to take its answer.
	r.overhead = max(0, r.total-c.waited-c.wrote-time.Duration(c.body.waited.Load()))
	r.requestBytes = c.body.sent.Load()
	r.status, r.errorMessage = status, message
	r.won = kind == "" && !failed(status)
	if r.errorType = kind; kind == "" && failed(status) {
		r.errorType = "http_" + strconv.Itoa(status)
	}
	if r.model == "" {
		r.model = cmp.Or(r.answeredBy, "unknown") // a file that is too long to be looked through
	}
	c.settle()
	c.g.recorder.take(r)
}

// refuse answers in the provider's words.
func (c *call) refuse(no *refusal) error {
	d, _ := dialect.ByName("openai")
	if c.up != nil {
		d = c.up.dialect
	}
	h := c.w.Header()
	contentType, body := d.ErrorBody(no.status, no.code, no.message)
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if no.final {
		h.Set("X-Should-Retry", "false") // the SDKs made by Stainless would try twice more
	}
	if c.later > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(c.later.Seconds()))))
	}
	if no.status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="analytics"`)
	}
	if c.rec != nil && c.asked.Billed {
		h.Set(idHeader, c.rec.id)
	}
	c.w.WriteHeader(no.status)
	_, err := c.w.Write(body)
	return err
}
