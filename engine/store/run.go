package store

import (
	"sync"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"analytics/engine/columns"
	"analytics/engine/event"
)

const (
	// runRows and runBytes close a run: large enough that kernels run at full speed, small enough
	// that building its record when a question comes is a matter of milliseconds.
	runRows  = 32 << 10
	runBytes = 16 << 20

	// joinRows and joinBytes bound what two runs are joined into, where a stream of small commits with
	// questions in between leaves many: a joined run's record is made anew, and a row of the head at full
	// ingest was decoded three times when runs were joined up to runRows.
	joinRows  = 4 << 10
	joinBytes = 2 << 20
)

// run is a stretch of rows of the head that never changes again, and the Arrow record of it once
// somebody asked for it.
type run struct {
	kind     event.Kind
	slabs    [][]byte
	rows     int
	bytes    int
	min, max event.Micros

	mu     sync.Mutex
	rec    arrow.Record // guarded by mu; nil until asked for
	cost   int64        // guarded by mu; what rec took of the budget
	budget *budget
	gone   bool // guarded by mu; no longer of the head: records are not kept
}

// budget bounds the memory of all records of the head together. When it is used up, a record is
// made again each time somebody asks: slower, but the rows have the first claim on memory.
type budget struct {
	used atomic.Int64
	most int64
}

// take takes n bytes if there are that many.
func (b *budget) take(n int64) bool {
	if b.used.Add(n) <= b.most {
		return true
	}
	b.used.Add(-n)
	return false
}

// add appends rows; only a run that no snapshot has seen may grow.
func (r *run) add(rows []byte, info batchInfo) {
	if r.rows == 0 {
		r.min, r.max = info.min, info.max
	} else {
		r.min, r.max = min(r.min, info.min), max(r.max, info.max)
	}
	r.slabs = append(r.slabs, rows)
	r.rows += info.count
	r.bytes += len(rows)
}

// full reports whether the run is closed to further rows.
func (r *run) full() bool { return r.rows >= runRows || r.bytes >= runBytes }

// join makes one run of two neighbours and retires both.
func join(a, b *run) *run {
	j := &run{
		kind: a.kind, rows: a.rows + b.rows, bytes: a.bytes + b.bytes,
		min: min(a.min, b.min), max: max(a.max, b.max), budget: a.budget,
	}
	j.slabs = append(append(make([][]byte, 0, len(a.slabs)+len(b.slabs)), a.slabs...), b.slabs...)
	a.retire()
	b.retire()
	return j
}

// record is the run as Arrow, made on first use. The caller releases it.
func (r *run) record() (arrow.Record, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.rec == nil {
		b := columns.NewBuilder(r.kind)
		for _, slab := range r.slabs {
			if err := b.AppendRows(slab); err != nil {
				return nil, err
			}
		}
		rec := b.Record(nil)
		cost := recordSize(rec)
		if r.gone || !r.budget.take(cost) {
			return rec, nil
		}
		r.rec, r.cost = rec, cost
	}
	r.rec.Retain()
	return r.rec, nil
}

// forget drops the record; it is made again when somebody asks.
func (r *run) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.rec != nil {
		r.rec.Release()
		r.budget.used.Add(-r.cost)
		r.rec, r.cost = nil, 0
	}
}

// retire is for a run that left the head; snapshots may still read it.
func (r *run) retire() {
	r.forget()
	r.mu.Lock()
	r.gone = true
	r.mu.Unlock()
}

// recordSize is the memory of a record's buffers.
func recordSize(rec arrow.Record) int64 {
	size := 0
	for _, col := range rec.Columns() {
		data := col.Data()
		for _, b := range data.Buffers() {
			size += bufferSize(b)
		}
		if _, ok := col.(*array.Dictionary); ok { // otherwise it is a nil pointer in disguise
			for _, b := range data.Dictionary().Buffers() {
				size += bufferSize(b)
			}
		}
	}
	return int64(size)
}

func bufferSize(b *memory.Buffer) int {
	if b == nil {
		return 0
	}
	return b.Len()
}

// project is the record with only the named fields, nil meaning all. Fields that no row sets are
// missing from records. It takes over the caller's reference.
func project(rec arrow.Record, kind event.Kind, fields []int) arrow.Record {
	if fields == nil {
		return rec
	}
	defer rec.Release()
	at := columns.Index(rec, kind)
	var cols []arrow.Array
	var names []arrow.Field
	for _, f := range fields {
		if f >= 0 && f < len(at) && at[f] >= 0 {
			cols = append(cols, rec.Column(at[f]))
			names = append(names, rec.Schema().Field(at[f]))
		}
	}
	return array.NewRecord(arrow.NewSchema(names, nil), cols, rec.NumRows())
}
