// Package paths says how people move through sites: from which page to which, before and after one
// page, how good the visits from a source are, and whether the number of visitors can be believed.
//
// It owns the counting and nothing else: each of its types takes sessions as they are stored, in any
// order (rollup.Mill.EachSession), and gives rows. A session has its first 100 pages, with one that is
// loaded again once; what came after them is (other). Sessions of the API are left out here, those of
// bots, and what else is not meant, by who reads sessions. Page views of a site that both its server and
// its tracker report are the tracker's. What there are too many different ones of is counted as (other),
// so that memory is bounded and totals are exact.
//
// The quality of a source is from 0 to 100, of four parts that are each from 0 to 1:
//
//	quality = 100 × (0.35 engaged + 0.25 depth + 0.15 return + 0.25 conversion)
//
//	engaged     sessions that are engaged: 10 seconds of engagement, two page views or a custom event
//	depth       the mean of pages after the first, of four at most, over four
//	return      sessions that are not the first of their person from this source in the range: by
//	            user_id, or else by visitor, who lasts a day
//	conversion  sessions with a goal: one of the named events, or where none is named any custom event
//	            that is not a click on a link
//
// A source with less than 30 sessions has parts but no quality: one visit more would turn it around.
//
// Diagnose looks for machines among those counted as people, in three ways, and says ok, suspicious
// or bad with reasons; below 100 sessions it does not judge. A reason is never proof: a company behind
// one proxy has one fingerprint, too.
//
//	user_agents   a program's or no user agent: 1 % of sessions is suspicious, 10 % bad. The same for
//	              more than half of the sessions is suspicious.
//	requests      no page view at all in more than half is suspicious, in 80 % bad; one and no
//	              engagement in 80 % suspicious, in 95 % bad; 100 or more in 1 % suspicious, in 5 % bad.
//	fingerprints  the same for a third of the visitors is suspicious, for two thirds bad; a different
//	              one for nearly each suspicious; more than 10 sessions a visitor suspicious, 50 bad.
package paths
