// Package event says what an event is: the kinds, the fields each kind has, and the row a
// single event becomes before anything else happens to it.
//
// It owns the schema table (schema.go), the only place where a field is declared. The JSON door,
// the journal, the Arrow records, the Parquet segments, the cubes and the catalog of questions all
// read that table, so a new field is one new line there.
//
// It promises that a field's number never changes once released (numbers are on disk), that a row
// is canonical (the same event is the same bytes, whoever encodes it), and that money is an integer.
// It never reads a clock, a file or the network.
package event
