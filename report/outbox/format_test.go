package outbox_test

import (
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"analytics/engine/fault"
	"analytics/report/outbox"
)

// The rows as they were before they had a format, as a store has them.
const (
	oldLetter = `{"report":"daily_cost_report","period":"2026-11-20","state":"pending","message":{"text":"$4"},` +
		`"sum":"2c26b46b68ffc68ff99b453c","created":"2026-11-21T08:00:00Z","attempts":2,` +
		`"next":"2026-11-21T08:00:04Z","problem":"ops: nobody answered","open":1}`
	oldClosed = `{"webhook":"5f2da9eac460","reason":"Discord says that the webhook is gone","at":"2026-11-21T08:00:00Z"}`
)

// TestRowsOfBeforeThereWasAFormatAreRead and get one when they are written again.
func TestRowsOfBeforeThereWasAFormatAreRead(t *testing.T) {
	b := newBench(t)
	const at = "discord/row/daily_cost_report/2026-11-20"
	b.shelf.rows[at], b.shelf.rows["gone/webhook"] = oldLetter, oldClosed
	b.restart()
	e, ok := b.Find("daily_cost_report", "2026-11-20")
	if !ok || e.State != outbox.Pending || e.Attempts != 2 || e.Problem != "ops: nobody answered" {
		t.Fatalf("got %+v, %v", e, ok)
	}
	if _, err := b.RetryOne(t.Context(), e.ID); err != nil {
		t.Fatal(err)
	}
	again := b.shelf.rows[at]
	if !strings.HasPrefix(again, `{"format":1,"report":"daily_cost_report",`) || !json.Valid([]byte(again)) {
		t.Errorf("written again as %s", again)
	}
}

// TestANewerRowIsRefusedAndStays: it is no damage.
func TestANewerRowIsRefusedAndStays(t *testing.T) {
	for key, value := range map[string]string{
		"ops/row/a/b": `{"format":2,"report":{"name":"a"}}`, "ops/webhook": `{"format":2}`,
	} {
		shelf := &memory{rows: map[string]string{key: value}}
		_, err := outbox.Open(shelf, time.Now, func() float64 { return 0 }, slog.New(slog.DiscardHandler))
		if fault.Of(err).Kind != fault.Newer || !strings.Contains(err.Error(), "start a newer version") {
			t.Errorf("%s: %v", key, err)
		}
		if shelf.rows[key] != value || len(shelf.rows) != 1 {
			t.Errorf("%s became %v", value, shelf.rows)
		}
	}
}
