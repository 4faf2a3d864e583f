package outbox_test

import (
	"fmt"
	"testing"
	"time"

	"analytics/report/discord/double"
)

// TestDiscordsLimitIsNeverRunInto sends 23 letters through a limit of 5 in 2 seconds, that of a
// webhook: the headers say when to stop, so that no request is one too many.
func TestDiscordsLimitIsNeverRunInto(t *testing.T) {
	b := newBench(t)
	b.d.Limit(5, 2*time.Second, false, func() time.Time { return b.now })
	for i := range 23 {
		b.put("cost", fmt.Sprint(i), fmt.Sprint(i))
	}
	start, passes := b.now, 0
	for next := start; !next.IsZero(); passes++ {
		b.now = next
		next = b.Deliver(t.Context()).Next
	}
	if n := len(b.d.Messages()); n != 23 || b.d.Invalid() != 0 || b.now.Sub(start) != 8*time.Second {
		t.Errorf("%d messages in %v and %d passes, %d invalid requests", n, b.now.Sub(start), passes, b.d.Invalid())
	}
}

// TestTheGlobalLimitIsObeyed has no headers that warn: one request too many, and then the pause.
func TestTheGlobalLimitIsObeyed(t *testing.T) {
	b := newBench(t)
	b.d.Limit(2, time.Second, true, func() time.Time { return b.now })
	for i := range 5 {
		b.put("cost", fmt.Sprint(i), fmt.Sprint(i))
	}
	start := b.now
	for next := start; !next.IsZero(); {
		b.now = next
		next = b.Deliver(t.Context()).Next
	}
	if n := len(b.d.Messages()); n != 5 || b.d.Invalid() != 2 || b.now.Sub(start) != 2*time.Second {
		t.Errorf("%d messages in %v, %d invalid requests", n, b.now.Sub(start), b.d.Invalid())
	}
}

// TestAWebhookThatIsGoneCostsOneRequest keeps the program running and starting again for a day.
func TestAWebhookThatIsGoneCostsOneRequest(t *testing.T) {
	b := newBench(t)
	b.d.Script(func(double.Request) *double.Answer {
		return &double.Answer{Status: 404, Body: `{"message": "Unknown Webhook", "code": 10015}`}
	})
	for hour := range 24 {
		b.put("cost", fmt.Sprint(hour), "x")
		b.Deliver(t.Context())
		b.now = b.now.Add(time.Hour)
		b.restart()
	}
	if n := b.d.Invalid(); n != 1 {
		t.Errorf("%d invalid requests", n)
	}
}
