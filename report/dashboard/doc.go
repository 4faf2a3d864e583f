// Package dashboard is the overview page: what is spent today, what is asked for, who reads the
// site, and whether anything is wrong.
//
// It owns one page, rendered here and complete without a script: figures from the query room, bars
// as plain SVG rectangles, one style sheet. It promises that the browser is allowed nothing but
// that style sheet (Content-Security-Policy), that strings of users are text and nothing else, and
// that a visitor who is not logged in learns how to get a link and no figure.
//
// Bars are a dozen rectangles: a chart library would cost more than it draws here.
package dashboard
