// Package browsertest holds the test that the tracker counts right in a real browser: a headless
// Chromium reads a small real site whose pages have the snippet that `analytics sites add` prints,
// and what then stands in the store is compared with what the browser did. Loaded pages, pages that a
// script shows, pages loaded ahead, the back-forward cache, hidden tabs, scrolling, links, events of
// the page's own, visitors who ask not to be tracked, and pages that nobody touches.
//
// It is a module of its own because the product must not depend on a browser driver: run it with `go
// test ./...` in this folder. Without Chromium it is skipped and says so, and with
// ANALYTICS_TEST_STRICT=1 that is an error. Reading takes real time: the tests take most of a minute.
//
// Third-party: chromedp/chromedp drives the browser.
package browsertest
