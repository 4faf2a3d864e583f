// Package alerts watches what is spent and tells people once when it passes what they set.
//
// It owns the rules of the analytics.alerts setting, the incidents they open, and the message about
// each. It promises that a rule is compared with the exact sum of the events stored, in nano-USD;
// that an incident is opened once for a rule, its threshold and a day or month of the reporting
// zone, whatever restarts lie between; that its message is handed to the outbox once; and that it
// says so when an action is asked for that this version does not take.
//
// Budgets (engine/budget) are watched as rules are: each percentage of a budget, for each group of it,
// is an incident once a period; of a rolling period once in its length. A rule that asks for
// pause_requests is a budget of the same name.
//
// It never stops a request itself, the budgets do, and never forgets an incident that is open.
package alerts
