// Package fault is what can go wrong, said once: a kind that decides the HTTP status and the exit
// code, a code for programs, and a message for people.
//
// It owns the list of kinds. It promises that an error without a fault in its chain is Internal, and
// that a fault's message may be shown to whoever asked. It never logs and never formats a response.
package fault

import (
	"errors"
	"fmt"
	"net/http"
)

// Kind is what went wrong, as far as a caller can act on it. Append only.
type Kind uint8

// The kinds, each with its HTTP status and exit code.
const (
	Internal     Kind = iota // 500, exit 1: a bug or an I/O error
	Invalid                  // 400, exit 2: the question, body or setting is wrong
	Unauthorized             // 401, exit 4: no key, or one that is not known
	Forbidden                // 403, exit 4: the key may not do this
	NotFound                 // 404, exit 3
	Conflict                 // 409, exit 1: it exists already, or is in another state
	TooLarge                 // 413, exit 2: over a limit of size
	Unsupported              // 415, exit 2: content type or encoding
	Limited                  // 429, exit 1: over a limit of rate
	Unavailable              // 503, exit 1: overloaded or shutting down; try again
	Full                     // 507, exit 1: the disk is full
	Damaged                  // 500, exit 5: the store is damaged
	Newer                    // 500, exit 5: the store was written by a newer version
)

var kinds = [...]struct{ status, exit int }{
	Internal:     {http.StatusInternalServerError, 1},
	Invalid:      {http.StatusBadRequest, 2},
	Unauthorized: {http.StatusUnauthorized, 4},
	Forbidden:    {http.StatusForbidden, 4},
	NotFound:     {http.StatusNotFound, 3},
	Conflict:     {http.StatusConflict, 1},
	TooLarge:     {http.StatusRequestEntityTooLarge, 2},
	Unsupported:  {http.StatusUnsupportedMediaType, 2},
	Limited:      {http.StatusTooManyRequests, 1},
	Unavailable:  {http.StatusServiceUnavailable, 1},
	Full:         {http.StatusInsufficientStorage, 1},
	Damaged:      {http.StatusInternalServerError, 5},
	Newer:        {http.StatusInternalServerError, 5},
}

// Error is a fault. Message says what happened and what to do; Field names the parameter, JSON field
// or setting at fault, where there is one.
type Error struct {
	Kind    Kind
	Code    string
	Field   string
	Message string
	Err     error
}

// New makes a fault without a field.
func New(kind Kind, code, format string, args ...any) *Error {
	return &Error{Kind: kind, Code: code, Message: fmt.Sprintf(format, args...)}
}

// At makes a fault that names the field at fault.
func At(kind Kind, code, field, format string, args ...any) *Error {
	return &Error{Kind: kind, Code: code, Field: field, Message: fmt.Sprintf(format, args...)}
}

// Error is the message, and the cause behind it.
func (e *Error) Error() string {
	if e.Err != nil {
		return e.Message + ": " + e.Err.Error()
	}
	return e.Message
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }

// Wrap gives the fault a cause. The cause is for logs: Of(err).Message does not contain it.
func (e *Error) Wrap(err error) *Error {
	e.Err = err
	return e
}

// Of is the fault in the chain of err, or an Internal one that hides the error's text.
func Of(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Kind: Internal, Code: "internal", Message: "internal error; the log has the details", Err: err}
}

// Status is the HTTP status of an error.
func Status(err error) int { return kinds[Of(err).Kind].status }

// ExitCode is the exit code of an error; 0 for nil.
func ExitCode(err error) int {
	if err == nil {
		return 0
	}
	return kinds[Of(err).Kind].exit
}

// FromStatus is the kind that best fits an HTTP status and error code that came from a server.
func FromStatus(status int, code string) Kind {
	switch code {
	case "store_damaged":
		return Damaged
	case "store_newer":
		return Newer
	}
	for k, row := range kinds {
		if row.status == status {
			return Kind(k)
		}
	}
	return Internal
}
