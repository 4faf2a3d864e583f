package register

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"analytics/engine/auth"
	"analytics/ingest/pricing"
)

func TestSetCountsAtOnceAndStays(t *testing.T) {
	h := newHouse(t)
	var got shown
	h.okay("POST", "/v1/pricing/set", `{"model": "Our-*", "input_per_1m": 1.25, "output_per_1k": "0.01"}`, &got)
	if got.Match == nil || got.Match.Key != "set/our-*" || got.Match.Source != "set" ||
		got.Match.Lines[0].Input != "1.25" || got.Match.Lines[0].Output != "10" {
		t.Fatalf("%+v", got.Match)
	}
	check := func(key string) {
		t.Helper()
		if e, ok := h.book.Find("", "our-large"); ok != (key != "") || e.Key != key {
			t.Errorf("our-large is priced by %q, want %q", e.Key, key)
		}
	}
	check("set/our-*")
	h.reopen(Config{CustomPricing: map[string]pricing.Custom{"our-large": {InputPer1M: "9"}}})
	check("set/our-*")
	h.okay("POST", "/v1/pricing/unset", `{"model": "our-*"}`, &got)
	check("custom/our-large")
	h.reopen(Config{})
	check("")
	for _, bad := range []string{`{"model": "x"}`, `{"model": "", "input_per_1m": 1}`,
		`{"model": "x", "input_per_1m": "1,5"}`, `{"model": "x", "inputs": 1}`,
		`{"model": "x", "input_per_1m": 1, "input_per_1k": 1}`} {
		if status, text := h.ask(auth.Admin, "POST", "/v1/pricing/set", bad); status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", bad, status, text)
		}
	}
	if status, _ := h.ask(auth.Admin, "POST", "/v1/pricing/unset", `{"model": "x"}`); status != http.StatusNotFound {
		t.Errorf("unset of what was not set: %d", status)
	}
}

func TestOnlyAdministratorsChangePrices(t *testing.T) {
	h := newHouse(t)
	for _, path := range []string{"set", "unset", "check", "reprice?from=2026-11-01"} {
		if status, _ := h.ask(auth.Query, "POST", "/v1/pricing/"+path, "{}"); status != http.StatusForbidden {
			t.Errorf("%s: %d, want 403", path, status)
		}
	}
	for _, bad := range []string{"", "?from=whenever", "?from=2026-11-01&dryrun=true",
		"?from=2026-11-01&dry_run=perhaps", "?from=2026-11-02&to=2026-11-01"} {
		if status, text := h.ask(auth.Admin, "POST", "/v1/pricing/reprice"+bad, ""); status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", bad, status, text)
		}
	}
}

func TestShowFindsAndLists(t *testing.T) {
	h := newHouse(t)
	var got shown
	h.okay("GET", "/v1/pricing?model=gpt-5&provider=openai", "", &got)
	if got.Match == nil || got.Match.Key != "openai/gpt-5" || got.Table != "genai-prices/0.1.8" {
		t.Fatalf("%+v", got)
	}
	tiers := map[string]string{}
	for _, l := range got.Match.Lines {
		tiers[l.Tier] = l.Input.String()
	}
	if tiers["standard"] != "1.25" || tiers["batch"] != "0.625" || tiers["priority"] != "2.5" {
		t.Errorf("%v", tiers)
	}
	for _, e := range got.Entries {
		if !strings.Contains(e.Key, "gpt-5") || !strings.HasPrefix(e.Key, "openai/") {
			t.Errorf("listed %s", e.Key)
		}
	}
	h.okay("GET", "/v1/pricing", "", &got)
	if len(got.Entries) != maxShown || got.Found < 1600 {
		t.Errorf("%d of %d", len(got.Entries), got.Found)
	}
	var text bytes.Buffer
	if err := got.print(&text, ""); err != nil || !strings.Contains(text.String(), "and ") {
		t.Errorf("%v %.300s", err, text.String())
	}
}

func TestUnpricedSaysWhyAndWhatIsClose(t *testing.T) {
	h := newHouse(t)
	h.take("gpt-4o", time.Hour, 5)
	h.take("claude-sonet-4-5", 26*time.Hour, 8)
	h.take("our-model", 2*time.Hour, 3)
	h.seal()
	h.take("our-model", 2*time.Hour, 3)
	h.take("old", 40*24*time.Hour, 3)
	if err := h.reg.Set(t.Context(), "our-model", pricing.Custom{InputPer1M: "1", OutputPer1M: "1"}); err != nil {
		t.Fatal(err)
	}
	var got struct{ Models []Missing }
	h.okay("GET", "/v1/pricing/unpriced", "", &got)
	if len(got.Models) != 2 {
		t.Fatalf("%+v", got.Models)
	}
	a, b := got.Models[0], got.Models[1]
	if a.Model != "claude-sonet-4-5" || a.Requests != 8 || a.Client != 2 || a.Reason != "no_price" ||
		!strings.Contains(a.Closest, "claude-sonnet-4-5") {
		t.Errorf("%+v", a)
	}
	if b.Model != "our-model" || b.Requests != 6 || b.Reason != "reprice" {
		t.Errorf("%+v", b)
	}
}

func TestCheckComparesAFileWithTheKeptPrices(t *testing.T) {
	h := newHouse(t)
	var got checked
	h.okay("POST", "/v1/pricing/check", `{"gpt-4o": {"litellm_provider": "openai",
		"input_cost_per_token": 3e-6, "output_cost_per_token": 1e-5, "cache_read_input_token_cost": 1.25e-6},
		"gpt-99": {"litellm_provider": "openai", "input_cost_per_token": 3e-6},
		"gpt-4.1": {"litellm_provider": "openai", "input_cost_per_token": 2e-6,
		"output_cost_per_token": 8e-6, "cache_read_input_token_cost": 5e-7}}`, &got)
	if got.Prices != 3 || got.Added != 1 || got.Found != 1 || got.Differing[0].Kept != "openai/gpt-4o" ||
		got.Differing[0].Prices[0].List != "3" && got.Differing[0].Prices[1].List != "3" {
		t.Errorf("%+v", got)
	}
	status, text := h.ask(auth.Admin, "POST", "/v1/pricing/check", `{"gpt-4o": {"input_cost_per_token": -1}}`)
	if status != http.StatusBadRequest || !strings.Contains(text, "gpt-4o") {
		t.Errorf("%d %s", status, text)
	}
}

func TestAPriceFileIsReadAgainAndABadOneChangesNothing(t *testing.T) {
	h := newHouse(t)
	path := filepath.Join(t.TempDir(), "prices.json")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg := Config{PriceFile: path}
	if status, _ := h.ask(auth.Admin, "POST", "/v1/pricing/check", ""); status != http.StatusNotFound {
		t.Errorf("a check without a file: %d", status)
	}
	if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), "price file") {
		t.Errorf("a missing file: %v", err)
	}
	write(`{"format": "analytics-prices/1", "prices": {"gpt-4o": {"input_per_1m": 9}}}`)
	if err := h.reg.Use(cfg); err != nil {
		t.Fatal(err)
	}
	if e, _ := h.book.Find("openai", "gpt-4o"); e.Key != "file/gpt-4o" {
		t.Errorf("priced by %s", e.Key)
	}
	var got checked
	h.okay("POST", "/v1/pricing/check", "", &got)
	if got.Prices != 1 || got.Found != 1 || got.Differing[0].Key != "file/gpt-4o" {
		t.Errorf("the file in use is %+v", got)
	}
	write(`{"format": "analytics-prices/1", "prices": {"gpt-4o": {"input_per_1m": "nine"}}}`)
	if err := h.reg.Use(cfg); err == nil || !strings.Contains(err.Error(), `"gpt-4o"`) {
		t.Errorf("a bad file: %v", err)
	}
	if e, _ := h.book.Find("openai", "gpt-4o"); e.Key != "file/gpt-4o" {
		t.Errorf("after a bad file priced by %s", e.Key)
	}
}

func TestProgressEndsWithTheReport(t *testing.T) {
	h := newHouse(t)
	h.take("our-model", 50*time.Hour, 4)
	h.take("our-model", time.Hour, 4)
	status, text := h.ask(auth.Admin, "POST", "/v1/pricing/reprice?from=2026-11-01&progress=true&dry_run=true", "")
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if status != http.StatusOK || len(lines) != 3 || !strings.Contains(lines[0], `"done":1,"days":2`) ||
		!strings.Contains(lines[2], `"requests":8`) {
		t.Errorf("%d %s", status, text)
	}
}
