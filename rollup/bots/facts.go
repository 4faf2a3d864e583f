package bots

import "analytics/engine/event"

// Version says which rules gave a verdict. Sessions keep it as their classifier; it is raised with each
// change of rules, points or thresholds here, and a test holds it.
const Version = "9"

// Classes of a session. KnownBot and Scanner are given when events are taken in.
const (
	Human         = "human"
	KnownBot      = "known_bot"
	Scanner       = "scanner"
	BehavioralBot = "behavioral_bot"
	Ghost         = "ghost"
)

// Facts is what is known of a session on a site when it is judged. The zero value of a fact means
// that it is not known, and counts for nobody's harm.
type Facts struct {
	// Start and End are its first and last event. Seen is up to when events are known, zero if the
	// session is over.
	Start, End, Seen event.Micros
	// Times are those of its page views in order, the first 256 of them: of what the tracker saw, or
	// if it saw none, of what servers and logs did. Both sides together would count views twice.
	Times []event.Micros
	// Pages tells the pages of these views apart, by a hash.
	Pages []uint32
	// Views are its page views, by the same side as Times; Paths how many different pages; Missed
	// how many views were answered with 403, 404 or 410.
	Views, Paths, Missed int
	// Steps and Ordered are of a Sequence. Referred is how many views say that another page of the
	// site led to them.
	Steps, Ordered, Referred int
	// SitePages is how many pages the site had views of on the day before, without those of bots.
	SitePages int
	// Sessions is how many sessions the same visitor had that day until this one, with it. Never of
	// the same fingerprint: thousands of people have the same browser and language.
	Sessions int
	// Apart is the spread of the times between the starts of those, by their mean, once there are four.
	Apart float64
	// Alike is how many visitors of the site had the same browser, language and screen the day before, 50
	// at most, and Others those who had another; Stayed, how many of either clicked, or looked at a page for
	// ten seconds.
	Alike, AlikeStayed, Others, OthersStayed int
	// Walk is how it began. Walkers is how many sessions of other visitors of the site, of that day until
	// the end of this one or of the day before, had the same pages in the same order, and Copies those of
	// them that had the same pauses.
	Walk            Walk
	Walkers, Copies int
	// Direct reports that the session began on another page than the site's first, with an address too long
	// to be typed, and that neither a page nor a campaign is known to have led there.
	Direct bool

	UserAgent string
	// Signals are the words that most of its events have: see Tally.
	Signals []string

	// Engagements are events of that kind; Scroll the deepest, Milliseconds on all its pages.
	Engagements, Clicks, Scroll int
	Milliseconds                int64
	// Tracked, Served: a script of the site, or a server or log, told of it. Neither is set for
	// events that do not say who saw them.
	Tracked, Served bool

	// SiteTracked, SiteServed, SiteEngages: on that day or the day before, the site had events by a
	// tracker, by a server or log, engagement, and, by the same side as Times, views that another page of
	// it led to.
	SiteTracked, SiteServed, SiteEngages, SiteRefers bool

	// Class, Name, Purpose, Score and Reasons are what its events got when they were taken in: the
	// strongest of them.
	Class, Name, Purpose, Reasons string
	Score                         int
}

// Verdict is what is thought of a session.
type Verdict struct {
	Class, Name, Purpose string
	// Score is 0 to 100. Of a human or ghost it says how much was odd, too little to convict.
	Score int
	// Reasons are the words of rules, the heaviest first.
	Reasons []string
}

// Bot reports whether the verdict keeps the session out of what is counted as people.
func (v *Verdict) Bot() bool {
	return v.Class == KnownBot || v.Class == Scanner || v.Class == BehavioralBot
}
