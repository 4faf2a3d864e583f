package sample

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"analytics/engine/columns"
	"analytics/engine/event"
)

// ByModel counts AI requests, their tokens and their time by model, with nothing around it: what a
// benchmark of reading does with what it read. It gives how many there were.
func ByModel(rec arrow.Record) (rows int64) {
	at := columns.Index(rec, event.AIRequest)
	models := rec.Column(at[event.AIModel]).(*array.Dictionary)
	codes := models.Indices().(*array.Int32).Int32Values()
	in := rec.Column(at[event.AIInputUncachedTokens]).(*array.Int64).Int64Values()
	out := rec.Column(at[event.AIOutputTextTokens]).(*array.Int64).Int64Values()
	duration := rec.Column(at[event.AIDurationMS]).(*array.Int64).Int64Values()
	type cell struct{ n, tokens, micros int64 }
	cells := make([]cell, models.Dictionary().Len())
	for i, code := range codes {
		c := &cells[code]
		c.n++
		c.tokens += in[i] + out[i]
		c.micros += duration[i]
	}
	for _, c := range cells {
		rows += c.n
	}
	return rows
}
