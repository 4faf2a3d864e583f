package store

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/dgraph-io/badger/v4"

	"analytics/engine/fault"
)

// tailFile is HEAD in the data directory: a second witness of how far the store had come, written
// every second and when the store closes. Badger cuts a damaged log or manifest short without a
// word; what it then opens ends before what HEAD says.
const tailFile = "HEAD"

type tail struct {
	// Acked is the newest sequence number whose events were acknowledged.
	Acked uint64 `json:"acked_seq"`
	// Tables is how many tables the manifest named.
	Tables int `json:"tables"`
	// Manifest is what was durable of it.
	Manifest manifestMark `json:"manifest"`
	// Clean says that the store was closed after this was written.
	Clean bool      `json:"clean"`
	At    time.Time `json:"at"`
}

// manifestMark says what Badger's manifest began with. The manifest only grows, except that Badger
// now and then replaces it by a shorter one of the same meaning, which has another first record.
type manifestMark struct {
	First uint32 `json:"first"` // CRC-32C of the header and the first record
	Size  int64  `json:"size"`
	CRC   uint32 `json:"crc"` // CRC-32C of the first Size bytes
}

// manifestPath is Badger's manifest.
func manifestPath(dir string) string {
	return filepath.Join(dir, badgerFolder, badger.ManifestFilename)
}

// readTail reads HEAD; nil means there is none.
func readTail(dir string) (*tail, error) {
	b, err := os.ReadFile(filepath.Join(dir, tailFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	t := &tail{}
	if err := json.Unmarshal(b, t); err != nil {
		return nil, errDamagedFile(filepath.Join(dir, tailFile), "it is not readable")
	}
	return t, nil
}

// writeTail brings HEAD up to date.
func (s *Store) writeTail(clean bool) error {
	t := tail{Acked: s.acked.Load(), Clean: clean, At: s.cfg.Now().UTC()}
	if !clean {
		t.Tables = len(s.db.Tables())
		if t.Acked == s.tail.Acked && s.tail.Tables == t.Tables && !s.tail.At.IsZero() {
			return nil
		}
	}
	b, err := durableManifest(manifestPath(s.cfg.Dir))
	if err != nil {
		return err
	}
	t.Manifest = markManifest(b)
	if clean {
		t.Tables = s.tail.Tables
	}
	if err := writeJSON(filepath.Join(s.cfg.Dir, tailFile), t); err != nil {
		return err
	}
	s.tail = t
	return nil
}

// durableManifest reads the manifest and makes sure that what was read stays.
func durableManifest(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	return b, f.Sync()
}

// markManifest makes the mark of a manifest's bytes.
func markManifest(b []byte) manifestMark {
	return manifestMark{
		First: crc32.Checksum(b[:firstRecord(b)], castagnoli),
		Size:  int64(len(b)), CRC: crc32.Checksum(b, castagnoli),
	}
}

// firstRecord is where the first record of a manifest ends: 8 bytes of header, then 4 bytes of
// length and 4 of checksum before the record itself.
func firstRecord(b []byte) int {
	if len(b) < 16 {
		return len(b)
	}
	return int(min(int64(len(b)), 16+int64(binary.BigEndian.Uint32(b[8:]))))
}

// compare checks a manifest against the mark. A manifest that Badger replaced since the mark was
// made cannot be compared; it was written whole and is checked in other ways.
func (m manifestMark) compare(b []byte, clean bool) bool {
	if crc32.Checksum(b[:firstRecord(b)], castagnoli) != m.First {
		return !clean
	}
	size := int64(len(b))
	if size < m.Size || clean && size != m.Size {
		return false
	}
	return crc32.Checksum(b[:m.Size], castagnoli) == m.CRC
}

// checkAcked compares what was recovered with what HEAD says was acknowledged.
func checkAcked(t *tail, recovered uint64) error {
	if t == nil || recovered >= t.Acked {
		return nil
	}
	return errLost(t.Acked, recovered)
}

func errLost(acked, recovered uint64) error {
	return fault.New(fault.Damaged, "store_damaged",
		"the store lost acknowledged events: batches up to %d were acknowledged, those after %d "+
			"are gone. Restore a backup, or remove the file HEAD from the data directory to go on "+
			"without them; tables as they were lie in its folder %s", acked, recovered, quarantine)
}

func errDamagedFile(path, what string) error {
	return fault.New(fault.Damaged, "store_damaged",
		"the store is damaged at %s: %s. Nothing was changed; restore a backup", path, what)
}
