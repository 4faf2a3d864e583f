package gateway

import (
	"bytes"
	"net/http"
	"time"

	"github.com/tidwall/gjson"

	"analytics/engine/budget"
	"analytics/ingest/dialect"
	"analytics/ingest/events"
)

// budgets are asked before a call goes on.
type budgets struct {
	ledger *budget.Ledger
	prices *events.Intake
}

// Guard has budgets asked about the calls that come from now on. It is set before the first.
func (g *Gateway) Guard(l *budget.Ledger, prices *events.Intake) { g.budgets = &budgets{l, prices} }

const (
	// bytesPerToken makes tokens of a request's bytes: English has four and more, and JSON's own
	// words come on top. Pictures in a request have far fewer tokens than that says.
	bytesPerToken = 4
	// maxReservedIn is the longest prompt that any model takes.
	maxReservedIn = 2_000_000
	// maxReservedOut and maxChoices bound what a caller may say about its answer.
	maxReservedOut = 1 << 24
	maxChoices     = 128
)

// reserve asks the budgets whether the call may go on, and reserves the most that it may cost. nil
// lets it go on. A batch is judged by all its requests, but reserves nothing: its costs come when its
// results are fetched.
func (c *call) reserve() *refusal {
	b := c.g.budgets
	if b == nil || !c.asked.Billed || !b.ledger.Concerns(c.caller.tenant) {
		return nil
	}
	a := budget.Ask{Tenant: c.caller.tenant, ID: c.rec.id, Labels: budget.LabelsOf(c.rec.labels.project,
		c.rec.labels.user, c.rec.labels.agent, c.caller.keyID, c.rec.model, c.rec.provider)}
	t := c.expected(b.ledger.OutputTokens())
	tier := c.asked.Tier
	if c.asked.Operation == dialect.Batch {
		tier = "batch"
	}
	a.Cost, a.Priced = b.prices.Estimate(c.rec.provider, c.rec.model, tier, t)
	a.Free = a.Priced && a.Cost == 0
	var v budget.Verdict
	if c.asked.Operation == dialect.Batch {
		v = b.ledger.Check(c.r.Context(), a)
	} else {
		v = b.ledger.Reserve(c.r.Context(), a)
		c.reserved = v.Allowed
	}
	if v.Allowed {
		return nil
	}
	c.later = v.Wait
	if v.Final && !v.Resumes.IsZero() {
		c.w.Header().Set(resumesHeader, v.Resumes.UTC().Format(time.RFC3339))
	}
	return &refusal{statusOf(v, c.up.dialect.Name()), v.Code, v.Reason, v.Final}
}

// resumesHeader tells a paused caller when calls go on.
const resumesHeader = "X-Analytics-Resumes"

// statusOf is a status that SDKs take for what it is: official ones try 408, 409, 429 and 5xx again,
// and nothing else. Gemini's have no name for 402.
func statusOf(v budget.Verdict, shape string) int {
	switch {
	case v.Final && shape == "gemini":
		return http.StatusForbidden
	case v.Final:
		return http.StatusPaymentRequired
	case v.Code == budget.CodeCounting:
		return http.StatusServiceUnavailable
	}
	return http.StatusTooManyRequests
}

// settle says that the call is over: its row settles what it reserved.
func (c *call) settle() {
	if c.reserved {
		c.g.budgets.ledger.Ended(c.caller.tenant, c.rec.id)
	}
}

// expected is the most tokens that the call is likely to use. standard is for the answer where the
// call sets no limit.
func (c *call) expected(standard int64) events.Tokens {
	body, size := c.body.head, max(int64(len(c.body.head)), c.body.length)
	if coding := c.r.Header.Get("Content-Encoding"); coding != "" {
		body = unpacked(coding, body)
		size = max(size, int64(len(body)))
	}
	t := events.Tokens{
		In:     min(size/bytesPerToken+1, maxReservedIn),
		Cached: bytes.Contains(body, []byte(`"cache_control"`)),
	}
	switch c.asked.Operation {
	case dialect.Embeddings, dialect.Rerank:
		return t
	case dialect.Batch:
		t.Out = standard * int64(max(1, c.asked.Messages))
		return t
	}
	limit, choices := limitsOf(body)
	if limit == 0 {
		limit = standard
	}
	t.Out = limit * choices
	return t
}

// limitsOf is what a request says about the length of its answer, 0 for nothing, and how many answers
// it wants. Of equal keys the last counts, as for servers.
func limitsOf(body []byte) (tokens, choices int64) {
	choices = 1
	var read func(key, value gjson.Result) bool
	read = func(key, value gjson.Result) bool {
		switch key.Str {
		case "max_tokens", "max_completion_tokens", "max_output_tokens", "maxOutputTokens":
			if n := value.Int(); value.Type == gjson.Number && n > 0 {
				tokens = min(n, maxReservedOut)
			}
		case "n", "candidateCount":
			if n := value.Int(); value.Type == gjson.Number && n > 0 {
				choices = min(n, maxChoices)
			}
		case "generationConfig", "generation_config":
			if value.IsObject() {
				value.ForEach(read)
			}
		}
		return true
	}
	if whole := gjson.ParseBytes(body); whole.IsObject() {
		whole.ForEach(read)
	}
	return tokens, choices
}
