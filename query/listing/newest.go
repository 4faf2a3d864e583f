package listing

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/query/answer"
)

// Source is the events of one kind that are listed.
type Source struct {
	Kind     event.Kind
	Snapshot *store.Snapshot
	Matcher  *Matcher
	// Until is where what is stored ends to count. From there on events are in Fresh, nil if there
	// are none.
	Until event.Micros
	Fresh arrow.Record
}

// Request says what is listed.
type Request struct {
	From, To event.Micros
	Columns  []answer.Column
	Zone     *time.Location
	// Limit is how many rows are wanted, and After where they begin; the zero cursor is the newest.
	Limit int
	After Cursor
}

// Found is the rows of a list, newest first, and where it goes on; Next is zero at the end.
type Found struct {
	Rows     [][]any
	Next     Cursor
	RawRows  int64
	HeadRows int64
}

// item is a row that is in the list unless newer ones push it out.
type item struct {
	cursor Cursor
	cells  []any
}

// search is a list being gathered.
type search struct {
	req   *Request
	items []item // newest first, at most Limit+1: the one too many says that the list goes on
	found Found
}

// Newest gathers the newest rows of all sources. The snapshots stay the caller's.
func Newest(ctx context.Context, sources []Source, req Request) (Found, error) {
	steps := stepsOf(sources, &req)
	s := search{req: &req}
	for i := range sources {
		s.fresh(&sources[i])
	}
	for i := range steps {
		if s.full() && steps[i].chunk.Max < s.items[len(s.items)-1].cursor.Time {
			break
		}
		if err := s.chunk(ctx, steps[i].source, &steps[i].chunk); err != nil {
			return Found{}, err
		}
	}
	if len(s.items) > req.Limit {
		s.items = s.items[:req.Limit]
		s.found.Next = s.items[req.Limit-1].cursor
	}
	for _, it := range s.items {
		s.found.Rows = append(s.found.Rows, it.cells)
	}
	return s.found, nil
}

func (s *search) full() bool { return len(s.items) > s.req.Limit }

// chunk takes the rows of a chunk that belong in the list: first only the columns that decide, then
// the others of the pages on which there are rows to show.
func (s *search) chunk(ctx context.Context, src *Source, c *store.Chunk) error {
	if c.Head {
		s.found.HeadRows += int64(c.Rows)
	} else {
		s.found.RawRows += int64(c.Rows)
	}
	rows, err := s.passing(ctx, src, c)
	if err != nil || len(rows) == 0 {
		return err
	}
	rec, first, err := c.ReadRows(ctx, s.fields(src.Kind), int(rows[0]), int(rows[len(rows)-1])+1)
	if err != nil {
		return err
	}
	v := NewView(src.Kind, rec)
	s.takeAll(v, rows, first)
	return nil
}

// fresh takes the rows of a record that belong in the list.
func (s *search) fresh(src *Source) {
	if src.Fresh == nil {
		return
	}
	v := NewView(src.Kind, src.Fresh)
	oldest, newest := s.span(forever)
	rows := within(v, max(oldest, src.Until), newest)
	if len(rows) == 0 {
		return
	}
	s.found.RawRows += src.Fresh.NumRows()
	s.takeAll(v, s.newest(v, src.Matcher.Narrow(v, rows)), 0)
}

const forever = event.Micros(1) << 62

// takeAll takes rows that are counted from the view's first, and keeps the newest of all.
func (s *search) takeAll(v *View, rows []int32, first int) {
	for _, row := range rows {
		s.take(v, int(row)-first)
	}
	slices.SortFunc(s.items, func(a, b item) int { return b.cursor.compare(a.cursor) })
	s.items = s.items[:min(len(s.items), s.req.Limit+1)]
}

// passing lists the rows of a chunk that pass the conditions and could be in the list by their time.
// Where all rows could, their times are read only if one passes: looking for what never happened
// reads nothing but what it is looked for in.
func (s *search) passing(ctx context.Context, src *Source, c *store.Chunk) ([]int32, error) {
	oldest, newest := s.span(src.Until)
	fields := normal(src.Matcher.Fields())
	if field, id, point := src.Matcher.ID(); point && !c.Head {
		return s.located(ctx, src, c, field, id)
	}
	if len(fields) > 0 && !c.Head && c.Min >= oldest && c.Max <= newest {
		rec, err := c.Read(ctx, fields)
		if err != nil {
			return nil, err
		}
		rows := src.Matcher.Narrow(NewView(src.Kind, rec), nil)
		if len(rows) <= s.req.Limit+1 {
			return rows, nil
		}
		if rec, err = c.Read(ctx, []int{event.Timestamp}); err != nil {
			return nil, err
		}
		return s.newest(NewView(src.Kind, rec), rows), nil
	}
	rec, err := c.Read(ctx, normal(append(fields, event.Timestamp)))
	if err != nil {
		return nil, err
	}
	v := NewView(src.Kind, rec)
	rows := within(v, oldest, newest)
	if len(rows) == 0 {
		return nil, nil
	}
	return s.newest(v, src.Matcher.Narrow(v, rows)), nil
}

// located is passing for a condition that asks for an identifier: only the pages that hold it are
// read.
func (s *search) located(
	ctx context.Context, src *Source, c *store.Chunk, field int, id []byte,
) ([]int32, error) {
	from, to, err := c.Locate(ctx, field, id)
	if err != nil || from == to {
		return nil, err
	}
	fields := normal(append(src.Matcher.Fields(), event.Timestamp))
	rec, first, err := c.ReadRows(ctx, fields, from, to)
	if err != nil {
		return nil, err
	}
	v := NewView(src.Kind, rec)
	oldest, newest := s.span(src.Until)
	rows := within(v, oldest, newest)
	if len(rows) == 0 {
		return nil, nil
	}
	rows = s.newest(v, src.Matcher.Narrow(v, rows))
	for i := range rows {
		rows[i] += int32(first)
	}
	return rows, nil
}

// span is the first and last moment of which a row from before until could be in the list.
func (s *search) span(until event.Micros) (oldest, newest event.Micros) {
	oldest, newest = s.req.From, min(s.req.To, until)-1
	if s.full() {
		oldest = max(oldest, s.items[len(s.items)-1].cursor.Time)
	}
	if s.req.After.Time != 0 {
		newest = min(newest, s.req.After.Time)
	}
	return oldest, newest
}

// within lists the rows whose time is in [oldest, newest].
func within(v *View, oldest, newest event.Micros) []int32 {
	rows := make([]int32, 0, v.Rows())
	for i, t := range v.Times() {
		if at := event.Micros(t); at >= oldest && at <= newest {
			rows = append(rows, int32(i))
		}
	}
	return rows
}

// newest keeps the newest rows, as many as the list has, and those as old as the last of them. A
// row at the cursor itself may be left out later, so they come on top.
func (s *search) newest(v *View, rows []int32) []int32 {
	if len(rows) <= s.req.Limit+1 {
		return rows
	}
	times := make([]event.Micros, 0, len(rows))
	for _, row := range rows {
		if t := v.Time(int(row)); s.req.After.Time == 0 || t < s.req.After.Time {
			times = append(times, t)
		}
	}
	if len(times) <= s.req.Limit+1 {
		return rows
	}
	slices.SortFunc(times, func(a, b event.Micros) int { return cmp.Compare(b, a) })
	oldest := times[s.req.Limit]
	return keep(rows, func(row int32) bool { return v.Time(int(row)) >= oldest })
}

// fields are the fields that the columns of the list need from events of a kind.
func (s *search) fields(kind event.Kind) []int {
	fields := []int{event.Timestamp, event.EventID}
	for _, c := range s.req.Columns {
		if c.Name == "subject" {
			fields = append(fields, subjects[kind]...)
			continue
		}
		fields = append(fields, Parts(kind, c.Name)...)
	}
	return normal(fields)
}

// take makes a row an item, unless it is at or before the cursor.
func (s *search) take(v *View, row int) {
	at := Cursor{Time: v.Time(row), Kind: v.kind, ID: bytes.Clone(v.Bytes(event.EventID, row))}
	if s.req.After.Time != 0 && at.compare(s.req.After) >= 0 {
		return
	}
	cells := make([]any, len(s.req.Columns))
	for i, c := range s.req.Columns {
		place := slotOf(v.kind, c.Name)
		cells[i] = place.cell(v, row, s.req.Zone)
	}
	s.items = append(s.items, item{at, cells})
}

func normal(fields []int) []int {
	slices.Sort(fields)
	return slices.Compact(fields)
}
