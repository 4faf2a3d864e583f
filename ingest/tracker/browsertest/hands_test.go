package browsertest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"analytics/engine/event"
)

// agent is of a browser that does not say that it has no window.
const agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"

// told are the signals of the last engagement with a page, once there is one.
func (h *house) told(path string) (words []string) {
	h.t.Helper()
	h.eventually("want an engagement with "+path, func() bool {
		for _, row := range h.rows(event.Engagement) {
			if row["path"] == path {
				words = strings.Split(row["signals"], ",")
			}
		}
		return words != nil
	})
	return words
}

// longEnough is for how long a page is seen before it says that nobody touched it.
var longEnough = chromedp.Sleep(1500 * time.Millisecond)

func TestAPageThatNobodyTouchedSaysSo(t *testing.T) {
	tab, h := browse(t), start(t)
	o := h.site.origin()
	do(t, tab, chromedp.Navigate(o+"/short"), longEnough)
	value[any](t, tab, "document.getElementById('out').click()") // a program in the page is nobody
	value[any](t, tab, "document.body.dispatchEvent(new PointerEvent('pointermove', {bubbles: true}))")
	value[any](t, tab, "document.getElementById('in').click()")
	h.saw("/short", "/long")
	if words := h.told("/short"); !slices.Contains(words, "no_input") {
		t.Errorf("got %v for a page that was left by a program", words)
	}
}

func TestAPageSaysNothingOfHandsThatTouchedIt(t *testing.T) {
	for name, touch := range map[string]chromedp.Action[chromedp.Void]{
		"mouse": chromedp.MouseClickXY(300, 300),
		"key":   chromedp.KeyEvent("a"),
	} {
		t.Run(name, func(t *testing.T) {
			tab, h := browse(t), start(t)
			o := h.site.origin()
			do(t, tab, chromedp.Navigate(o+"/long"), longEnough, touch, chromedp.Navigate(o+"/short"))
			h.saw("/long", "/short")
			if words := h.told("/long"); slices.Contains(words, "no_input") {
				t.Errorf("got %v", words)
			}
		})
	}
}

func TestAGlanceSaysNothingOfHands(t *testing.T) {
	tab, h := browse(t), start(t)
	o := h.site.origin()
	do(t, tab, chromedp.Navigate(o+"/long"))
	// The page is told that no time has passed: how fast this machine is does not matter.
	value[any](t, tab, "performance.now = () => 0")
	do(t, tab, chromedp.Navigate(o+"/short"))
	h.saw("/long", "/short")
	if words := h.told("/long"); slices.Contains(words, "no_input") {
		t.Errorf("got %v", words)
	}
}

// TestABrowserWithoutGraphicsCardSaysSo: that of this test has none, as those of data centres.
func TestABrowserWithoutGraphicsCardSaysSo(t *testing.T) {
	tab, h := browse(t, chromedp.UserAgent(agent)), start(t)
	o := h.site.origin()
	do(t, tab, chromedp.Navigate(o+"/short"))
	h.saw("/short")
	value[any](t, tab, "requestIdleCallback(() => window.idle = 1), 0") // these are called in their order
	h.eventually("want the page to be idle", func() bool { return value[bool](t, tab, "window.idle == 1") })
	do(t, tab, chromedp.Navigate(o+"/bare"))
	h.saw("/short", "/bare")
	words := h.told("/short")
	if !slices.Contains(words, "software_gl") {
		t.Errorf("got %v", words)
	}
	if slices.Contains(words, "no_chrome") {
		t.Errorf("got %v of a browser that has the object", words)
	}
	for _, row := range h.rows(event.PageView) {
		if got := strings.Contains(row["signals"], "no_chrome"); got != (row["path"] == "/bare") {
			t.Errorf("got %q of %s", row["signals"], row["path"])
		}
	}
}
