// Package lookout asks what happened and has alerts/anomaly say what is not as usual.
//
// It owns which numbers are watched (panels.go), by what, and how many at most; how findings of one
// cause become one (fold.go); and the words that say what moved (explain.go). It promises to ask
// little: once an hour it reads ten weeks of hours and keeps of them what the next hours should be;
// every five minutes it asks for the hours that go on alone. It keeps nothing on disk: a restart
// comes to the same findings.
//
// An hour is taken for over five minutes after its end, as events may be on their way. A spike is seen
// in the hour that goes on, once that has more than the whole hour should; a drop when the hour is
// over. It opens no incidents, its parent does.
package lookout
