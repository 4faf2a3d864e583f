package decode

import (
	"strconv"

	"analytics/engine/event"
)

// Code says for programs what is wrong with an event. Codes are part of the API.
type Code string

// The codes of problems.
const (
	MissingField      Code = "missing_field"
	UnknownType       Code = "unknown_type"
	WrongType         Code = "wrong_type"
	InvalidValue      Code = "invalid_value"
	TooLong           Code = "too_long"
	TooLarge          Code = "too_large"
	OutOfRange        Code = "timestamp_out_of_range"
	BrokenJSON        Code = "broken_json"
	DuplicateField    Code = "duplicate_field"
	TooManyProperties Code = "too_many_properties"
	TooManyKeys       Code = "too_many_keys"
	ForbiddenType     Code = "forbidden_type"
)

// Problem is why an event was rejected. It is cheap to make (ten thousand in one body must not
// hurt); Message is rendered only for those that are shown.
type Problem struct {
	Index int        // which event of the body, from 0
	Kind  event.Kind // 0 when it was not known yet
	Code  Code
	Field string // the field at fault, if there is one
	Text  string // what is wrong, as the end of a sentence
	At    int    // for broken JSON: the byte in the event, from 1
}

// Message says what is wrong in a sentence, such as "ai_request needs model".
func (p *Problem) Message() string {
	subject := "the event"
	if p.Kind != 0 {
		subject = p.Kind.String()
	}
	switch p.Code {
	case MissingField:
		return subject + " needs " + p.Field
	case DuplicateField:
		return p.Field + " is given more than once"
	case BrokenJSON:
		return "broken JSON at byte " + strconv.Itoa(p.At) + ": " + p.Text
	case TooLarge, TooManyKeys, UnknownType, ForbiddenType:
		return p.Text
	}
	if p.Field == "" {
		return p.Text
	}
	return p.Field + " " + p.Text
}
