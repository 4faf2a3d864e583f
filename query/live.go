package query

import (
	"context"
	"slices"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/rollup"
	"analytics/rollup/cube"
)

// fresh is the sessions that are not stored yet: they are made of their events when somebody asks,
// so that the newest event is in the answer. Of other kinds everything is stored, and nothing is made
// for a question that ends before. Of sessions on sites alone, which most questions about traffic are
// about, no calls to models are read. Where there are too many to make them now, or events came late into
// days whose sessions are stored, meta says so.
func (d *Desk) fresh(
	ctx context.Context, tenant store.Tenant, kind event.Kind, where []cube.Predicate, from, to event.Micros,
	meta *Meta,
) (rollup.Fresh, error) {
	if kind != event.Session {
		return rollup.Fresh{Until: forever}, nil
	}
	if err := d.late(tenant, from, to, meta); err != nil {
		return rollup.Fresh{}, err
	}
	until, err := d.mill.SessionsUntil(tenant)
	if err != nil || to <= until {
		return rollup.Fresh{Until: until}, err
	}
	f, err := d.mill.FreshSessions(ctx, tenant, onSitesAlone(where))
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

// late notes which stored sessions of [from, to) lack events that came late.
func (d *Desk) late(tenant store.Tenant, from, to event.Micros, meta *Meta) error {
	days, err := d.mill.LateDays(tenant)
	days = slices.DeleteFunc(slices.Clone(days), func(h event.Hour) bool {
		return h.Start() >= to || (h+24).Start() <= from
	})
	if err != nil || len(days) == 0 {
		return err
	}
	meta.Exact = false
	which := days[0].Start().Time().Format(time.DateOnly)
	if last := days[len(days)-1]; len(days) > 1 {
		which += " to " + last.Start().Time().Format(time.DateOnly)
	}
	meta.Note("sessions of " + which + " are being made again, as events came late; ask again in a minute")
	return nil
}

// onSitesAlone reports whether the conditions let no session pass that has no site.
func onSitesAlone(where []cube.Predicate) bool {
	return slices.ContainsFunc(where, func(p cube.Predicate) bool {
		if p.Field != siteField {
			return false
		}
		none := slices.Contains(p.Values, "")
		return p.Compare == cube.Ne && none || (p.Compare == cube.Eq || p.Compare == cube.In) && !none
	})
}

// siteField is the field that says which site a session was on.
const siteField = "site"

const forever = event.Micros(1) << 62

// live is the piece of a part that is made of fresh sessions; ok is false if there is none.
func (s *scan) live() (piece, bool) {
	w := window{max(s.from, s.stored), s.asked}
	if s.fresh == nil || w.from >= w.to {
		return piece{}, false
	}
	return piece{record: s.fresh, windows: []window{w}}, true
}
