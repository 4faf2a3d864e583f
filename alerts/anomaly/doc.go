// Package anomaly says whether the numbers of an hour are what they usually are, and why not.
//
// It is a function of its arguments: it has no clock, no store and no state, so that a restart, a
// late event or a second run changes nothing. The same hours give the same verdicts.
//
// What an hour should be is the median of the same hour of the week in up to eight weeks before, in
// the reporting zone, each brought to the level of today: growth is no anomaly. How far off it may be
// comes from the median absolute deviation of those weeks, never less than what chance does to a
// count of that size. Both stand a third of spoiled weeks (Leys et al. 2013, "Detecting outliers: do
// not use standard deviation around the mean, use absolute deviation around the median"). A hour is
// told from chance on the scale that makes counts of any size equally noisy (Anscombe 1948, "The
// transformation of Poisson, binomial and negative-binomial data"), and must be off by a factor
// besides: what is significant is not yet worth a message.
//
// It promises to say what a verdict is made of: how many weeks there are, and what is used while they
// are too few. It does not know holidays: a day off is a drop, once, and spoils no later week.
package anomaly
