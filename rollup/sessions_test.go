package rollup

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/rollup/sessions"
)

// visit stores n events of few visitors and clients between two moments.
func (h *house) visit(rng *rand.Rand, n int, from, to time.Time) {
	h.t.Helper()
	var batch event.Batch
	var e event.Event
	for range n {
		at := from.Add(time.Duration(rng.Int64N(int64(to.Sub(from)))))
		kind := sessions.Kinds()[rng.IntN(len(sessions.Kinds()))]
		e.Reset(kind)
		h.seed++
		e.SetInt(event.Timestamp, int64(event.MicrosOf(at)))
		e.SetID(event.EventID, fmt.Appendf(nil, "visit-%d", h.seed))
		who := rng.IntN(40)
		if rng.IntN(3) == 0 {
			e.SetText(event.SessionID, fmt.Appendf(nil, "session-%d", who))
		}
		switch kind {
		case event.PageView:
			e.SetText(event.PageSite, []byte("a.example"))
			e.SetText(event.PagePath, fmt.Appendf(nil, "/%d", rng.IntN(9)))
			e.SetText(event.PageVia, []byte([]string{"tracker", "server", "log"}[rng.IntN(3)]))
			e.SetText(event.PageSource, []byte{byte('a' + rng.IntN(3))})
			e.SetID(event.PageVisitorID, fmt.Appendf(nil, "v%d", who))
		case event.Engagement:
			e.SetText(event.EngagementSite, []byte("a.example"))
			e.SetInt(event.EngagementTimeOnPageMS, rng.Int64N(20_000))
			e.SetID(event.EngagementVisitorID, fmt.Appendf(nil, "v%d", who))
		case event.AIRequest:
			e.SetInt(event.AICost, rng.Int64N(1e6))
		}
		batch.Add(&e)
	}
	_, err := h.store.Append(h.t.Context(), store.Default, &batch)
	check(h.t, err)
}

// stored are the sessions that count: those in the store before Until, and the fresh ones.
func (h *house) stored() []string {
	h.t.Helper()
	fresh, err := h.mill.FreshSessions(h.t.Context(), store.Default, false)
	check(h.t, err)
	var lines []string
	add := func(e *event.Event) error {
		lines = append(lines, fmt.Sprintf("%d %x", e.Time(), e.AppendRow(nil)))
		return nil
	}
	st := h.mill.openStream(store.Default, []event.Kind{event.Session}, 0, fresh.Until,
		func(event.Kind, *store.Chunk) []int { return nil })
	defer st.close()
	check(h.t, st.each(h.t.Context(), add))
	onSites, err := h.mill.FreshSessions(h.t.Context(), store.Default, true)
	check(h.t, err)
	var all, ofSites []string
	if fresh.Record != nil {
		new(Wanted).each(fresh.Record, 0, forever, func(e *event.Event) {
			check(h.t, add(e))
			if len(e.Text(event.SessionSite)) > 0 {
				all = append(all, fmt.Sprintf("%x", e.AppendRow(nil)))
			}
		})
	}
	if onSites.Record != nil {
		new(Wanted).each(onSites.Record, 0, forever, func(e *event.Event) {
			if len(e.Text(event.SessionSite)) > 0 {
				ofSites = append(ofSites, fmt.Sprintf("%x", e.AppendRow(nil)))
			}
		})
	}
	if !slices.Equal(all, ofSites) {
		h.t.Errorf("%d fresh sessions are on sites, of all; %d others are made for sites alone", len(all), len(ofSites))
	}
	slices.Sort(lines)
	return lines
}

// eachMade makes the sessions that start in [from, to) of their events.
func (h *house) eachMade(from, to time.Time, f func(*sessions.Session)) {
	h.t.Helper()
	low, high := event.MicrosOf(from), event.MicrosOf(to)
	check(h.t, h.mill.makeSessions(h.t.Context(), store.Default, low, high, high+sessions.Longest+sessions.Idle, f))
}

// made are all sessions, made of events.
func (h *house) made() []string {
	h.t.Helper()
	var lines []string
	var e event.Event
	h.eachMade(time.Unix(0, 0), h.now().AddDate(1, 0, 0), func(s *sessions.Session) {
		s.Event(&e)
		lines = append(lines, fmt.Sprintf("%d %x", e.Time(), e.AppendRow(nil)))
	})
	slices.Sort(lines)
	return lines
}

func (h *house) wantSessions(when string) {
	h.t.Helper()
	got, want := h.stored(), h.made()
	if slices.Equal(got, want) {
		return
	}
	for _, line := range got {
		if !slices.Contains(want, line) {
			h.t.Errorf("%s: not made of events: %s", when, line)
		}
	}
	for _, line := range want {
		if !slices.Contains(got, line) {
			h.t.Errorf("%s: missing: %s", when, line)
		}
	}
	h.t.Fatalf("%s: %d sessions, events give %d", when, len(got), len(want))
}

// TestSessionsAreWhatEventsGive whenever events come, with jobs and restarts in between.
func TestSessionsAreWhatEventsGive(t *testing.T) {
	for range 2 {
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		rng := rand.New(rand.NewPCG(seed, 3))
		h := newHouse(t, "UTC")
		ctx := t.Context()
		for step := range 20 {
			when := fmt.Sprintf("seed %d step %d", seed, step)
			late := false
			switch rng.IntN(6) {
			case 0, 1:
				h.visit(rng, 1+rng.IntN(300), h.now().Add(-time.Duration(1+rng.IntN(60))*time.Minute), h.now())
				late = true // an hour that was looked at may be among them
			case 2:
				h.visit(rng, 1+rng.IntN(20), h.now().Add(-90*time.Hour), h.now())
				late = true
			case 3:
				h.turn(h.now().Add(time.Duration(rng.IntN(400)) * time.Minute))
			case 4:
				check(t, h.mill.Seal(ctx, rng.IntN(2) == 0))
				check(t, h.mill.Merge(ctx))
				h.reopen()
			}
			if late {
				h.turn(h.now().Add(time.Hour))
			}
			check(t, h.mill.CloseSessions(ctx))
			h.wantSessions(when)
			check(t, h.mill.CloseSessions(ctx))
			h.wantSessions(when + " again")
		}
		r, err := h.mill.Check(ctx, everything)
		check(t, err)
		check(t, r.Err())
		state, err := h.mill.sessionState(store.Default)
		check(t, err)
		if h.now().Sub(state.Until.Time()) > 28*time.Hour {
			t.Errorf("sessions are stored until %s at %s", state.Until.Time(), h.now())
		}
		if !strings.HasPrefix(h.made()[0], "1") {
			t.Error("no sessions at all")
		}
	}
}

// view stores a page view, or with a name a custom event.
func (h *house) view(visitor, path, name string, at time.Time) {
	h.t.Helper()
	var batch event.Batch
	var e event.Event
	h.seed++
	kind, site, to, who := event.PageView, event.PageSite, event.PagePath, event.PageVisitorID
	if name != "" {
		kind, site, to, who = event.Custom, event.CustomSite, event.CustomPath, event.CustomVisitorID
	}
	e.Reset(kind)
	e.SetInt(event.Timestamp, int64(event.MicrosOf(at)))
	e.SetID(event.EventID, fmt.Appendf(nil, "view-%d", h.seed))
	e.SetText(site, []byte("a.example"))
	e.SetText(to, []byte(path))
	e.SetID(who, []byte(visitor))
	if name != "" {
		e.SetText(event.CustomName, []byte(name))
	}
	batch.Add(&e)
	_, err := h.store.Append(h.t.Context(), store.Default, &batch)
	check(h.t, err)
}

// count is how many sessions there are, and how many of them are stored.
func (h *house) count() (all, stored int) {
	h.t.Helper()
	fresh, err := h.mill.FreshSessions(h.t.Context(), store.Default, false)
	check(h.t, err)
	all = len(h.stored())
	if fresh.Record != nil {
		return all, all - int(fresh.Record.NumRows())
	}
	return all, all
}

// TestSessionsCountAtOnceAndAreStoredLater: the newest event is in the numbers, an hour later in the
// store, and a late event joins two sessions that were stored as two.
func TestSessionsCountAtOnceAndAreStoredLater(t *testing.T) {
	h := newHouse(t, "UTC")
	ctx := t.Context()
	want := func(all, stored int, when string) {
		t.Helper()
		check(t, h.mill.CloseSessions(ctx))
		if a, s := h.count(); a != all || s != stored {
			t.Errorf("%s: %d sessions, %d stored; want %d and %d", when, a, s, all, stored)
		}
		h.wantSessions(when)
	}
	want(0, 0, "before the first event")
	h.view("v1", "/", "", h.now().Add(-time.Second))
	want(1, 0, "a view a second ago")
	h.view("v1", "/a", "", h.now())
	h.view("v2", "/a", "", h.now())
	want(2, 0, "a second visitor")
	live, n, err := h.mill.Live(ctx, store.Default, 5*time.Minute, 1)
	check(t, err)
	if n != 2 || len(live) != 1 || !live[0].Open || live[0].Views == 0 {
		t.Errorf("%d live, listed %+v", n, live)
	}
	h.turn(h.now().Add(45 * time.Minute))
	h.view("v1", "/b", "", h.now())
	want(3, 0, "v1 came back after 45 minutes")
	h.turn(h.now().Add(2 * time.Hour))
	want(3, 3, "two hours later")
	lateDays := func(want int, when string) {
		t.Helper()
		h.turn(h.now().Add(lookEvery))
		days, err := h.mill.LateDays(store.Default)
		check(t, err)
		if len(days) != want || want > 0 && days[0].Start().Time() != noon.Truncate(24*time.Hour) {
			t.Errorf("%s: late days %v, want %d", when, days, want)
		}
	}
	lateDays(0, "before a late event")
	h.view("v1", "/", "signup", noon.Add(20*time.Minute))
	if a, _ := h.count(); a != 3 {
		t.Errorf("%d sessions right after a late event, want 3: stored ones are made again later", a)
	}
	lateDays(1, "after a late event")
	for _, when := range []string{"at once", "again a minute later, as it was not done"} {
		select {
		case <-h.mill.hurried.asked:
		default:
			t.Error("nobody asked for the day to be made again " + when)
		}
		h.turn(h.now().Add(lateFor))
		lateDays(1, when)
	}
	h.turn(h.now().Add(time.Hour))
	want(2, 2, "after the late event was found")
	lateDays(0, "after its day was made again")
	if n, _, err := h.mill.Live(ctx, store.Default, time.Hour, 10); err != nil || len(n) != 0 {
		t.Errorf("%d live sessions, %v, want none", len(n), err)
	}
	h.reopen()
	want(2, 2, "after a restart")
	check(t, h.store.Erase(ctx, store.Default))
	want(0, 0, "after everything was erased")
}

// TestStoppedStoringIsTakenUp: rows that were put in place before a stop, and of which nobody was
// told, do not count twice, and do not count at all once events have changed.
func TestStoppedStoringIsTakenUp(t *testing.T) {
	h := newHouse(t, "UTC")
	ctx := t.Context()
	h.view("v1", "/", "", h.now().Add(-3*time.Hour))
	h.view("v1", "/", "", h.now().Add(-2*time.Hour))
	shelf := h.store.Shelf(store.Default, "sessions")
	check(t, h.mill.CloseSessions(ctx))
	check(t, shelf.Delete(ctx, stateKey)) // as if the store had stopped before it was written
	if a, s := h.count(); a != 2 || s != 0 {
		t.Errorf("%d sessions, %d stored, want 2 and none", a, s)
	}
	h.view("v1", "/", "", h.now().Add(-150*time.Minute)) // joins the two
	check(t, h.mill.CloseSessions(ctx))
	if a, s := h.count(); a != 1 || s != 1 {
		t.Errorf("%d sessions, %d stored, want 1 and 1", a, s)
	}
	h.wantSessions("afterwards")
}

// TestRebuildMakesWrongSessionsRight, and leaves those alone whose events are gone.
func TestRebuildMakesWrongSessionsRight(t *testing.T) {
	h := newHouse(t, "UTC")
	ctx := t.Context()
	old := h.now().AddDate(0, 0, -10)
	for i := range 5 {
		h.view(fmt.Sprintf("v%d", i), "/", "", old.Add(time.Duration(i)*time.Hour))
		h.view(fmt.Sprintf("v%d", i), "/", "", h.now().Add(-time.Duration(3+i)*time.Hour))
	}
	check(t, h.mill.CloseSessions(ctx))
	r, err := h.mill.Check(ctx, everything)
	check(t, err)
	check(t, r.Err())
	for _, at := range []time.Time{old, h.now()} {
		_, err = h.store.Replace(ctx, store.Default, event.Session, event.MicrosOf(at).Hour(), nil)
		check(t, err)
	}
	r, err = h.mill.Check(ctx, everything)
	check(t, err)
	if r.Found == 0 {
		t.Fatal("the check found no missing sessions")
	}
	_, err = h.mill.Rebuild(ctx, everything, false)
	check(t, err)
	h.wantSessions("after a rebuild")
	if a, s := h.count(); a != 10 || s != 10 {
		t.Errorf("%d sessions, %d stored, want 10 and 10", a, s)
	}

	check(t, h.mill.Seal(ctx, true))
	_, err = h.store.Drop(ctx, store.Default, event.PageView, 0, event.MicrosOf(old).Hour()/24*24+24)
	check(t, err)
	h.view("v9", "/", "", old)
	h.turn(h.now().Add(time.Hour))
	check(t, h.mill.CloseSessions(ctx))
	if a, s := h.count(); a != 10 || s != 10 {
		t.Errorf("after retention: %d sessions, %d stored, want 10 and 10 as before", a, s)
	}
}
