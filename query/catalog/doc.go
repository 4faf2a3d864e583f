// Package catalog names what can be asked: every metric and every dimension, once.
//
// A metric is a formula over measures of rollup/cube, for one or several kinds of events; a
// dimension is a field that events are counted by. It decides which kind of event a metric is
// computed from in a question, and finds the nearest names for one that is misspelled. HTTP, the
// command line, reports and the list at GET /v1/catalog all read this table, so they cannot differ.
//
// It promises that every formula and dimension it lists is one that cube accepts (tested). It never
// reads events.
package catalog
