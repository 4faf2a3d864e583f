package browsertest

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"analytics/engine/event"
)

// chromium is where the browser is; without one the test is skipped.
func chromium(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("ANALYTICS_TEST_STRICT") == "1" {
			t.Fatal("there is no chromium; apt-get install chromium")
		}
		t.Skip("there is no chromium")
	}
	return path
}

// browse starts a browser with one tab.
func browse(t *testing.T, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium(t)), chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.WindowSize(1200, 900), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true))
	options = append(options, more...)
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// do runs steps in a tab.
func do(t *testing.T, tab context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(tab, steps...); err != nil {
		t.Fatal(err)
	}
}

// value evaluates JavaScript in a tab.
func value[T any](t *testing.T, tab context.Context, script string) T {
	t.Helper()
	v, err := chromedp.Run(tab, chromedp.Evaluate[T](script))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func (h *house) saw(paths ...string) {
	h.t.Helper()
	h.eventually("want views "+strconv.Quote(join(paths)), func() bool { return slices.Equal(h.views(), paths) })
}

func join(paths []string) (all string) {
	for _, p := range paths {
		all += p + " "
	}
	return all
}

func TestLoadedPagesAreViews(t *testing.T) {
	tab, h := browse(t), start(t)
	o := h.site.origin()
	do(t, tab, chromedp.Navigate(o+"/short?utm_source=news&token=secret"))
	h.saw("/short")
	do(t, tab, chromedp.Navigate(o+"/long"))
	h.saw("/short", "/long")
	row := h.rows(event.PageView)[0]
	for name, want := range map[string]string{"site": "localhost", "title": "short", "source": "news", "via": "tracker"} {
		if row[name] != want {
			t.Errorf("%s: got %q, want %q", name, row[name], want)
		}
	}
}

func TestPagesThatAScriptShowsAreViews(t *testing.T) {
	tab, h := browse(t), start(t)
	do(t, tab, chromedp.Navigate(h.site.origin()+"/app"))
	h.saw("/app")
	do(t, tab, chromedp.Click("#same"), chromedp.Click("#hash"), chromedp.Click("#go"))
	h.saw("/app", "/app/two")
	do(t, tab, chromedp.Click("#sign"))
	h.eventually("want the event", func() bool { return len(h.rows(event.Custom)) == 1 })
	row := h.rows(event.Custom)[0]
	if row["name"] != "signup" || row["properties"] != `{"plan":"pro","seats":3}` || row["path"] != "/app/two" {
		t.Errorf("got %v", row)
	}
	value[any](t, tab, "history.back()")
	h.saw("/app", "/app/two", "/app")
}

func TestAPageFromTheBackForwardCacheIsAView(t *testing.T) {
	tab, h := browse(t), start(t)
	o := h.site.origin()
	do(t, tab, chromedp.Navigate(o+"/short"), chromedp.Navigate(o+"/long"))
	h.saw("/short", "/long")
	value[any](t, tab, "history.back()")
	h.saw("/short", "/long", "/short")
	if n := value[int](t, tab, "restored"); n != 1 {
		t.Errorf("the page was loaded anew, not restored (%d)", n)
	}
}

func TestClicksOnLinksSayWhereTheyGo(t *testing.T) {
	tab, h := browse(t), start(t)
	o := h.site.origin()
	do(t, tab, chromedp.Navigate(o+"/short"), chromedp.Click("#out"), chromedp.Click("#file"), chromedp.Click("#in"))
	h.saw("/short", "/long")
	want := map[string]string{"outbound_click": "http://127.0.0.1:9/x", "file_download": o + "/paper.pdf",
		"link_click": o + "/long"}
	h.eventually("want three clicks", func() bool { return len(h.rows(event.Custom)) == 3 })
	for _, row := range h.rows(event.Custom) {
		if want[row["name"]] != row["target"] || row["path"] != "/short" {
			t.Errorf("got %v", row)
		}
	}
	h.eventually("want the clicks of the engagement", func() bool {
		return slices.ContainsFunc(h.rows(event.Engagement), func(r map[string]string) bool {
			return r["path"] == "/short" && r["clicks"] == "3"
		})
	})
}

// engagement is the time of a page, added up, and its highest depth.
func (h *house) engagement(path string) (spent time.Duration, depth int) {
	for _, row := range h.rows(event.Engagement) {
		if row["path"] != path {
			continue
		}
		ms, _ := strconv.Atoi(row["time_on_page_ms"])
		d, _ := strconv.Atoi(row["scroll_depth"])
		spent, depth = spent+time.Duration(ms)*time.Millisecond, max(depth, d)
	}
	return spent, depth
}

func TestEngagementIsTheTimeThatThePageWasSeen(t *testing.T) {
	tab, h := browse(t), start(t)
	// A headless browser has no focus unless it is told to.
	if _, err := chromedp.Call(tab, page.BringToFront, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	do(t, tab, chromedp.Navigate(h.site.origin()+"/long"))
	from := time.Now()
	h.saw("/long")
	do(t, tab, chromedp.Sleep(2*time.Second))
	value[any](t, tab, "scrollTo(0, document.documentElement.scrollHeight / 2)")
	do(t, tab, chromedp.Sleep(2*time.Second))
	seen := time.Since(from)
	// Another tab hides it.
	other, cancel := chromedp.NewContext(tab, chromedp.WithNewWindow(false))
	defer cancel()
	do(t, other, chromedp.Navigate("about:blank"))
	if state := value[string](t, tab, "document.visibilityState"); state != "hidden" {
		t.Fatalf("the tab is %s behind another", state)
	}
	do(t, other, chromedp.Sleep(3*time.Second))
	h.eventually("want an engagement", func() bool { return len(h.rows(event.Engagement)) > 0 })
	spent, depth := h.engagement("/long")
	within(t, spent, seen)
	if depth < 60 || depth > 75 { // half of the page and one window
		t.Errorf("got depth %d", depth)
	}
	// It is shown again, and left.
	cancel()
	h.eventually("want the tab to be shown", func() bool {
		return value[bool](t, tab, "document.visibilityState == 'visible' && document.hasFocus()")
	})
	from = time.Now()
	value[any](t, tab, "scrollTo(0, document.documentElement.scrollHeight)")
	do(t, tab, chromedp.Sleep(4*time.Second))
	seen += time.Since(from)
	do(t, tab, chromedp.Navigate("about:blank"))
	h.eventually("want depth 100", func() bool { _, depth := h.engagement("/long"); return depth == 100 })
	spent, _ = h.engagement("/long")
	within(t, spent, seen)
	if views := h.views(); len(views) != 1 {
		t.Errorf("got views %v", views)
	}
}

// within is the promise about engagement: a tenth.
func within(t *testing.T, got, want time.Duration) {
	t.Helper()
	if diff := (got - want).Abs(); diff > want/10 {
		t.Errorf("got %s of engagement, want %s", got, want)
	}
	t.Logf("seen %s, told %s", want.Round(time.Millisecond), got)
}

func TestWhoAsksNotToBeTrackedSendsNothing(t *testing.T) {
	tab, h := browse(t), start(t)
	o := h.site.origin()
	do(t, tab, chromedp.Navigate(o+"/dnt"), chromedp.Navigate(o+"/gpc"), chromedp.Navigate(o+"/short"))
	h.saw("/short")
	if n := value[int](t, tab, "document.cookie.length + localStorage.length + sessionStorage.length"); n != 0 {
		t.Error("the tracker kept something in the browser")
	}
}
