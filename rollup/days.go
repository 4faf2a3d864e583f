package rollup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/rollup/cube"
)

// Day cells are the cells of a local day with the hours merged: what a question over a year reads
// instead of 24 times as many. They lie on the shelf "days" (FORMAT.md) with the ids of the
// segments they were made of, and are used only while the day is made of exactly these.

const (
	// partSize is that of the store's pieces, for the same reason: to hand out a value costs as much
	// as copying all of it three times.
	partSize = 64 << 10
	// maxDayCells is the size of a day's block beyond which the day is answered from its hours.
	maxDayCells = 16 << 20

	daysVersion = 2 // 1 had parts of 256 KiB, and a checksum beside those of the block
)

// dayHeader says what the day cells of one kind are, and what they were made of.
type dayHeader struct {
	Version  int                `json:"version"`
	From     event.Micros       `json:"from"`
	To       event.Micros       `json:"to"`
	Segments []store.SegmentID  `json:"segments"`
	Cubes    map[uint8]dayBlock `json:"cubes"`

	number uint64 // of the reading of it
}

type dayBlock struct {
	Size  int `json:"size"`
	Parts int `json:"parts"`
}

// dayIndex is the headers that were read from the shelf. This process is the only one that writes
// them, so they are read once.
type dayIndex struct {
	mu   sync.Mutex
	days map[seriesKey]map[string]dayHeader // by date
	read uint64                             // how many headers were read
}

type seriesKey struct {
	tenant store.Tenant
	kind   event.Kind
}

// Day is the cells of a local day, or of a month, that are good for a snapshot.
type Day struct {
	From, To event.Micros
	Month    bool
	// Number is another one for other days, and for the cells of this day when they were made again.
	Number uint64
	shelf  *store.Shelf
	kind   event.Kind
	date   string
	cube   uint8
	block  dayBlock
}

// Days lists the days within [from, to) of which the cube has cells made of exactly the segments
// that the snapshot has for them, in order of time. The snapshot's head is not in them, and no day of
// which segments were condensed: these are read themselves.
func (m *Mill) Days(n *store.Snapshot, cubeID uint8, from, to event.Micros) ([]Day, error) {
	return m.stored(n, cubeID, from, to, false)
}

// stored is Days, or Months.
func (m *Mill) stored(n *store.Snapshot, cubeID uint8, from, to event.Micros, months bool) ([]Day, error) {
	r := n.Range
	headers, err := m.headers(r.Tenant, r.Kind)
	if err != nil || len(headers) == 0 {
		return nil, err
	}
	from, to = max(from, r.From), min(to, r.To)
	segments := n.Segments()
	var days []Day
	for date, h := range headers {
		block, ok := h.Cubes[cubeID]
		if !ok || isMonth(date) != months || h.Version != daysVersion || h.From < from || h.To > to ||
			!m.isDay(date, h) || condensed(segments, h.From, h.To) ||
			!slices.Equal(h.Segments, sourcesOf(segments, h.From, h.To)) {
			continue
		}
		days = append(days, Day{From: h.From, To: h.To, Month: months, Number: h.number, kind: r.Kind, date: date,
			cube: cubeID, shelf: m.Store.Shelf(r.Tenant, "days"), block: block})
	}
	slices.SortFunc(days, func(a, b Day) int { return int(min(max(a.From-b.From, -1), 1)) })
	return days, nil
}

// errGone says that a part of a day's cells is not there any more: they are being made again.
var errGone = errors.New("rollup: the day's cells were replaced")

// Open opens the block of the day, of which only what is wanted is read. An error, then or later,
// may mean that the cells are being replaced: take the hours instead.
func (d Day) Open() (*cube.Block, error) { return cube.OpenBlockAt(d.Pieces()) }

// Pieces is where the block of the day lies.
func (d Day) Pieces() *store.Pieces {
	return store.NewPieces(int64(d.block.Size), partSize, func(n int) ([]byte, error) {
		v, ok, err := d.shelf.Get(partKey(d.kind, d.date, d.cube, n))
		if err == nil && !ok {
			err = errGone
		}
		return v, err
	})
}

// isDay reports whether a header is of a day or month of the reporting zone, which may have changed.
func (m *Mill) isDay(date string, h dayHeader) bool {
	of := m.dayOf
	if isMonth(date) {
		of = m.monthOf
	}
	from, to, err := of(date)
	return err == nil && h.From == from && h.To == to
}

func (m *Mill) dayOf(date string) (from, to event.Micros, err error) {
	day, err := time.ParseInLocation(time.DateOnly, date, m.Zone)
	if err != nil {
		return 0, 0, err
	}
	return event.MicrosOf(day), event.MicrosOf(m.nextDay(day)), nil
}

// nextDay is the midnight after a moment. Where clocks skip midnight, days begin when they say.
func (m *Mill) nextDay(at time.Time) time.Time {
	y, month, d := at.In(m.Zone).Date()
	return time.Date(y, month, d+1, 0, 0, 0, 0, m.Zone)
}

// sourcesOf lists the segments that have rows in [from, to), ascending.
func sourcesOf(segments []store.Segment, from, to event.Micros) []store.SegmentID {
	ids := []store.SegmentID{}
	for i := range segments {
		if s := &segments[i]; s.Min < to && s.Max >= from {
			ids = append(ids, s.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// condensed reports whether a segment with rows in [from, to) has cells of days, or none any more.
func condensed(segments []store.Segment, from, to event.Micros) bool {
	return slices.ContainsFunc(segments, func(s store.Segment) bool { return s.Daily && s.Min < to && s.Max >= from })
}

// headers gives the headers of a series, from memory after the first time. The map is not changed
// any more: put makes a new one.
func (m *Mill) headers(t store.Tenant, kind event.Kind) (map[string]dayHeader, error) {
	x := &m.days
	x.mu.Lock()
	defer x.mu.Unlock()
	key := seriesKey{t, kind}
	if headers, ok := x.days[key]; ok {
		return headers, nil
	}
	headers := map[string]dayHeader{}
	prefix := "h/" + kind.String() + "/"
	err := m.Store.Shelf(t, "days").Each(prefix, func(k string, v []byte) error {
		var h dayHeader
		// A header that cannot be read, or is older, is a day without cells. A newer one is kept in mind
		// so that nobody writes over it.
		if json.Unmarshal(v, &h) == nil && h.Version >= daysVersion {
			x.read++
			h.number = x.read
			headers[strings.TrimPrefix(k, prefix)] = h
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if x.days == nil {
		x.days = map[seriesKey]map[string]dayHeader{}
	}
	x.days[key] = headers
	return headers, nil
}

// forget drops the headers held in memory, so that the next question reads the shelf.
func (x *dayIndex) forget(key seriesKey) {
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.days, key)
}

// ForgetDays is for when the cells of a tenant's days were removed from the shelf.
func (m *Mill) ForgetDays(t store.Tenant) {
	for _, kind := range event.Kinds() {
		m.days.forget(seriesKey{t, kind})
	}
}

func headerKey(kind event.Kind, date string) string { return "h/" + kind.String() + "/" + date }

// partsKey begins the keys of all parts of a day.
func partsKey(kind event.Kind, date string) string { return fmt.Sprintf("c/%s/%s/", kind, date) }

func partKey(kind event.Kind, date string, cubeID uint8, part int) string {
	return fmt.Sprintf("%s%d/%04d", partsKey(kind, date), cubeID, part)
}

// dropDays removes the cells of the days and months that overlap [from, to), since their blocks are about to
// change, and says how many days these are.
func (m *Mill) dropDays(ctx context.Context, key seriesKey, from, to event.Micros) (int, error) {
	headers, err := m.headers(key.tenant, key.kind)
	if err != nil {
		return 0, err
	}
	defer m.days.forget(key)
	var dates []string
	days := 0
	for date, h := range headers {
		if h.From < to && h.To > from {
			dates = append(dates, date)
			if !isMonth(date) {
				days++
			}
		}
	}
	return days, m.dropDates(ctx, key, dates)
}

// dropDates removes the cells of days. Parts are dropped and not deleted, for their room: a year of days,
// of which 120 had 9 MB, left up to 9 MB more in the files. Dropping is no transaction, so first the
// headers say that nothing is made of what is there: after a stop in between the days are made anew, or
// dropped again.
func (m *Mill) dropDates(ctx context.Context, key seriesKey, dates []string) error {
	if len(dates) == 0 {
		return nil
	}
	void, err := json.Marshal(dayHeader{Version: daysVersion})
	if err != nil {
		return err
	}
	var parts []string
	var voided, deleted []store.Change
	for _, date := range dates {
		parts = append(parts, partsKey(key.kind, date))
		voided = append(voided, store.Change{Key: headerKey(key.kind, date), Value: void})
		deleted = append(deleted, store.Change{Key: headerKey(key.kind, date), Delete: true})
	}
	shelf := m.Store.Shelf(key.tenant, "days")
	if err := shelf.Apply(ctx, voided...); err != nil {
		return err
	}
	if err := shelf.Drop(ctx, parts...); err != nil {
		return err
	}
	return shelf.Apply(ctx, deleted...)
}
