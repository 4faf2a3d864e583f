// Package process is the life of the server: it serves until it is told to stop, reloads when it is
// told to, and ends in an order that loses nothing.
//
// It owns the signals. It promises that SIGTERM ends the program within fifteen seconds with every
// request that was accepted answered, that a second signal ends it at once, and that a store which
// can no longer be trusted to keep what it acknowledges ends it with an error. It never decides what
// is served.
package process
