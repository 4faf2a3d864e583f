// Package depot is where large files are kept outside the store: a folder on a disk, or a bucket.
//
// It owns how a file gets there whole or not at all, and how it is read back by ranges. The archive
// (retention/lake) and backups (retention/backup) say what the files are and whether to trust them:
// a depot checks no contents. It promises that Put returns only when the file would survive a power
// cut, and that what is being made is never under the name of what is there.
package depot
