package retention

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"analytics/engine/config"
	"analytics/engine/event"
	"analytics/engine/store"
)

// TestTheNearestTermsCount has a tenant whose own days count for all it has, and one with a type alone.
func TestTheNearestTermsCount(t *testing.T) {
	days := func(n int) *int { return &n }
	p := Policy{Days: 90, Types: map[string]int{"page_view": 30, "activity": 0}, Block: Block{Tenants: map[string]Terms{
		"shop": {Days: days(40), Types: map[string]int{"page_view": 7}},
		"lab":  {Types: map[string]int{"tool_call": 3}},
	}}}
	f := func(tenant string, kind event.Kind, want int, said string) {
		t.Helper()
		if got := p.Of(tenant).For(kind); got.Days != want || got.said != said {
			t.Errorf("%s of %s: %d days, as %q says; want %d, %q", kind, tenant, got.Days, got.said, want, said)
		}
	}
	f("default", event.AIRequest, 90, "")
	f("default", event.PageView, 30, "analytics.retention_by_type")
	f("default", event.Activity, 0, "analytics.retention_by_type")
	f("shop", event.AIRequest, 40, "retention.tenants.shop.days")
	f("shop", event.PageView, 7, "retention.tenants.shop.types")
	f("shop", event.Activity, 40, "retention.tenants.shop.days")
	f("lab", event.AIRequest, 90, "")
	f("lab", event.PageView, 30, "analytics.retention_by_type")
	f("lab", event.ToolCall, 3, "retention.tenants.lab.types")
}

func TestTermsOfATenantHoldForNobodyElse(t *testing.T) {
	h := newHouse(t, 90, true)
	shop, ten := store.Tenant{'s', 'h', 'o', 'p'}, 10
	for _, tenant := range []store.Tenant{store.Default, shop} {
		h.tenant = tenant
		h.put(event.AIRequest, 30, 24*20, true)
		h.put(event.PageView, 20, 24*5, true)
	}
	h.keeper.SetPolicy(Policy{Days: 90, Block: Block{Tenants: map[string]Terms{
		"shop": {Days: &ten, Types: map[string]int{"page_view": 3}},
	}}})
	plan, err := h.keeper.Plan(t.Context(), shop)
	if err != nil || len(plan.Decisions) != 2 ||
		plan.Decisions[0].Reason != "older than 10 days, as retention.tenants.shop.days says" ||
		plan.Decisions[1].Reason != "older than 3 days, as retention.tenants.shop.types says" {
		t.Errorf("plan of shop: %+v, %v", plan, err)
	}
	if err := h.keeper.Sweep(t.Context()); err != nil { // the job looks after every tenant
		t.Fatal(err)
	}
	if ai, views := h.rows(event.AIRequest), h.rows(event.PageView); ai != 30 || views != 20 {
		t.Errorf("%d requests and %d page views left, want the 30 and 20 of the other tenant", ai, views)
	}
}

func TestTheBlockIsReadFromTheConfiguration(t *testing.T) {
	load := func(text string) (Settings, error) {
		path := filepath.Join(t.TempDir(), "analytics.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s := DefaultSettings()
		return s, config.Load(path, nil, &s)
	}
	s, err := load("retention:\n  disk_budget: 20GB\n  tenants:\n    shop: {days: 30, types: {page_view: 7}}\n")
	shop := s.Keep.Tenants["shop"]
	if err != nil || s.Keep.DiskBudget != 20e9 || s.Keep.BudgetKeepDays != 1 || *shop.Days != 30 ||
		shop.Types["page_view"] != 7 {
		t.Errorf("read %+v, %v", s.Keep, err)
	}
	if s.Keep.HourlyKeepDays != 396 || s.Keep.DailyKeepDays != 1096 {
		t.Errorf("the terms of counts are %+v, want 13 months and 3 years", s.Keep)
	}
	s, err = load("retention:\n  hourly_keep_days: 0\n  daily_keep_days: 0\n  cells_by_type: {page_view: " +
		"{hourly_keep_days: 30, daily_keep_days: 60}}\n  tenants:\n    shop: {hourly_keep_days: 7, daily_keep_days: 9}\n")
	if err != nil {
		t.Fatal(err)
	}
	p := s.Policy(90, nil)
	for _, c := range []struct {
		tenant        string
		kind          event.Kind
		hourly, daily int
	}{{"default", event.AIRequest, 0, 0}, {"default", event.PageView, 30, 60}, {"shop", event.PageView, 7, 9},
		{"shop", event.AIRequest, 7, 9}} {
		if got := p.Of(c.tenant).cells(c.kind); got.hourly != c.hourly || got.daily != c.daily {
			t.Errorf("%s of %s: %+v, want %d and %d", c.kind, c.tenant, got, c.hourly, c.daily)
		}
	}
	f := func(text, want string) {
		t.Helper()
		if _, err := load("retention: " + text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v\nwant %q", text, err, want)
		}
	}
	f("{tenants: {shop: {}}}", "retention: tenants.shop: it says neither days nor types")
	f("{tenants: {shop: {days: -1}}}", "tenants.shop.days is -1; it must be from 0 (keep for ever) to 3660")
	f("{tenants: {shop: {types: {page: 1}}}}", `tenants.shop.types: there is no type "page"`)
	f("{tenants: {shop: {types: {page_view: 9999}}}}", "tenants.shop.types.page_view is 9999; it must be")
	f("{tenants: {much-too-long: {days: 1}}}", `"much-too-long" is no name of a tenant`)
	f("{tenants: {shop: {day: 1}}}", "day")
	f("{disk_budget: 20 sheep}", `"20 sheep" is no size; write it as 20GB or 500MiB`)
	f("{disk_budget: 1MB}", "disk_budget is 1MB; it must be 0 (no bound) or at least 100MiB")
	f("{hourly_keep_days: -1}", "hourly_keep_days is -1; it must be from 0 (keep for ever) to 3660")
	f("{daily_keep_days: 90}", "daily_keep_days is 90, less than hourly_keep_days, which is 396: days are kept")
	f("{hourly_keep_days: 0}", "daily_keep_days is 1096, less than hourly_keep_days, which is 0")
	f("{cells_by_type: {page: {hourly_keep_days: 9}}}", `cells_by_type: there is no type "page"`)
	f("{cells_by_type: {page_view: {daily_keep_days: 9}}}",
		"cells_by_type.page_view.daily_keep_days is 9, less than hourly_keep_days, which is 396")
	f("{tenants: {shop: {hourly_keep_days: 2000}}}",
		"daily_keep_days is 1096, less than tenants.shop.hourly_keep_days, which is 2000")
	f("{budget_keep_days: 0}", "budget_keep_days is 0; it must be from 1 to 3660")
}

func TestSizesAreReadAndWritten(t *testing.T) {
	f := func(text string, want Size, again string) {
		t.Helper()
		got, err := ParseSize(text)
		if err != nil || got != want || got.String() != again {
			t.Errorf("%q is %d, shown as %s, %v; want %d, %s", text, got, got, err, want, again)
		}
	}
	f("20GB", 20e9, "20GB")
	f("1.5 tb", 1.5e12, "1500GB")
	f("512MiB", 512<<20, "512MiB")
	f("1024 GiB", 1<<40, "1TiB")
	f("0", 0, "0")
	f("1234567", 1234567, "1234567")
	for _, bad := range []string{"", "GB", "-1GB", "1e40", "NaN", "Inf", "1 PB", "1GB2"} {
		if got, err := ParseSize(bad); err == nil {
			t.Errorf("%q was read as %d", bad, got)
		}
	}
}
