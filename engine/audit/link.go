package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/versioned"
)

// Hash is a SHA-256.
type Hash [sha256.Size]byte

// what a link says of its hour.
type what byte

const (
	linked  what = 1 + iota // these are its events
	dropped                 // retention let its raw events go
	erased                  // somebody cleared everything, or some events were purged
)

// link is one link of the chain.
type link struct {
	what   what
	hour   event.Hour
	rows   uint64
	sum    uint64 // of the ledger: tells cheaply whether the hour has changed since
	at     event.Micros
	digest Hash
	before Hash
	hash   Hash
}

const (
	version   = 1
	linkBytes = 126
	hashAt    = linkBytes - sha256.Size
	keyPrefix = "link/"
)

func linkKey(number uint64) string { return fmt.Sprintf("%s%016x", keyPrefix, number) }

// bytes is the link as it is kept; it fills in the link's hash.
func (l *link) bytes() []byte {
	b := make([]byte, 0, linkBytes)
	b = append(b, version, byte(l.what))
	b = binary.BigEndian.AppendUint32(b, uint32(l.hour))
	b = binary.BigEndian.AppendUint64(b, l.rows)
	b = binary.BigEndian.AppendUint64(b, l.sum)
	b = binary.BigEndian.AppendUint64(b, uint64(l.at))
	b = append(append(b, l.digest[:]...), l.before[:]...)
	l.hash = sha256.Sum256(b)
	return append(b, l.hash[:]...)
}

// parse reads a link and checks its own hash.
func parse(b []byte) (l link, err error) {
	if end := len(b) - sha256.Size; end > 0 && b[0] > version && sha256.Sum256(b[:end]) == [sha256.Size]byte(b[end:]) {
		return l, versioned.Newer("link of the audit trail", int(b[0]))
	}
	if len(b) != linkBytes || b[0] != version || b[1] < byte(linked) || b[1] > byte(erased) {
		return l, fault.New(fault.Damaged, "audit_link", "it is no link that this version knows")
	}
	l = link{
		what: what(b[1]), hour: event.Hour(binary.BigEndian.Uint32(b[2:])),
		rows: binary.BigEndian.Uint64(b[6:]), sum: binary.BigEndian.Uint64(b[14:]),
		at: event.Micros(binary.BigEndian.Uint64(b[22:])), digest: Hash(b[30:62]),
		before: Hash(b[62:hashAt]), hash: Hash(b[hashAt:]),
	}
	if sha256.Sum256(b[:hashAt]) != l.hash {
		return l, fault.New(fault.Damaged, "audit_link", "its hash is not that of what it says")
	}
	return l, nil
}
