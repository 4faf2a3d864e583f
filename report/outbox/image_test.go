package outbox_test

import (
	"bytes"
	"image"
	"image/png"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"analytics/engine/store"
	"analytics/engine/store/storetest"
	"analytics/report/discord/double"
	"analytics/report/outbox"
)

// noise is a picture that does not get smaller.
func noise(t *testing.T, side int) []byte {
	t.Helper()
	p := image.NewGray(image.Rect(0, 0, side, side))
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range p.Pix {
		p.Pix[i] = byte(rnd.Uint32())
	}
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pictured(t *testing.T, period string, side int) outbox.Letter {
	t.Helper()
	l := letter("daily_cost_report", period, "$1")
	l.Note.Images = []outbox.Image{{Name: "chart.png", Alt: "Spend per day", PNG: noise(t, side)}}
	return l
}

func TestAPictureIsSentAgainAsItWas(t *testing.T) {
	b := newBench(t)
	b.d.Script(status(500))
	l := pictured(t, "2026-11-20", 200)
	entries, err := b.Enqueue(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	b.Deliver(t.Context())
	out := b.says("outbox show "+entries[0].ID, `"alt": "Spend per day"`, `"bytes": 40`, "attachment://chart.png")
	if len(out) > 1500 {
		t.Errorf("a person is shown %d bytes", len(out))
	}
	b.restart()
	b.d.Script(nil)
	b.now = b.now.Add(time.Minute)
	b.Deliver(t.Context())
	b.state("daily_cost_report", "2026-11-20", outbox.Delivered)
	all := b.d.Requests()
	if len(all) != 2 || !bytes.Equal(all[0].Raw, all[1].Raw) ||
		!bytes.Equal(all[1].Files[0].Data, l.Note.Images[0].PNG) {
		t.Errorf("%d requests of different bytes", len(all))
	}
	for key, row := range b.shelf.rows {
		if strings.Contains(row, "png") {
			t.Errorf("%s keeps the picture that was delivered", key)
		}
	}
}

// TestAPictureThatIsTooLargeIsLeftOut, on a real shelf, which refuses such a value.
func TestAPictureThatIsTooLargeIsLeftOut(t *testing.T) {
	var log strings.Builder
	s, err := store.Open(t.Context(), store.Config{
		Space: storetest.Room, Dir: t.TempDir(), MemTableSize: 8 << 20, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	now := time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
	o, err := outbox.Open(s.Shelf(store.Default, "outbox"), func() time.Time { return now },
		func() float64 { return 0.5 }, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	d := double.New(t)
	o.Use(place(t, d))
	for i, side := range []int{550, 650} { // 303 KB, which base64 makes 403, and 423 KB
		if _, err := o.Enqueue(t.Context(), pictured(t, []string{"1", "2"}[i], side)); err != nil {
			t.Fatal(err)
		}
	}
	o.Deliver(t.Context())
	all := d.Requests()
	if len(all) != 2 || len(all[0].Files) != 1 || len(all[1].Files) != 0 || all[1].Message.Embeds[0].Image.URL != "" ||
		all[1].Message.Embeds[0].Description != "$1" {
		t.Errorf("%d requests", len(all))
	}
	if strings.Count(log.String(), "pictures of a message are left out") != 1 {
		t.Errorf("the log: %s", log.String())
	}
}
