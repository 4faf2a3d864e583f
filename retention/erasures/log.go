package erasures

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"analytics/engine/store"
	"analytics/engine/whole"
	"analytics/retention/depot"
)

// FileName is the log in a data folder and, with an underscore before it so that no program takes it
// for data, in an archive.
const (
	FileName    = "erasures.jsonl"
	ArchiveName = "_" + FileName
)

// shelfName is the shelf, which is the default tenant's: one log a store.
const shelfName = "erasures"

// Log is the log of a store.
type Log struct {
	shelf   *store.Shelf
	dir     string      // the data folder
	archive depot.Depot // nil without one
	mu      sync.Mutex  // one append at a time
}

// Open opens the log of the store in a data folder, which an archive, if there is one, has too.
func Open(s *store.Store, dir string, archive depot.Depot) *Log {
	return &Log{shelf: s.Shelf(store.Default, shelfName), dir: dir, archive: archive}
}

// donePrefix starts the names of the rows that say which erasures were carried out to the end.
const donePrefix = "done/"

// All are the erasures so far.
func (l *Log) All() ([]Erasure, error) {
	var all []Erasure
	err := l.shelf.Each("", func(name string, value []byte) error {
		if strings.HasPrefix(name, donePrefix) {
			return nil
		}
		more, err := Parse(bytes.NewReader(value), "the shelf of erasures")
		all = append(all, more...)
		return err
	})
	return Union(all), err
}

// Done says that an erasure was carried out to the end.
func (l *Log) Done(ctx context.Context, e Erasure) error {
	return l.shelf.Put(ctx, donePrefix+e.ID, []byte{1})
}

// Pending are the erasures that were begun and not carried out to the end: a crash came between.
func (l *Log) Pending() ([]Erasure, error) {
	all, err := l.All()
	if err != nil {
		return nil, err
	}
	done := map[string]bool{}
	err = l.shelf.Each(donePrefix, func(name string, _ []byte) error {
		done[strings.TrimPrefix(name, donePrefix)] = true
		return nil
	})
	return slices.DeleteFunc(all, func(e Erasure) bool { return done[e.ID] }), err
}

// Append writes erasures down, everywhere, and returns when they are durable. Only then may anything
// be erased. Those that are known already are not written again.
func (l *Log) Append(ctx context.Context, fresh ...Erasure) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	known, err := l.All()
	if err != nil {
		return err
	}
	for _, e := range Without(fresh, known) {
		if err := e.check(); err != nil {
			return fmt.Errorf("erasure: %w", err)
		}
		value, err := json.Marshal(&e)
		if err != nil {
			return err
		}
		if err := l.shelf.Put(ctx, e.ID, value); err != nil {
			return err
		}
	}
	text := Format(Union(known, fresh))
	if err := whole.Write(filepath.Join(l.dir, FileName), text); err != nil {
		return err
	}
	return l.mirror(ctx, text)
}

// mirror puts the log into the archive.
func (l *Log) mirror(ctx context.Context, text []byte) error {
	if l.archive == nil {
		return nil
	}
	other, err := InArchive(ctx, l.archive) // of a store that was here before
	if err != nil {
		return err
	}
	mine, err := Parse(bytes.NewReader(text), FileName)
	if err != nil {
		return err
	}
	dir, err := l.archive.Staging()
	if err != nil {
		return err
	}
	staged := filepath.Join(dir, FileName)
	if err := whole.Write(staged, Format(Union(mine, other))); err != nil {
		return err
	}
	return l.archive.Put(ctx, ArchiveName, staged)
}

// InArchive reads the log of an archive, which may have none.
func InArchive(ctx context.Context, d depot.Depot) ([]Erasure, error) {
	r, err := d.Read(ctx, ArchiveName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return Parse(r, ArchiveName)
}

// Load reads a log from a file, or from a data folder or an archive's.
func Load(path string) ([]Erasure, error) {
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		for _, name := range []string{FileName, ArchiveName} {
			if _, err := os.Stat(filepath.Join(path, name)); err == nil {
				return Load(filepath.Join(path, name))
			}
		}
		return nil, nil // nothing was ever erased there
	}
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return Parse(f, path)
}
