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
// # Rules on metrics
//
// A rule may be on any metric of the catalog (rules says when it fires, book keeps it). Each minute
// CheckRules asks the desk what the rules ask, as anybody would (evaluate.go), takes what each rule
// remembers a step on, and raises what follows as findings. The incidents are the authority on what
// was told; what rules remember is written after them, so that a crash between the two opens nothing
// twice. Silences and maintenance windows keep messages back, not incidents: what still goes on when
// they end is told then.
//
// # Findings
//
// Whoever else watches something says what it found with Raise, and that it is over with Clear
// (finding.go). A Finding has a type, a subject and a period. Of a type and subject there is one
// active incident at most; of a subject and period there is one incident, and one message, ever: to
// raise the same again, every minute and after every restart, changes nothing but the worst value and a
// higher severity. What is raised in one call is told in one message, so a detector raises all it
// found in a run at once. Raise during a check hands nothing over itself: Check does (tell.go).
//
// # Anomalies
//
// The job anomaly_detection has alerts/lookout say what is not as usual (anomalies.go) and opens an
// incident for each cause, once an episode. The period of such a finding is the hour its episode
// began, which follows from the events alone.
//
// It never stops a request itself, the budgets do, and never forgets an incident that is open, unless it is
// about somebody who is erased (forget.go).
package alerts
