package wire

import "analytics/engine/event"

// Count is a number that may be missing, which is not zero.
type Count struct {
	N     int64
	Known bool
}

// Some is a count that is known.
func Some(n int64) Count { return Count{N: n, Known: true} }

// Or is the count, or other where it is missing.
func (c Count) Or(other Count) Count {
	if c.Known {
		return c
	}
	return other
}

// Usage is the tokens of one AI request with the meaning of the native door, which is that of
// OpenTelemetry: Input includes everything read, Output everything written; the others are parts of
// them. Doors convert from their provider's meaning.
type Usage struct {
	Input        Count // includes CacheRead, CacheWrite, AudioInput and ImageInput
	CacheRead    Count
	CacheWrite   Count // includes CacheWrite1h
	CacheWrite1h Count
	AudioInput   Count
	ImageInput   Count
	Output       Count // includes Reasoning, AudioOutput and ImageOutput
	Reasoning    Count
	AudioOutput  Count
	ImageOutput  Count
	WebSearches  Count // requests, not tokens
}

// Known reports whether anything at all is known.
func (u Usage) Known() bool { return u != Usage{} }

// Then is u with all that later knows better: providers repeat growing counts in a stream, which are
// assigned, never added.
func (u Usage) Then(later Usage) Usage {
	return Usage{
		Input: later.Input.Or(u.Input), CacheRead: later.CacheRead.Or(u.CacheRead),
		CacheWrite: later.CacheWrite.Or(u.CacheWrite), CacheWrite1h: later.CacheWrite1h.Or(u.CacheWrite1h),
		AudioInput: later.AudioInput.Or(u.AudioInput), ImageInput: later.ImageInput.Or(u.ImageInput),
		Output: later.Output.Or(u.Output), Reasoning: later.Reasoning.Or(u.Reasoning),
		AudioOutput: later.AudioOutput.Or(u.AudioOutput), ImageOutput: later.ImageOutput.Or(u.ImageOutput),
		WebSearches: later.WebSearches.Or(u.WebSearches),
	}
}

// Usage writes what is known of an ai_request's tokens.
func (l *Lines) Usage(u Usage) {
	for _, c := range [...]struct {
		field int
		count Count
	}{
		{event.AIInputTokens, u.Input}, {event.AICacheReadTokens, u.CacheRead},
		{event.AICacheWriteTokens, u.CacheWrite}, {event.AICacheWrite1hTokens, u.CacheWrite1h},
		{event.AIAudioInputTokens, u.AudioInput}, {event.AIImageInputTokens, u.ImageInput},
		{event.AIOutputTokens, u.Output}, {event.AIReasoningTokens, u.Reasoning},
		{event.AIAudioOutputTokens, u.AudioOutput}, {event.AIImageOutputTokens, u.ImageOutput},
		{event.AIWebSearches, u.WebSearches},
	} {
		if c.count.Known {
			l.Int(c.field, c.count.N)
		}
	}
}
