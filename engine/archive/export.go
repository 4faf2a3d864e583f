package archive

import (
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/parquet-go/parquet-go/format"

	"analytics/engine/columns"
	"analytics/engine/event"
)

// exportKey marks exports, which are for people and other programs; Open refuses them.
const exportKey = "analytics.export"

// exportRows is how many rows an export gathers before it writes a row group.
const exportRows = GroupRows / 2

// ExportWriter writes events as Parquet for users. Each kind has one schema, whatever the events
// set: every field under the name it has in JSON, identifiers as text, times as TIMESTAMP, lengths
// of time in milliseconds and money in USD as DECIMAL, token counts with the meaning they have in
// JSON (input_tokens is everything that went in). Only timestamp and id are never null. Rows need
// not be sorted. It holds one row group in memory.
type ExportWriter struct {
	out     io.Writer
	kind    event.Kind
	w       *writer
	sources [][]int // for each column the fields that are summed into it
	pending []arrow.Record
	rows    int
	err     error
}

// NewExportWriter makes a writer of events of one kind.
func NewExportWriter(out io.Writer, kind event.Kind) *ExportWriter {
	e := &ExportWriter{out: out, kind: kind}
	var cols []column
	for f, field := range kind.Fields() {
		c := column{
			field: -1, typ: field.Type, name: field.Name, shape: shapeOf(field.Type),
			optional: f != event.Timestamp && f != event.EventID,
		}
		sources := []int{f}
		if kind == event.AIRequest {
			c.name, sources = wireTokens(f, field.Name)
		}
		if !field.Transient {
			cols = append(cols, c)
			e.sources = append(e.sources, sources)
		}
	}
	e.w, e.err = newWriter(kind, cols)
	return e
}

// wireTokens is the name a field of an AI request has outside, and what it is the sum of: inside,
// tokens are kept in buckets that do not overlap.
func wireTokens(field int, name string) (wire string, sum []int) {
	switch field {
	case event.AIInputUncachedTokens:
		return "input_tokens", []int{
			event.AIInputUncachedTokens, event.AICacheReadTokens, event.AICacheWriteTokens,
			event.AICacheWrite1hTokens, event.AIAudioInputTokens,
		}
	case event.AIOutputTextTokens:
		return "output_tokens", []int{
			event.AIOutputTextTokens, event.AIReasoningTokens, event.AIAudioOutputTokens,
		}
	case event.AICacheWriteTokens:
		return name, []int{event.AICacheWriteTokens, event.AICacheWrite1hTokens}
	case event.AIClientCost:
		return "cost_usd", []int{field}
	}
	return name, []int{field}
}

// Write adds the events of a record. It may keep the record until a row group is full.
func (e *ExportWriter) Write(rec arrow.Record) error {
	if e.err != nil {
		return e.err
	}
	if rec.NumRows() > 0 {
		rec.Retain()
		e.pending = append(e.pending, rec)
		e.rows += int(rec.NumRows())
	}
	if e.rows >= exportRows {
		e.err = e.flush()
	}
	return e.err
}

// Close writes what is left and the footer. It does not close the writer below.
func (e *ExportWriter) Close() error {
	if e.err != nil {
		return e.err
	}
	defer e.w.zip.Close()
	if e.err = e.flush(); e.err != nil {
		return e.err
	}
	if e.err = e.w.finish(format.KeyValue{Key: exportKey, Value: e.kind.String()}); e.err != nil {
		return e.err
	}
	if err := e.drain(); err != nil {
		return err
	}
	e.err = errClosed
	return nil
}

var errClosed = errors.New("archive: the export is closed")

// flush writes the records gathered as row groups.
func (e *ExportWriter) flush() error {
	rec, err := columns.Concat(e.kind, e.pending, false)
	if err != nil {
		return fmt.Errorf("archive: export: %w", err)
	}
	for _, p := range e.pending {
		p.Release()
	}
	e.pending, e.rows = nil, 0
	at := columns.Index(rec, e.kind)
	arrays := make([]arrow.Array, len(e.sources))
	for i, sources := range e.sources {
		var have []arrow.Array
		for _, f := range sources {
			if at[f] >= 0 {
				have = append(have, rec.Column(at[f]))
			}
		}
		arrays[i] = sum(have)
	}
	rows := int(rec.NumRows())
	for from := 0; from < rows; from += GroupRows {
		if err := e.w.group(arrays, from, min(from+GroupRows, rows)); err != nil {
			return err
		}
		if err := e.drain(); err != nil {
			return err
		}
	}
	return nil
}

// drain hands what is ready to the writer below.
func (e *ExportWriter) drain() error {
	n, err := e.out.Write(e.w.out)
	e.w.past += int64(n)
	e.w.out = e.w.out[:0]
	if err != nil {
		return fmt.Errorf("archive: export: %w", err)
	}
	return nil
}

// sum adds columns of numbers row by row: null only where all of them are. One column is itself,
// none is nil.
func sum(all []arrow.Array) arrow.Array {
	if len(all) == 0 {
		return nil
	}
	if len(all) == 1 {
		return all[0]
	}
	n := all[0].Len()
	total := make([]int64, n)
	valid := make([]byte, bitutil.CeilByte(n)/8)
	nulls := n
	for _, arr := range all {
		for i, x := range arr.(*array.Int64).Int64Values() {
			if arr.IsNull(i) {
				continue
			}
			total[i] += x
			if !bitutil.BitIsSet(valid, i) {
				bitutil.SetBit(valid, i)
				nulls--
			}
		}
	}
	return array.NewInt64Data(array.NewData(arrow.PrimitiveTypes.Int64, n, []*memory.Buffer{
		memory.NewBufferBytes(valid), memory.NewBufferBytes(arrow.Int64Traits.CastToBytes(total)),
	}, nil, nulls, 0))
}
