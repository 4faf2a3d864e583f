package anomaly

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

var start = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// actor makes ten minutes of calls.
type actor struct {
	r     *rand.Rand
	at    time.Time
	input float64
	calls []Call
}

func (a *actor) wait(mean time.Duration) {
	a.at = a.at.Add(time.Duration(a.r.ExpFloat64() * float64(mean)))
}

// ask calls the model, whose input grows by what happened since.
func (a *actor) ask(grow float64) {
	a.input += a.r.ExpFloat64() * grow
	a.calls = append(a.calls, Call{At: a.at, Model: "m", Input: int64(a.input), Size: int64(100 + a.r.IntN(900))})
	a.wait(5 * time.Second)
}

func (a *actor) tool(name string, size float64, vary float64) {
	size *= math.Exp(vary * a.r.NormFloat64())
	a.calls = append(a.calls, Call{At: a.at, Tool: name, Size: int64(size)})
	a.wait(2 * time.Second)
}

func (a *actor) fail(name, why string) {
	a.calls = append(a.calls, Call{At: a.at, Tool: name, Failed: true, Error: why, Size: 40})
	a.wait(2 * time.Second)
}

// doings are what agents do, by whether it is a loop.
var doings = []struct {
	name  string
	loop  bool
	crowd bool
	do    func(a *actor)
}{
	{"coding", false, false, func(a *actor) {
		for range 20 + a.r.IntN(60) {
			a.ask(800)
			for range a.r.IntN(3) {
				a.tool([]string{"read", "read", "grep", "edit", "bash", "list"}[a.r.IntN(6)], 2000, 1.2)
			}
			if a.r.IntN(12) == 0 {
				a.fail("bash", "exit 1")
			}
		}
	}},
	{"reading many files", false, false, func(a *actor) {
		for range 15 + a.r.IntN(40) {
			a.ask(1500)
			a.tool("read", 4000, 1)
		}
	}},
	{"edit and test", false, false, func(a *actor) {
		for range 5 + a.r.IntN(10) {
			a.ask(700)
			a.tool("edit", 300, .8)
			a.ask(700)
			a.tool("bash", 1500, .8)
		}
	}},
	{"writing many files", false, false, func(a *actor) {
		for range 10 + a.r.IntN(25) {
			a.ask(50)
			a.tool("write", 2, 0)
		}
	}},
	{"a batch of questions", false, true, func(a *actor) {
		for range 100 + a.r.IntN(300) {
			a.input = 900 * math.Exp(.15*a.r.NormFloat64())
			a.ask(0)
			a.at = a.at.Add(-4 * time.Second)
		}
	}},
	{"chat", false, false, func(a *actor) {
		for range 2 + a.r.IntN(6) {
			a.ask(300)
			a.wait(time.Minute)
		}
	}},
	{"a few retries", false, false, func(a *actor) {
		for range 1 + a.r.IntN(4) {
			a.fail("search", "timeout")
		}
		a.tool("search", 900, .5)
	}},
	{"same tool, same answer", true, false, func(a *actor) {
		for range 20 + a.r.IntN(40) {
			a.ask(400)
			a.tool("search", 800, .02)
		}
	}},
	{"same tool, fast", true, false, func(a *actor) {
		for range 120 + a.r.IntN(100) {
			a.tool("search", 800, .02)
			a.at = a.at.Add(-1 * time.Second).Add(time.Duration(a.r.IntN(300)) * time.Millisecond)
			a.at = maxTime(a.at, a.calls[len(a.calls)-1].At)
		}
	}},
	{"two tools in turns", true, false, func(a *actor) {
		for range 8 + a.r.IntN(15) {
			a.ask(400)
			a.tool("list", 500, .02)
			a.tool("read", 900, .02)
		}
	}},
	{"failing", true, false, func(a *actor) {
		for range 9 + a.r.IntN(20) {
			a.ask(100)
			a.fail("bash", "command not found")
		}
	}},
	{"an agent that fails", true, true, func(a *actor) {
		for range 10 + a.r.IntN(20) {
			a.fail("api", "401")
		}
	}},
}

func maxTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

func TestLoopsAreToldFromWork(t *testing.T) {
	const each = 100
	t.Logf("seeds 1, 3, … %d: the points were chosen on the even ones", 2*each-1)
	least := MediumSensitivity.Looping()
	var hits, alarms, truths int
	for _, d := range doings {
		n := 0
		for seed := range uint64(each) {
			a := &actor{r: rand.New(rand.NewPCG(2*seed+1, 9)), at: start, input: 3000}
			d.do(a)
			if Circles(a.calls, d.crowd).Points >= least {
				n++
			}
		}
		t.Logf("%-24s loop %-5v found %s", d.name, d.loop, interval(n, each))
		alarms += n
		if d.loop {
			truths += each
			hits += n
		}
	}
	t.Logf("recall %s, precision %s", interval(hits, truths), interval(hits, alarms))
	if hits*10 < truths*9 || hits*10 < alarms*9 {
		t.Error("the bar is 0.9 both")
	}
}

func TestALoopSaysWhy(t *testing.T) {
	a := &actor{r: rand.New(rand.NewPCG(1, 2)), at: start, input: 1000}
	for i := range 10 {
		a.calls = append(a.calls, Call{At: start.Add(time.Duration(i) * 6 * time.Second), Tool: "bash", Failed: true,
			Error: "exit 127", Cost: 3})
	}
	l := Circles(a.calls, false)
	want := "failing 60 bash failed 10 times in a row in 54 seconds: exit 127"
	if len(l.Signs) == 0 {
		t.Fatalf("nothing was found in %+v", l)
	}
	got := fmt.Sprintf("%s %d %s", l.Signs[0].Name, l.Signs[0].Points, l.Signs[0].Reason)
	if got != want || l.Calls != 10 || l.Cost != 30 {
		t.Errorf("got %q of %+v, want %q", got, l, want)
	}
	if l := Circles(nil, false); l.Points != 0 {
		t.Errorf("nothing is a loop: %+v", l)
	}
}
