package anomaly

import (
	"fmt"
	"slices"
	"time"
)

// Call is one call of a tool or of a model, of one actor.
type Call struct {
	At     time.Time
	Tool   string // empty for a call of a model
	Model  string
	Input  int64 // tokens, of a model
	Size   int64 // of what came back: bytes of a tool, tokens of a model
	Failed bool
	Error  string
	Cost   int64 // nano-USD
}

func (c *Call) name() string {
	if c.Tool != "" {
		return c.Tool
	}
	return c.Model
}

// Sign is a piece of evidence for a loop.
type Sign struct {
	Name   string `json:"name"`
	Points int    `json:"points"`
	Reason string `json:"reason"`
}

// Loop is an actor that seems to go round in circles.
type Loop struct {
	Signs  []Sign
	Points int
	Calls  int
	From   time.Time
	To     time.Time
	Cost   int64
}

// Looping is how many points make a loop, by sensitivity. No sign but failures has so many alone:
// agents do call the same tool thirty times.
func (s Sensitivity) Looping() int {
	switch s {
	case LowSensitivity:
		return 70
	case HighSensitivity:
		return 40
	}
	return 50
}

// The signs, and what they count.
const (
	leastRun     = 15 // calls of one tool in a row, with like answers
	longRun      = 40
	leastSame    = 20 // calls of one model in a row, with the same question
	leastCycles  = 6
	manyCycles   = 10
	longestCycle = 3
	leastGrowing = 10
	leastFailing = 5
	manyFailing  = 8
	fastPace     = 40 // calls in a minute

	pointsRun     = 30
	pointsLong    = 45
	pointsSame    = 35
	pointsCycle   = 40
	pointsCycles  = 55
	pointsGrowing = 20
	pointsFailing = 25
	pointsFailed  = 60
	pointsPace    = 20
)

// Circles looks for signs in the calls of one actor, which are in order of time. crowd says that
// the actor is not one conversation but all that an agent does: then only what fails, or goes in
// circles, is a sign.
func Circles(calls []Call, crowd bool) Loop {
	l := Loop{Calls: len(calls)}
	if len(calls) == 0 {
		return l
	}
	l.From, l.To = calls[0].At, calls[len(calls)-1].At
	var tools, models []Call
	for _, c := range calls {
		l.Cost += c.Cost
		if c.Tool != "" {
			tools = append(tools, c)
		} else {
			models = append(models, c)
		}
	}
	found := []Sign{failing(tools), failing(models), circle(tools)}
	if !crowd {
		found = append(found, sameTool(tools), sameQuestion(models), growing(models), pace(calls))
	}
	for _, s := range found {
		if s.Points > 0 {
			l.Signs = append(l.Signs, s)
			l.Points += s.Points
		}
	}
	return l
}

// runs calls f with each stretch of calls that are alike.
func runs(calls []Call, alike func(a, b *Call) bool, f func(run []Call)) {
	for from := 0; from < len(calls); {
		to := from + 1
		for to < len(calls) && alike(&calls[to-1], &calls[to]) {
			to++
		}
		f(calls[from:to])
		from = to
	}
}

// sameTool is one tool called again and again, with answers of like size.
func sameTool(tools []Call) (s Sign) {
	runs(tools, func(a, b *Call) bool { return a.Tool == b.Tool }, func(run []Call) {
		if len(run) < leastRun || !like(run, 0.1, func(c *Call) int64 { return c.Size }) {
			return
		}
		points := pointsRun
		if len(run) >= longRun {
			points = pointsLong
		}
		if points > s.Points {
			s = Sign{"same_tool", points, fmt.Sprintf("%s was called %d times in a row in %s, with answers of like size",
				run[0].Tool, len(run), span(run))}
		}
	})
	return s
}

// sameQuestion is one model asked again and again with as many tokens.
func sameQuestion(models []Call) (s Sign) {
	runs(models, func(a, b *Call) bool { return a.Model == b.Model }, func(run []Call) {
		if len(run) >= leastSame && like(run, 0.02, func(c *Call) int64 { return c.Input }) {
			s = Sign{"same_question", pointsSame, fmt.Sprintf(
				"%s was asked %d times in a row in %s, with as many tokens each time", run[0].Model, len(run), span(run))}
		}
	})
	return s
}

// like reports whether four in five sizes are close to the median.
func like(calls []Call, within float64, size func(*Call) int64) bool {
	sizes := make([]float64, len(calls))
	for i := range calls {
		sizes[i] = float64(size(&calls[i]))
	}
	middle := median(sizes)
	near := 0
	for _, v := range sizes {
		if v >= middle*(1-within)-1 && v <= middle*(1+within)+1 {
			near++
		}
	}
	return near*5 >= len(sizes)*4
}

// growing is a context that only gets longer: usual for an agent, and so only half a sign.
func growing(models []Call) (s Sign) {
	runs(models, func(a, b *Call) bool { return a.Model == b.Model && b.Input >= a.Input }, func(run []Call) {
		first, last := run[0].Input, run[len(run)-1].Input
		if len(run) >= leastGrowing && last >= 2*max(1, first) {
			s = Sign{"growing_input", pointsGrowing, fmt.Sprintf(
				"its input grew from %d to %d tokens in %d calls of %s", first, last, len(run), run[0].Model)}
		}
	})
	return s
}

// circle is two or three tools called in turns, each time with answers of like size.
func circle(tools []Call) (s Sign) {
	for length := 2; length <= longestCycle; length++ {
		for from := 0; from+length*leastCycles <= len(tools); {
			to := from + length
			for to < len(tools) && tools[to].Tool == tools[to-length].Tool {
				to++
			}
			cycles := (to - from) / length
			if cycles >= leastCycles && different(tools[from:from+length]) {
				points := pointsCycle
				if cycles >= manyCycles {
					points = pointsCycles
				}
				for k := range length {
					var one []Call
					for i := from + k; i < to; i += length {
						one = append(one, tools[i])
					}
					if !like(one, 0.1, func(c *Call) int64 { return c.Size }) {
						points = min(points, pointsCycle/2) // edit, test, edit, test: work
					}
				}
				if points > s.Points {
					s = Sign{"circle", points, fmt.Sprintf("%s, %d times in %s", turns(tools[from:from+length]), cycles,
						span(tools[from:to]))}
				}
			}
			from = max(from+1, to-length+1)
		}
	}
	return s
}

func different(calls []Call) bool {
	for i := range calls {
		if slices.ContainsFunc(calls[:i], func(c Call) bool { return c.Tool == calls[i].Tool }) {
			return false
		}
	}
	return true
}

func turns(calls []Call) string {
	text := "it calls " + calls[0].Tool
	for _, c := range calls[1:] {
		text += ", then " + c.Tool
	}
	return text
}

// failing is the same call that fails in the same way again and again.
func failing(calls []Call) (s Sign) {
	alike := func(a, b *Call) bool {
		return a.Failed && b.Failed && a.name() == b.name() && a.Error == b.Error
	}
	runs(calls, alike, func(run []Call) {
		if !run[0].Failed || len(run) < leastFailing {
			return
		}
		points := pointsFailing
		if len(run) >= manyFailing {
			points = pointsFailed
		}
		if points > s.Points {
			why := run[0].Error
			if why == "" {
				why = "no reason given"
			}
			s = Sign{"failing", points, fmt.Sprintf("%s failed %d times in a row in %s: %.80s", run[0].name(), len(run),
				span(run), why)}
		}
	})
	return s
}

// pace is more calls in a minute than anybody reads.
func pace(calls []Call) Sign {
	most, from := 0, 0
	for to := range calls {
		for calls[to].At.Sub(calls[from].At) >= time.Minute {
			from++
		}
		most = max(most, to-from+1)
	}
	if most < fastPace {
		return Sign{}
	}
	return Sign{"pace", pointsPace, fmt.Sprintf("%d calls in a minute", most)}
}

func span(calls []Call) string {
	d := calls[len(calls)-1].At.Sub(calls[0].At)
	if d < time.Minute {
		return fmt.Sprintf("%d seconds", int(d.Seconds()))
	}
	return fmt.Sprintf("%.1f minutes", d.Minutes())
}
