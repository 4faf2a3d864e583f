package bots

import (
	"cmp"
	"slices"
	"strings"

	"analytics/ingest/enrich"
)

const (
	// enough is how many points a tier needs to count as one of the two that convict.
	enough = 10
	// mostVolume is what the tier of volume counts at most. Whoever shares an address and a browser
	// with colleagues does much of everything at once; a configurator takes 50 clicks. So it is not enough
	// to be one of the two: together with one more thing, such as a blocked script, it must not convict.
	mostVolume = 5
	// handsCount is what it counts for somebody to click and to leave most pages as people leave them.
	// Programs that drive a browser do so, too, but what one in fifty people has odd is then not enough.
	handsCount = 20
	// maxReasons bounds what is kept with every event: 8 words have at most 151 bytes.
	maxReasons = 8
	maxScore   = 100
)

// Judge says who a session was. It takes some microseconds, some tens of them for a visit of 256 views.
func Judge(f Facts, w Weights) Verdict {
	if f.Class == KnownBot || f.Class == Scanner {
		v := Verdict{Class: f.Class, Name: f.Name, Purpose: f.Purpose, Score: f.Score}
		if f.Reasons != "" {
			v.Reasons = strings.Split(f.Reasons, ",")
		}
		return v
	}
	m := measured{Facts: &f, timing: timingOf(f.Times), agent: agentOf(f.UserAgent)}
	m.aMinute = perMinute(f.Paths, m.total)
	type reason struct {
		word   string
		points int
	}
	var found []reason
	var by [tiers]int
	sum, alone := 0, false
	for i := range rules {
		r := &rules[i]
		points := w.points(r)
		if points == 0 || !r.holds(&m) {
			continue
		}
		by[r.tier] += points
		found = append(found, reason{r.Word, points})
		alone = alone || r.Alone
	}
	slices.SortStableFunc(found, func(a, b reason) int { return cmp.Compare(b.points, a.points) })
	by[volume] = min(by[volume], mostVolume)
	if m.hands() {
		by[volume] = 0
		if !m.signal(enrich.JumpingMouse) {
			sum -= handsCount
		}
	}
	independent := 0
	for _, points := range by {
		sum += points
		if points >= enough {
			independent++
		}
	}
	v := Verdict{Class: f.Class, Score: max(0, min(sum, maxScore))}
	for _, r := range found[:min(len(found), maxReasons)] {
		v.Reasons = append(v.Reasons, r.word)
	}
	switch {
	case sum >= w.threshold() && (independent >= 2 || alone):
		v.Class = BehavioralBot
	case m.unseen():
		v.Class = Ghost
	}
	return v
}
