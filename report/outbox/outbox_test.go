package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"analytics/engine/store"
	"analytics/report/discord"
	"analytics/report/discord/double"
	"analytics/report/outbox"
)

// memory is a shelf that can be full, and of which a copy is what a crash would leave.
type memory struct {
	mu   sync.Mutex
	rows map[string]string
	full bool
}

func (m *memory) Put(_ context.Context, key string, value []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.full {
		return errors.New("disk full")
	}
	m.rows[key] = string(value)
	return nil
}

func (m *memory) Delete(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.rows, key)
	return nil
}

func (m *memory) Apply(_ context.Context, changes ...store.Change) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.full {
		return errors.New("disk full")
	}
	for _, c := range changes {
		if delete(m.rows, c.Key); !c.Delete {
			m.rows[c.Key] = string(c.Value)
		}
	}
	return nil
}

func (m *memory) Each(prefix string, f func(key string, value []byte) error) error {
	m.mu.Lock()
	rows := maps.Clone(m.rows)
	m.mu.Unlock()
	for _, k := range slices.Sorted(maps.Keys(rows)) {
		if strings.HasPrefix(k, prefix) {
			if err := f(k, []byte(rows[k])); err != nil {
				return err
			}
		}
	}
	return nil
}

// bench is an outbox with its surroundings.
type bench struct {
	*outbox.Outbox
	t     *testing.T
	d     *double.Discord
	shelf *memory
	now   time.Time
	log   strings.Builder
}

func newBench(t *testing.T) *bench {
	b := &bench{
		t: t, d: double.New(t), shelf: &memory{rows: map[string]string{}},
		now: time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC),
	}
	b.restart()
	t.Cleanup(func() {
		for what, text := range map[string]string{"log": b.log.String(), "shelf": fmt.Sprint(b.shelf.rows)} {
			if strings.Contains(text, double.Token) {
				t.Errorf("the %s says the token: %s", what, text)
			}
		}
	})
	return b
}

// restart is a new process on the same shelf.
func (b *bench) restart() {
	b.t.Helper()
	o, err := outbox.Open(b.shelf, func() time.Time { return b.now },
		func() float64 { return 0.5 }, slog.New(slog.NewTextHandler(&b.log, nil)))
	if err != nil {
		b.t.Fatal(err)
	}
	b.Outbox = o
	o.Use(place(b.t, b.d))
}

// place is a double as the channel discord.
func place(t *testing.T, d *double.Discord) outbox.Channel {
	t.Helper()
	c, err := discord.NewClient(d.URL, double.Allow())
	if err != nil {
		t.Fatal(err)
	}
	return outbox.Channel{Name: "discord", Kind: "discord", Sender: c}
}

func (b *bench) put(report, period, text string) {
	b.t.Helper()
	if _, err := b.Enqueue(b.t.Context(), letter(report, period, text)); err != nil {
		b.t.Fatal(err)
	}
}

func letter(report, period, text string) outbox.Letter {
	return outbox.Letter{Report: report, Period: period, Note: outbox.Note{
		Title: "t", Lines: []string{text},
	}}
}

// shows compares the channel's descriptions.
func (b *bench) shows(want ...string) {
	b.t.Helper()
	var got []string
	for _, m := range b.d.Messages() {
		got = append(got, m.Embeds[0].Description)
	}
	if !slices.Equal(got, want) {
		b.t.Errorf("the channel shows %q, want %q", got, want)
	}
}

func (b *bench) state(report, period string, want outbox.State) outbox.Entry {
	b.t.Helper()
	e, ok := b.Find(report, period)
	if !ok || e.State != want {
		b.t.Errorf("%s of %s is %+v, want %s", report, period, e, want)
	}
	return e
}

func status(code int) func(double.Request) *double.Answer {
	return func(double.Request) *double.Answer { return &double.Answer{Status: code} }
}

func TestOncePerReportAndPeriod(t *testing.T) {
	b := newBench(t)
	b.put("cost", "2026-11-20", "one")
	b.put("cost", "2026-11-20", "one")
	b.Deliver(t.Context())
	b.put("cost", "2026-11-20", "one")
	b.Deliver(t.Context())
	b.restart()
	b.put("cost", "2026-11-20", "one")
	b.Deliver(t.Context())
	b.put("cost", "2026-11-21", "two")
	b.Deliver(t.Context())
	b.shows("one", "two")
	if n := len(b.d.Requests()); n != 2 {
		t.Errorf("%d requests", n)
	}
	e := b.state("cost", "2026-11-20", outbox.Delivered)
	if e.MessageID != "1001" || e.Attempts != 1 {
		t.Errorf("got %+v", e)
	}
	footer := b.d.Messages()[0].Embeds[0].Footer.Text
	if footer != "cost · 2026-11-20" {
		t.Errorf("footer %q", footer)
	}
}

func TestCorrectedReportEditsItsMessage(t *testing.T) {
	b := newBench(t)
	b.put("cost", "2026-11-20", "one")
	b.Deliver(t.Context())
	b.restart()
	b.put("cost", "2026-11-20", "corrected")
	b.Deliver(t.Context())
	b.shows("corrected")
	b.d.Delete("1001")
	b.put("cost", "2026-11-20", "again")
	b.Deliver(t.Context())
	b.shows()
	b.state("cost", "2026-11-20", outbox.Dead) // somebody deleted it: not ours to put back
	other := double.New(t)
	b.Use(place(t, other))
	b.put("cost", "2026-11-20", "elsewhere")
	b.Deliver(t.Context())
	if n := len(other.Messages()); n != 1 {
		t.Errorf("the new channel shows %d messages", n)
	}
}

func TestCrashBetweenAnswerAndNoteSendsAgain(t *testing.T) {
	b := newBench(t)
	b.put("cost", "2026-11-20", "one")
	b.shelf.full = true // the note of the delivery is lost
	b.Deliver(t.Context())
	b.shows("one")
	b.Deliver(t.Context()) // this process knows
	b.shows("one")
	b.shelf.full = false
	crashed := maps.Clone(b.shelf.rows)
	b.Deliver(t.Context()) // and writes it down as soon as it can
	b.restart()
	b.Deliver(t.Context())
	b.shows("one")
	b.shelf.rows = crashed // had it been killed before that
	b.restart()
	b.Deliver(t.Context())
	b.shows("one", "one")
	m := b.d.Messages()
	if m[0].Embeds[0].Footer.Text != m[1].Embeds[0].Footer.Text {
		t.Error("the footers do not say that both are the same")
	}
}

func TestLostAnswerSendsAgain(t *testing.T) {
	b := newBench(t)
	b.put("cost", "2026-11-20", "one")
	b.d.Script(func(r double.Request) *double.Answer {
		return &double.Answer{Keep: true, Drop: true}
	})
	b.Deliver(t.Context())
	b.d.Script(nil)
	b.now = b.now.Add(time.Minute)
	b.Deliver(t.Context())
	b.shows("one", "one")
	b.now = b.now.Add(time.Hour)
	b.Deliver(t.Context())
	b.shows("one", "one")
}

func TestRateLimitIsObeyedToTheMillisecond(t *testing.T) {
	b := newBench(t)
	b.d.Script(func(r double.Request) *double.Answer {
		if r.N > 1 {
			return nil
		}
		return &double.Answer{Status: 429, Body: `{"retry_after":0.35,"global":true}`}
	})
	b.put("a", "1", "first")
	b.now = b.now.Add(time.Millisecond)
	b.put("b", "1", "second")
	start := b.now
	pass := b.Deliver(t.Context())
	if want := start.Add(350 * time.Millisecond); !pass.Next.Equal(want) {
		t.Errorf("next pass at %v, want %v", pass.Next, want)
	}
	b.now = start.Add(349 * time.Millisecond)
	b.put("c", "1", "third") // a new letter does not go round the limit
	b.Deliver(t.Context())
	if n := len(b.d.Requests()); n != 1 {
		t.Fatalf("%d requests before the time", n)
	}
	b.now = start.Add(350 * time.Millisecond)
	b.Deliver(t.Context())
	b.shows("first", "second", "third")
}

func TestClosedWebhookIsNotCalledAgain(t *testing.T) {
	for _, code := range []int{401, 403, 404} {
		b := newBench(t)
		b.d.Script(status(code))
		b.put("a", "1", "one")
		b.put("b", "1", "two")
		b.Deliver(t.Context())
		b.restart()
		b.now = b.now.Add(time.Hour)
		b.Deliver(t.Context())
		if n := len(b.d.Requests()); n != 1 {
			t.Errorf("%d: %d requests", code, n)
		}
		if s := b.Status(); s.Webhook != "closed" || s.Pending != 2 || s.Problem == "" {
			t.Errorf("%d: %+v", code, s)
		}
		b.d.Script(nil)
		if n, err := b.Retry(t.Context()); n != 2 || err != nil {
			t.Errorf("retry: %d, %v", n, err)
		}
		b.Deliver(t.Context())
		b.shows("one", "two")
	}
}

func TestRefusedMessageDoesNotHoldUpTheNext(t *testing.T) {
	b := newBench(t)
	b.d.Script(func(r double.Request) *double.Answer {
		if strings.Contains(string(r.Body), "poison") {
			return &double.Answer{Status: 400, Body: `{"message":"Invalid Form Body","code":50035}`}
		}
		return nil
	})
	b.put("a", "1", "poison")
	b.put("b", "1", "fine")
	b.Deliver(t.Context())
	b.shows("fine")
	if e := b.state("a", "1", outbox.Dead); !strings.Contains(e.Problem, "Invalid Form Body") {
		t.Errorf("problem %q", e.Problem)
	}
	if dead := b.Entries(outbox.Dead, ""); len(dead) != 1 {
		t.Errorf("dead letters: %+v", dead)
	}
}
