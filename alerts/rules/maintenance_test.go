package rules

import (
	"strings"
	"testing"
	"time"
)

func window(t testing.TB, zone, from, to string, days ...string) *Maintenance {
	t.Helper()
	m := &Maintenance{Name: "m", Days: days, From: from, To: to, Timezone: zone}
	if err := m.Complete(time.UTC); err != nil {
		t.Fatal(err)
	}
	return m
}

// TestMaintenanceOverClockChanges holds windows of nights in which clocks change against moments
// worked out by hand.
func TestMaintenanceOverClockChanges(t *testing.T) {
	f := func(m *Maintenance, near, from, to string) {
		t.Helper()
		at, err := time.Parse(time.RFC3339, near)
		if err != nil {
			t.Fatal(err)
		}
		begins, ends, ok := m.Next(at)
		if !ok || begins.UTC().Format(time.RFC3339) != from || ends.UTC().Format(time.RFC3339) != to {
			t.Errorf("%s after %s: %s to %s, want %s to %s", m.When(), near, begins.UTC().Format(time.RFC3339),
				ends.UTC().Format(time.RFC3339), from, to)
			return
		}
		for moment, want := range map[time.Time]bool{
			begins.Add(-time.Second): false, begins: true, ends.Add(-time.Second): true, ends: false,
		} {
			if _, active := m.Active(moment); active != want {
				t.Errorf("%s at %s: active is %v", m.When(), moment.UTC().Format(time.RFC3339), active)
			}
		}
	}
	const berlin = "Europe/Berlin"
	night := window(t, berlin, "22:00", "06:00", "sat")
	f(night, "2026-11-20T12:00:00Z", "2026-11-21T21:00:00Z", "2026-11-22T05:00:00Z") // eight hours
	f(night, "2026-03-27T12:00:00Z", "2026-03-28T21:00:00Z", "2026-03-29T04:00:00Z") // seven
	f(night, "2026-10-23T12:00:00Z", "2026-10-24T20:00:00Z", "2026-10-25T05:00:00Z") // nine
	f(night, "2026-11-22T02:00:00Z", "2026-11-21T21:00:00Z", "2026-11-22T05:00:00Z") // the one that holds
	early := window(t, berlin, "02:15", "02:45")
	f(early, "2026-10-24T22:00:00Z", "2026-10-25T00:15:00Z", "2026-10-25T01:45:00Z") // both times it is 02:15
	f(early, "2026-03-28T22:00:00Z", "2026-03-30T00:15:00Z", "2026-03-30T00:45:00Z") // there is no 02:15 on the 29th
	f(window(t, berlin, "01:30", "02:30"), "2026-03-28T22:00:00Z", "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z")
	f(window(t, berlin, "02:30", "04:00"), "2026-03-28T22:00:00Z", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z")
	f(window(t, "America/Sao_Paulo", "00:00", "02:00", "sun"), "2018-11-03T12:00:00Z", "2018-11-04T03:00:00Z",
		"2018-11-04T04:00:00Z") // midnight is skipped
	f(window(t, "Pacific/Apia", "20:00", "08:00", "thu"), "2011-12-29T12:00:00Z", "2011-12-30T06:00:00Z",
		"2011-12-30T10:00:00Z") // Friday is skipped, and its eight o'clock
	f(window(t, "Australia/Lord_Howe", "01:00", "03:00", "sun"), "2026-04-04T10:00:00Z", "2026-04-04T14:00:00Z",
		"2026-04-04T16:30:00Z") // clocks go back by half an hour
	f(window(t, "", "00:00", "24:00", "mon"), "2026-11-20T12:00:00Z", "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z")
}

func TestWhatIsWrongWithAWindowIsSaidAtOnce(t *testing.T) {
	m := Maintenance{Name: "a b", Days: []string{"mo", "xyz"}, From: "25:00", To: "6", Timezone: "Mars"}
	err := m.Complete(time.UTC)
	for _, part := range []string{"name", "days: \"mo\"", "days: \"xyz\"", "from", "to", "timezone"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("no %s in %v", part, err)
		}
	}
	if m := window(t, "UTC", "22:00", "06:00", "Monday", "TUE"); !m.days[1] || !m.days[2] || m.days[3] {
		t.Errorf("got %v", m.days)
	}
}
