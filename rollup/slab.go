package rollup

import "analytics/engine/event"

// slab is rows one after another, in parts that grow no further than a copy of them hurts.
type slab struct{ parts [][]byte }

const slabSize = 1 << 20

func (s *slab) add(e *event.Event) {
	n := len(s.parts)
	if n == 0 || len(s.parts[n-1]) > slabSize {
		s.parts = append(s.parts, nil)
		n++
	}
	s.parts[n-1] = e.AppendRow(s.parts[n-1])
}

// before keeps the rows of sessions that start before a moment.
func (s *slab) before(high event.Micros) ([][]byte, error) {
	var kept slab
	var e event.Event
	for _, part := range s.parts {
		for len(part) > 0 {
			row, rest, err := event.NextRow(part)
			if err != nil {
				return nil, err
			}
			if err := e.DecodeRow(event.Session, row); err != nil {
				return nil, err
			}
			if e.Time() < high {
				kept.add(&e)
			}
			part = rest
		}
	}
	return kept.parts, nil
}
