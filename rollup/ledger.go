package rollup

import (
	"slices"

	"analytics/engine/event"
	"analytics/engine/store"
)

// ledger is how many events some kinds have together, by hour.
type ledger struct {
	hours []event.Hour // ascending
	sums  []uint64     // of rows up to and with the hour
	// gone is the hour after the last one of which events were dropped, 0 if none were.
	gone event.Hour
}

// ledgerOf adds up the ledgers of kinds: 1 µs for an hour of a kind.
func (m *Mill) ledgerOf(t store.Tenant, kinds []event.Kind) (l ledger, err error) {
	rows := map[event.Hour]uint64{}
	for _, kind := range kinds {
		hours, err := m.Store.Ledger(t, kind, 0, latest)
		if err != nil {
			return l, err
		}
		for _, h := range hours {
			rows[h.Hour] += h.Rows
			if h.Dropped {
				l.gone = max(l.gone, h.Hour+1)
			}
		}
	}
	for h := range rows {
		l.hours = append(l.hours, h)
	}
	slices.Sort(l.hours)
	sum := uint64(0)
	for _, h := range l.hours {
		sum += rows[h]
		l.sums = append(l.sums, sum)
	}
	return l, nil
}

// rows is how many events there are in the hours [from, to).
func (l *ledger) rows(from, to event.Hour) uint64 {
	if to <= from {
		return 0
	}
	return l.before(to) - l.before(from)
}

func (l *ledger) before(h event.Hour) uint64 {
	at, _ := slices.BinarySearch(l.hours, h)
	if at == 0 {
		return 0
	}
	return l.sums[at-1]
}
