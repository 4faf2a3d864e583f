package retention

import (
	"testing"
	"time"
)

func TestGuardSuspendsWhenTheClockJumps(t *testing.T) {
	f := func(name string, b beat, now time.Time, trusted bool) beat {
		t.Helper()
		next := b.next(now)
		reason, ok := next.trusted()
		if ok != trusted || (reason == "") != trusted {
			t.Errorf("%s: trusted %v (%q), want %v", name, ok, reason, trusted)
		}
		if !next.Wall.Equal(now) {
			t.Errorf("%s: the beat says %v, want %v", name, next.Wall, now)
		}
		return next
	}
	minute, day := time.Minute, 24*time.Hour
	b := f("first beat", beat{}, noon, true)
	b = f("a minute later", b, noon.Add(minute), true)
	b = f("two minutes back", b, noon.Add(-minute), true)
	b = f("a day off", b, noon.Add(day-minute), true)
	f("more than a day", b, noon.Add(3*day), false)
	b = f("more than two minutes back", b, noon.Add(day-4*minute), false)
	at := b.Wall
	b = f("still suspended", b, at.Add(3*time.Hour-minute), false)
	f("settled", b, at.Add(3*time.Hour), true)
	b = f("another jump", b, at.Add(30*day), false)
	b = f("begins anew", b, at.Add(30*day+3*time.Hour-minute), false)
	f("settled again", b, at.Add(30*day+3*time.Hour), true)
	f("a year ahead", beat{Wall: noon}, noon.AddDate(1, 0, 0), false)
	f("a year back", beat{Wall: noon}, noon.AddDate(-1, 0, 0), false)
}
