// Package backup copies a store while it runs, proves copies, and makes stores of them.
//
// It owns what a backup is (FORMAT.md), the verbs `analytics backup create|verify|restore|list`, and the
// routes under /v1/backups. A backup is a folder in a depot: a place on a disk, or a bucket.
//
// It promises that a backup is of one moment (everything acknowledged before it began is in it, nothing
// that was committed later); that it was read back and proved before it got its name, so that there is
// a whole one or none; that Verify needs nothing but the copy and finds any change; and that a restore
// writes only into a folder that was not there, which gets its name only when the doctor has found
// nothing. Memory is bounded by the catalog of the store, not by its events.
//
// An incremental backup lists everything and copies only pieces that the one before it does not hold
// (parent.go says why that is right, and Badger's own is not). It rests on the backups of its chain:
// they must stay beside it, and Verify reads what it needs of them.
//
// The archive beside a restored store may be newer than it. A restore has the store take over what is there
// (retention/lake says how), where the settings name an archive; where it cannot be reached, or a file is damaged,
// the restore says so and the server does it later: a mark in the store says that it is to be done.
//
// What comes with a restore: events, cubes, keys, users, sites, budgets, alerts, prices, funnels, the
// audit trail and every other shelf. What does not: logins and links that were not used (they end);
// the files of ordered exports (order them again); the archive's files, which stay where they are and
// are read from there; settings, which are a file of their own. What waited to be sent when the backup
// was made is sent again.
//
// Erasures. What was erased after a backup was made must not come back with it. Whoever erases appends
// to the log (retention/erasures) before it does, and that is all it has to do: a backup carries the
// log, and Restore joins the logs of the archive, of the other backups in the same place and of what it
// is given, and for every erasure the backup does not know of calls the Eraser of its scope. A scope
// without an Eraser makes the restore fail rather than bring something back. A new way to erase is a
// scope in retention/erasures and an Eraser in retention.Erasers.
package backup
