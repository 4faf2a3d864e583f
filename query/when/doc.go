// Package when is the time of a question: the range it covers and the buckets it is cut into.
//
// It owns the words for time (24h, 7d, today, ISO dates, unix seconds) and the calendar of a zone:
// where a local day, ISO week or month begins, summer time and half-hour zones included. It
// promises that buckets cover a range without gap or overlap, and that a local day is the local
// day: 23, 24 or 25 hours long, beginning after midnight where a zone skips midnight. It reads no
// clock: now comes in.
package when
