package rollup

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"analytics/engine/columns"
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
	fresh, err := h.mill.FreshSessions(h.t.Context(), store.Default)
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
	if fresh.Record != nil {
		rows := columns.NewRows(event.Session, fresh.Record)
		var e event.Event
		for i := range int(fresh.Record.NumRows()) {
			rows.Event(&e, i)
			check(h.t, add(&e))
		}
	}
	slices.Sort(lines)
	return lines
}

// made are all sessions, made of events.
func (h *house) made() []string {
	h.t.Helper()
	var lines []string
	var e event.Event
	err := h.mill.EachSession(h.t.Context(), store.Default, time.Unix(0, 0), h.now.AddDate(1, 0, 0), false,
		func(s *sessions.Session) error {
			s.Event(&e)
			lines = append(lines, fmt.Sprintf("%d %x", e.Time(), e.AppendRow(nil)))
			return nil
		})
	check(h.t, err)
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
				h.visit(rng, 1+rng.IntN(300), h.now.Add(-time.Duration(1+rng.IntN(60))*time.Minute), h.now)
				late = true // an hour that was looked at may be among them
			case 2:
				h.visit(rng, 1+rng.IntN(20), h.now.Add(-90*time.Hour), h.now)
				late = true
			case 3:
				h.now = h.now.Add(time.Duration(rng.IntN(400)) * time.Minute)
			case 4:
				check(t, h.mill.Seal(ctx, rng.IntN(2) == 0))
				check(t, h.mill.Merge(ctx))
				h.reopen()
			}
			if late {
				h.now = h.now.Add(time.Hour)
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
		if h.now.Sub(state.Until.Time()) > 28*time.Hour {
			t.Errorf("sessions are stored until %s at %s", state.Until.Time(), h.now)
		}
		if !strings.HasPrefix(h.made()[0], "1") {
			t.Error("no sessions at all")
		}
	}
}
