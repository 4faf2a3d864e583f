package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"

	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/retention/depot"
	"analytics/retention/erasures"
)

const (
	// formatVersion is the newest this code writes; it reads backups whose min_reader is not above it. A
	// backup has the format of the store that is in it.
	formatVersion = 2

	manifestName = "manifest.json"
	sumsName     = "SHA256SUMS"

	// maxChain is how many backups an incremental one may rest on, one on the other. A longer chain
	// breaks more easily than it saves; the next one is full again.
	maxChain = 100
	// maxFiles and maxOffset bound what an index may say: 100,000 files of 64 MiB are 6 TB.
	maxFiles  = 100_000
	maxOffset = 1 << 40
	// maxManifest is far more than that of 100,000 files.
	maxManifest = 64 << 20
)

// Manifest is what a backup says of itself, as manifest.json has it.
type Manifest struct {
	Format    int    `json:"format"`
	MinReader int    `json:"min_reader"`
	App       string `json:"app"`
	ID        string `json:"id"`
	// At is the moment it is of: everything acknowledged before is in it.
	At       time.Time `json:"at"`
	Sequence uint64    `json:"sequence"`
	// Chain is the ids of the backups that an incremental one may rest on, the newest first.
	Chain []string `json:"chain,omitempty"`
	// Files are its own; Needs are the files of its chain that hold pieces of it.
	Files []File `json:"files"`
	Needs []Need `json:"needs,omitempty"`
	// Pairs and Pieces are how many records state and index have; Bytes is the length of all pieces.
	Pairs  int64   `json:"pairs"`
	Pieces int64   `json:"pieces"`
	Bytes  int64   `json:"bytes"`
	Totals []Total `json:"totals"`
	// Erasures are those that had been made when the backup was.
	Erasures []erasures.Erasure `json:"erasures,omitempty"`
}

// File is a file of a backup.
type File struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// Need is a file of another backup.
type Need struct {
	Backup string `json:"backup"`
	File
}

// Total is how many events of a type a tenant has.
type Total struct {
	Tenant string `json:"tenant"`
	Type   string `json:"type"`
	// Events were accepted in all, Sum is the sum of the hashes of their rows (engine/FORMAT.md).
	Events uint64 `json:"events"`
	Sum    string `json:"sum"`
	// Here are in the backup, Archived were in the archive; the others retention had let go.
	Here     uint64 `json:"here"`
	Archived uint64 `json:"archived"`
}

// totalsOf words totals.
func totalsOf(all []store.Total) []Total {
	out := make([]Total, len(all))
	for i, t := range all {
		out[i] = Total{
			Tenant: erasures.TenantText(t.Tenant), Type: t.Kind.String(), Events: t.Events,
			Sum: fmt.Sprintf("%016x", t.Sum), Here: t.Here, Archived: t.Archived,
		}
	}
	return out
}

// Size is the length of the backup's own files.
func (m *Manifest) Size() (n int64) {
	for _, f := range m.Files {
		n += f.Bytes
	}
	return n
}

// Events is how many events are in the backup.
func (m *Manifest) Events() (n uint64) {
	for _, t := range m.Totals {
		n += t.Here
	}
	return n
}

// sums is the file SHA256SUMS, as the program sha256sum writes it: of every file, and last of the
// manifest. It is put last, so a folder that has it is whole.
func (m *Manifest) sums(manifest []byte) []byte {
	var b bytes.Buffer
	for _, f := range m.Files {
		fmt.Fprintf(&b, "%s  %s\n", f.SHA256, f.Name)
	}
	fmt.Fprintf(&b, "%x  %s\n", sha256.Sum256(manifest), manifestName)
	return b.Bytes()
}

// damaged says what is wrong with a backup.
func damaged(dir, format string, args ...any) *fault.Error {
	return fault.New(fault.Damaged, "backup_damaged", "the backup %s cannot be trusted: %s", dir,
		fmt.Sprintf(format, args...))
}

// readManifest reads and checks the manifest of the backup in a folder of a depot.
func readManifest(ctx context.Context, d depot.Depot, dir string) (*Manifest, error) {
	raw, err := readAll(ctx, d, path.Join(dir, manifestName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "no_backup",
			"there is no backup in %s: it has no %s", d.String()+"/"+dir, manifestName)
	}
	if err != nil {
		return nil, err
	}
	var version struct {
		Format    int `json:"format"`
		MinReader int `json:"min_reader"`
	}
	if err := json.Unmarshal(raw, &version); err != nil {
		return nil, damaged(dir, "%s does not decode", manifestName).Wrap(err)
	}
	sums, err := readAll(ctx, d, path.Join(dir, sumsName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, damaged(dir, "%s is missing; it was never finished", sumsName)
	}
	if err != nil {
		return nil, err
	}
	if !bytes.HasSuffix(sums, fmt.Appendf(nil, "%x  %s\n", sha256.Sum256(raw), manifestName)) {
		return nil, damaged(dir, "%s is not what %s says", manifestName, sumsName)
	}
	if version.MinReader > formatVersion {
		return nil, fault.New(fault.Newer, "backup_newer",
			"the backup %s has format %d, which needs a reader of version %d; this program has %d. "+
				"Use a newer version of the program", dir, version.Format, version.MinReader, formatVersion)
	}
	m := &Manifest{}
	strict := json.NewDecoder(bytes.NewReader(raw))
	if err := strict.Decode(m); err != nil {
		return nil, damaged(dir, "%s does not decode", manifestName).Wrap(err)
	}
	if err := m.sensible(); err != nil {
		return nil, damaged(dir, "%s: %v", manifestName, err)
	}
	if !bytes.Equal(sums, m.sums(raw)) {
		return nil, damaged(dir, "%s does not list the files that %s names", sumsName, manifestName)
	}
	return m, nil
}

// sensible compares the parts of a manifest with each other. No name leads out of a backup's folder.
func (m *Manifest) sensible() error {
	if m.Format < 1 || m.App != app || !isID(m.ID) || len(m.Chain) > maxChain {
		return errors.New("it is not a manifest of this program")
	}
	chain := map[string]bool{}
	for _, id := range m.Chain {
		if !isID(id) || id == m.ID {
			return fmt.Errorf("%q is not the id of a backup", id)
		}
		chain[id] = true
	}
	check := func(f File) error {
		sum, err := hex.DecodeString(f.SHA256)
		if stem, _, ok := strings.Cut(f.Name, "-"); err != nil || len(sum) != sha256.Size || f.Bytes < 0 ||
			!ok || stem != stateStem && stem != indexStem && stem != dataStem ||
			strings.ContainsAny(f.Name, `/\.`) {
			return fmt.Errorf("the file %q cannot be", f.Name)
		}
		return nil
	}
	last := map[string]int{}
	for _, f := range m.Files {
		if err := check(f); err != nil {
			return err
		}
		stem, _, _ := strings.Cut(f.Name, "-")
		if last[stem]++; f.Name != packName(stem, last[stem]) {
			return fmt.Errorf("the file %s is out of its order", f.Name)
		}
	}
	for _, n := range m.Needs {
		if err := check(n.File); err != nil {
			return err
		}
		if !chain[n.Backup] {
			return fmt.Errorf("it needs %q, which is not in its chain", n.Backup)
		}
	}
	return nil
}

// app is the program that backups are of.
const app = "analytics"

// readAll reads a small file.
func readAll(ctx context.Context, d depot.Depot, name string) ([]byte, error) {
	r, err := d.Read(ctx, name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, maxManifest+1))
	if err == nil && len(b) > maxManifest {
		err = fault.New(fault.TooLarge, "too_large", "%s is too large", name)
	}
	return b, err
}

// idTime is how an id begins: the moment of the backup.
const idTime = "20060102T150405.000Z"

// isID says whether a folder's name is that of a backup: a time, a dash, and 8 hexadecimal digits.
func isID(name string) bool {
	at, tail, ok := strings.Cut(name, "-")
	if _, err := time.Parse(idTime, at); err != nil || !ok || len(tail) != 8 {
		return false
	}
	_, err := hex.DecodeString(tail)
	return err == nil
}
