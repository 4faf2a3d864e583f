package retention

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/engine/web"
	"analytics/retention/lake"
)

func TestTypesAreKeptForTheirOwnTime(t *testing.T) {
	h := newHouse(t, 90, true)
	h.keeper.SetPolicy(Policy{Days: 90, Types: map[string]int{"page_view": 10, "tool_call": 0}})
	h.put(event.AIRequest, 30, 24*20, true)
	h.put(event.PageView, 20, 24*20, true)
	h.put(event.ToolCall, 10, 24*300, true)
	if done := h.run(Options{}); done.Rows != 20 {
		t.Errorf("dropped %d events, want the 20 page views", done.Rows)
	}
	for _, p := range []Policy{{Types: map[string]int{"page": 1}}, {Types: map[string]int{"page_view": -1}}} {
		if p.Check() == nil {
			t.Errorf("%+v was taken", p)
		}
	}
}

func TestEventsGoOnlyOnceTheArchiveHasThem(t *testing.T) {
	h := newHouse(t, 90, true)
	h.keeper = New(h.store, Config{Policy: Policy{Days: 90}, Now: h.keeper.cfg.Now,
		Archive: lake.Settings{Folder: t.TempDir(), AfterDays: 2}})
	h.put(event.AIRequest, 50, 24*120, true)
	first := h.run(Options{})
	if first.Rows != 0 || !strings.Contains(first.Decisions[0].Reason, "not archived yet") {
		t.Errorf("without being archived %d events went: %+v", first.Rows, first.Decisions)
	}
	if err := h.keeper.Archive(t.Context()); err != nil {
		t.Fatal(err)
	}
	if done := h.run(Options{}); done.Rows != 50 {
		t.Errorf("%d events went, want 50", done.Rows)
	}
	n := h.store.Snapshot(store.Range{Tenant: store.Default, Kind: event.AIRequest, To: 1 << 62})
	defer n.Release()
	rows := 0
	for _, c := range n.Chunks() {
		rows += c.Rows
	}
	if rows != 50 {
		t.Errorf("%d events can be asked for, want 50", rows)
	}
	h.cubesHold(event.AIRequest, 50)
	mux := web.NewMux(web.Options{})
	h.keeper.Routes(mux)
	client := web.NewClient(t.TempDir(), func(context.Context) (http.Handler, func() error, error) {
		return mux, nil, nil
	})
	for path, want := range map[string]int{"/v1/archive/run": 0, "/v1/archive/verify": 1} {
		var got archived
		err := client.JSON(t.Context(), "POST", path, nil, nil, &got)
		if err != nil || got.Files != want || len(got.Bad) > 0 {
			t.Errorf("%s gave %+v, %v", path, got, err)
		}
	}
}

func TestTheArchivesAnswerIsForPeople(t *testing.T) {
	f := func(a archived, verified bool, want string, kind fault.Kind) {
		t.Helper()
		var out strings.Builder
		if err := a.print(&out, verified); err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("%+v: %v\n%s\nwant %q", a, err, out.String(), want)
		}
		if err := a.fault(); (err != nil) != (kind != 0) || err != nil && fault.Of(err).Kind != kind {
			t.Errorf("%+v: %v", a, err)
		}
	}
	f(archived{}, false, "nothing to archive yet", 0)
	f(archived{Days: []lake.Day{{Type: "tool_call", Date: "2026-11-01", State: "archived", Rows: 7}}}, false,
		"tool_call  2026-11-01  archived  7", 0)
	f(archived{Files: 3}, true, "3 archived files were read, 0 are damaged", 0)
	f(archived{Files: 3, Bad: []lake.Damage{{File: "x.parquet", Problem: "cut"}}}, true, "x.parquet: cut",
		fault.Damaged)
	broken := archived{Days: []lake.Day{{State: "failed", Reason: "no room"}}}
	var out strings.Builder
	err := broken.print(&out, false)
	if err != nil || broken.fault() == nil || !strings.Contains(out.String(), "no room") {
		t.Errorf("%v %v %s", err, broken.fault(), out.String())
	}
}
