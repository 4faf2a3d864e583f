// Package reading says how somebody read a page, of the time it was in view and how far it was
// scrolled.
//
// It owns the five patterns and their precedence, and nothing else. The criteria overlap, so the
// first one that holds decides:
//
//	engaged   scroll > 75 and seconds > 30
//	reader    scroll > 50 and seconds > 15
//	scanner   scroll > 30 and seconds < 20
//	bounce    scroll < 25 and seconds < 10
//	skimmer   everything else
//
// which gives this table (scroll in percent down, seconds across):
//
//	          [0,10)    [10,15]   (15,20)   [20,30]   (30,…)
//	[0,25)    bounce    skimmer   skimmer   skimmer   skimmer
//	[25,30]   skimmer   skimmer   skimmer   skimmer   skimmer
//	(30,50]   scanner   scanner   scanner   skimmer   skimmer
//	(50,75]   scanner   scanner   reader    reader    reader
//	(75,100]  scanner   scanner   reader    reader    engaged
//
// Nobody who was not watched has a pattern: without engagement, do not ask.
package reading
