// Package report writes the daily reports: what was spent and who read the site, what changed and
// why, readable in ten seconds.
//
// It owns the two reports (costs.go, traffic.go; what moved them is in movers.go and
// traffic_movers.go), which are pure functions of answers of the query room, so that a report cannot
// say another number than the question behind it; and the forms they are shown in: Markdown files
// under <data>/reports, JSON, and notes for the channels. A chart (charts.go) of the same answers lies
// beside the file, goes with the notes and can be had over HTTP as the same PNG (pictures.go).
//
// It promises that a day is the local day of the reporting zone, that strings of users do nothing
// in any form, that a file is there whole or not at all, and that a report is delivered once per
// day. It leaves out what the data cannot answer rather than show a zero, and says in words what a
// figure does not contain. It never reads events itself.
package report
