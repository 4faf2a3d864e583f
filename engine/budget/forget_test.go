package budget

import (
	"testing"

	"analytics/engine/person"
	"analytics/engine/store"
)

// TestForgettingTakesThePersonsBudgetsOfTheirTenantAlone, with what was decided by hand, at once and after a
// restart; a dry run takes nothing.
func TestForgettingTakesThePersonsBudgetsOfTheirTenantAlone(t *testing.T) {
	other := store.Tenant{'o'}
	w := newWorld(t, Definition{Name: "one", Limit: 1, Scope: map[string]string{"user_id": "ann"}},
		Definition{Name: "ann-too", Limit: 1}, Definition{Name: "joanne", Limit: 1},
		Definition{Name: "each", Limit: 1, By: []string{"user_id"}})
	d := Definition{Name: "one", Limit: 1, Scope: map[string]string{"user_id": "ann"}}
	if err := w.Set(t.Context(), other, d, "bob"); err != nil {
		t.Fatal(err)
	}
	if err := w.Unpause(t.Context(), store.Default, "one", "bob"); err != nil {
		t.Fatal(err)
	}
	if err := w.Unpause(t.Context(), store.Default, "each", "ann"); err != nil {
		t.Fatal(err)
	}
	p := &person.Person{Tenant: store.Default, Is: func(s string) bool { return s == "ann" }, Dry: true}
	names := func(t store.Tenant) (all []string) {
		for _, d := range w.Definitions(t) {
			all = append(all, d.Name)
		}
		return all
	}
	for _, want := range []int{4, 2} {
		found, err := w.Forget(t.Context(), w.store, p)
		if err != nil || len(found) != 4 { // two budgets and a switch go, and a switch loses who it was
			t.Errorf("%+v, %v", found, err)
		}
		if got := names(store.Default); len(got) != want {
			t.Errorf("%v are left, want %d", got, want)
		}
		p.Dry = false
	}
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	w.open()
	if got := names(store.Default); len(got) != 2 || got[0] != "each" || got[1] != "joanne" {
		t.Errorf("%v are left", got)
	}
	if got := names(other); len(got) != 1 {
		t.Errorf("of another tenant %v are left", got)
	}
	s, err := w.Standings(t.Context(), store.Default, "each")
	if err != nil || s[0].Switch == nil || s[0].Switch.By != person.Erased {
		t.Errorf("%+v, %v", s, err)
	}
}
