package query

import (
	"context"
	"time"

	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/query/when"
	"analytics/rollup"
)

// Config is the part of the configuration that this room reads.
type Config struct {
	// Timezone is whose days are meant where a question names no zone; UTC if empty.
	Timezone string `yaml:"timezone"`
	// RetentionDays is how long events are kept, for those who ask.
	RetentionDays int `yaml:"retention_days"`
	// MaxDays, MaxGroups, Timeout and Concurrent are the limits of one question, for operators
	// whose machines are larger or smaller than the ones the defaults were measured on.
	MaxDays    int           `yaml:"max_days"`
	MaxGroups  int           `yaml:"max_groups"`
	Timeout    time.Duration `yaml:"timeout"`
	Concurrent int           `yaml:"concurrent"`
	// StandingBytes bounds the memory of what questions that are asked again and again have counted of the
	// hours that still grow; half of the store's head_bytes if 0, so that who has many events sets one size.
	StandingBytes int64 `yaml:"-"`
	// Mill has the cells of whole days and months, of which a question over a year reads 24 times less and more; nil
	// means that hours are read.
	Mill *rollup.Mill `yaml:"-"`
	// Clear removes all events of a tenant for who posts to /analytics/clear; from the store alone if nil.
	Clear func(ctx context.Context, t store.Tenant, actor string) error `yaml:"-"`
}

// Validate says what is wrong with the config.
func (c Config) Validate() error {
	if _, err := when.Zone(c.Timezone, time.UTC); err != nil {
		return err
	}
	if min(c.MaxDays, c.MaxGroups, int(c.Timeout), c.Concurrent, c.RetentionDays, int(c.StandingBytes)) < 0 {
		return fault.At(fault.Invalid, "invalid_config", "query", "limits must not be negative")
	}
	return nil
}

// limits are the limits with their defaults in place.
func (c Config) limits() Limits {
	l := defaultLimits
	if c.MaxDays > 0 {
		l.Range = time.Duration(c.MaxDays) * 24 * time.Hour
	}
	if c.MaxGroups > 0 {
		l.Groups, l.Cells = c.MaxGroups, max(l.Cells, c.MaxGroups)
	}
	if c.Timeout > 0 {
		l.Time = c.Timeout
	}
	if c.Concurrent > 0 {
		l.Concurrent = c.Concurrent
	}
	return l
}
