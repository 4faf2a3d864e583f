package importer

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"analytics/engine/fault"
)

// headBytes is how much of a file's beginning says which file it is. A log has a time and an address
// there; a name, and even an inode, may be another file's tomorrow.
const headBytes = 1 << 10

// position is how far a log was read: everything before it is stored.
type position struct {
	Log    string `json:"log"`   // for people
	Head   string `json:"head"`  // hash of the first bytes
	Bytes  int    `json:"bytes"` // how many
	Offset int64  `json:"offset"`
}

func positionOf(log string, first []byte, offset int64) position {
	sum := sha256.Sum256(first)
	return position{log, hex.EncodeToString(sum[:]), len(first), offset}
}

// of reports whether a file that begins so is the one that the position is in.
func (p *position) of(first []byte) bool {
	if p.Bytes == 0 || len(first) < p.Bytes {
		return false
	}
	sum := sha256.Sum256(first[:p.Bytes])
	return hex.EncodeToString(sum[:]) == p.Head
}

// positionFile is where the position in a log is kept, one for each way of reading it.
func positionFile(folder, log string, a *accessLogs) (string, error) {
	whole, err := filepath.Abs(log)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{whole, a.from, a.layout, a.site, a.zone}, "\x00")))
	return filepath.Join(folder, "follow", hex.EncodeToString(sum[:8])+".json"), nil
}

// loadPosition reads a position; there is none the first time.
func loadPosition(path string) (*position, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	p := new(position)
	if err == nil {
		err = json.Unmarshal(text, p)
	}
	if err == nil && (p.Bytes < 1 || p.Bytes > headBytes || p.Offset < 0) {
		err = errors.New("it makes no sense")
	}
	if err != nil {
		return nil, fault.New(fault.Invalid, "bad_position", "%s, which says how far a log was read, "+
			"cannot be used: %v. Delete it to read the log from its beginning: nothing is stored twice", path, err)
	}
	return p, nil
}

// save writes the position so that it is whole after any crash.
func (p *position) save(path string) error {
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("position in %s: %w", p.Log, err)
	}
	temp := path + ".new"
	if err := writeSynced(temp, append(text, '\n')); err != nil {
		return fmt.Errorf("position in %s: %w", p.Log, err)
	}
	if err := os.Rename(temp, path); err != nil {
		return fmt.Errorf("position in %s: %w", p.Log, err)
	}
	// The folder is not synced: an older position is as good, its lines are known by their ids.
	return nil
}

func writeSynced(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = bytes.NewReader(text).WriteTo(f)
	return errors.Join(err, f.Sync(), f.Close())
}
