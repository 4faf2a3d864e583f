// Package lake keeps sealed days outside the store, in a folder or a bucket (retention/depot), as Parquet
// files that any program reads:
//
//	<type>/tenant=<name>/date=2026-11-14/<segment>.parquet and _manifest.json beside them
//
// It owns the archive: which days go there, their manifests, and whether a segment is there for
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
// It never lets raw events go itself, and never decides when they may.
package lake
