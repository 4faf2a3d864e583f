package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"slices"

	"analytics/engine/columns"
	"analytics/engine/event"
	"analytics/engine/store"
)

// digest is what an hour's events are.
type digest struct {
	rows uint64
	hash Hash
}

// together is how many hours are read at once: merged segments span a day.
const together = 24

// digests reads hours and says what their events are. Hours are in order. The order of an hour's
// events does not matter, since segments are merged: the hashes of the rows are sorted.
func (t *Trail) digests(ctx context.Context, hours []event.Hour) (map[event.Hour]digest, error) {
	all := map[event.Hour]digest{}
	for len(hours) > 0 {
		n := 1
		for n < len(hours) && hours[n]-hours[0] < together {
			n++
		}
		found, err := t.rows(ctx, hours[0], hours[n-1]+1)
		if err != nil {
			return nil, err
		}
		for _, h := range hours[:n] {
			rows := found[h]
			slices.SortFunc(rows, func(a, b Hash) int { return bytes.Compare(a[:], b[:]) })
			sum := sha256.New()
			for i := range rows {
				_, _ = sum.Write(rows[i][:])
			}
			all[h] = digest{rows: uint64(len(rows)), hash: Hash(sum.Sum(nil))}
		}
		hours = hours[n:]
	}
	return all, nil
}

// rows hashes each sealed event of the hours [from, to).
func (t *Trail) rows(ctx context.Context, from, to event.Hour) (map[event.Hour][]Hash, error) {
	n := t.store.Snapshot(store.Range{
		Tenant: t.tenant, Kind: event.Activity, From: from.Start(), To: to.Start(),
	})
	defer n.Release()
	found := map[event.Hour][]Hash{}
	var row []byte
	var e event.Event
	for _, c := range n.SealedChunks() {
		rec, err := c.Read(ctx, nil)
		if err != nil {
			return nil, err
		}
		rows := columns.NewRows(event.Activity, rec)
		for i := range int(rec.NumRows()) {
			rows.Event(&e, i)
			if hour := e.Time().Hour(); hour >= from && hour < to {
				row = e.AppendRow(row[:0])
				found[hour] = append(found[hour], sha256.Sum256(row))
			}
		}
		rec.Release()
	}
	return found, nil
}
