package store

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
	"github.com/dgraph-io/badger/v4/table"
	"github.com/dgraph-io/ristretto/v2/z"
)

// checkAllBelow: tables are checked block by block before opening if all together are smaller. That
// takes about 0.1 s; larger stores are checked like that by verification alone.
const checkAllBelow = 192 << 20

// tableFiles names the table files of a manifest, in the order of their numbers.
func tableFiles(dir string, m badger.Manifest) []string {
	ids := make([]uint64, 0, len(m.Tables))
	for id := range m.Tables {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = table.NewFilename(id, filepath.Join(dir, badgerFolder))
	}
	return out
}

// readManifest replays Badger's manifest without changing it, and gives its bytes too.
func readManifest(cfg Config) (m badger.Manifest, raw []byte, err error) {
	path := manifestPath(cfg.Dir)
	if raw, err = os.ReadFile(path); err != nil {
		return m, nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return m, nil, err
	}
	defer f.Close()
	m, _, err = badger.ReplayManifestFile(f, magic, badgerOptions(cfg))
	if err != nil {
		return m, nil, errDamagedFile(path, err.Error())
	}
	return m, raw, nil
}

// checkTables looks at every table of the manifest the way Badger will, but where a panic can be
// caught: Badger opens tables in goroutines of its own, and a cut one would end the process.
func checkTables(cfg Config, m badger.Manifest) error {
	files := tableFiles(cfg.Dir, m)
	total := int64(0)
	for _, path := range files {
		info, err := os.Stat(path)
		if err != nil {
			return errDamagedFile(path, "the manifest names it and it is missing")
		}
		total += info.Size()
	}
	for _, path := range files {
		if err := checkTable(path, total < checkAllBelow); err != nil {
			return errDamagedFile(path, err.Error())
		}
	}
	return nil
}

// checkTable opens one table, and with all reads every block of it.
func checkTable(path string, all bool) (err error) {
	mapped, err := z.OpenMmapFile(path, os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	defer mapped.Close(-1)
	if len(mapped.Data) < 16 {
		return fmt.Errorf("it is cut to %d bytes", len(mapped.Data))
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("it is damaged: %.60s", strings.ReplaceAll(fmt.Sprint(r), "\n", " "))
		}
	}()
	t, err := table.OpenTable(mapped, table.Options{
		ReadOnly: true, Compression: options.None, ChkMode: options.NoVerification,
	})
	if err != nil {
		return err
	}
	if all {
		return t.VerifyChecksum()
	}
	return nil
}

// CheckTables reads every block of every table of a closed store and compares checksums. Doctor
// does so before it opens the store, because Badger would stumble over some kinds of damage.
func CheckTables(cfg Config, progress func(done, total int)) error {
	cfg = cfg.filled()
	if _, err := os.Stat(manifestPath(cfg.Dir)); os.IsNotExist(err) {
		return nil
	}
	m, _, err := readManifest(cfg)
	if err != nil {
		return err
	}
	files := tableFiles(cfg.Dir, m)
	for i, path := range files {
		if err := checkTable(path, true); err != nil {
			return errDamagedFile(path, err.Error())
		}
		if progress != nil {
			progress(i+1, len(files))
		}
	}
	return nil
}
