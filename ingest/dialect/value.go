package dialect

import (
	"strconv"

	"analytics/ingest/wire"
)

// value takes a value that the scanner found.
func (r *Reader) value(s slot, k kind, v []byte) {
	a := &r.answer
	switch s {
	case uObject:
		a.now.usage = a.now.usage || k == begin
	case aModel:
		take(&a.model, k, v)
	case aID:
		if a.id == "" {
			take(&a.id, k, v)
		}
	case aTier:
		take(&a.tier, k, v)
	case aType, aObject:
		if k == text && (s == aType || string(v) == "error") {
			a.now.what = whats[string(v)]
		}
		if s == aType && r.status >= 400 && a.errorType == "" && string(v) != "error" {
			take(&a.errorType, k, v) // vLLM has it beside the message
		}
	case aStatus, aReason, aFinish:
		if k == text && len(v) > 0 && (s != aStatus || a.finish == "" && ending(v)) {
			keep(&a.finish, v)
			a.now.finished = true
		}
	case aItem:
		a.now.item = whats[string(v)]
	case aError, aErrorType, aErrorCode, aErrorMessage, aRootMessage, aRootCode:
		r.problem(s, k, v)
	case aDone:
		a.done = a.done || k == literal && string(v) == "true"
	case aEmbedded:
		if c := count(k, v); c.Known { // one for each text, which add up
			r.tally.n[cInput] = wire.Some(r.tally.n[cInput].N + c.N)
		}
	default:
		if s < usages {
			r.tally.value(s, k, v)
			return
		}
		a.content(s, k, v)
	}
}

// ending reports whether a response's status is one it stays in.
func ending(status []byte) bool {
	return string(status) != "in_progress" && string(status) != "queued"
}

// content takes what is in choices, candidates and content.
func (a *answer) content(s slot, k kind, v []byte) {
	switch s {
	case aChoices:
		a.now.choices = a.now.choices || k == begin
	case aChoice:
		switch k {
		case begin:
			a.now.content, a.now.finished, a.choice = true, false, 0
		case end:
			bit := uint64(1) << min(a.choice, 63)
			a.started |= bit
			if a.now.finished {
				a.ended |= bit
			}
		}
	case aIndex:
		a.choice = uint(count(k, v).N)
	case aCall:
		switch {
		case k == begin:
			a.call.begin()
		case k == end && a.call.end():
			a.calls++
		}
	case aCallID:
		if k == text && len(v) > 0 {
			a.call.again = a.call.id == string(v)
			keep(&a.call.id, v)
		}
	case aCallName:
		a.call.named = a.call.named || k == text && len(v) > 0
	case aOutput:
		switch whats[string(v)] {
		case whatCall:
			a.now.calls++
		case whatSearch:
			a.now.searches++
		}
	case aContent:
		if whats[string(v)] == whatCall {
			a.calls++
		}
	case aPart:
		if k == begin {
			a.calls++
		}
	case aQuery:
		if k == text {
			a.now.searches++
		}
	}
}

// problem takes a value of an error.
func (r *Reader) problem(s slot, k kind, v []byte) {
	a := &r.answer
	switch s {
	case aError:
		a.failed = a.failed || k == begin || k == text
		if k == text { // Ollama: the message itself
			keep(&a.errorMessage, v)
		}
	case aErrorType:
		take(&a.errorType, k, v)
	case aErrorCode, aRootCode:
		if _, err := strconv.Atoi(string(v)); err != nil { // a status repeated says nothing
			take(&a.errorCode, k, v)
		}
	case aErrorMessage, aRootMessage:
		take(&a.errorMessage, k, v)
	}
}

// endText ends a JSON text: an event, or the whole answer.
func (a *answer) endText() {
	switch a.now.what {
	case whatEnd:
		a.done = true
	case whatError:
		a.failed = true
	case whatItem:
		switch a.now.item {
		case whatCall:
			a.calls++
		case whatSearch:
			a.searches++
		}
	}
	a.outCalls = max(a.outCalls, a.now.calls)
	a.searches = max(a.searches, a.now.searches)
	a.last, a.now = a.now, chunk{}
}
