// Package decode turns JSON from the outside into events, in one pass and without garbage.
//
// It owns the wire: one object, an array, or a line for each object (body.go), the strict JSON
// grammar (scan.go, number.go, text.go), what each field accepts (value.go, time.go, properties.go,
// nested.go) and what must hold between fields (rules.go). Fields come from the schema table of
// package event; lookup.go makes a perfect hash of it for each kind.
//
// It promises that what it accepts is valid JSON by RFC 8259 and UTF-8 throughout, that a number is
// either kept exactly (or rounded as documented) or refused, that a problem names the field, and
// that message content never gets through: only fields of the schema do.
// It never reads a clock, never calls the network and never panics, whatever the input.
//
// A general JSON package was the simpler way: encoding/json spends 8 to 10 µs on an event of 640
// bytes, the whole budget of an event from socket to disk. This scanner spends about 1 µs.
package decode
