package dialect

import (
	"math"
	"strconv"

	"analytics/engine/event"
	"analytics/ingest/wire"
)

// What the values of a usage object mean to us. The first are its numbers, as providers write them;
// what they count is said by the function of usage.go that makes wire.Usage of them.
const (
	cInput slot = 1 + iota
	cOutput
	cTotal
	cCacheRead
	cCacheWrite
	cCacheWrite5m
	cCacheWrite1h
	cCacheMiss
	cReasoning
	cToolPrompt
	cAudioInput
	cAudioCached
	cAudioTool
	cImageInput
	cAudioOutput
	cImageOutput
	cWebSearches
	counts // behind the last number
)

const (
	uObject slot = counts + 1 + iota // the usage object itself
	uTier
	uSpeed
	uCost
	uPrompt   // Gemini: a modality of the prompt, with its tokens
	uCached   // of what the cache held
	uAnswer   // of the answer
	uToolUse  // of what tools put into the prompt
	uDetail   // Bedrock: a time to live, with the tokens written for it
	uModality // which modality or time to live
	uTokens   // its tokens
	usages    // behind the last of a usage object
)

// Cost is what the provider itself says the request cost.
type Cost struct {
	USD   float64
	Known bool
}

// tally is what a usage object said. A number that comes again is assigned: all providers repeat
// in a stream what has grown, none sends differences.
type tally struct {
	n    [counts]wire.Count
	tier string
	cost Cost
	part part
}

// part is the element of an array by modality that is being read.
type part struct {
	mode   mode
	tokens wire.Count
}

type mode uint8

const (
	modeOther mode = iota
	modeAudio
	modeImage
	modeHour
)

// value takes a value of a usage object.
func (t *tally) value(s slot, k kind, v []byte) {
	if s < counts {
		t.n[s] = count(k, v).Or(t.n[s])
		return
	}
	switch s {
	case uPrompt, uCached, uAnswer, uToolUse, uDetail:
		if k == begin {
			t.part = part{}
		} else if k == end {
			t.endPart(s)
		}
	case uModality:
		switch string(v) {
		case "AUDIO":
			t.part.mode = modeAudio
		case "IMAGE":
			t.part.mode = modeImage
		case "1h":
			t.part.mode = modeHour
		}
	case uTokens:
		t.part.tokens = count(k, v)
	case uTier:
		if k == text && t.tier != "fast" {
			keep(&t.tier, v)
		}
	case uSpeed:
		if k == text && string(v) == "fast" {
			keep(&t.tier, v)
		}
	case uCost:
		f, err := strconv.ParseFloat(string(v), 64)
		if k == literal && err == nil && f >= 0 && !math.IsInf(f, 0) {
			t.cost = Cost{USD: f, Known: true}
		}
	}
}

func (t *tally) endPart(s slot) {
	to := slot(0)
	switch p := t.part.mode; {
	case s == uPrompt && p == modeAudio:
		to = cAudioInput
	case s == uPrompt && p == modeImage:
		to = cImageInput
	case s == uCached && p == modeAudio:
		to = cAudioCached
	case s == uToolUse && p == modeAudio:
		to = cAudioTool
	case s == uAnswer && p == modeAudio:
		to = cAudioOutput
	case s == uAnswer && p == modeImage:
		to = cImageOutput
	case s == uDetail && p == modeHour:
		to = cCacheWrite1h
	default:
		return
	}
	t.n[to] = t.part.tokens.Or(t.n[to])
}

// count is a whole number that is not negative; anything else is missing. Some servers write 12.0.
func count(k kind, v []byte) wire.Count {
	if k != literal {
		return wire.Count{}
	}
	n := int64(0)
	for _, c := range v {
		if c < '0' || c > '9' || n > event.MaxNumber/10 {
			f, err := strconv.ParseFloat(string(v), 64)
			if err != nil || f < 0 || f > event.MaxNumber || f != math.Trunc(f) {
				return wire.Count{}
			}
			return wire.Some(int64(f))
		}
		n = n*10 + int64(c-'0')
	}
	if len(v) == 0 || n > event.MaxNumber {
		return wire.Count{}
	}
	return wire.Some(n)
}

// keep assigns without garbage what most chunks of a stream repeat.
func keep(to *string, v []byte) {
	if len(v) > 0 && *to != string(v) {
		*to = string(v)
	}
}
