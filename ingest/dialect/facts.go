package dialect

import (
	"cmp"
	"strconv"
	"strings"

	"analytics/ingest/wire"
)

// Facts is what the answer said so far; ask for it when the answer has ended.
func (r *Reader) Facts() Facts {
	r.scan.finish()
	closed := r.scan.closed
	a := r.answer
	a.done = a.done || r.events.isDone()
	if closed {
		a.endText()
	}
	f := Facts{
		Model: a.model, ID: a.id, Cost: r.tally.cost, FinishReason: a.finish,
		ToolCalls: max(a.calls, a.outCalls), Tier: r.tier(&a), Usage: r.usage(&a),
		Terminated: r.terminated(&a, closed),
	}
	f.Final = f.Terminated && (r.body == bodyJSON || a.done)
	if a.failed || r.status >= 400 {
		f.ErrorType, f.ErrorMessage = a.errorName(r.status), a.errorMessage
	}
	switch {
	case !f.Usage.Known():
		f.UsageSource = None
	case f.Terminated:
		f.UsageSource = Provider
	default:
		f.UsageSource = Partial
	}
	return f
}

// usage is what the counts mean in the API that answered.
func (r *Reader) usage(a *answer) wire.Usage {
	var u wire.Usage
	switch r.request.shape {
	case shapeAnthropic:
		u = r.tally.anthropic()
	case shapeGemini:
		u = r.tally.gemini()
	default:
		u = r.tally.openAI(r.request.Model + " " + a.model)
	}
	switch op := r.request.Operation; { // whose output is nothing else, details or not
	case op == ImageGeneration && !u.ImageOutput.Known:
		u.ImageOutput = u.Output
	case op == Speech && !u.AudioOutput.Known:
		u.AudioOutput = u.Output
	}
	if a.searches > 0 {
		u.WebSearches = u.WebSearches.Or(wire.Some(a.searches))
	}
	return u
}

// tier is the service tier that answered.
func (r *Reader) tier(a *answer) string {
	t := cmp.Or(r.tally.tier, a.tier)
	if r.request.shape != shapeGemini {
		return t
	}
	t = strings.TrimPrefix(strings.ToLower(t), "service_tier_")
	if tier, ok := traffic[t]; ok {
		return tier
	}
	return t
}

// traffic is what Vertex says of how a request was served, in the words of the others. That it was
// served as usual is said too: the tier that was asked for may have been another.
var traffic = map[string]string{
	"on_demand": "standard", "on_demand_priority": "priority", "on_demand_flex": "flex",
	"provisioned_throughput": "provisioned", "traffic_type_unspecified": "", "unspecified": "",
}

// terminated reports whether the answer came to its end. A chat whose choices all have a reason to
// finish is at its end even without the mark: several servers leave it out, and no content follows.
func (r *Reader) terminated(a *answer, closed bool) bool {
	switch r.body {
	case bodyOpaque:
		return true
	case bodyJSON:
		switch streams := r.request.Stream && r.status < 400; {
		case streams && r.request.shape == shapeGemini:
			return closed && a.finish != ""
		case streams && r.request.shape == shapeOllama:
			return closed && a.done
		}
		return closed
	case bodyEvents:
		if r.request.shape == shapeGemini {
			return a.done || a.finish != ""
		}
		return a.done || a.started != 0 && a.started == a.ended
	}
	return false
}

// errorName is the most specific name there is: OpenAI's type is the class of its code.
func (a *answer) errorName(status int) string {
	switch {
	case a.errorCode != "":
		return a.errorCode
	case a.errorType != "":
		return a.errorType
	case status >= 400:
		return "http_" + strconv.Itoa(status)
	}
	return "error"
}
