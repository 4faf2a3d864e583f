// Package dashboard is the pages people look at: what AI costs and who asks for it, who reads the
// sites and which of them are machines, budgets and alerts, jobs, the store and keys.
//
// It owns one HTML page, plain ES modules and a style sheet (assets/), all embedded and built by
// nothing. The server renders what needs no question: the login, alerts, how to send a first event.
// Every figure comes from the named questions at /v1/…, asked by the browser with the cookie of its
// login, so the dashboard can show nothing that the API does not say. pages.go is the table of pages: a
// new one is a few lines there. The browser draws it, and the server judges by it what a share may ask
// that is limited to pages (shared.go). A panel is asked with what its question takes of the address, and
// only if the filter fits it, which the question itself says (fit.go): nothing is shown unfiltered that
// looks filtered.
//
// It promises that the browser is allowed nothing but this server's scripts, style sheets and answers
// (Content-Security-Policy); that strings of users become text nodes and nothing else; that a visitor
// who is not logged in learns how to get a link and no figure; that the address of a page holds all
// that it shows; and that every chart has its figures as a table. browsertest holds the tests in a
// real browser.
//
// Third-party: uPlot draws the charts (assets/uplot.js, MIT, fetched by assets/uplot.sh), since time
// axes with zones and daylight saving are not worth writing again. It sets styles through the DOM and
// so runs under the policy.
package dashboard
