package store

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// Store is an open data directory.
type Store struct {
	cfg    Config
	db     *badger.DB
	lock   *dirLock
	commit func(*badger.Txn) error // (*badger.Txn).Commit; tests put failures here
	disk   *disk
	format format // what FORMAT says; guarded by maintenance

	// view guards the head and the catalog in memory: together they are what a snapshot sees.
	view    sync.RWMutex
	head    *head
	catalog *catalog
	// maintenance is held by whatever makes or removes segments: one at a time.
	maintenance sync.Mutex
	segments    *segments
	garbage     *garbage
	gates       [256]sync.RWMutex      // of shelves, by number; taken after maintenance
	source      atomic.Pointer[Source] // of archived segments
	epoch       atomic.Uint64          // grows with every change of the catalog; written under view

	queue     *queue
	requests  sync.Pool
	committed chan struct{} // closed when the committer has ended
	acked     atomic.Uint64 // newest committed sequence
	tail      tail          // what HEAD says; Open's, then the keeper's, then Close's

	lastCommit atomic.Int64  // microseconds
	belated    atomic.Int64  // events of hours that were over
	salvaged   atomic.Int64  // journal batches left out
	pressure   chan struct{} // somebody should seal

	roomMu sync.Mutex
	roomCh chan struct{} // guarded by roomMu; closed when the head got smaller

	closing   chan struct{}
	closeOnce sync.Once
	keepers   sync.WaitGroup // goroutines that end at closing
	fatal     chan struct{}
	failOnce  sync.Once
	err       atomic.Pointer[error]
}

// Open opens the store in cfg.Dir, or makes one there. It refuses, without changing a byte, a store
// that is in use, newer, damaged or on a full or unsuitable volume: see Preflight.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	cfg = cfg.filled()
	lock, found, err := prepare(cfg)
	if err != nil {
		return nil, err
	}
	s := &Store{
		cfg: cfg, lock: lock, format: found.format,
		commit: (*badger.Txn).Commit,
		head:   newHead(cfg.MaxHeadBytes), catalog: newCatalog(),
		segments: newSegments(), garbage: newGarbage(),
		queue: newQueue(), committed: make(chan struct{}),
		pressure: make(chan struct{}, 1), roomCh: make(chan struct{}),
		closing: make(chan struct{}), fatal: make(chan struct{}),
	}
	s.cfg.MemTableSize = found.format.MemTable
	s.requests.New = newRequest
	if s.disk, err = newDisk(s.cfg); err != nil {
		lock.release()
		return nil, err
	}
	if cfg.Salvage {
		if err := CheckTables(cfg, nil); err != nil {
			lock.release()
			return nil, err
		}
	}
	if s.db, err = openDB(badgerOptions(s.cfg)); err != nil {
		lock.release()
		return nil, openError(cfg.Dir, err)
	}
	if err := s.recover(ctx, found); err != nil {
		_ = s.db.Close()
		lock.release()
		return nil, err
	}
	s.start()
	return s, nil
}

// recover rebuilds what is in memory and checks that nothing acknowledged is missing.
func (s *Store) recover(ctx context.Context, found findings) error {
	marks, err := s.readMarks()
	if err != nil {
		return err
	}
	seq, err := s.readSequence()
	if err != nil {
		return err
	}
	if err := checkAcked(found.tail, seq); err != nil {
		return err
	}
	if err := s.loadCatalog(ctx); err != nil {
		return err
	}
	if err := s.readJournal(ctx, marks, seq); err != nil {
		return err
	}
	if err := s.checkCounts(ctx); err != nil {
		return err
	}
	s.acked.Store(seq)
	found.settled()
	return s.writeTail(false)
}

// start starts the goroutines.
func (s *Store) start() {
	c := &committer{s: s, seq: s.acked.Load(), limit: int(s.db.MaxBatchSize() * 7 / 10)}
	go c.run()
	s.keepers.Add(1)
	go s.keep()
}

// tailEvery is how often HEAD is brought up to date, watchEvery how often the disk is looked at.
const (
	tailEvery  = time.Second
	watchEvery = 250 * time.Millisecond
)

// keep looks at the disk and keeps HEAD up to date until the store closes.
func (s *Store) keep() {
	defer s.keepers.Done()
	watch := time.NewTicker(watchEvery)
	defer watch.Stop()
	tail := time.NewTicker(tailEvery)
	defer tail.Stop()
	for {
		select {
		case <-s.closing:
			return
		case <-watch.C:
			s.disk.look()
		case <-tail.C:
			if err := s.writeTail(false); err != nil {
				s.cfg.Log.Warn("store: cannot write HEAD", "error", err)
			}
		}
	}
}

// Close stores what waits, writes the marks of a clean stop and closes. It may be called twice.
func (s *Store) Close() error {
	var err error
	s.closeOnce.Do(func() { err = s.close() })
	return err
}

func (s *Store) close() error {
	s.queue.close()
	close(s.closing)
	<-s.committed
	s.keepers.Wait()
	s.closeCatalog()
	err := s.db.Close()
	if err == nil && s.Err() == nil {
		err = s.writeTail(true)
	}
	s.disk.close()
	s.lock.release()
	return err
}

// Fatal is closed when a commit failed and the store takes no more events; Err says why. The
// process should then end with an error: a new start recovers what is on disk.
func (s *Store) Fatal() <-chan struct{} { return s.fatal }

// Err is why the store stopped taking events, nil while it takes them.
func (s *Store) Err() error {
	if p := s.err.Load(); p != nil {
		return *p
	}
	return nil
}

// Pressure gets a value when the head is so large that hours should be sealed before they are due.
func (s *Store) Pressure() <-chan struct{} { return s.pressure }

func (s *Store) press() {
	select {
	case s.pressure <- struct{}{}:
	default:
	}
}

// room is closed when the head got smaller.
func (s *Store) room() <-chan struct{} {
	s.roomMu.Lock()
	defer s.roomMu.Unlock()
	return s.roomCh
}

func (s *Store) freed() {
	s.roomMu.Lock()
	defer s.roomMu.Unlock()
	close(s.roomCh)
	s.roomCh = make(chan struct{})
}

// exclusive runs f in the committer between two groups: no commit of events is under way, and none
// begins before f returns. Whatever changes what the committer relies on (freezing, erasing,
// rewriting the ledger) belongs here; f must be short.
func (s *Store) exclusive(ctx context.Context, f func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c := &control{run: f, done: make(chan error, 1)}
	if err := s.queue.pushControl(c); err != nil {
		return err
	}
	return <-c.done // also while the store closes: what is queued is served
}
