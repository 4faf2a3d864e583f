package store

import (
	"log/slog"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"analytics/engine/event"
)

// Derive makes the blocks of cells that belong to a segment from its records. The rollup gives it.
// The same events give the same bytes, however they are divided into records: verification compares.
type Derive func(kind event.Kind, recs []arrow.Record) ([]Block, error)

// Older says of a block that Derive does not make of a segment's records whether a program made it that
// counted other things, or cut time otherwise: then nothing is wrong with it. The rollup gives it.
type Older func(kind event.Kind, recs []arrow.Record, b Block) bool

// Block is the cells of one cube for one segment, in the cube's own encoding.
type Block struct {
	Cube uint8
	Data []byte
}

// Sizes is what an operator sets for machines much smaller or larger than usual; 0 is the default.
type Sizes struct {
	MemTable int64 `yaml:"memtable_bytes" restart:"true"`
	Head     int64 `yaml:"head_bytes" restart:"true"`
	MinFree  int64 `yaml:"min_free_bytes" restart:"true"`
}

// Config is what a store needs to open. Only Dir is required.
type Config struct {
	// Dir is the data directory. It is made if it does not exist.
	Dir string
	// MemTableSize is Badger's, 16 MiB unless set; 7 MiB is the least. A store keeps the size it was
	// made with: a log written with a larger one cannot be read back with a smaller one. A larger
	// one is taken over.
	MemTableSize int64
	// MaxHeadBytes bounds the memory of events not sealed yet, 64 MiB unless set. At half of it
	// Pressure asks for sealing; at all of it Append waits. Records that questions make of these
	// events may take as much again, and what dashboards have counted of them half as much.
	MaxHeadBytes int64
	// MinFree is the free space in bytes below which nothing is taken in; 0 means the rule of
	// hardWatermark.
	MinFree int64
	// Now is the clock, time.Now unless set.
	Now func() time.Time
	// Log gets what nobody is left to be told, slog.Default unless set.
	Log *slog.Logger
	// Derive makes cube blocks; without it segments have none.
	Derive Derive
	// Older tells blocks of older definitions from wrong ones; without it all that differ are wrong.
	Older Older
	// Failpoint is called by name at every edge where a crash would be most interesting.
	Failpoint func(name string)
	// Committed is called after each commit; it must not wait.
	Committed func()
	// Space reports the free and total bytes of the volume that holds a directory, statfs unless
	// set.
	Space func(dir string) (free, total int64, err error)
	// Salvage opens a store in spite of damage in journal batches, and leaves those out. For the
	// doctor only: Stats says how many were left out.
	Salvage bool
}

// The limits, each with its why.
const (
	defaultMemTable = 16 << 20
	minMemTable     = 7 << 20 // Badger's value threshold of 1 MiB must stay below 15 % of it
	defaultHead     = 64 << 20
	minHead         = 1 << 20

	// maxQueueEvents and maxQueueBytes bound what waits for a commit: about half a second's worth
	// at full speed. A client is better told to come back than kept waiting longer.
	maxQueueEvents = 100_000
	maxQueueBytes  = 48 << 20

	// groupEvents is how many events a group takes; a single larger request is a group of its own.
	// Larger groups save no more and make everybody in them wait.
	groupEvents = 5_000

	// maxValue bounds a journal batch: with its header and key it fits into a block of Badger's, see
	// blockSize. A row is at most 64 KiB, so a batch has room for one.
	maxValue = 120 << 10
)

// filled is the config with its defaults in place.
func (c Config) filled() Config {
	if c.MemTableSize == 0 {
		c.MemTableSize = defaultMemTable
	}
	c.MemTableSize = max(c.MemTableSize, minMemTable)
	if c.MaxHeadBytes == 0 {
		c.MaxHeadBytes = defaultHead
	}
	c.MaxHeadBytes = max(c.MaxHeadBytes, minHead)
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Failpoint == nil {
		c.Failpoint = func(string) {}
	}
	if c.Committed == nil {
		c.Committed = func() {}
	}
	if c.Space == nil {
		c.Space = volumeSpace
	}
	return c
}
