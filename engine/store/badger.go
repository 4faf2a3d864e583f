package store

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

// badgerFolder holds Badger's files, below the data directory.
const badgerFolder = "badger"

// magic marks Badger's manifest as ours. Versions are in the FORMAT file, not here: Badger cannot
// change it in place.
const magic = 0xA11A

// blockSize is larger than any large value, see maxValue and pieceSize. Badger's table builder
// makes a block that outgrows its size again twice as large, and keeps all of it until the table is
// done: values of 900 KB in blocks of 4 KB cost it three bytes of memory for each byte of table,
// 600 MB in all. Without compression a reader does not copy blocks, so large ones cost nothing.
const blockSize = 128 << 10

// badgerOptions is how Badger is run; each choice was measured.
func badgerOptions(cfg Config) badger.Options {
	return badger.DefaultOptions(filepath.Join(cfg.Dir, badgerFolder)).
		// Without it a power cut loses seconds of acknowledged events.
		WithSyncWrites(true).
		WithMemTableSize(cfg.MemTableSize).
		WithNumMemtables(3).
		// The value log stays empty, see maxValue. Badger makes its file all the same, twice this
		// long; copies and backups are not always sparse.
		WithValueThreshold(1 << 20).
		WithValueLogFileSize(1 << 20).
		WithNumVersionsToKeep(1).
		// No transaction reads what another may write meanwhile: the committer writes its own keys
		// alone, everything else writes blindly.
		WithDetectConflicts(false).
		WithNumCompactors(2).
		// Journal batches are deleted soon after they were written. The longer the first level waits,
		// the fewer of them are compacted at all.
		WithNumLevelZeroTables(8).
		WithNumLevelZeroTablesStall(24).
		WithBlockSize(blockSize).
		WithBaseTableSize(4 << 20).
		// What takes room is compressed already (Parquet pieces, blocks) or gone within hours
		// (journal). Uncompressed blocks are read from the page cache without a cache of Badger's.
		WithCompression(options.None).
		WithBlockCacheSize(0).
		WithIndexCacheSize(0).
		WithCompactL0OnClose(false).
		// Verifying on read hides data silently in this version; journal batches, ledger, catalog
		// and pieces carry checksums of their own.
		WithChecksumVerificationMode(options.NoVerification).
		WithVerifyValueChecksum(true).
		WithMetricsEnabled(false).
		WithExternalMagic(magic).
		WithLogger(badgerLog{cfg.Log})
}

// badgerLog passes Badger's warnings on.
type badgerLog struct{ log *slog.Logger }

func (l badgerLog) Errorf(f string, v ...any)   { l.log.Error(badgerText(f, v)) }
func (l badgerLog) Warningf(f string, v ...any) { l.log.Warn(badgerText(f, v)) }
func (l badgerLog) Infof(string, ...any)        {}
func (l badgerLog) Debugf(string, ...any)       {}

func badgerText(f string, v []any) string {
	return "badger: " + strings.TrimSpace(fmt.Sprintf(f, v...))
}
