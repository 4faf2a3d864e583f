package rollup

import (
	"context"
	"maps"
	"slices"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/rollup/cube"
)

// Month cells are the cells of the days of a local month merged: what a question over a year reads instead of
// 30 times as many blocks, of which those of 5,000 pages or users have the same names again each day. They lie
// beside those of days under the month, 2026-11, with a header of the same form, and are used only while the
// month is made of the same segments.

// Months is Days for whole months.
func (m *Mill) Months(n *store.Snapshot, cubeID uint8, from, to event.Micros) ([]Day, error) {
	return m.stored(n, cubeID, from, to, true)
}

const monthLayout = "2006-01"

// isMonth tells the date of a month from that of a day.
func isMonth(date string) bool { return len(date) == len(monthLayout) }

func (m *Mill) monthOf(date string) (from, to event.Micros, err error) {
	month, err := time.ParseInLocation(monthLayout, date, m.Zone)
	if err != nil {
		return 0, 0, err
	}
	y, number, _ := month.Date()
	next := time.Date(y, number+1, 1, 0, 0, 0, 0, m.Zone)
	return event.MicrosOf(month), event.MicrosOf(next), nil
}

// monthsOf is what the daily job finds of the days of months.
type monthsOf map[string]*monthDays

type monthDays struct {
	dates []string // days with cells
	lacks bool     // some day with events has none
	fresh bool     // some were made just now
}

// of is the month of a day.
func (of monthsOf) of(date string) *monthDays {
	month := date[:len(monthLayout)]
	if of[month] == nil {
		of[month] = &monthDays{}
	}
	return of[month]
}

// monthly makes the cells of the months that are over, of the headers of their days, where they are missing or
// stale, and adds what months there are to good. A month of which days were just made is left for the next
// time: late events come in more than one go, and a month costs as much as reading all its days.
func (m *Mill) monthly(
	ctx context.Context, n *store.Snapshot, headers map[string]dayHeader, months monthsOf, over event.Micros,
	good map[string]bool,
) error {
	segments := n.Segments()
	for _, date := range slices.Sorted(maps.Keys(months)) {
		from, to, err := m.monthOf(date)
		if err != nil {
			return err
		}
		days := months[date]
		if days.lacks || len(days.dates) < 2 || to > over {
			continue
		}
		good[date] = true
		h := headers[date]
		sources := sourcesOf(segments, from, to)
		if days.fresh || h.Version > daysVersion || m.isDay(date, h) && slices.Equal(h.Segments, sources) {
			continue
		}
		err = m.makeCells(ctx, n, date, h, dayHeader{From: from, To: to, Segments: sources},
			func(c cube.Cube) ([]byte, error) { return m.monthCells(ctx, n, c, headers, days.dates, from, to) })
		if err != nil {
			return err
		}
	}
	return nil
}

// monthCells merges the cells of days into one block. cube.ErrLacks if a day has none that can be
// used, or if it has more than half as many cells as they have: of users with a project each it would take as
// much room again, and nobody is faster.
func (m *Mill) monthCells(
	ctx context.Context, n *store.Snapshot, c cube.Cube, headers map[string]dayHeader, dates []string,
	from, to event.Micros,
) ([]byte, error) {
	t, err := cube.NewTable(cube.Spec{Kind: c.Kind, Dims: c.Dims, Measures: c.Measures,
		Edges: []event.Micros{from, to}})
	if err != nil {
		return nil, err
	}
	cells := 0
	for _, date := range dates {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		block, ok := headers[date].Cubes[c.ID]
		if !ok {
			return nil, cube.ErrLacks
		}
		day := Day{kind: n.Range.Kind, date: date, cube: c.ID, shelf: m.Store.Shelf(n.Range.Tenant, "days"),
			block: block}
		b, err := day.Open()
		if err != nil || t.AddCells(b, from, to) != nil {
			return nil, cube.ErrLacks // damaged, or of older definitions: whoever asks takes the hours
		}
		cells += b.Cells
	}
	if 2*t.Len() > cells {
		return nil, cube.ErrLacks
	}
	return t.Encode(), nil
}
