// Package trail puts what belongs together in order: all events of one trace, conversation, session
// or request, as a tree in which a step stands below the one that called it.
//
// It makes a Trail of the rows of a list and gives it as JSON with children inside, or flat as a
// table. Who is whose child is said by span ids alone; what has none stands at the top, by time. It
// promises that each event is in the tree once, whatever the spans claim, cycles included, and that
// the tree is no deeper than MaxDepth. It never looks for events itself: query does.
package trail
