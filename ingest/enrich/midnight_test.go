package enrich

import (
	"fmt"
	"testing"
	"time"

	"analytics/engine/event"
)

// TestAVisitGoesOnOverMidnight, and ends with a pause of half an hour or the next day's last half hour.
func TestAVisitGoesOnOverMidnight(t *testing.T) {
	n, _ := newEnricher(t)
	midnight := noon.Truncate(24 * time.Hour).Add(24 * time.Hour)
	at := func(after time.Duration, ip string) string {
		return visitorOf(t, n, midnight.Add(after), midnight.Add(after),
			map[string]string{"client_ip": ip, "user_agent": firefox})
	}
	const reader, sleeper, early = "193.99.144.80", "193.99.144.81", "193.99.144.82"
	first, second := at(-10*time.Minute, reader), at(-20*time.Minute, sleeper)
	third := at(-40*time.Minute, early)
	if at(5*time.Minute, reader) != first || at(34*time.Minute, reader) != first {
		t.Error("who reads on is another at midnight")
	}
	if at(10*time.Minute+1, sleeper) == second {
		t.Error("who comes back after more than half an hour is the same")
	}
	if at(time.Minute, early) == third {
		t.Error("who was gone before is the same")
	}
	now := at(70*time.Minute, reader)
	if now == first || at(71*time.Minute, reader) != now {
		t.Error("after a pause the visitor is the one of the new day")
	}
	imported := visitorOf(t, n, midnight.Add(time.Minute), midnight.Add(30*time.Hour),
		map[string]string{"client_ip": reader, "user_agent": firefox})
	if imported == first {
		t.Error("history says who is there now")
	}
	watcher := at(-20*time.Minute, "193.99.144.90")
	for m := 0; m <= 23*60; m += 20 { // all of a day
		if at(time.Duration(m)*time.Minute, "193.99.144.90") != watcher {
			t.Fatalf("who never pauses is another after %d minutes", m)
		}
	}
	at(23*time.Hour+25*time.Minute, "193.99.144.90")
	if at(23*time.Hour+50*time.Minute, "193.99.144.90") == watcher {
		t.Error("an id lasts longer than a day and a half hour")
	}
}

// TestWhoIsLateIsBounded: a flood before midnight takes no more memory than is meant.
func TestWhoIsLateIsBounded(t *testing.T) {
	var l late
	d := dayOf(noon)
	at := event.MicrosOf(noon.Truncate(24 * time.Hour).Add(24*time.Hour - time.Minute))
	for i := range 2 * lateKept {
		l.note(d, visitorID([]byte(fmt.Sprintf("%08d", i))), at)
	}
	if len(l.last) != lateKept {
		t.Errorf("%d are remembered, want %d", len(l.last), lateKept)
	}
	if l.any(d, at+event.Micros(time.Hour.Microseconds())) || len(l.last) != 0 {
		t.Errorf("%d are remembered an hour later", len(l.last))
	}
}
