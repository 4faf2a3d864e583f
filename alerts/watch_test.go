package alerts

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"analytics/engine/config"
	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
	"analytics/query"
	"analytics/report/discord"
	"analytics/report/discord/double"
	"analytics/report/outbox"
)

// world is a real store, desk, outbox and watch, at a moment.
type world struct {
	*Watch
	t      testing.TB
	store  *store.Store
	desk   *query.Desk
	outbox *outbox.Outbox
	d      *double.Discord
	now    time.Time
	log    strings.Builder
	n      int
	rules  []Rule
}

func at(t testing.TB, zone, moment string) time.Time {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	m, err := time.ParseInLocation("2006-01-02T15:04:05", moment, loc)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// settings makes settings of "type threshold action" lines.
func settings(t testing.TB, lines ...string) Settings {
	t.Helper()
	var s Settings
	for _, line := range lines {
		words := append(strings.Fields(line), "")
		threshold, err := config.ParseDecimal(words[1])
		if err != nil {
			t.Fatal(err)
		}
		s = append(s, Setting{Type: words[0], Threshold: threshold, Action: words[2]})
	}
	return s
}

func newWorld(t testing.TB, zone, now string, rules ...string) *world {
	t.Helper()
	w := &world{t: t, now: at(t, zone, now), d: double.New(t)}
	var err error
	if w.rules, err = settings(t, rules...).Rules(); err != nil {
		t.Fatal(err)
	}
	began := w.now // the store asks for the time in a goroutine of its own
	w.store, err = store.Open(t.Context(), store.Config{
		Space: storetest.Room,
		Dir:   filepath.Join(t.TempDir(), "store"), MemTableSize: 8 << 20, Now: func() time.Time { return began },
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.store.Close() })
	cfg := query.Config{Timezone: zone}
	w.desk, err = query.New(w.store, cfg, w.clock, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	w.restart()
	return w
}

func (w *world) clock() time.Time { return w.now }

// restart is a new process on the same store.
func (w *world) restart() {
	w.t.Helper()
	log := slog.New(slog.NewTextHandler(&w.log, nil))
	var err error
	w.outbox, err = outbox.Open(w.store.Shelf(store.Default, "outbox"), w.clock,
		func() float64 { return 0.5 }, log)
	if err != nil {
		w.t.Fatal(err)
	}
	c, err := discord.NewClient(w.d.URL, double.Allow())
	if err != nil {
		w.t.Fatal(err)
	}
	w.outbox.Use(outbox.Channel{Name: "discord", Kind: "discord", Sender: c})
	if w.Watch, err = New(w.store, w.desk, w.outbox, log); err != nil {
		w.t.Fatal(err)
	}
	w.Use(w.rules)
}

// unpriced is the cost of a request whose model has no price.
const unpriced = event.NanoUSD(-1)

// spend adds a request of that cost at the world's time, less ago.
func (w *world) spend(nano event.NanoUSD, ago time.Duration) {
	w.t.Helper()
	var e event.Event
	e.Reset(event.AIRequest)
	w.n++
	e.SetInt(event.Timestamp, int64(event.MicrosOf(w.now.Add(-ago))))
	e.SetID(event.EventID, fmt.Appendf(nil, "event-%08d", w.n))
	e.SetText(event.AIModel, []byte("gpt-4o @everyone"))
	if nano != unpriced {
		e.SetInt(event.AICost, int64(nano))
	}
	var batch event.Batch
	batch.Add(&e)
	if _, err := w.store.Append(w.t.Context(), store.Default, &batch); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) check() {
	w.t.Helper()
	if err := w.Check(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	w.outbox.Deliver(w.t.Context())
}

// has compares the incidents, as "id state", the newest first, and the messages in the channel.
func (w *world) has(messages int, want ...string) {
	w.t.Helper()
	var got []string
	for _, i := range w.List("") {
		got = append(got, i.ID+" "+string(i.State))
	}
	if strings.Join(got, "; ") != strings.Join(want, "; ") {
		w.t.Errorf("at %v the incidents are %q, want %q", w.now, got, want)
	}
	if n := len(w.d.Requests()); n != messages {
		w.t.Errorf("at %v %d messages were sent, want %d", w.now, n, messages)
	}
}

const usd = event.NanoUSD(1e9)

func TestFiresAtTheThresholdAndNotANanoBefore(t *testing.T) {
	w := newWorld(t, "Europe/Berlin", "2026-11-20T10:00:00", "daily_cost 100.00 discord")
	w.check()
	w.has(0)
	w.spend(unpriced, 0) // the cost of the day is not known then, and no error
	w.check()
	w.has(0)
	w.spend(100*usd-1, 0)
	w.check()
	w.has(0)
	w.spend(1, 0)
	w.check()
	w.has(1, "daily_cost-100-discord-2026-11-20 open")
	for range 3 {
		w.spend(50*usd, 0)
		w.check()
		w.restart()
		w.check()
	}
	w.has(1, "daily_cost-100-discord-2026-11-20 open")
	i := w.List(Open)[0]
	if i.Value != USD(100*usd) || !i.Notified || i.Message !=
		"$100.00 were spent on 2026-11-20: the threshold of $100.00 is passed." {
		t.Errorf("got %+v", i)
	}
	m := w.d.Messages()[0].Embeds[0]
	if m.Title != "Daily budget passed" || !strings.Contains(m.Fields[3].Value, `gpt\-4o \@everyone`) ||
		m.Footer.Text != "alert · daily_cost-100-discord-2026-11-20" {
		t.Errorf("the card is %+v", m)
	}
}

func TestOneIncidentForEachThresholdAndPeriod(t *testing.T) {
	w := newWorld(t, "Europe/Berlin", "2026-11-29T10:00:00",
		"daily_cost 10 notify", "daily_cost 20.5 notify", "monthly_cost 30 email")
	w.spend(15*usd, 0)
	w.check()
	w.has(1, "daily_cost-10-notify-2026-11-29 open")
	w.now = w.now.Add(24 * time.Hour)
	w.spend(15*usd, 0) // the month is at 30 now
	w.check()
	w.has(3, "daily_cost-10-notify-2026-11-30 open", "monthly_cost-30-email-2026-11 open",
		"daily_cost-10-notify-2026-11-29 resolved")
	w.now = w.now.Add(24 * time.Hour) // December
	w.check()
	w.has(3, "daily_cost-10-notify-2026-11-30 resolved", "monthly_cost-30-email-2026-11 resolved",
		"daily_cost-10-notify-2026-11-29 resolved")
	w.spend(21*usd, 0)
	w.check()
	w.has(5, "daily_cost-10-notify-2026-12-01 open", "daily_cost-20.5-notify-2026-12-01 open",
		"daily_cost-10-notify-2026-11-30 resolved", "monthly_cost-30-email-2026-11 resolved",
		"daily_cost-10-notify-2026-11-29 resolved")
	if len(w.Active()) != 2 {
		t.Errorf("active: %+v", w.Active())
	}
}

// TestPeriodsEndWithTheLocalDay walks over days of 23, 25 and 24.5 hours and the ends of months,
// and spends a dollar in the last and the first second of each.
func TestPeriodsEndWithTheLocalDay(t *testing.T) {
	f := func(zone, before, after, month string) {
		t.Helper()
		w := newWorld(t, zone, before, "daily_cost 2 notify", "monthly_cost 2 notify")
		first := w.now
		w.spend(1*usd, 0)
		w.now = at(t, zone, after)
		if gap := w.now.Sub(first); gap > 2*time.Second {
			t.Fatalf("%s and %s in %s are %v apart", before, after, zone, gap)
		}
		w.spend(1*usd, 0)
		w.check()
		want := []string{}
		if month != "" {
			want = append(want, "monthly_cost-2-notify-"+month+" open")
		}
		w.has(len(want), want...)
		w.spend(1*usd, 0)
		w.check()
		if month == "" {
			want = append(want, "monthly_cost-2-notify-"+after[:7]+" open")
		}
		want = append([]string{"daily_cost-2-notify-" + after[:10] + " open"}, want...)
		w.has(len(want), want...)
	}
	f("Europe/Berlin", "2026-03-28T23:59:59", "2026-03-29T00:00:00", "2026-03") // into a day of 23 hours
	f("Europe/Berlin", "2026-10-25T23:59:59", "2026-10-26T00:00:00", "2026-10") // out of one of 25
	f("Europe/Berlin", "2026-10-31T23:59:59", "2026-11-01T00:00:00", "")
	f("America/New_York", "2026-02-28T23:59:59", "2026-03-01T00:00:00", "")
	f("America/New_York", "2028-02-29T23:59:59", "2028-03-01T00:00:00", "")
	f("Australia/Lord_Howe", "2026-04-05T23:59:59", "2026-04-06T00:00:00", "2026-04")
	f("America/Sao_Paulo", "2018-11-03T23:59:59", "2018-11-04T01:00:00", "2018-11") // no midnight
	f("Asia/Kathmandu", "2026-06-30T23:59:59", "2026-07-01T00:00:00", "")
	f("UTC", "2026-12-31T23:59:59", "2027-01-01T00:00:00", "")
}

func TestSpendJustBeforeMidnightIsNotMissed(t *testing.T) {
	w := newWorld(t, "Europe/Berlin", "2026-11-20T23:59:59", "daily_cost 5 notify")
	w.check()
	w.spend(5*usd, 0)
	w.now = w.now.Add(2 * time.Second) // nobody checked before midnight
	w.check()
	w.has(1, "daily_cost-5-notify-2026-11-20 resolved")
	w.now = w.now.Add(20 * time.Minute)
	w.spend(4*usd, 0)
	w.check()
	w.spend(5*usd, 40*time.Minute) // on the way for 40 minutes: still the 20th, which has fired
	w.check()
	w.has(1, "daily_cost-5-notify-2026-11-20 resolved")
}

func TestSpendBeforeADowntimeIsNotMissed(t *testing.T) {
	w := newWorld(t, "Europe/Berlin", "2026-11-20T22:00:00", "daily_cost 5 notify", "monthly_cost 7 notify")
	w.check()
	w.spend(7*usd, 0)
	w.now = w.now.Add(11 * 24 * time.Hour) // killed before the check; the 1st of December
	w.restart()
	w.check()
	w.has(2, "daily_cost-5-notify-2026-11-20 resolved", "monthly_cost-7-notify-2026-11 resolved")
	w.restart()
	w.check()
	w.has(2, "daily_cost-5-notify-2026-11-20 resolved", "monthly_cost-7-notify-2026-11 resolved")
}

func TestWithoutWebhookIncidentsAreListedAndToldLater(t *testing.T) {
	w := newWorld(t, "UTC", "2026-11-20T10:00:00", "daily_cost 5 pause_requests")
	w.outbox.Use()
	w.spend(7*usd, 0)
	w.check()
	w.has(0, "daily_cost-5-pause_requests-2026-11-20 open")
	if i := w.List("")[0]; i.Notified || !strings.Contains(i.Message, "does not do: they go on") {
		t.Errorf("got %+v", i)
	}
	w.restart() // with a webhook
	w.check()
	w.has(1, "daily_cost-5-pause_requests-2026-11-20 open")
}

func TestCrashBetweenLetterAndNoteTellsOnce(t *testing.T) {
	w := newWorld(t, "UTC", "2026-11-20T10:00:00", "daily_cost 5 notify")
	w.spend(7*usd, 0)
	w.check()
	i := w.List("")[0]
	i.Notified = false // as if the process had died before it wrote this down
	w.mu.Lock()
	if err := w.save(t.Context(), &i); err != nil {
		t.Fatal(err)
	}
	w.mu.Unlock()
	w.restart()
	w.spend(7*usd, 0)
	w.check()
	w.has(1, "daily_cost-5-notify-2026-11-20 open")
	if !w.List("")[0].Notified {
		t.Error("still not noted")
	}
}

func TestOutageOfDiscordDelaysNothingElse(t *testing.T) {
	w := newWorld(t, "UTC", "2026-11-20T10:00:00", "daily_cost 5 notify", "daily_cost 6 notify")
	w.d.Script(func(double.Request) *double.Answer { return &double.Answer{Status: 503} })
	w.spend(5*usd, 0)
	w.check()
	w.spend(1*usd, 0)
	w.check()
	if n := len(w.List(Open)); n != 2 {
		t.Errorf("%d incidents during the outage", n)
	}
	w.d.Script(nil)
	w.now = w.now.Add(10 * time.Minute)
	w.check()
	if n := len(w.d.Messages()); n != 2 {
		t.Errorf("%d messages after it", n)
	}
}

func TestAcknowledgeOutlivesRestartsAndChecks(t *testing.T) {
	w := newWorld(t, "UTC", "2026-11-20T10:00:00", "daily_cost 5 notify")
	w.spend(7*usd, 0)
	w.check()
	id := w.List("")[0].ID
	if _, err := w.Acknowledge(t.Context(), "nonsense", "ann"); err == nil {
		t.Error("acknowledged nothing")
	}
	for _, who := range []string{"ann", "bob"} {
		i, err := w.Acknowledge(t.Context(), id, who)
		if err != nil || i.State != Acknowledged || i.AcknowledgedBy != "ann" {
			t.Errorf("%+v, %v", i, err)
		}
	}
	w.restart()
	w.spend(7*usd, 0)
	w.check()
	w.has(1, id+" acknowledged")
	w.now = w.now.Add(24 * time.Hour)
	w.check()
	w.has(1, id+" resolved")
}

func TestRunChecksAfterCommitsOnceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		checks := 0
		clock := func() time.Time { checks++; return time.Now() }
		desk, err := query.New(new(store.Store), query.Config{}, clock, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		outbox, err := outbox.Open(none{}, time.Now, func() float64 { return 0 },
			slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		w, err := open(none{}, none{}, desk, outbox, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		var commits sync.WaitGroup
		commits.Go(func() {
			for ctx.Err() == nil {
				w.Nudge() // a hundred a second
				time.Sleep(10 * time.Millisecond)
			}
		})
		w.Run(ctx)
		commits.Wait()
		if checks < 9 || checks > 11 {
			t.Errorf("%d checks in 10 seconds", checks)
		}
	})
}

// none is an empty shelf that forgets.
type none struct{}

func (none) Put(context.Context, string, []byte) error               { return nil }
func (none) Delete(context.Context, string) error                    { return nil }
func (none) Apply(context.Context, ...store.Change) error            { return nil }
func (none) Each(string, func(key string, value []byte) error) error { return nil }
