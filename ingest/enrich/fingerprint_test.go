package enrich

import (
	"testing"

	"analytics/engine/event"
	"analytics/engine/store"
)

func TestFingerprintIsOfAgentAndLanguageAndStays(t *testing.T) {
	n, st := newEnricher(t)
	of := func(n *Enricher, day int, agent, language, ip string) string {
		t.Helper()
		fields := map[string]string{"url": "https://a.example/"}
		for name, text := range map[string]string{"user_agent": agent, "language": language, "client_ip": ip} {
			if text != "" {
				fields[name] = text
			}
		}
		var s Scratch
		e := make1(event.PageView, noon, fields)
		if err := n.Event(t.Context(), e, noon.AddDate(0, 0, day), &s); err != nil {
			t.Fatal(err)
		}
		return event.IDText(e.Text(event.PageFingerprint))
	}
	first := of(n, 0, firefox, "de-DE", "193.99.144.80")
	if len(first) != 16 {
		t.Fatalf("got %q, want 16 digits", first)
	}
	again := New(openLists(t), NewSalts(st.Shelf(store.Default, "settings"))) // a restart
	for i, got := range []string{of(again, 40, firefox, "de-DE", "8.8.8.8"),
		of(n, 0, firefox, "de-de,en;q=0.5", "")} {
		if got != first {
			t.Errorf("same %d: got %s, want %s", i, got, first)
		}
	}
	elsewhere, _ := newEnricher(t)
	for i, got := range []string{of(n, 0, firefox, "en", ""), of(n, 0, firefox, "", ""),
		of(n, 0, firefox+"x", "de-DE", ""), of(elsewhere, 0, firefox, "de-DE", "")} {
		if got == first || len(got) != 16 {
			t.Errorf("different %d: got %s", i, got)
		}
	}
	if got := of(n, 0, "", "de-DE", "193.99.144.80"); got != "" {
		t.Errorf("no user agent: got %s", got)
	}
}
