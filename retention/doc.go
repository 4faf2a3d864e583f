// Package retention lets raw events go when they are older than the configuration keeps them.
//
// It owns the rule (policy.go, a pure function that gives a reason for every stretch of hours), what
// tenants have of their own (terms.go), the disk budget (budget.go), the guard against clocks that jump (guard.go), the daily job, the commands `analytics retention plan`
// and `run`, and the routes under /v1/retention. Its folder export takes events away; lake keeps sealed
// days outside the store, backup copies all of it, erase forgets people and erasures remembers that it
// did; depot is the folder or bucket where files of archive and backups lie.
//
// It promises that nothing is deleted that is younger than the days it is kept for, unless the data
// folder is over its budget and the day is among the oldest; nothing that is not sealed,
// whose counts differ from the ledger, or whose hours the cubes do not hold: the blocks of a
// segment are read back, checksums and all, right before its events go. The cubes, and the counts
// in the ledger, stay; history keeps answering every question a cube can answer. While the clock is
// in doubt nothing is deleted at all. With an archive (folder lake) events go only
// when it has them, and questions read them from there. Deleting twice, or stopping half way, does no harm: what is
// gone is no longer in the plan, and what is left is in the next one.
//
// It deletes whole segments, so the hours of a merged day go when the last of them may. Keeping
// everything for ever is retention_days: 0.
//
// Cells are kept for ever. Of 2,600 events a day, as diverse as those of year_test.go, raw events have
// 200 kB, hourly cells 170 kB and day cells 150 kB; of more events a day, cells have a smaller part.
package retention
