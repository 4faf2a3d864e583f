// Package history says again of what was taken in whether it was people or machines: by lists that
// changed, by rules that somebody set (`analytics bots flag`), and by the verdicts on sessions that
// were not over when their events came.
//
// It owns the shelf "bots": rules under "rule/", the run under way under "run", what each day was
// marked by under "mark/", which goes with the day's sessions, and which of its events rules were
// applied to under "ruled/", which goes with these or with the last rule. Its doors are /v1/bots and
// `analytics bots`.
//
// It promises that a rule counts for every event that comes after it was answered (ingest is told,
// at start too), and that events agree with their sessions once a verb has ended; that only class,
// name, purpose, score, reasons and classifier of web events change; that a day's events of a kind
// change in one transaction with cubes and ledger; that whatever is cut short is finished by asking
// for the same again, and asking twice changes nothing more; that a dry run counts what would change
// and changes nothing; and that an activity of category administration is left before and after. The
// number of events stays what it was, so sessions stay good; where their verdicts may differ they
// are made again.
//
// Events of a session that is judged a behavioral_bot get its verdict (Mark), so that page views and
// sessions agree on who counts. Those of ghosts stay as they are: they count as people anyway, and to
// write days anew for them would cost much.
//
// There are no rules by address: no address is kept. The fingerprint (user agent and language) and
// the site are what a rule may name beside the user agent. Fingerprints' reputation is counted from
// stored sessions when somebody asks, and kept nowhere.
package history
