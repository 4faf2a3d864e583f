package store

import (
	"slices"
	"sync/atomic"

	"analytics/engine/event"
)

// head is the events that are in the journal and in no segment yet, in memory. It is rebuilt from
// the journal on start. The store's view lock guards it, together with the catalog, so that an
// event moves from one to the other in one step.
type head struct {
	parts map[series]map[event.Hour]*partition
	rows  atomic.Int64
	bytes atomic.Int64 // of rows and ids

	records budget // for records made of them
}

// partition is one hour of one kind of one tenant.
type partition struct {
	place  place
	live   *generation
	frozen *generation // being sealed; nil otherwise

	// The committer's.
	ledger  ledgerRow
	ledgers bool   // ledger holds what is on disk
	stage   *stage // rows of the group that is being made
}

func newHead(maxRecords int64) *head {
	h := &head{parts: map[series]map[event.Hour]*partition{}}
	h.records.most = maxRecords
	return h
}

// HeadBound is how much memory the events that are not sealed may take.
func (s *Store) HeadBound() int64 { return s.cfg.MaxHeadBytes }

// find is the partition of a place, or nil.
func (h *head) find(p place) *partition { return h.parts[p.series][p.hour] }

// put makes the partition findable.
func (h *head) put(p *partition) {
	hours := h.parts[p.place.series]
	if hours == nil {
		hours = map[event.Hour]*partition{}
		h.parts[p.place.series] = hours
	}
	hours[p.place.hour] = p
}

// fresh makes a partition and puts it in.
func (h *head) fresh(p place) *partition {
	part := &partition{place: p, live: newGeneration(p.kind, &h.records)}
	h.put(part)
	return part
}

// add appends a committed batch to its partition.
func (h *head) add(p *partition, rows []byte, info batchInfo, seq uint64) (kept bool) {
	before := p.live.bytes
	kept = p.live.add(rows, info, seq)
	h.rows.Add(int64(info.count))
	h.bytes.Add(p.live.bytes - before)
	return kept
}

// drop takes a generation's share off the totals.
func (h *head) drop(g *generation) {
	h.rows.Add(-int64(g.rows))
	h.bytes.Add(-g.bytes)
	g.mark.gone.Store(true)
	g.forget(true)
}

// prune removes empty partitions. Only the committer may, between two groups: a group holds on to
// the partitions it is being made for.
func (h *head) prune() {
	for s, hours := range h.parts {
		for hour, p := range hours {
			if p.frozen == nil && p.live.rows == 0 {
				delete(hours, hour)
			}
		}
		if len(hours) == 0 {
			delete(h.parts, s)
		}
	}
}

// overlapping lists the partitions of a series in the order of their hours.
func (h *head) overlapping(r Range) []*partition {
	var out []*partition
	for hour, p := range h.parts[series{r.Tenant, r.Kind}] {
		if hour.Start() < r.To && hour.End() > r.From {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b *partition) int { return int(a.place.hour) - int(b.place.hour) })
	return out
}

// generations lists what the partition holds, older first.
func (p *partition) generations() []*generation {
	if p.frozen == nil {
		return []*generation{p.live}
	}
	return []*generation{p.frozen, p.live}
}

// each calls f for every partition of a tenant, or of all with nil.
func (h *head) each(t *Tenant, f func(*partition)) {
	for s, hours := range h.parts {
		if t != nil && s.tenant != *t {
			continue
		}
		for _, p := range hours {
			f(p)
		}
	}
}
