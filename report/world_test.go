package report

import (
	"bufio"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"analytics/engine/columns/sample"
	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
	"analytics/query"
	"analytics/report/discord"
	"analytics/report/discord/double"
	"analytics/report/outbox"
)

// berlin is the reporting zone of the tests.
const berlin = "Europe/Berlin"

// world is a real store, desk, outbox and press, at a moment.
type world struct {
	t      *testing.T
	dir    string
	store  *store.Store
	desk   *query.Desk
	outbox *outbox.Outbox
	press  *Press
	state  State
	now    time.Time
	log    strings.Builder
	n      int
}

func newWorld(t *testing.T, zone, now string) *world {
	t.Helper()
	return newWorldWith(t, zone, now, query.Config{})
}

func newWorldWith(t *testing.T, zone, now string, cfg query.Config) *world {
	t.Helper()
	cfg.Timezone = zone
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02T15:04", now, loc)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, dir: t.TempDir(), now: at}
	log := slog.New(slog.NewTextHandler(&w.log, nil))
	clock := func() time.Time { return w.now }
	w.store, err = store.Open(t.Context(), store.Config{
		Space: storetest.Room, Dir: filepath.Join(w.dir, "store"), MemTableSize: 8 << 20, Now: clock,
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.store.Close() })
	if w.desk, err = query.New(w.store, cfg, clock, log); err != nil {
		t.Fatal(err)
	}
	w.outbox, err = outbox.Open(w.store.Shelf(store.Default, "outbox"), clock,
		func() float64 { return 0.5 }, log)
	if err != nil {
		t.Fatal(err)
	}
	if w.press, err = New(w.desk, w.outbox, w.state, DefaultConfig(), w.dir, log); err != nil {
		t.Fatal(err)
	}
	return w
}

// connect sets a Discord double as the webhook.
func (w *world) connect() *double.Discord {
	w.t.Helper()
	d := double.New(w.t)
	c, err := discord.NewClient(d.URL, double.Allow())
	if err != nil {
		w.t.Fatal(err)
	}
	w.outbox.Use(outbox.Channel{Name: "discord", Kind: "discord", Sender: c})
	return d
}

// play appends the events of a script: lines of a time, a kind, how often, and fields. {n} in a
// value counts the repetitions from 1.
func (w *world) play(name string) {
	w.t.Helper()
	file, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		w.t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		line, _, _ := strings.Cut(lines.Text(), "#")
		if words := strings.Fields(line); len(words) > 0 {
			w.add(words)
		}
	}
}

// add appends one line of a script.
func (w *world) add(words []string) {
	w.t.Helper()
	at, err := time.ParseInLocation("2006-01-02T15:04:05.999999", words[0], w.desk.Zone())
	if strings.HasSuffix(words[0], "Z") {
		at, err = time.Parse(time.RFC3339, words[0])
	}
	if err != nil {
		w.t.Fatal(err)
	}
	kind, ok := event.ParseKind(words[1])
	times, err := strconv.Atoi(strings.TrimPrefix(words[2], "x"))
	if !ok || err != nil {
		w.t.Fatalf("bad line %q", words)
	}
	var batch event.Batch
	var e event.Event
	for i := range times {
		e.Reset(kind)
		w.n++
		e.SetInt(event.Timestamp, int64(event.MicrosOf(at)))
		e.SetID(event.EventID, fmt.Appendf(nil, "event-%08d", w.n))
		if f, ok := kind.Field("success"); ok {
			e.SetBool(f, true)
		}
		if kind == event.AIRequest {
			e.SetText(event.AICostSource, []byte("computed"))
		}
		for _, pair := range words[3:] {
			name, value, _ := strings.Cut(pair, "=")
			value = strings.ReplaceAll(value, "{n}", strconv.Itoa(i+1))
			w.set(&e, name, strings.ReplaceAll(value, "+", " "))
		}
		batch.Add(&e)
	}
	if _, err := w.store.Append(w.t.Context(), store.Default, &batch); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) set(e *event.Event, name, value string) {
	w.t.Helper()
	if err := sample.Set(e, name, value); err != nil {
		w.t.Fatal(err)
	}
}

// span is what a word means now.
func (w *world) span(u Unit, word string) Span {
	w.t.Helper()
	s, err := ParseSpan(word, u, w.now, w.desk.Zone())
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

func (w *world) report(name, date string) *Report {
	w.t.Helper()
	about, err := named(name, "")
	if err != nil {
		w.t.Fatal(err)
	}
	return w.of(about.subjects[0], w.span(about.unit, date))
}

// of writes a report.
func (w *world) of(about Subject, s Span) *Report {
	w.t.Helper()
	r, err := w.press.Write(w.t.Context(), store.Default, about, s)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}
