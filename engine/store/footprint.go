package store

import (
	"errors"
	"io/fs"
	"maps"
	"path/filepath"

	"github.com/dgraph-io/badger/v4"

	"analytics/engine/fault"
)

// Footprint is how much room the data folder takes once all that is on its way out has gone: tables that
// Badger has put into others and not removed yet, and segments that nobody needs any more but a reader has,
// or whose turn to be swept has not come. Whoever makes room must not make it for these: right after a start,
// while tables were put together, a folder of 134 MB was measured as 160.
//
// What counts as a table is what the manifest names, which changes in one write; Badger's own list has for
// a moment the tables that were made and those they were made of.
func (s *Store) Footprint() (int64, error) {
	waste := s.garbage.waste() // what is swept before the tables are counted makes it too little, not too much
	const tries = 10
	for range tries {
		m, _, err := readManifest(s.cfg)
		if err != nil {
			return 0, err
		}
		if bytes, ok := s.measure(m); ok {
			return max(0, bytes-waste), nil
		}
	}
	return 0, fault.New(fault.Unavailable, "busy", "the tables of %s change faster than they can be counted; try again",
		s.cfg.Dir)
}

// measure adds up the folder's files but for tables that a manifest does not name; ok is false if one that
// it names is gone already.
func (s *Store) measure(m badger.Manifest) (bytes int64, ok bool) {
	named := map[string]bool{}
	for _, path := range tableFiles(s.cfg.Dir, m) {
		named[path] = true
	}
	_ = filepath.WalkDir(s.cfg.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) == tableEnding && !named[path] {
			return nil
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil {
			bytes += blocks(info)
		}
		delete(named, path)
		return nil
	})
	return bytes, len(named) == 0
}

const tableEnding = ".sst"

// weigh says how large what lies under the prefixes of an entry is.
func (e *entry) weigh(prefixes [][]byte) map[string]int64 {
	out := map[string]int64{}
	for _, p := range prefixes {
		switch space(p[0]) {
		case spacePiece:
			if !e.dropped {
				out[string(p)] = int64(e.size)
			}
		case spaceBlock:
			out[string(p)] = e.blockBytes()
		}
	}
	return out
}

// condemn notes how much there is of what will be swept.
func (g *garbage) condemn(bytes map[string]int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	maps.Copy(g.bytes, bytes)
}

// gone is for what was swept.
func (g *garbage) gone(prefixes [][]byte) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, p := range prefixes {
		delete(g.bytes, string(p))
	}
}

// waste is how large all of it is that waits for its readers or the sweep. What a crash left is not in it;
// the first sweep takes that.
func (g *garbage) waste() (bytes int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, n := range g.bytes {
		bytes += n
	}
	return bytes
}
