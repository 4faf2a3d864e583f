package sample

import (
	"fmt"
	"math/big"
	"strconv"

	"analytics/engine/event"
)

// scales are how many of what a field keeps are one of what a script writes.
var scales = map[event.Type]int64{event.Int: 1, event.Money: 1e9, event.Millis: 1e3}

// Set sets a field of an event as scripts write it: dollars, milliseconds, true and false.
func Set(e *event.Event, name, value string) error {
	field, ok := e.Kind.Field(name)
	if !ok {
		return fmt.Errorf("%s has no field %q", e.Kind, name)
	}
	switch typ := e.Kind.Fields()[field].Type; typ {
	case event.Int, event.Money, event.Millis:
		n, ok := new(big.Rat).SetString(value)
		if !ok || !n.Mul(n, big.NewRat(scales[typ], 1)).IsInt() {
			return fmt.Errorf("%s=%s is no number that can be kept", name, value)
		}
		e.SetInt(field, n.Num().Int64())
	case event.Float:
		f, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return err
		}
		e.SetFloat(field, f)
	case event.Bool:
		e.SetBool(field, value == "true")
	case event.ID:
		e.SetID(field, []byte(value))
	default:
		e.SetText(field, []byte(value))
	}
	return nil
}
