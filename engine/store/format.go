package store

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/whole"
)

const (
	formatFile = "FORMAT"
	// formatVersion is the newest format this code writes. It reads stores whose min_reader is not
	// above it.
	formatVersion = 2
	// firstFormat is what a new store has. What of it is written anew keeps to that for as long as it
	// can, so that an older program may go back to it: see raise.
	firstFormat   = 1
	badgerVersion = "4.9.6"
)

// format is the file FORMAT: who can read the store.
type format struct {
	Format    int    `json:"format"`
	MinReader int    `json:"min_reader"`
	App       string `json:"app"`
	Badger    string `json:"badger"`
	// MemTable is Badger's memtable size. It only grows: see Config.
	MemTable int64 `json:"memtable"`
}

func freshFormat(memTable int64) format {
	return format{firstFormat, firstFormat, "analytics", badgerVersion, memTable}
}

// raise says in FORMAT that the store needs a reader of a version, before the first thing is written
// that older ones cannot read. Killed before, nothing has changed; killed after, the store has what any
// version could read and older programs refuse it all the same. Under the maintenance lock.
func (s *Store) raise(version int) error {
	if s.format.MinReader >= version {
		return nil
	}
	f := s.format
	f.Format, f.MinReader = max(f.Format, version), version
	s.cfg.Failpoint("format.before")
	if err := f.write(s.cfg.Dir); err != nil {
		return err
	}
	s.cfg.Failpoint("format.after")
	s.format = f
	return nil
}

// readerOf is the format that a program has to know to read a segment, by its kind and the version of its
// catalog entry: derived events have fields that programs of format 1 do not know.
func readerOf(k event.Kind, entry byte) int {
	if k.Derived() {
		return max(2, int(entry))
	}
	return int(entry)
}

// readFormat reads FORMAT; ok is false when there is none.
func readFormat(dir string) (f format, ok bool, err error) {
	b, err := os.ReadFile(filepath.Join(dir, formatFile))
	if errors.Is(err, fs.ErrNotExist) {
		return f, false, nil
	}
	if err != nil {
		return f, false, err
	}
	if err := json.Unmarshal(b, &f); err != nil || f.Format < 1 || f.MemTable < minMemTable {
		return f, false, fault.New(fault.Damaged, "store_damaged",
			"%s is damaged; take the file from a backup of this store",
			filepath.Join(dir, formatFile))
	}
	if f.MinReader > formatVersion {
		return f, false, fault.New(fault.Newer, "store_newer",
			"the store has format %d, which needs a reader of version %d; this program has %d. "+
				"Start a newer version of the program", f.Format, f.MinReader, formatVersion)
	}
	return f, true, nil
}

// errNewer is the fault of a value that a newer version of the program wrote, whole but not to be read.
// Raising min_reader in FORMAT refuses such a store before Badger is opened; this is the second door.
func errNewer(what string, version byte) error {
	return fault.New(fault.Newer, "store_newer", "a %s of the store has format %d, newer than this program knows; "+
		"start a newer version of the program", what, version)
}

func (f format) write(dir string) error { return writeJSON(filepath.Join(dir, formatFile), f) }

// writeJSON replaces a file so that after a crash it is either the old or the new one, whole.
func writeJSON(path string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return whole.Write(path, append(b, '\n'))
}
