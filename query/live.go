package query

import (
	"context"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/rollup"
)

// fresh is the sessions that are not stored yet: they are made of their events when somebody asks,
// so that the newest event is in the answer. Of other kinds everything is stored, and nothing is made
// for a question that ends before. Where there are too many to make them now, meta says so.
func (d *Desk) fresh(
	ctx context.Context, tenant store.Tenant, kind event.Kind, to event.Micros, meta *Meta,
) (rollup.Fresh, error) {
	if kind != event.Session {
		return rollup.Fresh{Until: forever}, nil
	}
	until, err := d.mill.SessionsUntil(tenant)
	if err != nil || to <= until {
		return rollup.Fresh{Until: until}, err
	}
	f, err := d.mill.FreshSessions(ctx, tenant)
	if f.Late {
		meta.Exact = false
		since := ""
		if f.Until > 0 {
			since = " from " + f.Until.Time().Format(time.RFC3339) + " on"
		}
		meta.Note("sessions" + since + " are being made of many events and are not in this answer; ask again in a minute")
	}
	return f, err
}

const forever = event.Micros(1) << 62

// live is the piece of a part that is made of fresh sessions; ok is false if there is none.
func (s *scan) live() (piece, bool) {
	w := window{max(s.from, s.stored), s.asked}
	if s.fresh == nil || w.from >= w.to {
		return piece{}, false
	}
	return piece{record: s.fresh, windows: []window{w}}, true
}
