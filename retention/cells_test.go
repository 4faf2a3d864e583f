package retention

import (
	"bytes"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"analytics/engine/audit"
	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/engine/web"
	"analytics/retention/erase"
	"analytics/retention/erasures"
	"analytics/retention/lake"
	"analytics/rollup/cube"
)

// TestPolicyOfCountsGivesReasons shows every reason, as people see it.
func TestPolicyOfCountsGivesReasons(t *testing.T) {
	age := func(days int, s Stretch) Stretch {
		s.From = event.MicrosOf(noon).Hour()/24*24 - event.Hour(24*days)
		s.To, s.Rows, s.Bytes = s.From+20, 100, 64_000
		if s.Kind == 0 {
			s.Kind = event.AIRequest
		}
		return s
	}
	stretches := []Stretch{
		age(1200, Stretch{What: Hours}), age(1150, Stretch{What: Days}), age(1097, Stretch{What: Days}),
		age(1096, Stretch{What: Days}), age(600, Stretch{What: Days}), age(599, Stretch{What: Hours}),
		age(598, Stretch{What: Hours}), age(500, Stretch{What: Hours, State: Unsealed}),
		age(450, Stretch{What: Hours, State: Doubtful}), age(397, Stretch{What: Hours}), age(396, Stretch{What: Hours}),
		age(100, Stretch{What: Hours}), age(99, Stretch{What: Hours, Kind: event.PageView}),
	}
	thirty := 30
	var out bytes.Buffer
	for _, b := range []Block{DefaultBlock(), {}, {HourlyKeepDays: 400, CellsByType: map[string]CellTerms{
		"page_view": {HourlyKeepDays: &thirty}}, Tenants: map[string]Terms{"shop": {CellTerms: CellTerms{
		HourlyKeepDays: &thirty}}}}} {
		for _, tenant := range []string{"default", "shop"} {
			if tenant == "shop" && len(b.Tenants) == 0 {
				continue
			}
			p := Policy{Days: 90, Block: b}.Of(tenant)
			r := Report{Plan: Plan{Policy: p}, DryRun: true}
			for _, s := range stretches {
				r.Cells = append(r.Cells, p.cells(s.Kind).decide(noon, []Stretch{s})...)
			}
			fmt.Fprintf(&out, "# %s: hours for %d days, days for %d\n", tenant, b.HourlyKeepDays, b.DailyKeepDays)
			if err := r.reply().print(&out, tenant == "shop"); err != nil {
				t.Fatal(err)
			}
		}
	}
	golden(t, "cells.txt", out.Bytes())
}

// counted is how many events of a kind the cube counts of whole days.
func (h *house) counted(kind event.Kind) (rows int64, daily, hourly int) {
	h.t.Helper()
	n := h.store.Snapshot(store.Range{Tenant: h.tenant, Kind: kind, To: math.MaxInt64})
	defer n.Release()
	for _, s := range n.Segments() {
		data, err := n.Block(h.t.Context(), &s, cube.Cubes(kind)[0].ID)
		if err != nil {
			h.t.Fatal(err)
		}
		if data == nil {
			continue
		}
		table, err := cube.Decode(data)
		if err != nil {
			h.t.Fatal(err)
		}
		if s.Daily {
			daily++
		} else {
			hourly++
		}
		for g := range table.Len() {
			v, _ := table.Int(table.Measure("rows"), g)
			rows += v
		}
	}
	return rows, daily, hourly
}

func (h *house) wantCounts(what string, rows int64, daily, hourly int) {
	h.t.Helper()
	if r, d, o := h.counted(event.AIRequest); r != rows || d != daily || o != hourly {
		h.t.Errorf("%s: %d events counted by %d segments of days and %d of hours; want %d, %d, %d", what, r, d, o, rows,
			daily, hourly)
	}
}

// TestHoursBecomeDaysAndDaysGo when they are older than they are kept for, and a dry run only says so.
func TestHoursBecomeDaysAndDaysGo(t *testing.T) {
	h := newHouse(t, 10, true)
	terms := Block{HourlyKeepDays: 20, DailyKeepDays: 40}
	for _, days := range []int{5, 15, 25, 45} {
		h.put(event.AIRequest, 10, 24*days, true)
		h.put(event.AIRequest, 5, 24*days+2, true) // another segment of the day
	}
	h.run(Options{})
	h.wantCounts("without terms", 60, 0, 8)
	h.keeper.SetPolicy(Policy{Days: 10, Block: terms})
	dry := h.run(Options{DryRun: true}).reply()
	if c := dry.Cells; c == nil || c.Drop.Stretches != 4 || c.Keep.Stretches != 2 || dry.Drop.Rows != 0 {
		t.Errorf("the dry run says %+v", dry.Cells)
	}
	h.wantCounts("after a dry run", 60, 0, 8)
	r := h.run(Options{})
	if r.Faded.Condensed != 2 || r.Faded.Removed != 2 || r.Faded.Freed <= 0 {
		t.Errorf("the run says %+v", r.Faded)
	}
	h.wantCounts("after a run", 45, 1, 4)
	if again := h.run(Options{}); again.Faded != (Faded{}) {
		t.Errorf("a second run says %+v", again.Faded)
	}
	h.put(event.AIRequest, 7, 24*25+1, false) // late: not sealed, then sealed
	h.run(Options{})
	h.wantCounts("with late events", 45, 1, 4)
	h.put(event.AIRequest, 0, 0, true)
	h.run(Options{}) // their events go, and next time their hours
	h.wantCounts("after their events went", 52, 1, 5)
	h.run(Options{})
	h.wantCounts("after their hours went", 52, 1, 4)
	h.now = h.now.AddDate(0, 0, 20)
	h.run(Options{AcceptClock: true})
	h.wantCounts("twenty days later", 30, 1, 2)
	h.now = h.now.AddDate(1, 0, 0)
	h.run(Options{AcceptClock: true})
	h.run(Options{})
	h.wantCounts("a year later", 0, 0, 0)
	ledger, err := h.store.Ledger(store.Default, event.AIRequest, 0, math.MaxUint32)
	if err != nil || len(ledger) != 9 {
		t.Errorf("the ledger has %d hours, %v; want all nine", len(ledger), err)
	}
	if problems, err := h.store.Verify(t.Context(), nil); err != nil || len(problems) != 0 {
		t.Errorf("verify: %v %v", problems, err)
	}
}

func TestNoCountsGoWhileTheClockIsInDoubt(t *testing.T) {
	h := newHouse(t, 10, true)
	h.put(event.AIRequest, 10, 24*15, true)
	h.run(Options{})
	h.keeper.SetPolicy(Policy{Days: 10, Block: Block{HourlyKeepDays: 20, DailyKeepDays: 40}})
	h.now = noon.AddDate(1, 0, 0)
	if r := h.run(Options{}); r.Suspended == "" || r.Faded != (Faded{}) || r.reply().Cells.Drop.Stretches != 1 {
		t.Errorf("%q, %+v", r.Suspended, r.Faded)
	}
	h.wantCounts("in doubt", 10, 0, 1)
}

// TestCountsOfTheArchiveGoTheirWayToo: days are enough, since the files have the events.
func TestCountsOfTheArchiveGoTheirWayToo(t *testing.T) {
	h := newHouse(t, 10, true)
	now := func() time.Time { return h.now }
	h.keeper = New(h.store, Config{Policy: Policy{Days: 10, Block: Block{HourlyKeepDays: 20, DailyKeepDays: 40}},
		Now: now, Archive: lake.Settings{Folder: t.TempDir(), AfterDays: 1}})
	for _, days := range []int{5, 25, 45} {
		h.put(event.AIRequest, 10, 24*days, true)
	}
	if err := h.keeper.Archive(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.run(Options{})
	h.run(Options{})
	h.wantCounts("with an archive", 20, 1, 1)
	n := h.store.Snapshot(store.Range{Tenant: store.Default, Kind: event.AIRequest, To: math.MaxInt64})
	defer n.Release()
	rows := 0
	for _, c := range n.Chunks() {
		rows += c.Rows
	}
	if rows != 30 {
		t.Errorf("%d events can be read, want all 30", rows)
	}
}

func TestPlanOverHTTPHasTheCounts(t *testing.T) {
	h := newHouse(t, 10, true)
	h.put(event.AIRequest, 10, 24*25, true)
	h.run(Options{})
	h.keeper.SetPolicy(Policy{Days: 10, Block: Block{HourlyKeepDays: 20, DailyKeepDays: 40}})
	mux := web.NewMux(web.Options{})
	h.keeper.Routes(mux)
	for _, call := range []struct{ method, path, freed string }{
		{"GET", "/v1/retention/plan", `"freed_bytes":0`}, {"POST", "/v1/retention/run", `"freed_bytes":`},
	} {
		w := httptest.NewRecorder()
		request := httptest.NewRequest(call.method, call.path, nil)
		mux.ServeHTTP(w, request.WithContext(web.AsLocal(request.Context())))
		for _, want := range []string{`"cells":{"hourly_keep_days":20,"daily_keep_days":40,"drop":{"stretches":1,"rows":10,`,
			call.freed, `"action":"condense","reason":"older than 20 days, as retention.hourly_keep_days says"`} {
			if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), want) {
				t.Errorf("%s: %d %s\nwant %s", call.path, w.Code, w.Body, want)
			}
		}
	}
	h.wantCounts("after the run", 10, 1, 0)
}

// TestAPersonIsForgottenInDaysWithoutHours looks for the name in every file once the days were pruned.
func TestAPersonIsForgottenInDaysWithoutHours(t *testing.T) {
	h := newHouse(t, 2, true)
	o := &office{T: t, store: h.store, trail: audit.Open(h.store, store.Default, func() time.Time { return noon })}
	o.live()
	h.put(event.AIRequest, 0, 0, true)
	if _, err := o.trail.Chain(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.keeper.SetPolicy(Policy{Days: 2, Block: Block{HourlyKeepDays: 4}})
	h.run(Options{})
	if r := h.run(Options{}); r.Faded.Condensed == 0 {
		t.Fatalf("nothing was condensed: %+v", r.Faded)
	}
	before, days, _ := h.counted(event.AIRequest)
	e := erasures.New(store.Default, erasures.User, []byte(canary), noon)
	r, err := erase.Apply(t.Context(), h.store, o.trail, e, func(int, int) {})
	if err != nil || r.Pruned == 0 || days == 0 {
		t.Fatalf("%+v, %v; %d segments of days", r, err, days)
	}
	if err := h.store.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after, _, _ := h.counted(event.AIRequest); after == before {
		t.Errorf("%d requests are counted, as before", after)
	}
	o.wantSound()
	if err := h.store.Close(); err != nil {
		t.Fatal(err)
	}
	o.wantNowhere(h.dir)
}
