// Package columns turns rows into Arrow records and back: the shape in which events are sealed,
// scanned and answered.
//
// A record has one column per field that at least one of its rows sets, in the order of the field
// numbers, named as the field is. The types are
//
//	Time                int64 timestamp in microseconds, UTC
//	Int Money Millis    int64 in the unit the row keeps (count, nano-USD, microseconds)
//	Float               float64
//	Bool                bool
//	String              dictionary<int32, utf8>
//	Text Properties     utf8
//	ID                  binary, the compact form of event.AppendID
//
// It promises that a row goes in and comes out as the same bytes, and that a dictionary holds only
// values its record uses, in the order they first appear.
//
// Records live in memory of the Go allocator and are freed by the garbage collector, so nobody
// needs to release one: a Release too few costs nothing. Who gets a record may still release it
// once; who keeps one longer than the call that brought it retains it first.
//
// It never reads files, never sorts by anything but time and id, and never computes.
package columns
