package web

import (
	"context"
	"net/http"
	"time"
)

// drainKey marks a context with the channel that is closed when its server begins to drain.
type drainKey struct{}

// Draining is closed when the server that took the request is about to stop: an answer that has no
// end of its own, such as a stream of events, ends then. It is nil where no server is.
func Draining(ctx context.Context) <-chan struct{} {
	drain, _ := ctx.Value(drainKey{}).(chan struct{})
	return drain
}

// Unhurried lifts the time that a request may take to be read, which else ends the context of an
// answer that goes on for longer: the body, if there is one, must have been read.
func Unhurried(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // not a connection: no deadline
}
