package audit

import (
	"context"
	"encoding/hex"
	"fmt"
	"math"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
)

// Report is what Verify found.
type Report struct {
	// Links is how many there are, Head the hash of the newest in hexadecimal, empty if there is none.
	Links uint64 `json:"links"`
	Head  string `json:"head"`
	// Hours were compared with their events. Waiting have events that are not linked yet.
	Hours    int      `json:"hours"`
	Waiting  int      `json:"hours_waiting"`
	Problems []string `json:"problems"`
}

// Verify reads the whole trail. The error is of reading; what is wrong is in the report.
func (t *Trail) Verify(ctx context.Context) (Report, error) {
	r := Report{Problems: []string{}}
	held := map[event.Hour]link{} // the link before of each hour
	c, err := t.read(func(number uint64, l link, err error) {
		switch before := held[l.hour]; {
		case err != nil:
			r.problem("audit link %d: %v", number, err)
		case l.what != linked || before.what != linked:
		case l.rows < before.rows:
			r.problem("audit link %d: %s has %d activities and had %d, and nothing says why", number,
				hourText(l.hour), l.rows, before.rows)
		case l.rows == before.rows && l.digest != before.digest:
			r.problem("audit link %d: the activities of %s have changed", number, hourText(l.hour))
		}
		held[l.hour] = l
	})
	if err != nil {
		return r, err
	}
	r.Links = c.number
	if c.number > 0 {
		r.Head = hex.EncodeToString(c.head[:])
	}
	return r, t.compare(ctx, c, &r)
}

func (r *Report) problem(format string, args ...any) {
	r.Problems = append(r.Problems, fmt.Sprintf(format, args...))
}

func hourText(h event.Hour) string { return h.Start().Time().Format(time.RFC3339) }

// compare holds the events against the newest link of each hour.
func (t *Trail) compare(ctx context.Context, c chain, r *Report) error {
	ledger, err := t.store.Ledger(t.tenant, event.Activity, 0, math.MaxInt32)
	if err != nil {
		return err
	}
	at := map[event.Hour]store.HourLedger{}
	for _, h := range ledger {
		at[h.Hour] = h
		if last, known := c.newest[h.Hour]; !h.Dropped && (!known || last.what == erased) {
			r.Waiting++
		}
	}
	var full []event.Hour // hours that have all the events that were linked, and no others
	for _, hour := range hoursOf(c.newest) {
		last := c.newest[hour]
		switch h := at[hour]; {
		case last.what != linked || h.Dropped:
		case h.Rows > last.rows:
			r.Waiting++
		case h.Rows < last.rows:
			r.problem("%s has %d activities, and %d were linked", hourText(hour), h.Rows, last.rows)
		default:
			full = append(full, hour)
		}
	}
	digests, err := t.digests(ctx, full)
	if err != nil {
		return err
	}
	for _, hour := range full {
		if d := digests[hour]; d.hash != c.newest[hour].digest && d.rows <= c.newest[hour].rows {
			r.problem("the activities of %s are not those that were linked", hourText(hour))
		}
	}
	r.Hours = len(full)
	return nil
}
