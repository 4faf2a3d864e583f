// Package bots judges sessions: was it a person, or a machine that does not say so?
//
// It owns the third tier of recognising machines, behaviour. What a request gives away by itself
// (a bot that names itself, a path only scanners ask for, odd headers) is known since the event was
// taken in (ingest/enrich); Judge weighs it together with what the whole session did.
//
// Each rule has a word, which is the reason people are shown, and points; see the table in rules.go.
// A session is a behavioral_bot when its points reach the threshold (50) and come from two tiers
// that are independent of each other, each with 10 points or more; or when its pace alone is beyond
// any person. The tiers:
//
//	volume    how much: requests, pages, share of the site, sessions, hours. An office behind one
//	          address with one browser is one visitor to us, and has all of these at once, so that
//	          they count 20 points together at most
//	rhythm    how fast and how evenly one view followed the other
//	order     which way it went through the site, and whether it asked for what is not there
//	headers   what HTTP headers lacked
//	protocol  HTTP/1.0 or no compression from a browser that is modern by its own words
//	browser   what a browser of that name sends and this one did not
//	client    what the script saw of the browser
//	hands     what nobody did in it with mouse, wheel and keys
//	sides     that only one of server and script saw it
//
// The rules come from three places. The seven of the first table we promised (many_requests,
// coverage, sequential, many_sessions, regular_timing, fast_pages, outdated_browser) and the four of
// the second (velocity, many_pages, rapid, long_session) keep their thresholds and points, but in a
// log of disguised bots these eleven found nothing: two of three of their sessions were one request.
// So the others stand beside them, which each convict 1 to 2 % of people when taken alone, and must
// not act alone.
//
// It promises that a verdict is a function of the facts, that every point has its word, that a small
// site convicts nobody for having read all of it (coverage wants 20 pages), that nothing several
// people share (an address, a popular browser, a network) counts as evidence, and that somebody who
// only blocks scripts is a ghost, which is shown and counts as a person. How often it is right is
// measured by TestJudgement, family by family.
//
// It never reads a clock or the store, and never changes an event; see history for what does.
package bots
