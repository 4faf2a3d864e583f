package register

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"analytics/engine/store"
	"analytics/engine/store/storetest"
	"analytics/ingest/pricing"
)

func TestRepriceCorrectsSealedAndUnsealed(t *testing.T) {
	h := newHouse(t)
	h.take("our-model", 50*time.Hour, 40)
	h.take("gpt-4o", 50*time.Hour, 40)
	h.seal()
	h.take("our-model", 2*time.Hour, 8)
	// 1000 + i in at 1 USD, 10 i out at 10 USD a million: i from 0, every fifth in a batch whose
	// price nobody gave
	if err := h.reg.Set(t.Context(), "our-*", pricing.Custom{InputPer1M: "1", OutputPer1M: "10"}); err != nil {
		t.Fatal(err)
	}
	before := h.costs()
	dry := h.reprice(Scope{DryRun: true})
	if got := h.costs(); !equal(got, before) {
		t.Fatalf("a dry run changed %v to %v", before, got)
	}
	real := h.reprice(Scope{})
	if dry.Requests != 88 || dry.Changed != 48 || dry.After != real.After || dry.Before != real.Before ||
		real.Changed != 48 || len(real.Models) != 1 || !strings.HasPrefix(real.Models[0].Key, "set/our-*") {
		t.Fatalf("dry %+v\nreal %+v", dry, real)
	}
	want := int64(0)
	for _, n := range []int{40, 8} {
		for i := range int64(n) {
			want += (1000 + i + 100*i) * 1000
		}
	}
	after := h.costs()
	if got := after["our-model"]; got[0] != want || got[1] != before["our-model"][1] || got[2] != 0 {
		t.Errorf("cost %d, client's %d, unpriced %d; want %d, %d, 0", got[0], got[1], got[2], want,
			before["our-model"][1])
	}
	if after["gpt-4o"] != before["gpt-4o"] {
		t.Errorf("gpt-4o went from %v to %v", before["gpt-4o"], after["gpt-4o"])
	}
	if int64(real.Delta) != want-before["our-model"][0] {
		t.Errorf("delta %s, want %d nano-USD", real.Delta, want-before["our-model"][0])
	}
	for i, outcome := range []string{"started", "success"} {
		if i >= len(h.told) || !strings.Contains(h.told[i], `"outcome":"`+outcome+`"`) {
			t.Fatalf("audit trail %v", h.told)
		}
	}
	if !strings.Contains(h.told[1], `"rows":48`) || !strings.Contains(h.told[1], `"delta_usd":"`+real.Delta.String()) {
		t.Errorf("audit trail %s", h.told[1])
	}
	if problems, err := h.st.Verify(t.Context(), nil); err != nil || len(problems) > 0 {
		t.Errorf("verify: %v %v", problems, err)
	}
}

func TestRepriceIsOfItsScopeAlone(t *testing.T) {
	h := newHouse(t)
	h.take("our-a", 26*time.Hour, 30)
	h.take("our-b", 26*time.Hour, 30)
	h.seal()
	if err := h.reg.Set(t.Context(), "our-*", pricing.Custom{InputPer1M: "1", OutputPer1M: "1"}); err != nil {
		t.Fatal(err)
	}
	from := noon.Add(-26*time.Hour + 10*time.Minute)
	r := h.reprice(Scope{Model: "*-A", From: from, To: from.Add(5 * time.Minute)})
	if r.Changed != 5 || r.Requests != 5 || len(r.Models) != 1 {
		t.Errorf("%+v", r)
	}
	if got := h.costs(); got["our-b"][0] != 8*250_000_000 { // the client's figures
		t.Errorf("our-b costs %d", got["our-b"][0])
	}
}

// TestRepriceProperties: the same book changes nothing, not a byte; twice is once; and a price taken
// back gives the first costs again.
func TestRepriceProperties(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	h := newHouse(t)
	models := []string{"gpt-4o", "our-1", "our-2", "claude-opus-4-5", "no-such", "gpt-5"}
	for range 12 {
		h.take(models[rng.IntN(len(models))], time.Duration(1+rng.IntN(80))*time.Hour, 1+rng.IntN(60))
		if rng.IntN(3) == 0 {
			h.seal()
		}
	}
	first := h.rows()
	if r := h.reprice(Scope{}); r.Changed != 0 || !slices.Equal(first, h.rows()) {
		t.Fatalf("the same book changed %+v", r)
	}
	for _, name := range []string{"our-*", "gpt-4o"} {
		if err := h.reg.Set(t.Context(), name, pricing.Custom{InputPer1M: "3", OutputPer1M: "4"}); err != nil {
			t.Fatal(err)
		}
	}
	h.reprice(Scope{})
	once := h.rows()
	if r := h.reprice(Scope{}); r.Changed != 0 || !slices.Equal(once, h.rows()) {
		t.Fatalf("twice is not once: %+v", r)
	}
	for _, name := range []string{"our-*", "gpt-4o"} {
		if err := h.reg.Unset(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	h.reprice(Scope{})
	if !slices.Equal(first, h.rows()) {
		t.Error("prices that were taken back do not give the first rows again")
	}
}

// TestKilledRepriceIsFinishedByTheSameAgain copies the data folder at every edge of a repricing.
func TestKilledRepriceIsFinishedByTheSameAgain(t *testing.T) {
	h := newHouse(t)
	h.take("our-model", 50*time.Hour, 40)
	h.seal()
	h.take("our-model", 2*time.Hour, 20)
	before := h.costs()["our-model"][0]
	if err := h.reg.Set(t.Context(), "our-*", pricing.Custom{InputPer1M: "1", OutputPer1M: "1"}); err != nil {
		t.Fatal(err)
	}
	if err := h.st.Close(); err != nil {
		t.Fatal(err)
	}
	scope := Scope{Tenant: store.Default, From: noon.Add(-90 * time.Hour), To: noon.Add(time.Hour)}
	kills := h.killed(scope)
	want := int64(0)
	for _, n := range []int{40, 20} {
		for i := range int64(n) {
			want += (1000 + i + 10*i) * 1000
		}
	}
	seen := map[int64]bool{}
	for _, dir := range kills {
		h.dir = dir
		h.open(Config{})
		seen[h.costs()["our-model"][0]] = true
		h.reprice(Scope{From: scope.From, To: scope.To})
		if got := h.costs()["our-model"][0]; got != want {
			t.Errorf("after a kill and the same again: %d, want %d", got, want)
		}
		if problems, err := h.st.Verify(t.Context(), nil); err != nil || len(problems) > 0 {
			t.Errorf("verify: %v %v", problems, err)
		}
		if err := h.st.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if len(kills) < 6 || !seen[before] || !seen[want] || len(seen) != 3 {
		t.Errorf("%d kills left %d different sums, want those of 0, 1 and 2 days: %v", len(kills),
			len(seen), seen)
	}
}

// killed reprices and copies the data folder, as kill -9 would leave it, at each edge of the store.
func (h *house) killed(scope Scope) (kills []string) {
	h.t.Helper()
	copied := func() string {
		to := filepath.Join(h.t.TempDir(), "data")
		if err := os.CopyFS(to, os.DirFS(h.dir)); err != nil {
			h.t.Fatal(err)
		}
		return to
	}
	repricing, sweeps := false, 0
	cfg := store.Config{Space: storetest.Room,
		Dir: h.dir, MemTableSize: 8 << 20, Now: func() time.Time { return noon }}
	cfg.Failpoint = func(edge string) {
		if strings.HasPrefix(edge, "sweep") {
			sweeps++
		}
		if repricing && !strings.HasPrefix(edge, "commit") && (sweeps <= 2 || edge[:5] != "sweep") {
			kills = append(kills, copied())
		}
	}
	st, err := store.Open(h.t.Context(), cfg)
	if err != nil {
		h.t.Fatal(err)
	}
	r, err := Open(House{Store: st, Zone: time.UTC, Now: cfg.Now, Log: h.reg.house.Log,
		Use:    func(*pricing.Book) {},
		Record: func(context.Context, store.Tenant, []byte) error { return nil }}, Config{})
	if err != nil {
		h.t.Fatal(err)
	}
	repricing = true
	if _, err := r.Reprice(h.t.Context(), scope, func(int, int) {}); err != nil {
		h.t.Fatal(err)
	}
	repricing = false
	if err := st.Close(); err != nil {
		h.t.Fatal(err)
	}
	return append(kills, copied())
}

func TestOnlyOneRepricingAtATime(t *testing.T) {
	h := newHouse(t)
	h.take("gpt-4o", time.Hour, 3)
	h.reg.repricing.Lock()
	_, err := h.reg.Reprice(t.Context(), Scope{Tenant: store.Default, From: noon.Add(-time.Hour), To: noon},
		func(int, int) {})
	h.reg.repricing.Unlock()
	if err == nil || !strings.Contains(err.Error(), "being repriced") {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.reg.Reprice(ctx, Scope{Tenant: store.Default, From: noon.Add(-2 * time.Hour),
		To: noon}, func(int, int) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
