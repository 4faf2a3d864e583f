package store

import (
	"encoding/binary"
	"errors"

	"analytics/engine/event"
)

// Tenant is whose data it is: a fixed id, decided by the API key and never by the event.
type Tenant [8]byte

// Default is the tenant of a store that nobody divided.
var Default = Tenant{'d', 'e', 'f', 'a', 'u', 'l', 't'}

// SegmentID names a segment: the moment it was made in microseconds, or one more than the last, so
// that it is never given twice.
type SegmentID uint64

// space is the first byte of a key: what kind of thing lies there.
type space byte

// The spaces. Numbers in keys are big-endian, so that keys sort as their numbers do.
const (
	// j tenant8 kind1 hour4 seq8: a journal batch.
	spaceJournal space = 'j'
	// s tenant8 kind1 hour4 segment8 piece4: a piece of a segment's Parquet file.
	spacePiece space = 's'
	// b tenant8 kind1 hour4 segment8 cube1 piece4: a piece of a segment's block of cells.
	spaceBlock space = 'b'
	// c tenant8 kind1 hour4 segment8: the catalog entry of a segment.
	spaceCatalog space = 'c'
	// m tenant8 kind1 hour4: the journal sequence up to which the hour is sealed.
	spaceMark space = 'm'
	// l tenant8 kind1 hour4: the ledger of the hour.
	spaceLedger space = 'l'
	// x tenant8 shelf1 name: small state of other rooms.
	spaceShelf space = 'x'
	// e tenant8: the tenant is being erased.
	spaceErase space = 'e'
	// q: the last sequence number given. One key for the whole store.
	spaceSequence space = 'q'
)

const (
	tenantPrefix = 1 + 8
	kindPrefix   = tenantPrefix + 1
	placePrefix  = kindPrefix + 4
)

// errKey says that bytes are not a key of this store.
var errKey = errors.New("store: not a key of this store")

// series is the events of one kind of one tenant; place is one hour of it, the unit of storage.
// The hour of a segment is the first hour of its span.
type series struct {
	tenant Tenant
	kind   event.Kind
}

type place struct {
	series
	hour event.Hour
}

func placeOf(t Tenant, k event.Kind, h event.Hour) place { return place{series{t, k}, h} }

func tenantKey(sp space, t Tenant) []byte {
	return append(append(make([]byte, 0, 32), byte(sp)), t[:]...)
}

func seriesKey(sp space, s series) []byte { return append(tenantKey(sp, s.tenant), byte(s.kind)) }

// placeKey is the key of a mark or ledger row, and the prefix of everything else in the hour.
func placeKey(sp space, p place) []byte {
	return binary.BigEndian.AppendUint32(seriesKey(sp, p.series), uint32(p.hour))
}

func journalKey(p place, seq uint64) []byte {
	return binary.BigEndian.AppendUint64(placeKey(spaceJournal, p), seq)
}

func catalogKey(p place, id SegmentID) []byte {
	return binary.BigEndian.AppendUint64(placeKey(spaceCatalog, p), uint64(id))
}

// segmentKey is the prefix of the pieces or blocks of one segment.
func segmentKey(sp space, p place, id SegmentID) []byte {
	return binary.BigEndian.AppendUint64(placeKey(sp, p), uint64(id))
}

func pieceKey(p place, id SegmentID, piece uint32) []byte {
	return binary.BigEndian.AppendUint32(segmentKey(spacePiece, p, id), piece)
}

func blockKey(p place, id SegmentID, cube uint8, piece uint32) []byte {
	return binary.BigEndian.AppendUint32(append(segmentKey(spaceBlock, p, id), cube), piece)
}

func shelfKey(t Tenant, shelf byte, name string) []byte {
	return append(append(tenantKey(spaceShelf, t), shelf), name...)
}

func sequenceKey() []byte { return []byte{byte(spaceSequence)} }

// key is a key taken apart. Which fields count depends on the space.
type key struct {
	space space
	place place  // all but shelves and the sequence; a shelf has only the tenant
	seq   uint64 // journal batches; the segment's id of pieces, blocks and catalog entries
	cube  uint8
	piece uint32
	shelf byte
	name  string
}

// bytes is the key put together again.
func (k key) bytes() []byte {
	switch k.space {
	case spaceJournal:
		return journalKey(k.place, k.seq)
	case spacePiece:
		return pieceKey(k.place, SegmentID(k.seq), k.piece)
	case spaceBlock:
		return blockKey(k.place, SegmentID(k.seq), k.cube, k.piece)
	case spaceCatalog:
		return catalogKey(k.place, SegmentID(k.seq))
	case spaceMark, spaceLedger:
		return placeKey(k.space, k.place)
	case spaceShelf:
		return shelfKey(k.place.tenant, k.shelf, k.name)
	case spaceErase:
		return tenantKey(spaceErase, k.place.tenant)
	}
	return sequenceKey()
}

// parseKey takes a key apart. It refuses every byte sequence that bytes could not have made.
func parseKey(b []byte) (k key, err error) {
	if len(b) == 0 {
		return k, errKey
	}
	k.space = space(b[0])
	want, ok := keySize(k.space)
	switch {
	case !ok:
		return k, errKey
	case k.space == spaceShelf:
		if len(b) < want {
			return k, errKey
		}
	case len(b) != want:
		return k, errKey
	}
	if k.space == spaceSequence {
		return k, nil
	}
	k.place.tenant = Tenant(b[1:tenantPrefix])
	if k.space == spaceShelf {
		k.shelf, k.name = b[tenantPrefix], string(b[tenantPrefix+1:])
		return k, nil
	}
	if k.space == spaceErase {
		return k, nil
	}
	k.place.kind = event.Kind(b[tenantPrefix])
	if !k.place.kind.Valid() {
		return k, errKey
	}
	k.place.hour = event.Hour(binary.BigEndian.Uint32(b[kindPrefix:]))
	if want == placePrefix {
		return k, nil
	}
	rest := b[placePrefix:]
	k.seq, rest = binary.BigEndian.Uint64(rest), rest[8:]
	if k.space == spaceBlock {
		k.cube, rest = rest[0], rest[1:]
	}
	if len(rest) == 4 {
		k.piece = binary.BigEndian.Uint32(rest)
	}
	return k, nil
}

// keySize is the length of the keys of a space; of a shelf's, the least.
func keySize(sp space) (size int, ok bool) {
	switch sp {
	case spaceJournal, spaceCatalog:
		return placePrefix + 8, true
	case spacePiece:
		return placePrefix + 8 + 4, true
	case spaceBlock:
		return placePrefix + 8 + 1 + 4, true
	case spaceMark, spaceLedger:
		return placePrefix, true
	case spaceShelf:
		return tenantPrefix + 1, true
	case spaceErase:
		return tenantPrefix, true
	case spaceSequence:
		return 1, true
	}
	return 0, false
}
