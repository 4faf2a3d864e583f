package events

import (
	"bytes"
	"fmt"
	"testing"

	"analytics/engine/event"
	"analytics/engine/store"
)

// TestTooManyPathsAreOther: every view is counted, and the number of different paths is bounded.
func TestTooManyPathsAreOther(t *testing.T) {
	h := newHouse(t, store.Config{})
	const views, batch = 3 * publicVariety / 2, 5000
	for first := 0; first < views; first += batch {
		var body bytes.Buffer
		for i := first; i < first+batch; i++ {
			fmt.Fprintf(&body, `{"type":"page_view","url":"https://a.example/p%d?utm_source=s%d"}`+"\n", i, i)
		}
		answer, err := h.intake.Take(t.Context(),
			&Body{Tenant: store.Default, Text: body.Bytes(), Lines: true, Public: true})
		if err != nil || answer.Accepted != batch {
			t.Fatalf("%+v %v", answer, err)
		}
	}
	paths, sources := map[string]int{}, map[string]int{}
	for _, row := range h.stored(event.PageView) {
		paths[row["path"]]++
		sources[row["source"]]++
	}
	for name, got := range map[string]map[string]int{"paths": paths, "sources": sources} {
		if len(got) != publicVariety+1 || got[Other] != views-publicVariety {
			t.Errorf("%d different %s, %d views of others", len(got), name, got[Other])
		}
	}
	// What was known before goes on being counted, also on the pages' engagement; the user's own
	// senders may have more.
	for _, line := range []string{`{"type":"page_view","url":"https://a.example/p1"}`,
		`{"type":"engagement","url":"https://a.example/p1","clicks":1}`,
		`{"type":"engagement","url":"https://a.example/p14999","clicks":1}`} {
		_, err := h.intake.Take(t.Context(), &Body{Tenant: store.Default, Text: []byte(line), Public: true})
		if err != nil {
			t.Fatal(err)
		}
	}
	own := `{"type":"page_view","url":"https://a.example/p14999"}`
	if _, err := h.intake.Take(t.Context(), &Body{Tenant: store.Default, Text: []byte(own)}); err != nil {
		t.Fatal(err)
	}
	var read []string
	for _, row := range h.stored(event.Engagement) {
		read = append(read, row["path"])
	}
	if got := fmt.Sprint(read); got != "[/p1 (other)]" {
		t.Errorf("engagement on %s", got)
	}
	last := map[string]int{}
	for _, row := range h.stored(event.PageView) {
		last[row["path"]]++
	}
	if last["/p1"] != 2 || last["/p14999"] != 1 {
		t.Errorf("/p1 %d times, /p14999 %d times", last["/p1"], last["/p14999"])
	}
}

// TestVarietyIsBoundedOverAllSites: also where the sites themselves are made up.
func TestVarietyIsBoundedOverAllSites(t *testing.T) {
	var v variety
	var e event.Event
	for i := range 2 * trustedVariety {
		e.Reset(event.PageView)
		e.SetText(event.PageSite, fmt.Appendf(nil, "s%d.example", i))
		e.SetText(event.PagePath, fmt.Appendf(nil, "/p%d", i))
		v.fold(&e, noon, false)
	}
	if len(v.seen) > allVariety || v.count[0] != trustedVariety || string(e.Text(event.PageSite)) != Other {
		t.Errorf("%d values, %d sites, the last is %s", len(v.seen), v.count[0], e.Text(event.PageSite))
	}
}
