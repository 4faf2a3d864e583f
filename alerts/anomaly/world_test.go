package anomaly

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// wave is how a made-up series behaves.
type wave struct {
	rate    float64 // events an hour, on average over a usual week
	kappa   float64 // how much hours vary beyond chance
	daily   float64 // how much more the busiest hour of a day has, 0 to 1
	weekend float64 // what a weekend has of a week day
	growth  float64 // a week
	batch   float64 // how much more the hour of the nightly batch has, in times the rate
	batchAt int     // hour of UTC or local
	utc     bool    // the batch keeps UTC
	days    float64 // how much days vary
	zone    *time.Location
	start   time.Time
	hours   int
	change  func(i int) float64 // factor of hour i; nil for none
}

// series makes the series of a wave: negative binomial counts.
func (w wave) series(r *rand.Rand) (*Grid, *Series) {
	starts := make([]time.Time, w.hours)
	s := &Series{Values: make([]float64, w.hours), Events: make([]float64, w.hours)}
	busy := 1.
	for i := range starts {
		starts[i] = w.start.Add(time.Duration(i) * time.Hour).In(w.zone)
		if i%24 == 0 {
			busy = math.Exp(w.days*r.NormFloat64() - w.days*w.days/2)
		}
		mean := w.mean(starts[i], i) * busy
		if w.change != nil {
			mean *= w.change(i)
		}
		s.Values[i] = draw(r, mean, w.kappa)
		s.Events[i] = s.Values[i]
	}
	return NewGrid(starts), s
}

func (w wave) mean(at time.Time, i int) float64 {
	hour := float64(at.Hour()) + float64(at.Minute())/60
	mean := w.rate * (1 - w.daily*math.Cos((hour-3)/24*2*math.Pi))
	if d := at.Weekday(); w.weekend > 0 && (d == time.Saturday || d == time.Sunday) {
		mean *= w.weekend
	}
	at2 := at
	if w.utc {
		at2 = at.UTC()
	}
	if w.batch > 0 && at2.Hour() == w.batchAt {
		mean += w.rate * w.batch
	}
	return mean * math.Pow(1+w.growth, float64(i)/week)
}

// draw is a negative binomial count: a Poisson count whose mean is gamma distributed.
func draw(r *rand.Rand, mean, kappa float64) float64 {
	if mean <= 0 {
		return 0
	}
	if kappa > 0 {
		mean *= gamma(r, 1/(kappa*kappa)) * kappa * kappa
	}
	return poisson(r, mean)
}

func poisson(r *rand.Rand, mean float64) float64 {
	if mean > 500 {
		return max(0, math.Round(mean+math.Sqrt(mean)*r.NormFloat64()))
	}
	limit, n := math.Exp(-mean), 0
	for p := r.Float64(); p > limit; p *= r.Float64() {
		n++
	}
	return float64(n)
}

// gamma is Marsaglia and Tsang's method, for shapes of one and more.
func gamma(r *rand.Rand, shape float64) float64 {
	d := shape - 1./3
	c := 1 / math.Sqrt(9*d)
	for {
		x := r.NormFloat64()
		v := math.Pow(1+c*x, 3)
		if v > 0 && math.Log(r.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// stretch is hours [from, to) in which something is wrong.
type stretch struct {
	state    State
	from, to int
}

// walk judges the hours from there on as the job does, a day at a time, and gives the stretches that
// are wrong. Its models know what they knew then.
func walk(g *Grid, s *Series, from int, l Limits) (found []stretch) {
	quiet := 0
	for ; from < g.Len(); from += day {
		end := min(from+day, g.Len())
		m := Fit(g, s, end)
		begin := max(m.first, from-together)
		for k, v := range m.hours(begin, end, l) {
			i := begin + k
			n := len(found)
			switch {
			case i < from:
			case v.State.Bad() && n > 0 && quiet < calm && found[n-1].state == v.State:
				found[n-1].to, quiet = i+1, 0
			case v.State.Bad():
				found, quiet = append(found, stretch{v.State, i, i + 1}), 0
			default:
				quiet++
			}
		}
	}
	return found
}
