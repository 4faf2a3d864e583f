// Package store keeps events. It is the only package that knows Badger.
//
// It owns the data directory: the journal that takes events in (append.go, commit.go), the head
// that holds in memory what is not sealed yet (head.go), the sealed segments with their cube blocks
// and catalog, the ledger that says how many rows every hour must have, and the shelves on which
// other rooms keep small durable state. FORMAT.md, one folder up, describes every byte.
//
// It promises that an acknowledged event is in a transaction whose sync returned; that a snapshot
// sees each event exactly once, wherever it lies; and that a store which lost or altered something
// is refused or reported, never answered over silently. It never opens a store that another process
// has open, that a newer version wrote, or whose disk is full. Keys never leave the package, but as
// bytes of an Image, which backups copy and only this package reads (image.go, proof.go): a
// caller holds a Tenant, nothing else.
//
// Badger's own ways that shape this package: it syncs once a transaction and one transaction at a
// time, so one goroutine makes a transaction of everything that waits; it writes through sparse
// memory maps, so a full disk is a fatal signal and must be refused long before; it deletes tables
// its manifest does not name, so the manifest is checked before Badger sees it.
package store
