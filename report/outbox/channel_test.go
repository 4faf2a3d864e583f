package outbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"analytics/engine/store"
	"analytics/engine/store/storetest"
	"analytics/report/outbox"
)

// wall is a place of one's own: what was sent to it, and what it answers.
type wall struct {
	mu    sync.Mutex
	name  string
	edits bool
	got   []outbox.Parcel
	say   func() error
}

func (w *wall) Mark() string { return w.name }
func (w *wall) Edits() bool  { return w.edits }
func (w *wall) Form(l outbox.Letter) (json.RawMessage, error) {
	return json.Marshal(l.Note.Lines)
}

func (w *wall) Send(_ context.Context, p outbox.Parcel) (string, time.Duration, error) {
	w.mu.Lock()
	w.got = append(w.got, p)
	w.mu.Unlock()
	if w.say != nil {
		return "", 0, w.say()
	}
	return w.name + "-1", 0, nil
}

func (w *wall) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.got)
}

func note(report, period, topic, kind, line string) outbox.Letter {
	return outbox.Letter{Report: report, Period: period, Topic: topic, Kind: kind,
		Note: outbox.Note{Title: "t", Lines: []string{line}}}
}

func TestLettersGoToTheChannelsTheyAreFor(t *testing.T) {
	b := newBench(t)
	mail, pager := &wall{name: "mail"}, &wall{name: "pager"}
	b.Use(
		place(t, b.d),
		outbox.Channel{Name: "email", Kind: "email", Sender: mail},
		outbox.Channel{Name: "pager", Kind: "webhook", Topics: []string{outbox.Alerts}, Sender: pager},
	)
	f := func(l outbox.Letter, want ...string) {
		t.Helper()
		entries, err := b.Enqueue(t.Context(), l)
		var got []string
		for _, e := range entries {
			got = append(got, e.Channel)
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s goes to %q, %v; want %q", l.Report, got, err, want)
		}
	}
	f(note("cost", "1", "", "", "x"), "discord", "email")
	f(note("alert", "1", outbox.Alerts, "", "x"), "discord", "email", "pager")
	f(note("alert", "2", outbox.Alerts, "email", "x"), "email")
	f(note("alert", "3", outbox.Alerts, "carrier pigeon", "x"), "discord", "email", "pager")
	only := note("test", "1", "", "", "x")
	only.Channel = "pager"
	f(only, "pager")
	b.Deliver(t.Context())
	if len(b.d.Messages()) != 3 || mail.count() != 4 || pager.count() != 3 {
		t.Errorf("discord has %d, mail %d, pager %d", len(b.d.Messages()), mail.count(), pager.count())
	}
	if e := b.Letters("cost", "1"); len(e) != 2 || e[1].Channel != "email" || e[1].MessageID != "mail-1" {
		t.Errorf("letters %+v", e)
	}
}

func TestOneChannelInTroubleHoldsUpNoOther(t *testing.T) {
	b := newBench(t)
	mail := &wall{name: "mail", say: func() error {
		return &outbox.Refusal{Who: "mail.example", Fate: outbox.Closed, Status: 535, Reason: "bad password"}
	}}
	b.Use(
		place(t, b.d),
		outbox.Channel{Name: "email", Kind: "email", Sender: mail},
	)
	for _, period := range []string{"1", "2"} {
		if _, err := b.Enqueue(t.Context(), note("cost", period, "", "", period)); err != nil {
			t.Fatal(err)
		}
	}
	b.Deliver(t.Context())
	b.Deliver(t.Context())
	b.shows("1", "2")
	s := b.Status()
	if mail.count() != 1 || s.Webhook != "closed" || s.Channels[1].State != "closed" ||
		s.Channels[0].State != "open" || !strings.Contains(s.Problem, "mail.example answered 535") {
		t.Errorf("%d to mail; %+v", mail.count(), s)
	}
	if e, _ := b.Find("cost", "1"); e.Channel != "email" || e.State != outbox.Pending {
		t.Errorf("the letter furthest from being delivered is %+v", e)
	}
}

func TestWhatCannotBeEditedIsDeliveredOnce(t *testing.T) {
	b := newBench(t)
	mail := &wall{name: "mail"}
	b.Use(outbox.Channel{Name: "email", Kind: "email", Sender: mail})
	for _, text := range []string{"one", "corrected"} {
		if _, err := b.Enqueue(t.Context(), note("cost", "1", "", "", text)); err != nil {
			t.Fatal(err)
		}
		b.Deliver(t.Context())
	}
	if mail.count() != 1 {
		t.Errorf("delivered %d times", mail.count())
	}
}

// TestAPlaceThatHangsHoldsUpNoOther has one place that does not answer while letters for another come.
func TestAPlaceThatHangsHoldsUpNoOther(t *testing.T) {
	b := newBench(t)
	held, answer := make(chan struct{}), make(chan struct{})
	slow := &wall{name: "slow", say: func() error { held <- struct{}{}; <-answer; return nil }}
	got := make(chan struct{}, 9)
	quick := &wall{name: "quick", say: func() error { got <- struct{}{}; return nil }}
	b.Use(outbox.Channel{Name: "a", Kind: "webhook", Sender: slow}, outbox.Channel{Name: "b", Kind: "webhook", Sender: quick})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { b.Run(ctx); close(done) }()
	put := func(period string) {
		if _, err := b.Enqueue(t.Context(), note("cost", period, "", "", period)); err != nil {
			t.Error(err)
		}
	}
	put("1")
	<-held
	<-got
	put("2")
	<-got // while the first letter to the slow place is still on its way
	if n := slow.count(); n != 1 {
		t.Errorf("%d letters to the slow place at a time", n)
	}
	close(answer)
	<-held // the second follows
	cancel()
	<-done
	if n := slow.count(); n != 2 {
		t.Errorf("%d letters to the slow place", n)
	}
}

// TestAPlaceThatIsDownIsTriedByOneLetter has ten letters wait for it: they do not all knock, and go in
// their order once it is up.
func TestAPlaceThatIsDownIsTriedByOneLetter(t *testing.T) {
	b := newBench(t)
	down := true
	mail := &wall{name: "mail", say: func() error {
		if down {
			return &outbox.Refusal{Who: "mail.example", Reason: "connection refused"}
		}
		return nil
	}}
	b.Use(outbox.Channel{Name: "email", Kind: "email", Sender: mail})
	for i := range 10 {
		if _, err := b.Enqueue(t.Context(), note("cost", strconv.Itoa(i), "", "", "x")); err != nil {
			t.Fatal(err)
		}
		b.now = b.now.Add(time.Millisecond)
	}
	for range 20 {
		next := b.Deliver(t.Context()).Next
		b.now = next
	}
	if n := mail.count(); n != 20 {
		t.Errorf("%d tries in 20 passes", n)
	}
	down = false
	mail.got = nil
	b.now = b.now.Add(15 * time.Minute)
	b.Deliver(t.Context())
	var periods []string
	for _, p := range mail.got {
		periods = append(periods, p.Period)
	}
	if len(periods) != 10 || !slices.IsSorted(periods[1:]) {
		t.Errorf("delivered %q", periods)
	}
}

// TestLettersOutliveARestart has a real store closed while letters wait.
func TestLettersOutliveARestart(t *testing.T) {
	dir, mail := t.TempDir(), &wall{name: "mail"}
	for i := range 3 {
		s, err := store.Open(t.Context(), store.Config{
			Space: storetest.Room, Dir: dir, MemTableSize: 8 << 20, Log: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		o, err := outbox.Open(s.Shelf(store.Default, "outbox"), time.Now, func() float64 { return 0.5 },
			slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		o.Use(outbox.Channel{Name: "email", Kind: "email", Sender: mail})
		if _, err := o.Enqueue(t.Context(), note("cost", "2026-11-20", "", "", "x")); err != nil {
			t.Fatal(err)
		}
		if i > 0 {
			o.Deliver(t.Context())
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if mail.count() != 1 {
		t.Errorf("delivered %d times", mail.count())
	}
}

// TestKilledWhileSendingComesTwiceAtMost kills the program after each sending, before what came of it
// is written.
func TestKilledWhileSendingComesTwiceAtMost(t *testing.T) {
	b := newBench(t)
	mail := &wall{name: "mail"}
	use := func() {
		b.restart()
		b.Use(outbox.Channel{Name: "email", Kind: "email", Sender: mail})
	}
	use()
	if _, err := b.Enqueue(t.Context(), note("cost", "1", "", "", "one")); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		var killed map[string]string
		mail.say = func() error {
			b.shelf.mu.Lock()
			killed = maps.Clone(b.shelf.rows) // the disk as a kill leaves it here
			b.shelf.mu.Unlock()
			return nil
		}
		b.Deliver(t.Context())
		if killed != nil {
			b.shelf.rows = killed
		}
		use()
	}
	if mail.count() != 2 {
		t.Errorf("sent %d times", mail.count())
	}
	if first, second := mail.got[0], mail.got[1]; !first.Created.Equal(second.Created) {
		t.Error("both do not carry the same time")
	}
	if e := b.state("cost", "1", outbox.Dead); !strings.Contains(e.Problem, "twice at most") {
		t.Errorf("problem %q", e.Problem)
	}
	if !strings.Contains(b.log.String(), "it may come twice") {
		t.Error("the log does not say that it may come twice")
	}
	mail.say = nil
	if n, err := b.Retry(t.Context()); n != 1 || err != nil { // a person who knows
		t.Errorf("retry: %d, %v", n, err)
	}
	b.Deliver(t.Context())
	b.state("cost", "1", outbox.Delivered)
}

func TestLettersOfAllChannelsAreWrittenTogether(t *testing.T) {
	b := newBench(t)
	b.Use(
		outbox.Channel{Name: "a", Kind: "email", Sender: &wall{name: "a"}},
		outbox.Channel{Name: "b", Kind: "email", Sender: &wall{name: "b", say: func() error { return errors.New("no") }}},
	)
	b.shelf.full = true
	if _, err := b.Enqueue(t.Context(), note("cost", "1", "", "", "x")); err == nil {
		t.Error("a letter was taken that is nowhere")
	}
	if all := b.Letters("cost", "1"); len(all) != 0 {
		t.Errorf("letters %+v", all)
	}
}
