package store

import (
	"io/fs"
	"path/filepath"
	"time"

	"analytics/engine/event"
)

// Stats is how the store is doing.
type Stats struct {
	// Events is how many events of each kind can be read, of all tenants.
	Events map[event.Kind]int64
	// HeadRows and HeadBytes are what is not sealed yet; RecordBytes what questions made of it.
	HeadRows, HeadBytes, RecordBytes int64
	// Segments is how many the catalog has; Tables how many files Badger has.
	Segments, Tables int
	// DiskBytes is the size of the data directory.
	DiskBytes int64
	// Free, Hard and Soft are the volume's free bytes and the marks below which nothing is taken in
	// and somebody should be told.
	Free, Hard, Soft int64
	// Volume is the volume's size, 0 if it is not known.
	Volume int64
	// Full says that nothing is taken in for want of space.
	Full bool
	// Queued is how many events wait for a commit.
	Queued int
	// Sequence is the newest journal sequence; LastCommit when it was written, zero if not since
	// the start.
	Sequence   uint64
	LastCommit time.Time
	// Watermark: all events acknowledged before it are visible.
	Watermark time.Time
	// Salvaged is how many damaged journal batches were left out (Config.Salvage).
	Salvaged int64
}

// Stats looks around. It walks the data directory: some milliseconds.
func (s *Store) Stats() Stats {
	st := Stats{
		Events: map[event.Kind]int64{}, HeadRows: s.head.rows.Load(),
		HeadBytes: s.head.bytes.Load(), RecordBytes: s.head.records.used.Load(),
		Tables: len(s.db.Tables()), DiskBytes: FolderSize(s.cfg.Dir),
		Free: s.disk.free.Load(), Hard: s.disk.hard, Soft: s.disk.soft, Full: s.disk.full.Load(),
		Sequence: s.acked.Load(), Salvaged: s.salvaged.Load(),
	}
	if _, total, err := volumeSpace(s.cfg.Dir); err == nil {
		st.Volume = total
	}
	s.queue.mu.Lock()
	st.Queued = s.queue.events
	s.queue.mu.Unlock()
	if at := s.lastCommit.Load(); at != 0 {
		st.LastCommit = time.UnixMicro(at).UTC()
	}
	s.view.RLock()
	defer s.view.RUnlock()
	st.Watermark = s.cfg.Now()
	st.Segments = s.catalog.count(st.Events)
	s.head.each(nil, func(p *partition) {
		for _, g := range p.generations() {
			st.Events[p.place.kind] += int64(g.rows)
		}
	})
	return st
}

// Version is two numbers of which one changes whenever events are taken in, sealed, changed or gone:
// while both stay the same, snapshots see the same.
func (s *Store) Version() (sequence, epoch uint64) {
	s.view.RLock()
	defer s.view.RUnlock()
	return s.acked.Load(), s.epoch.Load()
}

// Belated is how many events were taken in since the start that are of hours that were over: while it stays
// the same, what was made of those hours is still of all their events.
func (s *Store) Belated() int64 { return s.belated.Load() }

// FolderSize is the space that files take, not their length: Badger's logs are sparse.
func FolderSize(dir string) int64 {
	size := int64(0)
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil
		}
		if info, err := d.Info(); err == nil {
			size += blocks(info)
		}
		return nil
	})
	return size
}

// Ledger lists the hours [from, to) of a kind that ever had events, in order.
func (s *Store) Ledger(t Tenant, k event.Kind, from, to event.Hour) ([]HourLedger, error) {
	sr := series{t, k}
	var out []HourLedger
	err := s.scanPlaces(spaceLedger, sr, from, to, func(key, v []byte) error {
		at, err := parseKey(key)
		if err != nil {
			return errDamagedKey("ledger key", key)
		}
		row, err := parseLedger(key, v)
		if err != nil {
			return errUnreadable("ledger row", key, err)
		}
		out = append(out, HourLedger{Hour: at.place.hour, Rows: row.rows, Sum: row.sum})
		return nil
	})
	if err != nil {
		return nil, err
	}
	sealed := s.sealedHours(sr, from, to)
	s.view.RLock()
	defer s.view.RUnlock()
	for i := range out {
		l := &out[i]
		l.Sealed, l.Dropped = sealed[l.Hour].rows, sealed[l.Hour].dropped
		if p := s.head.parts[sr][l.Hour]; p != nil {
			for _, g := range p.generations() {
				l.Head += uint64(g.rows)
			}
		}
	}
	return out, nil
}
