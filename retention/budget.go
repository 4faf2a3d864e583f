package retention

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
)

// A disk budget lets the oldest days go, of all types and tenants, when the data folder is larger than
// it may be: not because they are old enough but because the disk is small. It goes by whole days, so
// that a question about a day finds all types of it or none.

// Disk is what a budget makes of the data folder. It is zero where there is none.
type Disk struct {
	Used   int64 // bytes of the data folder, without an archive or backups in it; see used
	Budget int64
	Goes   int64 // bytes that go for the budget alone
	// Short is by how much the folder stays over its budget after all that may go went.
	Short int64
}

// owned is a decision about events of a tenant.
type owned struct {
	*Decision
	tenant   store.Tenant
	forEver  bool // the settings say so of its type
	archived bool // or there is no archive
}

// fit lets days go, oldest first, until the folder is under nine tenths of its budget: a run that only
// just made it would be followed by one for each hour that is sealed. refused are segments that could
// not go the last time, which nobody may count on.
func (p Policy) fit(now time.Time, used int64, all []owned, refused map[store.SegmentID]bool) Disk {
	d := Disk{Used: used, Budget: int64(p.DiskBudget)}
	if d.Budget == 0 || used <= d.Budget {
		return d
	}
	need := used - d.Budget/10*9
	var may []owned
	for _, o := range all {
		switch {
		case refused[o.Segment]:
		case !o.archived:
		case o.Drop:
			need -= o.Bytes
		case o.State == Sealed && !o.forEver && p.oldEnough(now, o.Stretch):
			may = append(may, o)
		}
	}
	day := func(o owned) event.Hour { return o.From / 24 }
	slices.SortStableFunc(may, func(a, b owned) int { return cmp.Compare(day(a), day(b)) })
	for i := range may {
		if need <= 0 && day(may[i]) != day(may[i-1]) {
			break
		}
		may[i].Drop = true
		may[i].Reason = fmt.Sprintf("the data folder has %s, over retention.disk_budget of %s; the oldest go first",
			size(used), size(d.Budget))
		d.Goes += may[i].Bytes
		need -= may[i].Bytes
	}
	d.Short = max(0, need-d.Budget/10)
	return d
}

// oldEnough says whether the budget may let a stretch go.
func (p Policy) oldEnough(now time.Time, s Stretch) bool {
	least := now.Add(-time.Duration(max(1, p.BudgetKeepDays)) * 24 * time.Hour)
	return !s.To.Start().Time().After(least)
}

// own adds decisions about a tenant's events to those about others'. A type with 0 days of its own is
// kept whatever the budget says; retention_days: 0 only says that age alone is no reason.
func own(all []owned, p Policy, t store.Tenant, decisions []Decision) []owned {
	for i := range decisions {
		days, named := p.Types[decisions[i].Kind.String()]
		all = append(all, owned{Decision: &decisions[i], tenant: t, forEver: named && days == 0})
	}
	return all
}

// fit brings decisions about the events of tenants in line with the budget.
func (k *Keeper) fit(ctx context.Context, p Policy, now time.Time, all []owned) (Disk, error) {
	if p.DiskBudget == 0 {
		return Disk{}, nil
	}
	used, err := k.used()
	if err != nil || used <= int64(p.DiskBudget) {
		return Disk{Used: used, Budget: int64(p.DiskBudget)}, err
	}
	if err := k.markArchived(ctx, all); err != nil {
		return Disk{}, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return p.fit(now, used, all, k.refused), nil
}

// markArchived says of what the archive has the whole day. A run reads the files once more before it
// deletes; here the archive's own word is enough.
func (k *Keeper) markArchived(ctx context.Context, all []owned) error {
	type day struct {
		tenant     store.Tenant
		kind, date string
	}
	has := map[day]bool{}
	seen := map[store.Tenant]bool{}
	for i := range all {
		o := &all[i]
		if k.lake != nil && !seen[o.tenant] {
			seen[o.tenant] = true
			days, err := k.lake.Plan(ctx, o.tenant)
			if err != nil {
				return err
			}
			for _, d := range days {
				has[day{o.tenant, d.Type, d.Date}] = d.State == "kept" && d.Files > 0
			}
		}
		date := o.From.Start().Time().UTC().Format(time.DateOnly)
		o.archived = k.lake == nil || has[day{o.tenant, o.Kind.String(), date}]
	}
	return nil
}

// used is the size of the data folder without the folders that are not the store's, and without what is on
// its way out: a day must not go for the room that another one takes until its last reader is done.
func (k *Keeper) used() (int64, error) {
	bytes, err := k.store.Footprint()
	for _, folder := range k.cfg.Beside {
		bytes -= store.FolderSize(folder)
	}
	return bytes, err
}

// over says whether the data folder is larger than it may be. Leftovers go before anything else does.
func (k *Keeper) over(ctx context.Context) (bool, error) {
	budget := int64(k.policy().DiskBudget)
	if budget == 0 {
		return false, nil
	}
	used, err := k.used()
	if err == nil && used > budget {
		if err = k.store.Sweep(ctx); err == nil {
			used, err = k.used()
		}
	}
	return used > budget, err
}

// below keeps of some folders those that lie in a data folder.
func below(data string, folders ...string) (out []string) {
	for _, folder := range folders {
		full, err := filepath.Abs(folder)
		if folder == "" || err != nil {
			continue
		}
		at, err := filepath.Rel(data, full)
		if err == nil && at != "." && at != ".." && !strings.HasPrefix(at, "../") {
			out = append(out, full)
		}
	}
	return out
}

// Fit is the job of the budget: it does nothing while the data folder is not larger than it may be.
func (k *Keeper) Fit(ctx context.Context) error {
	if over, err := k.over(ctx); !over {
		return err
	}
	err := k.Sweep(ctx)
	for _, warning := range k.Warnings() {
		k.cfg.Log.Warn("retention: " + warning)
	}
	return err
}

// Warnings are what a person should know: that the data folder cannot be kept as small as it should.
func (k *Keeper) Warnings() []string {
	if k.policy().DiskBudget == 0 {
		return nil
	}
	plan, err := k.Plan(context.Background(), store.Default)
	switch {
	case err != nil:
		return []string{"the disk budget cannot be looked after: " + err.Error()}
	case plan.Disk.Short == 0:
		return nil
	}
	return []string{plan.Disk.text(plan.Policy, k.lake != nil)}
}

// text says that the budget cannot be kept, and why.
func (d Disk) text(p Policy, archive bool) string {
	archived := ""
	if archive {
		archived = ", not archived yet"
	}
	return fmt.Sprintf("the data folder has %s and stays %s over retention.disk_budget of %s: the rest is younger "+
		"than %d days, not sealed yet%s, kept for ever, or not events; raise the budget or keep less", size(d.Used),
		size(d.Short), size(d.Budget), max(1, p.BudgetKeepDays), archived)
}
