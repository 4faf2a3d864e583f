// Package erase forgets a person: all events of a user or a visitor, wherever they are kept, and what names them
// beside events.
//
// It owns the verb `analytics erase` and the routes under /v1/erasures. An erasure of a person is written into
// the log first (retention/erasures), so that one that a crash or a full disk cuts short is finished by the
// job `erasures`, and so that a backup made before it does not bring the person back. One of everything is
// written down when it is done: the store finishes by itself what it began.
//
// It promises that, once it is done, no event that was stored before has the person's id: not in the
// journal, the segments, the archive or what is derived; that cubes are those of everybody else's events;
// that the audit trail says of which hours activities were erased, and stays whole otherwise; that what is
// kept beside events is as the table says; that none of the bytes are left in the store's files once the hour
// under way is sealed; and that it answers with a line for each thing beside events that it took away,
// changed or left, and why. A dry run answers the same and changes nothing.
//
// # Where a person can be
//
// In the store's spaces (engine/FORMAT.md):
//
//	j s b c l m   events and cubes         events go, hours that lose some are written anew, cubes without them
//	x keys        keys, users, shares      listed and left: they let somebody in
//	x sites       domains                  no person is in it
//	x jobs        what went wrong          the id is taken out
//	x outbox      letters                  those that name the person go, sent or not
//	x incidents   alerts                   those about the person go; of others the id is taken out
//	x alerts      rules, silences, state   those of the person go; of state the person's group
//	x days        cells of days            cleared; the next rollup makes them again
//	x exports     orders                   they name nobody; their files go
//	x audit       links                    digests of hours; an hour that lost activities is linked again
//	x settings    salts, terms, archive    no person is in it: salts go by themselves after a day
//	x prices      prices, repricing        the id is taken out of who asked
//	x pending     half of Langfuse's calls those in traces of the user go
//	x gateway     when batches were read   no person is in it
//	x funnels     saved funnels            those with a step of the person go
//	x bots        rules on machines        the id is taken out of who set them; one that fits an id is left
//	x sessions    how far they are made    no person is in it
//	x throttle    nothing                  the table is in memory, of hashes that no restart keeps
//	x budgets     budgets, switches        those named after the person or of their scope go
//	x rules       nothing
//	x erasures    the log of erasures      a salted hash, so that it can be made again
//
// The reputation of fingerprints (`analytics bots reputation`) is counted from sessions when somebody asks, and
// kept nowhere. In the data folder:
//
//	badger/          the store
//	reports/         the id is taken out of where reports name users; the pictures name none
//	exports/         files that wait to be fetched go: order them again
//	staging/         files on their way to a bucket: what a crash left is removed when the next are made
//	quarantine/      listed and left: tables that a start found damaged and moved there
//	erasures.jsonl   as x erasures
//	FORMAT HEAD LOCK, follow/, geo-*   no person is in them
//
// Elsewhere: the archive is written anew, on a disk and in a bucket. Budgets, rules and windows of the
// configuration file are listed and left: the program does not write that file. Backups are erased again when
// they are restored, by the same rules. What was sent or fetched is with whoever has it.
//
// Activities whose target is the person stay: they say what administrators did, and to whom.
package erase
