// Package demo invents the traffic of a small team, for people who want to look at the product
// before they send anything to it.
//
// It owns the invented team: its agents, users, site and visitors, with working hours, weekends,
// errors, crawlers, scanners and one expensive afternoon. It writes native NDJSON for the door that
// every client uses, so nothing in the product knows that a number is invented. It promises the same
// events for the same hour and seed. It never reads a clock: the caller says which span to invent.
package demo
