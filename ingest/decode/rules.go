package decode

import (
	"math/bits"

	"analytics/engine/event"
)

// finish checks what must hold between the fields of a complete event, and fills what follows from
// others.
func (d *Decoder) finish(e *event.Event, t *table) {
	for i, word := range t.required {
		for ; word != 0; word &= word - 1 {
			field := i<<6 + bits.TrailingZeros64(word)
			if !e.Has(field) {
				d.report(MissingField, e.Kind.Fields()[field].Name, "")
				return
			}
		}
	}
	if !e.Has(event.Timestamp) {
		e.SetInt(event.Timestamp, int64(d.window.Now))
	}
	switch e.Kind {
	case event.AIRequest:
		d.inputTokens(e)
		d.outputTokens(e)
		if !e.Has(event.AIProvider) && e.Has(event.AIBackend) {
			if p := providerOf(e.Text(event.AIBackend)); p != nil {
				e.SetText(event.AIProvider, p)
			}
		}
		if !e.Has(event.AISuccess) {
			good := !e.Has(event.AIErrorType) && !e.Has(event.AIErrorMessage)
			if e.Has(event.AIStatusCode) {
				good = e.Int(event.AIStatusCode) >= 200 && e.Int(event.AIStatusCode) < 400
			}
			e.SetBool(event.AISuccess, good)
		}
	case event.ToolCall:
		if !e.Has(event.ToolSuccess) {
			e.SetBool(event.ToolSuccess,
				!e.Has(event.ToolErrorType) && !e.Has(event.ToolErrorMessage))
		}
	case event.AgentTask:
		if !e.Has(event.TaskSuccess) {
			switch string(e.Text(event.TaskStatus)) {
			case "completed":
				e.SetBool(event.TaskSuccess, true)
			case "failed":
				e.SetBool(event.TaskSuccess, false)
			}
		}
	}
}

// inputTokens turns the total and its parts, as senders count them, into buckets that share no
// token: input_tokens includes cache reads, all cache writes and audio; cache_write_tokens includes
// cache_write_1h_tokens. A total that was not given is the sum of the parts.
func (d *Decoder) inputTokens(e *event.Event) {
	if e.Has(event.AICacheWrite1hTokens) {
		hour := e.Int(event.AICacheWrite1hTokens)
		all := hour
		if e.Has(event.AICacheWriteTokens) {
			all = e.Int(event.AICacheWriteTokens)
		}
		if hour > all {
			d.report(InvalidValue, "cache_write_1h_tokens",
				"is more than cache_write_tokens, of which it is a part")
			return
		}
		e.SetInt(event.AICacheWriteTokens, all-hour)
	}
	d.bucket(e, event.AIInputTokens, event.AIInputUncachedTokens, event.AICacheReadTokens,
		event.AICacheWriteTokens, event.AICacheWrite1hTokens, event.AIAudioInputTokens)
}

// outputTokens does the same for output_tokens, which includes reasoning and audio.
func (d *Decoder) outputTokens(e *event.Event) {
	d.bucket(e, event.AIOutputTokens, event.AIOutputTextTokens, event.AIReasoningTokens,
		event.AIAudioOutputTokens)
}

// bucket sets rest to what total has beyond its parts.
func (d *Decoder) bucket(e *event.Event, total, rest int, parts ...int) {
	sum, given := int64(0), false
	for _, p := range parts {
		sum += e.Int(p)
		given = given || e.Has(p)
	}
	switch {
	case !e.Has(total) && !given:
	case !e.Has(total):
		e.SetInt(rest, 0)
	case sum > e.Int(total):
		d.report(InvalidValue, e.Kind.Fields()[total].Name,
			"is less than the sum of its parts; it includes cached, reasoning and audio tokens")
	default:
		e.SetInt(rest, e.Int(total)-sum)
	}
}
