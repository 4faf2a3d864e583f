// Package erasures is the list of what was erased, so that it stays erased.
//
// It owns the log: one line for each erasure, which says when, whose, and by what (a whole tenant, a
// user, a visitor). Of users and visitors it keeps a salted hash and never the value, so the list can
// lie beside backups. Who erases a person appends first and erases then: an erasure that a crash cuts short
// is in the log, and is made again. A whole tenant is appended when it is gone, since made again it would
// take what came later.
//
// The log is in three places: on the store's shelf `erasures`, which backups copy; in the file
// erasures.jsonl of the data folder, which can be read when the store cannot; and as the same file in
// the archive, which outlives the data folder. A restore takes what it finds in all of them, in the
// other backups of the same place and in files it is given, and erases again what the backup does not
// know of (retention/backup).
package erasures
