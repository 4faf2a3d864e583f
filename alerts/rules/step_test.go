package rules

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"analytics/query/catalog"
)

// ready is a rule from the words of a line: "> 5 for=10m resolve=3 min=2 no_data=30m groups=2 by=model".
func ready(t testing.TB, line string) *Rule {
	t.Helper()
	r := &Rule{Name: "r", Metric: "requests"}
	words := strings.Fields(line)
	for n, word := range words {
		name, text, _ := strings.Cut(word, "=")
		number, err := strconv.ParseFloat(text, 64)
		span, _ := ParseSpan(text)
		switch {
		case n == 0:
			r.Operator = word
		case n == 1:
			v, _ := strconv.ParseFloat(word, 64)
			r.Threshold = &v
		case name == "for":
			r.For = span
		case name == "window":
			r.Window = span
		case name == "no_data":
			r.NoData = span
		case name == "resolve" && err == nil:
			r.Resolve = &number
		case name == "groups":
			r.Groups = int(number)
		case name == "by":
			r.By = []string{text}
		default:
			t.Fatalf("what is %q?", word)
		}
	}
	if err := r.Complete(catalog.New()); err != nil {
		t.Fatal(err)
	}
	return r
}

// play steps through the minutes of a line, of one group: a number is its value, - is no value, . is a
// minute in which nobody looks, +1h and -1h move the clock. It gives a letter for each look: F where
// it begins to fire, f where it goes on, o where it is over, and a dot where nothing is said.
func play(t testing.TB, c *Check, line string) (got string, periods []string) {
	t.Helper()
	at := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	var s State
	firing := false
	for _, word := range strings.Fields(line) {
		if strings.HasPrefix(word, "+") || strings.HasPrefix(word, "-") && len(word) > 1 {
			d, err := time.ParseDuration(word)
			if err != nil {
				t.Fatal(err)
			}
			at = at.Add(d)
			continue
		}
		if word != "." {
			var samples []Sample
			if v, err := strconv.ParseFloat(word, 64); err == nil {
				samples = []Sample{{Value: v, Known: true, Enough: true, Count: v}}
			}
			letter := "."
			for range 2 { // the same look again changes nothing
				for _, turn := range c.Step(&s, at, samples, false) {
					switch {
					case turn.Over:
						letter, firing = "o", false
					case turn.Fires && !firing:
						letter, firing = "F", true
						periods = append(periods, turn.Period)
					case turn.Fires && letter == ".":
						letter = "f"
					}
				}
			}
			got += letter
		}
		at = at.Add(time.Minute)
	}
	return got, periods
}

func TestWhenARuleFiresAndIsOver(t *testing.T) {
	f := func(rule, values, want string, incidents int) {
		t.Helper()
		c := ready(t, rule).Checks()[0]
		got, periods := play(t, c, values)
		distinct := map[string]bool{}
		for _, p := range periods {
			distinct[p] = true
		}
		if want = strings.ReplaceAll(want, " ", ""); got != want || len(distinct) != incidents {
			t.Errorf("%s: %s\ngot  %s %v\nwant %s, %d incidents", rule, values, got, periods, want, incidents)
		}
	}
	// the threshold, and calm of five minutes before it is over
	f("> 5", "5 6 9 5 5 5 5 5 5 5", ".Ff.....o.", 1)
	f(">= 5", "4.9 5 4.9", ".F.", 1)
	f("< 5", "4 4 4 4 4 4 5 4", ".....F.f", 1) // it watches for its window first
	f("== 0", "1 0 0 1", ".Ff.", 1)
	f("!= 0", "0 1 0 1", ".F.f", 1)
	f("> 5", "- - 6 - - - - - - -", "..F.....o.", 1)
	// it has to hold before it fires, without a gap
	f("> 5 for=3m", "6 6 6 6 6", "...Ff", 1)
	f("> 5 for=3m", "6 6 5 6 6 6 6", "......F", 1)
	f("> 5 for=3m", "6 6 - 6 6 6 6", "......F", 1)
	f("> 5 for=3m", "6 . 6 6", "..F", 1)                // a minute that was missed counts
	f("> 5 for=10m", "6 +2h 6 6 6 6 6 6", "......F", 1) // two hours count as five minutes: 0, 5, 6 …
	f("> 5 for=10m", "6 +24h 6 6 6 6 6 6", "......F", 1)
	// a second threshold
	f("> 5 resolve=3", "6 4 4 4 4 4 4 4 3 3 3 3 3 3", "Ffffffff.....o", 1)
	f("< 5 resolve=8", "9 9 9 9 9 4 6 6 6 6 6 6 6 8 8 8 8 8 8", ".....Ffffffff.....o", 1)
	// late events: values go up and down, and nobody hears of it twice
	f("> 5", "6 5 6 5 5 6 5", "F.f..f.", 1)
	f("> 5", "6 5 5 5 5 5 5 6 5 6", "F.....oF.f", 1) // it held seven minutes ago: the same story
	f("> 5", "6 5 5 5 5 5 5 5 5 5 5 6", "F.....o....F", 2)
	f("> 5 window=30m", "6 5 5 5 5 5 5 5 +20m 6", "F.....o.F", 1)
	f("> 5 window=30m", "6 5 5 5 5 5 5"+strings.Repeat(" +4m 5", 6)+" 6", "F.....o......F", 2)
	f("> 5 window=30m", "6 5 5 5 5 5 5 5 +40m 6", "F.....o.F", 1) // nobody looked for forty minutes
	// clocks that jump
	f("> 5", "6 6 +24h 0 0 0 0 0 0 -24h 6 6", "Ff.....oFf", 1)
	f("> 5", "6 6 0 0 0 0 0 0 -1h 6 6", "Ff.....oFf", 1)
	f("> 5", "6 6 -1h 6 6 0 0 0 0 0 0", "Ffff.....o", 1)
	f("> 5", "6 6 +24h 0 0 0 0 0 0 -24h 0 0 0 0 0 0 0 0 0 0 0 6", "Ff.....o...........F", 2)
	f("< 5", "9 9 9 9 9 9 +24h 0 0 0 -24h 9 9", "...........", 0)
	f("> 5 for=10m", "6 6 +24h 6 6 -24h 6 6 6 6 6 6", "..........", 0)
}
