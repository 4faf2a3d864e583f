package events

import (
	"fmt"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
)

func TestRecentIDsAreFoundUnderAnotherTimestamp(t *testing.T) {
	h := newHouse(t, store.Config{})
	send := func(recent bool, at time.Time, accepted, duplicates int) {
		t.Helper()
		text := fmt.Sprintf(`{"type":"tool_call","tool":"search","id":"call-1","timestamp":%q}`,
			at.Format(time.RFC3339Nano))
		answer, err := h.intake.Take(t.Context(),
			&Body{Tenant: store.Default, Text: []byte(text), Lines: true, Recent: recent})
		if err != nil || answer.Accepted != accepted || answer.Duplicates != duplicates {
			t.Errorf("%v: got %+v %v, want %d accepted, %d duplicates", at, answer, err, accepted, duplicates)
		}
	}
	send(true, noon.Add(-2*time.Hour), 1, 0)
	send(true, noon.Add(-2*time.Hour), 0, 1)     // a retry
	send(true, noon.Add(-time.Minute), 0, 1)     // the same thing, told two hours later
	send(true, noon.Add(-121*time.Minute), 0, 1) // and by somebody whose clock is behind
	send(false, noon.Add(-time.Minute), 1, 0)    // the time is a part of what others say
	rows := h.stored(event.ToolCall)
	if len(rows) != 2 || rows[0]["timestamp"] != fmt.Sprint(noon.Add(-2*time.Hour).UnixMicro()) {
		t.Errorf("got %v, want the first one with its own timestamp", rows)
	}
}
