package discord_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"strings"
	"testing"

	"analytics/report/discord/double"
	"analytics/report/outbox"
)

// picture is a PNG.
func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPicturesGoWithTheMessageAndItsEdits(t *testing.T) {
	d := double.New(t)
	c := client(t, d)
	drawn := picture(t)
	note := outbox.Note{Title: "Costs", Lines: []string{"$1"}, Images: []outbox.Image{
		{Name: "2026-11-20-daily_cost_report.png", Alt: "Spend\u202e per day: " + strings.Repeat("🙂", 1000), PNG: drawn},
	}}
	send := func(n outbox.Note, before string) string {
		t.Helper()
		form, err := c.Form(outbox.Letter{Report: "daily_cost_report", Period: "2026-11-20", Note: n})
		if err != nil {
			t.Fatal(err)
		}
		id, _, err := c.Send(t.Context(), outbox.Parcel{Form: form, Before: before})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	id := send(note, "")
	send(note, "")
	all := d.Requests()
	if !bytes.Equal(all[0].Raw, all[1].Raw) {
		t.Error("the same message is other bytes when it is sent again")
	}
	first := all[0]
	if len(first.Files) != 1 || !bytes.Equal(first.Files[0].Data, drawn) ||
		first.Message.Embeds[0].Image.URL != "attachment://2026-11-20-daily_cost_report.png" ||
		strings.ContainsRune(first.Message.Attachments[0].Description, '\u202e') {
		t.Errorf("got %+v", first.Message)
	}
	// The edit says which files are left: without that, Discord keeps the old ones below the new.
	send(note, id)
	note.Images = nil
	send(note, id)
	all = d.Requests()
	with, without := all[2], all[3]
	if with.Method != "PATCH" || len(with.Files) != 1 || !bytes.Contains(without.Body, []byte(`"attachments":[]`)) ||
		len(without.Files) != 0 || without.Message.Embeds[0].Image.URL != "" {
		t.Errorf("edits: %s, %s", with.Body, without.Body)
	}
	for i := range 12 { // Discord takes ten
		note.Images = append(note.Images, outbox.Image{Name: fmt.Sprintf("%d.png", i), Alt: "x", PNG: drawn})
	}
	send(note, "")
	if n := len(d.Requests()[4].Files); n != 10 {
		t.Errorf("%d files", n)
	}
}

// TestMessagesOfBeforePicturesAreRead: they may wait in an outbox that an older program wrote.
func TestMessagesOfBeforePicturesAreRead(t *testing.T) {
	d := double.New(t)
	form := json.RawMessage(`{"embeds":[{"title":"Costs","footer":{"text":"daily_cost_report · 2026-11-20"}}]}`)
	if _, _, err := client(t, d).Send(t.Context(), outbox.Parcel{Form: form}); err != nil {
		t.Fatal(err)
	}
	if got := d.Requests()[0]; bytes.Contains(got.Raw, []byte("attachments")) || got.Message.Embeds[0].Title != "Costs" {
		t.Errorf("got %s", got.Raw)
	}
}
