// Package audit chains the audit trail: the events of kind activity cannot be changed or removed
// behind the house's back without the doctor noticing.
//
// It owns the shelf "audit", which is a chain of links. A link holds what an hour's activities are
// (how many, and a SHA-256 over them), and the SHA-256 of the link before it, so that a link cannot
// be changed without changing all that follow. Late events add a link to their hour; raw events that
// retention lets go, and an erasure, of everything or of one person's events, are links of their own.
// An hour is linked once it is sealed.
//
// It promises that Verify names the first link that does not fit, each hour whose events are not
// those that were linked, and each hour that lost or changed events without a link that says why. Two
// things it cannot know: a trail that somebody with the disk wrote anew from some link on, so the
// newest hash is told (`analytics doctor`, GET /v1/audit/chain) to be kept elsewhere; and a change of
// an hour's older events in the minutes between a late event's coming and its being linked.
//
// # Bytes
//
// The key is "link/" and the link's number as 16 hexadecimal digits, from 1. The value has 126
// bytes, numbers are big-endian:
//
//	at  size
//	0   1    version, 1
//	1   1    what: 1 an hour's events, 2 its raw events went by retention, 3 some or all were erased
//	2   4    hour, hours since 1970-01-01 UTC
//	6   8    events of the hour
//	14  8    the ledger's sum of the hour
//	22  8    when it was linked, microseconds since 1970-01-01 UTC
//	30  32   SHA-256 over the sorted SHA-256 of each event's row (engine/FORMAT.md); 0 if there are none
//	62  32   hash of the link before, 0 for the first
//	94  32   hash: SHA-256 over bytes 0 to 93
package audit
