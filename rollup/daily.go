package rollup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/rollup/cube"
)

// settled is how long after its end a day is left alone: until its last hour is sealed.
const settled = 10 * time.Minute

// Daily makes the cells of the days that are over and whose cells are missing or stale.
func (m *Mill) Daily(ctx context.Context) error {
	m.milling.Lock()
	defer m.milling.Unlock()
	made := 0
	for _, t := range m.Tenants() {
		for _, kind := range event.Kinds() {
			n, err := m.dailyOf(ctx, seriesKey{t, kind})
			made += n
			if err != nil {
				return fmt.Errorf("days of %s: %w", kind, err)
			}
		}
	}
	if made > 0 {
		m.Log.LogAttrs(ctx, slog.LevelInfo, "days rolled up", slog.Int("days", made))
	}
	return nil
}

// dailyOf brings the days of one series up to date, and its months, and returns how many days it made.
func (m *Mill) dailyOf(ctx context.Context, key seriesKey) (made int, err error) {
	over := event.MicrosOf(m.Now().Add(-settled))
	snap := m.Store.Snapshot(store.Range{Tenant: key.tenant, Kind: key.kind,
		From: cube.Always, To: cube.Never})
	defer snap.Release()
	headers, err := m.headers(key.tenant, key.kind)
	if err != nil {
		return 0, err
	}
	defer m.days.forget(key)
	segments := snap.Segments()
	good := map[string]bool{}
	months := monthsOf{}
	for _, date := range slices.Sorted(maps.Keys(m.datesOf(segments, over))) {
		from, to, err := m.dayOf(date)
		if err != nil {
			return made, err
		}
		sources := sourcesOf(segments, from, to)
		if len(sources) == 0 {
			continue // within a segment's span, without a row
		}
		month := months.of(date)
		h, ok := headers[date]
		if condensed(segments, from, to) && h.Version <= daysVersion {
			month.lacks = true // its cells of days are in the segments
			continue
		}
		good[date] = true
		if h.Version > daysVersion { // of a newer program, which knows what it wrote
			month.lacks = true
			continue
		}
		month.dates = append(month.dates, date)
		if ok && m.isDay(date, h) && slices.Equal(h.Segments, sources) {
			continue
		}
		month.fresh = true
		err = m.makeCells(ctx, snap, date, h, dayHeader{From: from, To: to, Segments: sources},
			func(c cube.Cube) ([]byte, error) { return m.dayCells(ctx, snap, c, from, to) })
		if err != nil {
			return made, err
		}
		made++
	}
	if err := m.monthly(ctx, snap, headers, months, over, good); err != nil {
		return made, err
	}
	var gone []string // days that have no events any more, or no cells of hours
	for date := range headers {
		if !good[date] {
			gone = append(gone, date)
		}
	}
	return made, m.dropDates(ctx, key, gone)
}

// datesOf lists the local days before over that segments reach into.
func (m *Mill) datesOf(segments []store.Segment, over event.Micros) map[string]bool {
	dates := map[string]bool{}
	for i := range segments {
		for day := segments[i].Min.Time().In(m.Zone); ; {
			next := m.nextDay(day)
			if event.MicrosOf(next) > over {
				break
			}
			dates[day.Format(time.DateOnly)] = true
			if event.MicrosOf(next) > segments[i].Max {
				break
			}
			day = next
		}
	}
	return dates
}

// makeCells writes the cells of a day or month, parts first. A cube whose cells cannot be made of what is
// there (no block, events gone) or are too large is left out: questions take what they were to be made of.
func (m *Mill) makeCells(
	ctx context.Context, n *store.Snapshot, date string, old, h dayHeader, cells func(c cube.Cube) ([]byte, error),
) error {
	kind := n.Range.Kind
	h.Version, h.Cubes = daysVersion, map[uint8]dayBlock{}
	shelf := m.Store.Shelf(n.Range.Tenant, "days")
	for _, c := range cube.Cubes(kind) {
		data, err := cells(c)
		if errors.Is(err, cube.ErrLacks) || len(data) > maxDayCells {
			continue
		} else if err != nil {
			return err
		}
		parts := slices.Collect(slices.Chunk(data, partSize))
		for i, part := range parts {
			if err := shelf.Put(ctx, partKey(kind, date, c.ID, i), part); err != nil {
				return err
			}
		}
		h.Cubes[c.ID] = dayBlock{len(data), len(parts)}
	}
	v, err := json.Marshal(h)
	if err != nil {
		return err
	}
	changes := []store.Change{{Key: headerKey(kind, date), Value: v}}
	for id, was := range old.Cubes {
		for part := h.Cubes[id].Parts; part < was.Parts; part++ {
			changes = append(changes, store.Change{Key: partKey(kind, date, id, part), Delete: true})
		}
	}
	return shelf.Apply(ctx, changes...)
}

// dayCells merges the hours of a day into one block.
func (m *Mill) dayCells(
	ctx context.Context, n *store.Snapshot, c cube.Cube, from, to event.Micros,
) ([]byte, error) {
	t, err := cube.NewTable(cube.Spec{Kind: c.Kind, Dims: c.Dims, Measures: c.Measures,
		Edges: []event.Micros{from, to}})
	if err != nil {
		return nil, err
	}
	segments := n.Segments()
	for i := range segments {
		s := &segments[i]
		if s.Min >= to || s.Max < from {
			continue
		}
		if err := addSegment(ctx, t, n, s, c, from, to); err != nil {
			return nil, err
		}
	}
	return t.Encode(), nil
}

// addSegment counts what a segment has in [from, to): its cells, or its events if the cells do not
// fit. cube.ErrLacks if there are neither.
func addSegment(
	ctx context.Context, t *cube.Table, n *store.Snapshot, s *store.Segment, c cube.Cube,
	from, to event.Micros,
) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if pieces := n.OpenBlock(s, c.ID); pieces != nil {
		b, err := cube.OpenBlockAt(pieces)
		if err == nil && s.Daily && s.RawDropped { // days are all there is of it
			_, err = t.AddWhole(b, from, to)
			return err
		}
		if err == nil {
			err = t.AddCells(b, from, to)
		}
		if !errors.Is(err, cube.ErrLacks) {
			return err
		}
	}
	if s.RawDropped {
		return cube.ErrLacks
	}
	return addEvents(ctx, t, n.SealedChunks(), s.ID, from, to)
}

// addEvents counts the events of a segment in [from, to).
func addEvents(
	ctx context.Context, t *cube.Table, chunks []store.Chunk, id store.SegmentID,
	from, to event.Micros,
) error {
	fields, err := t.Spec().Fields()
	if err != nil {
		return err
	}
	for i := range chunks {
		c := &chunks[i]
		if c.Segment != id || c.Min >= to || c.Max < from {
			continue
		}
		rec, err := c.Read(ctx, fields)
		if err != nil {
			return err
		}
		err = t.Add(rec, from, to)
		rec.Release()
		if err != nil {
			return err
		}
	}
	return nil
}
