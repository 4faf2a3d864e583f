package retention

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"analytics/engine/event"
	"analytics/retention/erasures"
)

// Block is the block `retention` of the configuration: what goes beyond analytics.retention_days and
// analytics.retention_by_type.
type Block struct {
	// Tenants has what is kept otherwise of some tenants, by the tenant's name.
	Tenants map[string]Terms `yaml:"tenants"`
	// HourlyKeepDays is how long counts by hour are kept, and DailyKeepDays how long those by day, which
	// they become then; 0 keeps them for ever. They are kept as long as their events are in any case.
	HourlyKeepDays int `yaml:"hourly_keep_days"`
	DailyKeepDays  int `yaml:"daily_keep_days"`
	// CellsByType has other numbers for some types, by the type's name.
	CellsByType map[string]CellTerms `yaml:"cells_by_type"`
	// ReportsKeepDays is how long the files of reports are kept after the day, week or month they are of;
	// 0 keeps them for ever.
	ReportsKeepDays int `yaml:"reports_keep_days"`
	// DiskBudget is how large the data folder may become; 0 sets no bound.
	DiskBudget Size `yaml:"disk_budget"`
	// BudgetKeepDays is how old events are at least that the budget lets go.
	BudgetKeepDays int `yaml:"budget_keep_days"`
}

// DefaultBlock has no budget, and all tenants kept alike: hours and reports for 13 months and days for 3 years.
func DefaultBlock() Block {
	return Block{HourlyKeepDays: 396, DailyKeepDays: 1096, ReportsKeepDays: 396, BudgetKeepDays: 1}
}

// Terms is how long the events of a tenant are kept, where that differs from the others.
type Terms struct {
	// Days is for the types that are not among Types; nil leaves all as it is for others.
	Days  *int           `yaml:"days"`
	Types map[string]int `yaml:"types"`
	// CellTerms hold for all types of the tenant.
	CellTerms `yaml:",inline"`
}

// minBudget is what an empty store takes and a little more: under less nothing could ever be kept.
const minBudget = 100 << 20

// Validate gives everything that is wrong.
func (b Block) Validate() error {
	var all []error
	for _, name := range slices.Sorted(maps.Keys(b.Tenants)) {
		t, at := b.Tenants[name], "tenants."+name
		if _, err := (&erasures.Erasure{Tenant: name}).Of(); err != nil {
			all = append(all, fmt.Errorf("%s: %q is no name of a tenant; those have 1 to 8 characters", at, name))
		}
		if t.Days == nil && len(t.Types) == 0 && t.CellTerms == (CellTerms{}) {
			all = append(all, fmt.Errorf("%s: it says neither days nor types, nor how long counts are kept", at))
		}
		all = append(all, b.cells().with(t.CellTerms, at).check())
		if t.Days != nil {
			all = append(all, checkDays(at+".days", *t.Days))
		}
		all = append(all, checkTypes(at+".types", t.Types))
	}
	all = append(all, b.cells().check())
	for _, kind := range slices.Sorted(maps.Keys(b.CellsByType)) {
		if _, ok := event.ParseKind(kind); !ok {
			all = append(all, fmt.Errorf("cells_by_type: there is no type %q", kind))
		}
		all = append(all, b.cells().with(b.CellsByType[kind], "cells_by_type."+kind).check())
	}
	if b.ReportsKeepDays != 0 && b.ReportsKeepDays < leastReportDays {
		all = append(all, fmt.Errorf("reports_keep_days is %d; it must be 0 (keep for ever) or at least %d, so that the "+
			"report of the last month is there", b.ReportsKeepDays, leastReportDays))
	} else {
		all = append(all, checkDays("reports_keep_days", b.ReportsKeepDays))
	}
	if b.DiskBudget != 0 && b.DiskBudget < minBudget {
		all = append(all, fmt.Errorf("disk_budget is %s; it must be 0 (no bound) or at least %s", b.DiskBudget,
			Size(minBudget)))
	}
	if b.BudgetKeepDays < 1 || b.BudgetKeepDays > maxDays {
		all = append(all, fmt.Errorf("budget_keep_days is %d; it must be from 1 to %d", b.BudgetKeepDays, maxDays))
	}
	return errors.Join(all...)
}

func checkDays(name string, days int) error {
	if days < 0 || days > maxDays {
		return fmt.Errorf("%s is %d; it must be from 0 (keep for ever) to %d", name, days, maxDays)
	}
	return nil
}

func checkTypes(name string, types map[string]int) error {
	var all []error
	for _, kind := range slices.Sorted(maps.Keys(types)) {
		if _, ok := event.ParseKind(kind); !ok {
			all = append(all, fmt.Errorf("%s: there is no type %q", name, kind))
		}
		all = append(all, checkDays(name+"."+kind, types[kind]))
	}
	return errors.Join(all...)
}
