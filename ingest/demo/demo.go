package demo

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"sort"
	"time"
)

// Site is the domain of the invented site.
const Site = "www.acme.example"

// Generator invents events. It is not safe for concurrent use.
type Generator struct {
	// Seed decides everything that is invented.
	Seed uint64
	// Spike is the hour in which an agent begins to run away, three hours long; zero means never.
	Spike time.Time
	// Scale multiplies the number of events; 1 is about 4,500 a working day.
	Scale float64
}

// line is one event on its way out.
type line struct {
	at     time.Time
	fields map[string]any
}

// hour is one hour being invented.
type hour struct {
	*rand.Rand
	start time.Time
	seq   int
	lines []line
	spike bool
}

// Write writes the events of [from, to) as NDJSON, hour by hour, and says how many there are. Spans
// that meet give each event once. What began in one hour may end in the next, so the hour before
// from is invented as well.
func (g *Generator) Write(w io.Writer, from, to time.Time) (int, error) {
	out := json.NewEncoder(w)
	n := 0
	for start := from.UTC().Truncate(time.Hour).Add(-time.Hour); start.Before(to); start = start.Add(time.Hour) {
		for _, l := range g.invent(start) {
			if l.at.Before(from) || !l.at.Before(to) {
				continue
			}
			l.fields["timestamp"] = l.at.Format(time.RFC3339Nano)
			if err := out.Encode(l.fields); err != nil {
				return n, fmt.Errorf("write invented event: %w", err)
			}
			n++
		}
	}
	return n, nil
}

// invent makes the whole hour from its own seed, so that any span of it comes out the same.
func (g *Generator) invent(start time.Time) []line {
	h := &hour{
		Rand:  rand.New(rand.NewPCG(g.Seed, uint64(start.Unix()))),
		start: start,
		spike: !g.Spike.IsZero() && !start.Before(g.Spike) && start.Before(g.Spike.Add(3*time.Hour)),
	}
	scale := g.Scale
	if scale == 0 {
		scale = 1
	}
	busy := activity(start) * scale
	for range h.poisson(34 * busy) {
		h.turn()
	}
	for range h.poisson(26 * busy) {
		h.visit()
	}
	for range h.poisson(9 * scale) {
		h.crawl()
	}
	for range h.poisson(2 * busy) {
		h.office()
	}
	if h.spike {
		for range int(40 * scale) {
			h.runaway()
		}
	}
	h.samples()
	sort.SliceStable(h.lines, func(i, j int) bool { return h.lines[i].at.Before(h.lines[j].at) })
	return h.lines
}

// activity is how busy an hour is: 1 in the middle of a working day in Europe, little at night and
// on weekends.
func activity(t time.Time) float64 {
	day := 0.12 + 0.88*math.Exp(-math.Pow(float64(t.Hour())-13.5, 2)/18)
	switch t.Weekday() {
	case time.Saturday, time.Sunday:
		return day * 0.35
	}
	return day
}

// add appends an event at the moment after the start of the hour.
func (h *hour) add(after time.Duration, fields map[string]any) {
	h.seq++
	fields["id"] = h.uuid()
	h.lines = append(h.lines, line{at: h.start.Add(after).Truncate(time.Millisecond), fields: fields})
}

// moment is a random moment that leaves room in the hour for what follows it.
func (h *hour) moment() time.Duration { return time.Duration(h.Float64() * float64(58*time.Minute)) }

func (h *hour) uuid() string {
	a, b := h.Uint64(), h.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x",
		a>>32, a>>16&0xffff, a&0xfff, 0x8000|b>>48&0x3fff, b&0xffffffffffff)
}

func (h *hour) hex128() string { return fmt.Sprintf("%016x%016x", h.Uint64(), h.Uint64()) }

// poisson is a random count around mean (Knuth's method; the means here are small).
func (h *hour) poisson(mean float64) int {
	n, p, limit := 0, 1.0, math.Exp(-math.Min(mean, 500))
	for {
		p *= h.Float64()
		if p <= limit {
			return n
		}
		n++
	}
}

// around is a log-normal number with the median given: most are near, some are far above.
func (h *hour) around(median, spread float64) float64 {
	return median * math.Exp(h.NormFloat64()*spread)
}

func pick[T any](h *hour, from []T) T { return from[h.IntN(len(from))] }
