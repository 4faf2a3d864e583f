package lake

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
)

const hoursPerDay = 24

// partition is a UTC day of a kind of a tenant.
type partition struct {
	tenant store.Tenant
	kind   event.Kind
	day    event.Hour // its first
}

func (p partition) date() string { return p.day.Start().Time().Format(time.DateOnly) }

// dir is where its files are. No tenant's name can lead out of it.
func (p partition) dir() string {
	return path.Join(p.kind.String(), "tenant="+tenantName(p.tenant), "date="+p.date())
}

func (p partition) file(id store.SegmentID) string {
	return path.Join(p.dir(), fmt.Sprintf("%016x.parquet", uint64(id)))
}

// segment is the segment whose file has a name.
func (p partition) segment(name string) (id store.SegmentID, ok bool) {
	n, err := strconv.ParseUint(strings.TrimSuffix(name, ".parquet"), 16, 64)
	id = store.SegmentID(n)
	return id, err == nil && path.Base(p.file(id)) == name
}

func (p partition) manifest() string { return path.Join(p.dir(), manifestName) }

// key is the name of the partition's row.
func (p partition) key() string { return rowPrefix + p.kind.String() + "/" + p.date() }

// span is the hours of the day as a range of the store.
func (p partition) span() store.Range {
	return store.Range{Tenant: p.tenant, Kind: p.kind, From: p.day.Start(),
		To: (p.day + hoursPerDay).Start()}
}

// tenantName is the tenant as a folder's name: its text if that is harmless, else hexadecimal.
func tenantName(t store.Tenant) string {
	name := strings.TrimRight(string(t[:]), "\x00")
	for _, c := range name {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return fmt.Sprintf("0x%x", t[:])
		}
	}
	if name == "" {
		return fmt.Sprintf("0x%x", t[:])
	}
	return name
}

// tenantOf is the tenant whose folder has a name.
func tenantOf(name string) (t store.Tenant, err error) {
	text := []byte(name)
	if digits, ok := strings.CutPrefix(name, "0x"); ok && len(digits) == 2*len(t) {
		if text, err = hex.DecodeString(digits); err != nil {
			return t, err
		}
	}
	if len(text) > len(t) {
		return t, fmt.Errorf("%q is no tenant", name)
	}
	copy(t[:], text)
	if tenantName(t) != name {
		return t, fmt.Errorf("%q is no tenant", name)
	}
	return t, nil
}

// rowPrefix is where rows are on the shelf `settings`.
const rowPrefix = "archive/"

// row says what is committed of a partition: these files are in place and whole. It is JSON.
type row struct {
	At    time.Time `json:"at"`
	Files []file    `json:"files"`
	// Planned are segments whose files may be there though they are not committed: a run that a crash
	// cut short wrote them, or did not remove them.
	Planned []store.SegmentID `json:"planned,omitempty"`
}

// file is one file of a partition, a segment.
type file struct {
	Segment store.SegmentID `json:"segment"`
	Rows    int64           `json:"rows"`
	Bytes   int64           `json:"bytes"`
	SHA256  string          `json:"sha256"`
}

func (r *row) find(id store.SegmentID) (file, bool) {
	for _, f := range r.Files {
		if f.Segment == id {
			return f, true
		}
	}
	return file{}, false
}

// put commits what there is of a partition.
func (l *Lake) put(ctx context.Context, p partition, r row) error {
	value, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return l.store.Shelf(p.tenant, "settings").Put(ctx, p.key(), value)
}

func (l *Lake) row(p partition) (r row, err error) {
	v, ok, err := l.store.Shelf(p.tenant, "settings").Get(p.key())
	if err != nil || !ok {
		return row{}, err
	}
	if err := json.Unmarshal(v, &r); err != nil {
		return row{}, fault.New(fault.Damaged, "store_damaged",
			"what was archived of %s on %s cannot be read; restore a backup", p.kind, p.date()).Wrap(err)
	}
	return r, nil
}

// rows lists the days of a kind that are committed.
func (l *Lake) rows(t store.Tenant, kind event.Kind) (out []partition, err error) {
	prefix := rowPrefix + kind.String() + "/"
	err = l.store.Shelf(t, "settings").Each(prefix, func(key string, _ []byte) error {
		at, err := time.Parse(time.DateOnly, strings.TrimPrefix(key, prefix))
		if err != nil {
			return fault.New(fault.Damaged, "store_damaged", "an archived day is named %q", key).Wrap(err)
		}
		out = append(out, partition{t, kind, event.MicrosOf(at).Hour()})
		return nil
	})
	return out, err
}
