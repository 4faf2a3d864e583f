// Package browsertest holds the tests that the dashboard works in a real browser: a headless Chromium
// logs in to the real binary, reads figures and compares them with the API, filters, exports and
// changes things, in light, dark and at the width of a phone, with texts that try to be markup in every
// string of an event, and a public accessibility checker finds nothing.
//
// It is a module of its own because the product must not depend on a browser driver: run it with `go
// test ./...` in this folder. Without Chromium or npm it is skipped and says so, and with
// ANALYTICS_TEST_STRICT=1 that is an error. ANALYTICS_TEST_SHOTS=folder keeps a picture of each page.
//
// Third-party: chromedp/chromedp drives the browser; axe-core (MPL-2.0, fetched from npm by the test and
// not kept) checks accessibility.
package browsertest
