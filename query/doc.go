// Package query turns questions into answers.
//
// A Question names metrics, dimensions, conditions and time, all from one catalog. The Desk makes a
// plan of it (plan.go): typed data, neither SQL nor closures, so that another engine could be
// handed the same. It counts each part (count.go, spread.go) from the smallest cube that holds what
// is asked, from events where no cube does or where an edge cuts an hour, and from the head for
// what is newest, all of one consistent snapshot; of days whose hours retention removed it counts whole
// days, each where most of it is, and meta.resolution and a note say so; then it joins the parts and lays out rows
// (result.go, rows.go). Totals, and what is ranked, come from merged states and never from sums of
// rows.
//
// Named questions are a table (verbs.go, and verbs_*.go by subject). HTTP (http.go), the command line
// (cli.go) and what shells complete are made of it, so that a verb exists once, and one more is one
// more declaration. A verb is a question, a list of events, a table of its own (health.go, popular.go,
// live_sessions.go, funnel.go, and what is counted along visits: walk.go, journeys.go, quality.go), a page
// of several of these (page.go), or a trail: everything that shares a trace, conversation or session
// (trail.go). It takes the parameters that mean something for it, and refuses others by name (params.go,
// offer.go). routiium.go keeps the endpoints of Routiium.
//
// What may be long leaves while it is made (list.go, rows.go): in all formats but json a list has no
// limit, and memory is that of the chunks that are open. What is slow to make is made once a moment for
// everybody who asks the same (share.go). A question that is asked again and again, as a panel of a
// dashboard is, stands: what it counted of the hours that still grow, sealed or not, is kept, and only
// what came since is counted (standing.go, growing.go).
//
// It promises that an answer from cubes equals the one from events (a property test), that meta
// says what is estimated, what is missing and why, that every limit has an error that names it, and
// that one tenant's question never sees another's events. It never changes anything but by
// POST /analytics/clear.
//
// Sub-packages: catalog names what can be asked, filter and when read conditions and time, answer
// is the typed table with its formats, listing reads single events, trail puts what belongs together
// in order, show puts answers on a terminal.
package query
