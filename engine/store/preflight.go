package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dgraph-io/badger/v4"

	"analytics/engine/fault"
)

// findings is what a look at the data directory showed.
type findings struct {
	dir     string
	fresh   bool // nothing there yet
	format  format
	tail    *tail    // HEAD, nil if there is none
	tables  []string // of the manifest
	empty   []string // logs of no length, which a crash may leave and Badger cannot open
	crashed bool     // not closed cleanly
}

// Preflight checks whether the store in cfg.Dir can be opened, without changing anything. The error
// says what is wrong and what to do. A directory that does not exist can be opened.
func Preflight(cfg Config) error {
	cfg = cfg.filled()
	if _, err := os.Stat(cfg.Dir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	lock, err := lockDir(cfg.Dir)
	if err != nil {
		return err
	}
	defer lock.release()
	_, err = inspect(cfg)
	return err
}

// prepare makes the data directory ready for Badger and locks it: it inspects, then repairs what a
// crash may leave. While inspect refuses, nothing is changed.
func prepare(cfg Config) (lock *dirLock, found findings, err error) {
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, found, err
	}
	if lock, err = lockDir(cfg.Dir); err != nil {
		return nil, found, err
	}
	if found, err = inspect(cfg); err == nil {
		if err = lock.sign(); err == nil {
			err = found.repair(cfg)
		}
	}
	if err != nil {
		lock.release()
		return nil, found, err
	}
	return lock, found, nil
}

// inspect looks, and changes nothing.
func inspect(cfg Config) (f findings, err error) {
	f.dir = cfg.Dir
	if err := checkVolume(cfg.Dir); err != nil {
		return f, err
	}
	var known bool
	if f.format, known, err = readFormat(cfg.Dir); err != nil {
		return f, err
	}
	files, err := badgerFiles(cfg.Dir)
	if err != nil {
		return f, err
	}
	if !known {
		if len(files) > 0 {
			return f, errDamagedFile(filepath.Join(cfg.Dir, formatFile),
				"the file is missing beside a store; put it back from a backup")
		}
		f.fresh, f.format = true, freshFormat(cfg.MemTableSize)
	}
	cfg.MemTableSize = max(cfg.MemTableSize, f.format.MemTable)
	if err := checkRoom(cfg); err != nil || f.fresh {
		return f, err
	}
	if f.tail, err = readTail(cfg.Dir); err != nil {
		return f, err
	}
	f.crashed = f.tail == nil || !f.tail.Clean
	f.format.MemTable = cfg.MemTableSize
	return f, f.inspectBadger(cfg, files)
}

// checkRoom refuses to open on a full disk: Badger would end the process when it flushes its log.
func checkRoom(cfg Config) error {
	free, total, err := cfg.Space(cfg.Dir)
	if err != nil {
		return err
	}
	hard := cfg.MinFree
	if hard == 0 {
		hard = hardWatermark(total, cfg.MemTableSize)
	}
	if need := openNeed(hard, cfg.MemTableSize); free < need {
		return fault.New(fault.Full, "disk_full",
			"the disk that holds %s has %d MiB free and the store needs %d MiB to open; "+
				"free some space", cfg.Dir, free>>20, need>>20)
	}
	return nil
}

// badgerFiles names the files in Badger's folder that hold data.
func badgerFiles(dir string) ([]string, error) {
	list, err := os.ReadDir(filepath.Join(dir, badgerFolder))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range list {
		switch filepath.Ext(e.Name()) {
		case ".sst", ".mem", ".vlog":
			out = append(out, filepath.Join(dir, badgerFolder, e.Name()))
		}
	}
	return out, nil
}

// inspectBadger checks Badger's files before Badger sees them, because what it does about damage
// cannot be undone: without a manifest it deletes every table, with a short one those it misses.
func (f *findings) inspectBadger(cfg Config, files []string) error {
	path := manifestPath(cfg.Dir)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		// A crash in the first moments leaves FORMAT and no manifest; HEAD comes after it.
		if len(files) == 0 && f.tail == nil {
			return nil
		}
		return errDamagedFile(path, "the file is missing; opening would delete every table")
	case err != nil:
		return err
	case info.Size() == 0:
		return errDamagedFile(path, "the file is empty; opening would delete every table")
	}
	m, raw, err := readManifest(cfg)
	if err != nil {
		return err
	}
	if f.tail != nil && !f.tail.Manifest.compare(raw, f.tail.Clean) {
		return errDamagedFile(path, "it was cut or changed; opening would delete the tables it "+
			"no longer names")
	}
	if err := checkTables(cfg, m); err != nil {
		return err
	}
	f.tables = tableFiles(cfg.Dir, m)
	return f.inspectLogs(files)
}

// inspectLogs sorts out the logs.
func (f *findings) inspectLogs(files []string) error {
	var logs []string
	for _, path := range files {
		if strings.HasSuffix(path, ".sst") {
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		if info.Size() == 0 {
			f.empty = append(f.empty, path)
		} else if strings.HasSuffix(path, ".mem") {
			logs = append(logs, path)
		}
	}
	if f.tail == nil {
		return nil // somebody removed HEAD to go on with what is left
	}
	slices.Sort(logs)
	return checkLogs(logs, f.tail.Acked)
}

// quarantine is the folder for what was moved or copied aside.
const quarantine = "quarantine"

// keptFolder is where tables are kept by a second name until the store has proved whole.
func (f *findings) keptFolder() string { return filepath.Join(f.dir, quarantine, "opening") }

// repair does what has to be done before Badger may open.
func (f *findings) repair(cfg Config) error {
	if n := fileLimit(); n < 4096 {
		cfg.Log.Warn("store: few files may be open; raise the limit (ulimit -n)", "limit", n)
	}
	if err := os.MkdirAll(filepath.Join(f.dir, badgerFolder), 0o700); err != nil {
		return err
	}
	for _, path := range f.empty {
		cfg.Log.Warn("store: moved aside an empty file that a crash left", "file", path)
		if err := moveAside(f.dir, path); err != nil {
			return err
		}
	}
	if f.crashed {
		if err := f.keep(); err != nil {
			return fmt.Errorf("keep tables before opening after a crash: %w", err)
		}
	}
	if err := f.format.write(f.dir); err != nil || f.tail == nil || !f.tail.Clean {
		return err
	}
	dirty := *f.tail // before Badger opens: it changes the manifest
	dirty.Clean = false
	return writeJSON(filepath.Join(f.dir, tailFile), dirty)
}

// moveAside moves a file into the quarantine under a name that is free there.
func moveAside(dir, path string) error {
	folder := filepath.Join(dir, quarantine)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	for n := 0; ; n++ {
		to := filepath.Join(folder, fmt.Sprintf("%s.%d", filepath.Base(path), n))
		if _, err := os.Lstat(to); errors.Is(err, fs.ErrNotExist) {
			return os.Rename(path, to)
		}
	}
}

// keep gives tables and manifest a second name, so that opening after a crash can destroy nothing.
// What an opening that failed kept before stays as it is.
func (f *findings) keep() error {
	folder := f.keptFolder()
	if _, err := os.Stat(folder); err == nil || len(f.tables) == 0 {
		return nil
	}
	temp := folder + ".tmp"
	if err := os.RemoveAll(temp); err != nil {
		return err
	}
	if err := os.MkdirAll(temp, 0o700); err != nil {
		return err
	}
	for _, path := range f.tables {
		if err := os.Link(path, filepath.Join(temp, filepath.Base(path))); err != nil {
			return err
		}
	}
	b, err := os.ReadFile(manifestPath(f.dir))
	if err != nil {
		return err
	}
	name := filepath.Join(temp, badger.ManifestFilename)
	if err := os.WriteFile(name, b, 0o600); err != nil {
		return err
	}
	return os.Rename(temp, folder)
}

// settled lets go what was kept: the store opened and is whole.
func (f *findings) settled() {
	_ = os.RemoveAll(f.keptFolder())
	_ = os.Remove(filepath.Join(f.dir, quarantine)) // if nothing else is in it
}

// openDB opens Badger, whose folder is locked by us already. A child of this process that has not begun
// its own program yet may hold Badger's lock of a store that was just closed, for some milliseconds.
func openDB(opt badger.Options) (db *badger.DB, err error) {
	private()
	for range 100 {
		db, err = badger.Open(opt)
		if err == nil || !strings.Contains(err.Error(), "Cannot acquire directory lock") {
			return db, err
		}
		time.Sleep(10 * time.Millisecond)
	}
	return nil, err
}

// openError gives Badger's error on opening the words it needs.
func openError(dir string, err error) error {
	if strings.Contains(err.Error(), "Cannot acquire directory lock") {
		return fault.New(fault.Conflict, "store_open",
			"store is open in another process; stop it or use its socket").Wrap(err)
	}
	return fault.New(fault.Damaged, "store_damaged",
		"the store in %s does not open; restore a backup, or look at the cause in the log",
		dir).Wrap(err)
}
