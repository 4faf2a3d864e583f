package retention

import (
	"errors"
	"fmt"
	"time"

	"analytics/engine/event"
)

// CellTerms is how long counts are kept, where that differs from what holds otherwise.
type CellTerms struct {
	HourlyKeepDays *int `yaml:"hourly_keep_days"`
	DailyKeepDays  *int `yaml:"daily_keep_days"`
}

// cellPolicy is what is said of the cells of one kind of a tenant: counts by hour become counts by day when
// they are older than so many days, and these go; 0 is for ever.
type cellPolicy struct {
	hourly, daily         int
	saidHourly, saidDaily string // the settings that say so
}

func (b Block) cells() cellPolicy {
	return cellPolicy{b.HourlyKeepDays, b.DailyKeepDays, "hourly_keep_days", "daily_keep_days"}
}

// with is the policy with what is said at a place of the settings.
func (c cellPolicy) with(t CellTerms, at string) cellPolicy {
	if t.HourlyKeepDays != nil {
		c.hourly, c.saidHourly = *t.HourlyKeepDays, at+".hourly_keep_days"
	}
	if t.DailyKeepDays != nil {
		c.daily, c.saidDaily = *t.DailyKeepDays, at+".daily_keep_days"
	}
	return c
}

// check gives what is wrong.
func (c cellPolicy) check() error {
	err := errors.Join(checkDays(c.saidHourly, c.hourly), checkDays(c.saidDaily, c.daily))
	if err == nil && c.daily > 0 && (c.hourly == 0 || c.hourly > c.daily) {
		return fmt.Errorf("%s is %d, less than %s, which is %d: days are kept at least as long as their hours "+
			"(0 is for ever)", c.saidDaily, c.daily, c.saidHourly, c.hourly)
	}
	return err
}

// cells is the policy of the cells of one kind, of a tenant's own policy. What is said of the tenant
// counts for all its types.
func (p Policy) cells(kind event.Kind) cellPolicy {
	c := p.Block.cells()
	if terms, ok := p.CellsByType[kind.String()]; ok {
		c = c.with(terms, "cells_by_type."+kind.String())
	}
	return p.own(c)
}

// own is a policy with what the tenant's terms say.
func (p Policy) own(c cellPolicy) cellPolicy {
	if p.tenant == "" {
		return c
	}
	return c.with(p.Tenants[p.tenant].CellTerms, "tenants."+p.tenant)
}

// decide says for every stretch of cells whether its hours become days, or whether it goes. Of a UTC day
// all goes together, so that its cells are once there and not once for each segment.
func (c cellPolicy) decide(now time.Time, stretches []Stretch) []Decision {
	out := make([]Decision, len(stretches))
	for i, s := range stretches {
		d := Decision{Stretch: s}
		end := (s.To + 23) / 24 * 24
		days, said := c.hourly, c.saidHourly
		if s.What == Days {
			days, said = c.daily, c.saidDaily
		}
		switch {
		case days == 0:
			d.Reason = "kept for ever, as retention." + said + " says"
		case !older(now, end, days):
			d.Reason = fmt.Sprintf("younger than %d days, as retention.%s says", days, said)
		case s.State == Unsealed:
			d.Reason = "late events of the day are not sealed yet"
		case s.State == Doubtful:
			d.Reason = "the ledger counts other rows; see `analytics doctor`"
		case s.What == Hours && c.daily > 0 && older(now, end, c.daily):
			d.What, d.Drop, d.Reason = Days, true, fmt.Sprintf("older than %d days, as retention.%s says", c.daily,
				c.saidDaily)
		default:
			d.Drop, d.Reason = true, fmt.Sprintf("older than %d days, as retention.%s says", days, said)
		}
		out[i] = d
	}
	return out
}

func older(now time.Time, end event.Hour, days int) bool {
	return !end.Start().Time().After(now.Add(-time.Duration(days) * 24 * time.Hour))
}
