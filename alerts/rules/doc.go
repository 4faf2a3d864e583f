// Package rules decides when a rule on a metric fires and when it is over.
//
// It owns what a rule may say (rule.go, check.go), the question it asks (question.go), how one
// evaluation follows from the one before (step.go), when people want to be left alone (silence.go,
// maintenance.go), and the words for all of it. It is pure: what is kept, asked and told is the
// business of its parent.
//
// # When a rule fires
//
// A rule is looked at each minute, on a window of whole minutes. A rule that asks for more than
// something (> or >=) has a window that ends with the minute that runs, since what is too much
// already will not get less; all others have one that ends with the last whole minute, since what is
// too little may still come. Each group whose value holds, and of which there are enough samples, for
// as long as the rule says, fires. It is over when its value has not held, or with a resolve
// threshold has been beyond that, for Calm.
//
// # What never happens
//
// A group does not fire twice for the same time: if it holds again within a window's length (ten
// minutes at least, an hour at most) of when it last held, then the incident of then goes on, without
// a message. So neither late or repeated events nor a clock that goes back tell anybody twice. Time in
// which nobody looked, because the program was down or a clock was put forward, counts as MostGap at
// most of a rule's for-duration; and a rule on too little, or on no data at all, waits until it has
// watched for its window (an hour at most of a threshold) before it fires. A clock that was more than
// two hours ahead is not believed in hindsight: what it left behind is set to the time that holds.
//
// An event is seen if it comes within the window after its own time: what is later has no effect.
package rules
