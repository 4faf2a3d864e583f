package export

import (
	"strconv"
	"time"

	"analytics/engine/event"
)

// cell is one column of CSV or member of a JSON object, of one kind of events.
type cell struct {
	name string
	form form
	// put appends the value's text, not yet quoted; ok is false if the event has none.
	put func(dst []byte, e *event.Event) (out []byte, ok bool)
}

// form is how a value is written in JSON, and whether CSV must be careful with it.
type form uint8

const (
	number form = iota // JSON as it is: numbers and booleans
	text               // quoted
	object             // JSON as it is, but text in CSV: properties
)

// csvCells are the columns of a kind: every field that is kept, under its name on the wire.
func csvCells(kind event.Kind) []cell {
	var cells []cell
	for i, f := range kind.Fields() {
		if f.Transient {
			continue
		}
		switch {
		case kind == event.AIRequest && i == event.AIInputUncachedTokens:
			cells = append(cells, inputTokens())
		case kind == event.AIRequest && i == event.AIOutputTextTokens:
			cells = append(cells, outputTokens())
		case kind == event.AIRequest && i == event.AICacheWriteTokens:
			cells = append(cells, cacheWriteTokens())
		case kind == event.AIRequest && i == event.AIClientCost:
			cells = append(cells, plain("cost_usd", i, f.Type))
		default:
			cells = append(cells, plain(f.Name, i, f.Type))
		}
	}
	return cells
}

// jsonCells are the members of a kind that POST /v1/events takes.
func jsonCells(kind event.Kind) []cell {
	var cells []cell
	for i, f := range kind.Fields() {
		switch {
		case kind == event.AIRequest && i == event.AICacheWriteTokens:
			cells = append(cells, cacheWriteTokens())
		case kind == event.AIRequest && i == event.AIInputTokens:
			cells = append(cells, inputTokens())
		case kind == event.AIRequest && i == event.AIOutputTokens:
			cells = append(cells, outputTokens())
		case kind == event.AIRequest && i == event.AICostUSD:
			cells = append(cells, plain(f.Name, event.AIClientCost, event.Money))
		case f.Name == "url":
			cells = append(cells, cell{f.Name, text, placeOf(kind).url})
		case f.Name == "referrer":
			cells = append(cells, cell{f.Name, text, referrer})
		case !f.Derived && !f.Transient:
			cells = append(cells, plain(f.Name, i, f.Type))
		}
	}
	return cells
}

// plain is a field that is written as it is kept.
func plain(name string, field int, t event.Type) cell {
	c := cell{name: name}
	switch t {
	case event.String, event.Text, event.ID, event.Time:
		c.form = text
	case event.Properties:
		c.form = object
	}
	c.put = func(dst []byte, e *event.Event) ([]byte, bool) {
		if !e.Has(field) {
			return dst, false
		}
		return appendValue(dst, e, field, t), true
	}
	return c
}

func appendValue(dst []byte, e *event.Event, field int, t event.Type) []byte {
	switch t {
	case event.Time:
		at := event.Micros(e.Int(field)).Time()
		return at.AppendFormat(dst, time.RFC3339Nano)
	case event.Int:
		return strconv.AppendInt(dst, e.Int(field), 10)
	case event.Money:
		return appendDecimal(dst, e.Int(field), 9)
	case event.Millis:
		return appendDecimal(dst, e.Int(field), 3)
	case event.Float:
		return strconv.AppendFloat(dst, e.Float(field), 'g', -1, 64)
	case event.Bool:
		return strconv.AppendBool(dst, e.Bool(field))
	case event.ID:
		return event.AppendIDText(dst, e.Text(field))
	}
	return append(dst, e.Text(field)...)
}

// appendDecimal appends v / 10^digits without needless zeros: 1500 with 3 digits is 1.5.
func appendDecimal(dst []byte, v int64, digits int) []byte {
	u := uint64(v)
	if v < 0 {
		dst, u = append(dst, '-'), -u
	}
	unit := uint64(1)
	for range digits {
		unit *= 10
	}
	dst = strconv.AppendUint(dst, u/unit, 10)
	rest := u % unit
	if rest == 0 {
		return dst
	}
	at := len(dst)
	// The leading 1 keeps the zeros behind it, and becomes the point.
	dst = strconv.AppendUint(dst, unit+rest, 10)
	dst[at] = '.'
	for dst[len(dst)-1] == '0' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

// inputTokens is the total as senders count it, with everything cached, written and heard.
func inputTokens() cell {
	return total("input_tokens", event.AIInputUncachedTokens, event.AICacheReadTokens,
		event.AICacheWriteTokens, event.AICacheWrite1hTokens, event.AIAudioInputTokens)
}

// outputTokens is the total, reasoning and audio included.
func outputTokens() cell {
	return total("output_tokens", event.AIOutputTextTokens, event.AIReasoningTokens,
		event.AIAudioOutputTokens)
}

// cacheWriteTokens is all that was written, for whatever time.
func cacheWriteTokens() cell {
	return total("cache_write_tokens", event.AICacheWriteTokens, event.AICacheWrite1hTokens)
}

// total is the sum of fields, there if one of them is.
func total(name string, fields ...int) cell {
	return cell{name, number, func(dst []byte, e *event.Event) ([]byte, bool) {
		sum, ok := int64(0), false
		for _, f := range fields {
			sum += e.Int(f)
			ok = ok || e.Has(f)
		}
		if !ok {
			return dst, false
		}
		return strconv.AppendInt(dst, sum, 10), true
	}}
}
