// Package export takes events away: as Parquet, as CSV, or as the NDJSON that POST /v1/events
// takes.
//
// It owns the three formats, the route GET /v1/export and the command `analytics export`.
//
// It promises that an export is one consistent view, taken when it begins, streamed chunk by chunk
// with memory that does not grow with its length; that it is whole or visibly broken: the command
// writes a temporary file beside the target and renames it when everything is on disk; that a cell
// of CSV a spreadsheet would run is made text (safe.go), and numbers are never touched; and that
// NDJSON holds what the sender sent, so that sending it again gives the same events: what the
// server derived (cost, channel, browser) it derives again from URLs and referrers that are put
// together from the parts kept. Only the country and the visitor of web events do not come back,
// since addresses are never kept; CSV and Parquet have them.
//
// Rows come in the order of hours and, inside a sealed segment, of time; late events come where
// their segment comes.
package export
