package browsertest

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestPictures takes a picture of each page, one in the dark and some at the width of a phone, and
// wants something to be seen on them. They are of a house of its own, or to look at one that is there
// already, such as `analytics demo`: ANALYTICS_TEST_LINK is a login link of it and ANALYTICS_TEST_KEY an
// admin key, as it prints them. Then there are pictures of each page in each way.
func TestPictures(t *testing.T) {
	var h *house
	link := os.Getenv("ANALYTICS_TEST_LINK")
	if link != "" {
		h = &house{t: t, login: link, url: origin(link), adminKey: os.Getenv("ANALYTICS_TEST_KEY")}
	} else {
		h = start(t)
		h.work()
	}
	b := browse(t, h)
	all := ids(b)
	shoot := func(prefix string, which ...string) {
		for _, id := range which {
			b.visit(id)
			b.shoot(prefix + id)
		}
	}
	shoot("", all...)
	dark, phone := []string{"overview"}, []string{"overview", "costs", "requests"}
	if link != "" {
		dark, phone = all, all
	}
	b.look(1360, true)
	shoot("dark-", dark...)
	b.look(390, false)
	shoot("phone-", phone...)
}

// shoot takes a picture of the whole page, on which there must be more than a few colours, and keeps
// it if somebody wants pictures.
func (b *tab) shoot(name string) {
	b.t.Helper()
	shot, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Error(err)
		return
	}
	picture, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		b.t.Errorf("the picture of %s: %v", name, err)
		return
	}
	colours, size := map[[3]uint32]bool{}, picture.Bounds()
	for y := size.Min.Y; y < size.Max.Y; y += 2 {
		for x := size.Min.X; x < size.Max.X; x += 2 {
			red, green, blue, _ := picture.At(x, y).RGBA()
			colours[[3]uint32{red, green, blue}] = true
		}
	}
	if size.Dx() < 300 || size.Dy() < 300 || len(colours) < 10 {
		b.t.Errorf("the picture of %s is %v with %d colours: nothing is to be seen", name, size, len(colours))
	}
	if folder := os.Getenv("ANALYTICS_TEST_SHOTS"); folder != "" {
		if err := os.WriteFile(filepath.Join(folder, name+".png"), shot, 0o600); err != nil {
			b.t.Error(err)
		}
	}
}
