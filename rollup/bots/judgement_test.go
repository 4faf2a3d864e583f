package bots_test

import (
	"cmp"
	"context"
	"flag"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
	"analytics/ingest/enrich"
	"analytics/rollup/bots"
)

var (
	seed  = flag.Uint64("seed", 20261121, "of the drawn traffic; 0 is a new one each time")
	times = flag.Int("times", 1, "how many times as much traffic; doc.go has what 14 gave")
)

// setting is what a site tells us.
type setting struct {
	name                     string
	served, headers, tracked bool
}

var settings = []setting{
	{"server and tracker", true, true, true}, {"log and tracker", true, false, true},
	{"server alone", true, true, false}, {"log alone", true, false, false},
	{"tracker alone", false, false, true},
}

// census judges drawn sessions as they would be taken in.
type census struct {
	t        *testing.T
	rng      *rand.Rand
	enricher *enrich.Enricher
	scratch  enrich.Scratch
}

func newCensus(t *testing.T) *census {
	t.Parallel()
	seed := cmp.Or(*seed, rand.Uint64())
	t.Logf("seed %d; take it back with -seed", seed)
	st, err := store.Open(t.Context(), store.Config{Space: storetest.Room, Dir: t.TempDir(),
		MemTableSize: 8 << 20, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	lists, err := enrich.OpenLists()
	if err != nil {
		t.Fatal(err)
	}
	return &census{t: t, rng: rand.New(rand.NewPCG(seed, 1)),
		enricher: enrich.New(lists, enrich.NewSalts(st.Shelf(store.Default, "settings")))}
}

// ingested fills what is known of a visit since its events were taken in: the strongest class.
func (c *census) ingested(f *bots.Facts, v *visit, place *site) {
	var e event.Event
	for i, w := range v.views {
		if i > 0 && w.path == v.views[i-1].path {
			continue
		}
		e.Reset(event.PageView)
		c.scratch.Reset()
		now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
		e.SetInt(event.Timestamp, int64(event.MicrosOf(now)))
		e.SetText(event.PageURL, []byte("https://a.example"+w.path))
		e.SetText(event.PageUserAgent, []byte(v.ua))
		if words := v.requested(place); len(words) > 0 && w.of == nil {
			e.SetText(event.PageSignals, []byte(strings.Join(words, ",")))
		}
		if w.missed {
			e.SetInt(event.PageStatusCode, 404)
		}
		if err := c.enricher.Event(context.Background(), &e, now, &c.scratch); err != nil {
			c.t.Fatal(err)
		}
		if class := string(e.Text(event.PageBotClass)); class == bots.KnownBot || class == bots.Scanner {
			f.Class, f.Name = class, string(e.Text(event.PageBotName))
			return
		}
		f.Class = bots.Human
	}
}

// judged counts the verdicts of n drawn sessions that the site sees.
func (c *census) judged(
	n int, s setting, draw func(*rand.Rand, *site) *visit, of fleet,
) (seen, convicted int, why map[string]int) {
	why = map[string]int{}
	for range n {
		place := newSite(c.rng, s.served, s.headers, s.tracked)
		v := draw(c.rng, place)
		f, ok := v.facts(place)
		if !ok {
			continue
		}
		c.ingested(&f, v, place)
		c.alike(&f, place, of)
		c.walkers(&f, place)
		seen++
		verdict := bots.Judge(f, bots.Weights{})
		if verdict.Bot() {
			convicted++
			for _, word := range verdict.Reasons {
				why[word]++
			}
		}
	}
	return seen, convicted, why
}

// wilson is the 95 % interval of a share, in percent.
func wilson(hits, n int) (low, high float64) {
	if n == 0 {
		return 0, 100
	}
	const z = 1.96
	p, m := float64(hits)/float64(n), float64(n)
	mid := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return 100 * max(0, mid-half), 100 * min(1, mid+half)
}

func percent(hits, n int) float64 { return 100 * float64(hits) / float64(max(n, 1)) }

// TestJudgement measures how often people are taken for bots and bots are recognised, with drawn
// traffic (traffic_test.go) in five settings of a site. Rules and points were chosen while looking at
// these people and families; the sets of strangers, newcomers, guests and latecomers and the second writing
// were written down before they were measured.
//
//	go test ./rollup/bots -run TestJudgement -v
func TestJudgement(t *testing.T) {
	c := newCensus(t)
	c.people(personas(), 0.5, 2)
	c.machines(families(), map[group]float64{declared: 99, disguised: 96, stealth: 92})
}

// people draws all personas and fails if surely, by the interval, too many of all of them or of one are
// taken for bots.
func (c *census) people(personas []persona, most, worst float64) {
	each := 75 * *times
	all, wrong := 0, 0
	c.t.Logf("%-22s %7s %7s  %s", "people", "n", "wrong", "false positives, 95 % interval")
	for _, p := range personas {
		n, bad := 0, 0
		words := map[string]int{}
		var by []int // the settings
		for _, s := range settings {
			seen, convicted, why := c.judged(each, s, p.draw, fleet{})
			n, bad, by = n+seen, bad+convicted, append(by, convicted)
			for word, often := range why {
				words[word] += often
			}
		}
		low, high := wilson(bad, n)
		c.t.Logf("%-22s %7d %7d  %5.2f %% (%.2f to %.2f) %v %v", p.name, n, bad, percent(bad, n), low, high, by, words)
		if low > worst {
			c.t.Errorf("%s: at least %.2f %% are taken for bots, over %v %%", p.name, low, worst)
		}
		all, wrong = all+n, wrong+bad
	}
	low, high := wilson(wrong, all)
	c.t.Logf("%-22s %7d %7d  %5.2f %% (%.2f to %.2f)", "all people", all, wrong, percent(wrong, all), low, high)
	if low > most {
		c.t.Errorf("at least %.2f %% of people are taken for bots, over %v %%", low, most)
	}
}

// machines draws all families and fails if a group is surely, by the interval, recognised less often
// than its bar, in percent, where both a server and a tracker tell of a site.
func (c *census) machines(families []family, bars map[group]float64) {
	each := 75 * *times
	for i, s := range settings {
		c.t.Logf("%-22s %-10s %5s  %s", "machines: "+s.name, "", "n", "recall, 95 % interval")
		sums := map[group][2]int{} // seen and found
		for _, f := range families {
			seen, found, _ := c.judged(each, s, f.draw, fleets[f.name])
			sums[f.group] = [2]int{sums[f.group][0] + seen, sums[f.group][1] + found}
			if low, high := wilson(found, seen); seen > 0 {
				c.t.Logf("%-22s %-10s %5d  %6.2f %% (%.2f to %.2f)", f.name, f.group, seen,
					percent(found, seen), low, high)
			}
		}
		for _, g := range []group{declared, disguised, stealth} {
			seen, found := sums[g][0], sums[g][1]
			low, high := wilson(found, seen)
			c.t.Logf("%-22s %-10s %5d  %6.2f %% (%.2f to %.2f)", "all", g, seen, percent(found, seen), low, high)
			if i == 0 && high < bars[g] {
				c.t.Errorf("%s: %.2f %% are recognised, under %v", g, percent(found, seen), bars[g])
			}
		}
	}
}
