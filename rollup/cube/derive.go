package cube

import (
	"fmt"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"analytics/engine/event"
)

// MaxCells is the most cells a cube has for an hour; the smallest of more fold into Other. A cell
// is about 60 bytes without sketches, and an hour with more is one nobody reads cell by cell.
const MaxCells = 50_000

// Maker makes the blocks of segments.
type Maker struct {
	// Grain is the length of the time buckets of cells: an hour, or less where the reporting time
	// zone is not whole hours from UTC (see GrainOf). 0 means an hour.
	Grain time.Duration
	// MaxCells limits the cells of a cube and bucket; 0 means MaxCells.
	MaxCells int
}

// Cells is the block of one cube.
type Cells struct {
	Cube uint8
	Data []byte
}

// Derive makes the blocks of all cubes of a kind from the records of a segment.
func (m Maker) Derive(kind event.Kind, recs []arrow.Record) ([]Cells, error) {
	var all []Cells
	for _, c := range Cubes(kind) {
		t, err := m.Table(c, recs)
		if err != nil {
			return nil, fmt.Errorf("cube %s: %w", c.Name, err)
		}
		all = append(all, Cells{Cube: c.ID, Data: t.Encode()})
	}
	return all, nil
}

// Table counts records the way the cube does.
func (m Maker) Table(c Cube, recs []arrow.Record) (*Table, error) {
	t, err := NewTable(m.Spec(c))
	if err != nil {
		return nil, err
	}
	for _, rec := range recs {
		if err := t.Add(rec, Always, Never); err != nil {
			return nil, err
		}
	}
	limit := m.MaxCells
	if limit == 0 {
		limit = MaxCells
	}
	return t, t.fold(limit)
}

// Spec is what blocks of the cube are made with.
func (m Maker) Spec(c Cube) Spec {
	grain := m.Grain
	if grain == 0 {
		grain = time.Hour
	}
	return Spec{Kind: c.Kind, Dims: c.Dims, Measures: c.Measures, Grain: grain}
}

// GrainOf is the longest time bucket of 60, 30 or 15 minutes that the hours and days of a time zone
// are made of: 30 minutes for India (+05:30), 15 for Nepal (+05:45), an hour for most. It looks at
// the offsets the zone has had since 2000 and is known to have until 2040.
func GrainOf(zone *time.Location) time.Duration {
	grain := time.Hour
	for year := 2000; year <= 2040; year++ {
		for month := time.January; month <= time.December; month++ {
			_, offset := time.Date(year, month, 15, 0, 0, 0, 0, zone).Zone()
			for time.Duration(offset)*time.Second%grain != 0 && grain > 15*time.Minute {
				grain /= 2
			}
		}
	}
	return grain
}
