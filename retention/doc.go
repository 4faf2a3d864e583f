// Package retention lets raw events go when they are older than the configuration keeps them, and the
// counts made of them when those are.
//
// It owns the rule (policy.go, a pure function that gives a reason for every stretch of hours), what
// tenants have of their own (terms.go), the end of old reports (reports.go), the disk budget (budget.go), the
// guard against clocks that jump (guard.go), the daily job, the commands `analytics retention plan` and
// `run`, and the routes under /v1/retention. Its folder export takes events away; lake keeps sealed days outside the store, backup
// copies all of it, erase forgets people and erasures remembers that it did; depot is the folder or bucket
// where files of archive and backups lie.
//
// It promises that nothing is deleted that is younger than the days it is kept for, unless the data
// folder is over its budget and the day is among the oldest; nothing that is not sealed,
// whose counts differ from the ledger, or whose hours the cubes do not hold: the blocks of a
// segment are read back, checksums and all, right before its events go. The cubes, and the counts
// in the ledger, stay; history keeps answering every question a cube can answer, for as long as counts
// are kept. While the clock is in doubt nothing is deleted at all. With an archive (folder lake) events go
// only when it has them, and questions read them from there; what it has and a store that was restored lacks is
// taken over (adopt.go). Deleting twice, or stopping half way, does no
// harm: what is gone is no longer in the plan, and what is left is in the next one.
//
// A disk budget is held against what the data folder has once all that is on its way out has gone, such as
// tables that are being put together, or days that went while somebody was still reading them: no other day
// goes for their room.
//
// It deletes whole segments, so the hours of a merged day go when the last of them may. Keeping
// everything for ever is retention_days: 0.
//
// Counts have terms of their own (cells.go, a pure function like that of events). Those by hour are kept
// for 13 months unless said otherwise; then they become counts by day (condense.go), which questions about
// days of the reporting zone cannot tell from the hours, and those go after 3 years. They are never younger
// than their terms, and never go while their events are in the store, while events of their day are not
// sealed, or while the ledger counts other rows. How many events an hour had stays in the ledger for ever.
//
// Of 2,600 events a day, as diverse as those of year_test.go, raw events have 200 kB, counts by hour 170 kB
// and by day 150 kB; of more events a day, counts have a smaller part. Once all terms are reached the store
// is flat, but for what has no term: how many events there were, of each kind 56 bytes an hour and 67 a day
// (13 kB a day if all nine kinds come in every hour), and with an archive what says which file has them,
// another 240 bytes a day of a kind. The links of the audit trail stay as well, 126 bytes for an hour with
// activities and as many when its events go. Badger's manifest takes up to 250 kB more or less. Reports that
// were written, some 120 kB a day with their pictures, go 13 months after the time they are of (reports.go);
// no other file in their folder is touched.
package retention
