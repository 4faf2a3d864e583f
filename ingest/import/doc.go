// Package importer is the verb `analytics import`: it sends a file of events through the same door
// as everybody, as fast as the store takes them.
//
// It owns reading the file (plain, gzip or zstd; a line for each event, or one JSON array), cutting
// it into batches, sending several at once, and saying what became of which line. It promises that
// a run can be stopped and started again without storing anything twice: events without an id get
// one made of their text and place in the file. It never parses an event, and never opens the
// store: the client knows whether a server runs. The logs of coding agents are read by package
// agentlogs, those of web servers by package accesslog; both give them out as lines of events.
//
// It follows logs that grow. What a log is, its first bytes say, not its name: so it goes on after it was
// renamed, or copied and emptied, and after a restart in whatever the log has become meanwhile. How far
// it is stands in the data folder, behind what is stored: what is read again is known by its ids.
//
// Third-party: schollz/progressbar draws the bar; klauspost/compress unpacks.
package importer
