// Package sessions makes sessions of events: what one visitor, or one client of the API, did in a
// row.
//
// It owns the rules and nothing else:
//
//   - Whose event it is. Page views, engagement and custom events belong to their session_id where
//     the sender gave one, and otherwise to their visitor_id, on one site each. Calls to models,
//     tools and agent tasks belong to their session_id. Events with neither are in no session.
//   - Where a session ends. After more than 30 minutes without an event; before the first event 24
//     hours or more after its start; and at the UTC midnight that ends a day in which the events
//     never paused for 30 minutes. The last rule makes sessions local: which ones start at or after
//     a moment depends on no event before Lookback, however long somebody goes on. A midnight alone
//     ends nothing, nor does another campaign.
//   - Engagement makes a session longer and never starts one: without a session in the 30 minutes
//     before, it is in none.
//   - Landing and exit page are the first and the last page view's. Source, campaign, place and
//     device are those of the first page view.
//   - A session on a site bounced if it is one page view or one custom event, with less than 10
//     seconds of engagement. It is engaged (as GA4 says it) with 10 seconds of engagement, two page
//     views or a custom event. Custom events whose signals say not_interactive (Plausible's
//     interactive: false) make no difference to either. Sessions of the API are neither.
//   - The client is web with any event of a site, else mcp with a tool call through a server, else
//     cli when the user agent is one of a shell or a coding agent, else api.
//
// It promises that the same events give the same sessions, with the same ids, in whatever order
// they were taken in (a property test), and that memory holds only sessions that are open, and of each
// site and day what visits are judged by: which pages there were, which browsers came, and how 20,000
// visits began, for four days. It never reads a clock or the store. Sampled events are taken as the
// events there are: sessions are not scaled up.
package sessions
