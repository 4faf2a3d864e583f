// Package rollup keeps what is derived from events: it seals hours with their cells, merges days,
// keeps the cells of whole days and months and the performance of content, makes sessions (rollup/sessions),
// checks all of it against the events and makes it anew. After an upgrade, or with another reporting zone, the
// job renew does that by itself where events are there, day by day (renew.go).
//
// It owns the shelves "days" and "sessions", the events of kind session, and the table of cubes
// (rollup/cube). It promises that whatever it keeps can be made again from events, that jobs may run
// twice, late or half, and that what is stale is recognised and not used. It never changes what a
// sender said.
package rollup
