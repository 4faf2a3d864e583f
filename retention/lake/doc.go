// Package lake keeps sealed days outside the store, in a folder or a bucket (retention/depot), as Parquet
// files that any program reads:
//
//	<type>/tenant=<name>/date=2026-11-14/<segment>.parquet and _manifest.json beside them
//
// It owns the archive: which days go there, their manifests (FORMAT.md), and whether a segment is there for
// certain. A file is the segment's own bytes, so the store reads it as it reads its own (see
// engine/archive/FORMAT.md for the columns). A day is exported to a staging folder, synced, read back
// and compared row by row with what the store accepted, put in its place, named in the manifest, and
// only then committed: a row on the tenant's shelf `settings` that names the files with size and
// SHA-256. Retention asks Holds right before it drops a segment, and Holds reads the whole file again.
//
// A crash at any edge loses and doubles nothing: which files a run may leave is written down before it
// begins, and what is not committed is exported again or removed. When a day changes (late events, merging,
// repricing) its files follow with the next run, and when events are erased their files go too. Files
// are removed only if this store wrote them: an empty store beside an archive removes none. A day with
// files of another store is not archived, and its events stay in the store (claim.go): a store restored
// from a backup is another one for what was archived since.
//
// # After a restore
//
// A store that was restored is older than its archive. Days hold other files than its segments name, since
// somebody was erased or events came late, and there are days that it never had. Adopt takes over what is
// there, a day at a time, and these are the rules:
//
//   - A file is believed when its manifest is, and its length, SHA-256, rows, ids, sums and times are what the
//     manifest says. A manifest is believed when it says that this store wrote it (identity.go), or names a file that
//     this store put there itself, and is not older than what the store knows of the day.
//   - The day has, each once, the events of the files and those that only the store has. The same event, by id
//     and time, is that of the file, which was priced and judged later.
//   - What was erased, as far as store and archive know, is in neither, also where the former self did not come to
//     write the file anew: then the others of the file are written into the store, and archived from there.
//   - A segment whose file is gone goes, and so do its cells. If the files have fewer events than it counted of an
//     hour, and nobody was erased, the day is refused.
//   - Events that were let go for good stay counts, unless the files have exactly those.
//   - Sessions are those of the file or, where the store has more, those of the store: all of a day, since one is made
//     of many events.
//   - Files that no manifest names go if all their events are elsewhere. If not, they stay where they are, and the
//     day is not archived until somebody says that they are to be trusted.
//
// Events of a day that is read from the archive are not recognized when they come again, as everywhere once retention
// let them go from the store: after a restore nothing that is older than the newest day in the archive should be
// imported again.
//
// What was refused can be trusted: then also what nothing proves is taken. A dry run says what would be done. A
// crash at any edge leaves a day as it was or taken over; made again, Adopt finishes it. Nothing in the archive
// is changed, but that files go which the rules say: what is superseded goes when the day is archived again.
//
// An archive has one store at a time. A copy that is restored for a trial must not archive into it: give it a folder
// of its own, or none.
//
// It never lets raw events go itself, and never decides when they may.
package lake
