package sample

import (
	"math"

	"pgregory.net/rapid"

	"analytics/engine/event"
)

// Kind draws one of the eight kinds.
func Kind(t *rapid.T) event.Kind { return rapid.SampledFrom(event.Kinds()).Draw(t, "kind") }

// Any draws an event of the kind into e: any subset of its fields, with the smallest, largest and
// strangest values that a row may hold. Its timestamp lies in the hour.
func Any(t *rapid.T, e *event.Event, kind event.Kind, hour event.Hour) {
	e.Reset(kind)
	for f, field := range kind.Fields() {
		switch {
		case f == event.Timestamp:
			first, last := int64(hour.Start()), int64(hour.End())-1
			e.SetInt(f, rapid.OneOf(rapid.Int64Range(first, last),
				rapid.Int64Range(first, first+3)).Draw(t, "timestamp")) // some at the same moment
		case f == event.EventID:
			e.SetID(f, id(t))
		case field.Transient || !rapid.Bool().Draw(t, "has "+field.Name):
		default:
			set(t, e, f, field)
		}
	}
}

func set(t *rapid.T, e *event.Event, f int, field event.Field) {
	switch field.Type {
	case event.Bool:
		e.SetBool(f, rapid.Bool().Draw(t, field.Name))
	case event.Float:
		e.SetFloat(f, rapid.Float64Range(-math.MaxFloat64, math.MaxFloat64).Draw(t, field.Name))
	case event.ID:
		e.SetID(f, id(t))
	case event.String:
		words := []string{"", "a", "gpt-4o", "größe", "日本", "with,comma\nand\"quote\""}
		e.SetText(f, []byte(rapid.SampledFrom(words).Draw(t, field.Name)))
	case event.Text:
		e.SetText(f, []byte(rapid.StringN(0, 20, 60).Draw(t, field.Name)))
	case event.Properties:
		props := []string{`{}`, `{"a":1}`, `{"b":true,"c":"x"}`}
		e.SetText(f, []byte(rapid.SampledFrom(props).Draw(t, field.Name)))
	default:
		number := rapid.OneOf(rapid.Int64Range(0, 1000), rapid.Int64(),
			rapid.SampledFrom([]int64{0, event.MaxNumber, math.MaxInt64, math.MinInt64}))
		e.SetInt(f, number.Draw(t, field.Name))
	}
}

// id draws an identifier's text in each of its forms.
func id(t *rapid.T) []byte {
	form := rapid.SampledFrom([]string{
		`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`,
		`[0-9a-f]{32}`, `[0-9a-f]{16}`, `[A-Z]{36}`, `req_[a-zA-Z0-9]{1,20}`,
	}).Draw(t, "form")
	return []byte(rapid.StringMatching(form).Draw(t, "id"))
}
