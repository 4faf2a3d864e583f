package browsertest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// tab is a tab of a browser, logged in.
type tab struct {
	t   *testing.T
	ctx context.Context
	h   *house
}

// missing skips, or fails where nothing may be skipped.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("ANALYTICS_TEST_STRICT") == "1" {
		t.Fatalf("there is no %s", what)
	}
	t.Skipf("there is no %s", what)
}

// browse starts a browser and logs it in to the house.
func browse(t *testing.T, h *house) *tab {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		missing(t, "chromium; apt-get install chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.WindowSize(1360, 900), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx, h: h}
	b.do(chromedp.Navigate("about:blank"))
	b.listen()
	b.do(chromedp.Navigate(h.login), chromedp.Click("form > button"), // the word alone is in the style
		chromedp.WaitVisible("#controls .field"))
	b.settled()
	return b
}

// listen keeps everything that the browser complains about; the test fails on it when it ends.
func (b *tab) listen() {
	if _, err := chromedp.Call(b.ctx, log.Enable, cdp.Empty{}); err != nil {
		b.t.Fatal(err)
	}
	var mu sync.Mutex
	var all []string
	keep := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		all = append(all, fmt.Sprintf(format, args...))
	}
	follow(b.ctx, runtime.ExceptionThrown, func(ev runtime.EventExceptionThrown) {
		keep("exception: %s %v", ev.ExceptionDetails.Text, ev.ExceptionDetails.Exception)
	})
	follow(b.ctx, log.EntryAdded, func(ev log.EventEntryAdded) {
		if ev.Entry.Level == "error" {
			keep("console: %s %s", ev.Entry.Text, ev.Entry.URL)
		}
	})
	follow(b.ctx, runtime.ConsoleAPICalled, func(ev runtime.EventConsoleAPICalled) {
		if ev.Type == "error" {
			for _, arg := range ev.Args {
				keep("console: %s %s", arg.Description, arg.Value)
			}
		}
	})
	follow(b.ctx, page.JavascriptDialogOpening, func(ev page.EventJavascriptDialogOpening) {
		keep("a dialog opened: %s", ev.Message)
	})
	b.t.Cleanup(func() {
		mu.Lock()
		defer mu.Unlock()
		for _, one := range all {
			b.t.Error(one)
		}
	})
}

func follow[E any](ctx context.Context, event cdp.Event[E], does func(E)) {
	events := chromedp.Events(ctx, event)
	go func() {
		for ev, err := range events {
			if err != nil {
				return
			}
			does(ev)
		}
	}()
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// value evaluates JavaScript.
func value[T any](b *tab, script string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](script))
	if err != nil {
		b.t.Fatalf("%s: %v", script, err)
	}
	return v
}

// eventually waits until a script says true.
func (b *tab) eventually(script string) {
	b.t.Helper()
	for end := time.Now().Add(15 * time.Second); !value[bool](b, script); {
		if time.Now().After(end) {
			b.t.Fatalf("not within 15 s: %s\n%s", script, value[string](b, "document.body.innerText"))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// settled waits until every card has its answer.
func (b *tab) settled() {
	b.t.Helper()
	b.eventually(`document.querySelectorAll('.card .body').length > 0 && !document.querySelector('[aria-busy]')`)
}

// open shows an address of the dashboard.
func (b *tab) open(path string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.h.url + path))
	b.settled()
}

// visit shows a page with all that an administrator sees there.
func (b *tab) visit(id string) {
	b.t.Helper()
	b.open("/?page=" + id)
	if b.h.adminKey != "" && value[bool](b, "document.querySelector('.admin') !== null") {
		b.admin()
	}
}

// look sets the width and the colours.
func (b *tab) look(width int64, dark bool) {
	b.t.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	b.do(chromedp.EmulateViewport(width, 900))
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	}); err != nil {
		b.t.Fatal(err)
	}
}

// admin shows the page the admin key.
func (b *tab) admin() {
	b.t.Helper()
	b.do(chromedp.SendKeys(".admin input", b.h.adminKey), chromedp.Click(".admin button"))
	b.eventually("!document.querySelector('.admin')")
	b.settled()
}
