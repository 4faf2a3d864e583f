package browsertest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
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

// TestAPageKnowsHowItWasTouched: a key and a mouse that goes to where it is pressed are a person's; a
// mouse that is there at once is a program's, which drives the browser.
func TestAPageKnowsHowItWasTouched(t *testing.T) {
	move := func(x, y float64) chromedp.Action[chromedp.Void] {
		return chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x, y)
	}
	tab := browse(t)
	way := slices.Clip([]chromedp.Action[chromedp.Void]{move(20, 30), move(60, 70), move(120, 140), move(200, 210),
		move(280, 290)})
	press := chromedp.MouseClickXY(300, 300)
	for name, c := range map[string]struct {
		touch []chromedp.Action[chromedp.Void]
		jumps bool
	}{
		"key":                       {[]chromedp.Action[chromedp.Void]{chromedp.KeyEvent("a")}, false},
		"mouse that moves":          {[]chromedp.Action[chromedp.Void]{move(9, 9)}, false},
		"mouse that goes there":     {append(way, press), false},
		"mouse that is there":       {[]chromedp.Action[chromedp.Void]{press}, true},
		"mouse that jumps there":    {[]chromedp.Action[chromedp.Void]{move(300, 300), press}, true},
		"mouse that goes and jumps": {append(way, press, chromedp.MouseClickXY(30, 30)), false},
	} {
		t.Run(name, func(t *testing.T) {
			h := start(t)
			o := h.site.origin()
			do(t, tab, chromedp.Navigate(o+"/long"), longEnough)
			do(t, tab, c.touch...)
			do(t, tab, chromedp.Navigate(o+"/short"))
			h.saw("/long", "/short")
			words := h.told("/long")
			if slices.Contains(words, "no_input") || slices.Contains(words, "jumping_mouse") != c.jumps {
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
	do(t, tab, chromedp.EmulateViewport(1200, 900), chromedp.Navigate(o+"/bare")) // as large as the window
	h.saw("/short", "/bare")
	words := h.told("/short")
	if !slices.Contains(words, "software_gl") {
		t.Errorf("got %v", words)
	}
	if slices.Contains(words, "no_chrome") {
		t.Errorf("got %v of a browser that has the object", words)
	}
	for _, row := range h.rows(event.PageView) {
		if !strings.Contains(row["signals"], "software_gl") {
			t.Errorf("got %q of %s: the view was told before", row["signals"], row["path"])
		}
		for _, word := range []string{"no_chrome", "no_frame"} {
			if got := strings.Contains(row["signals"], word); got != (row["path"] == "/bare") {
				t.Errorf("got %q of %s", row["signals"], row["path"])
			}
		}
	}
}
