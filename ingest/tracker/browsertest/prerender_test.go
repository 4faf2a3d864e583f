package browsertest

import (
	"os/exec"
	"slices"
	"strconv"
	"testing"
	"time"

	"analytics/engine/event"
)

// open starts a browser that nobody drives, on a page: one that is driven loads nothing ahead.
func open(t *testing.T, url string) {
	t.Helper()
	c := exec.Command(chromium(t), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
		"--disable-component-update", "--remote-debugging-port=0", "--user-data-dir="+t.TempDir(), url)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
}

// TestAPageLoadedAheadIsAViewOnceSomebodyGoesThere: Chromium loads and runs a page that speculation
// rules name, whether anybody ever sees it or not.
func TestAPageLoadedAheadIsAViewOnceSomebodyGoesThere(t *testing.T) {
	h := start(t)
	open(t, h.site.origin()+"/ahead")
	told := func(want ...string) {
		t.Helper()
		h.eventually("want the next page "+join(want), func() bool { return slices.Equal(h.site.told(), want) })
	}
	told("ahead") // when it has loaded, so the tracker has run
	h.saw("/ahead")
	left := time.Now()
	close(h.site.leave)
	told("ahead", "activated") // the same document, not one that was loaded anew
	h.saw("/ahead", "/next")
	row := h.rows(event.PageView)[1]
	if at, err := strconv.ParseInt(row["timestamp"], 10, 64); err != nil || at < int64(event.MicrosOf(left)) {
		t.Errorf("the view came at %d, before the page was shown at %d", at, event.MicrosOf(left))
	}
	if row["referrer_host"] != "localhost" {
		t.Errorf("the page before it is not its referrer: %v", row)
	}
}
