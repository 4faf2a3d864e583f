package throttle

import "time"

// visitor is what is known of one address and user agent. A hundred thousand of them are kept, so it
// is small: moments are in unix nanoseconds.
type visitor struct {
	raised int64 // when something last gave the level it has
	paid   int64 // of its bucket
	level  Level
	why    uint8 // bit of each criterion that gave a level since the visitor was normal
	counts [criteria]window
}

// window counts over a sliding span, as two fixed ones: the last whole one counts for the part of it
// that the span still covers. It is off by little where requests come evenly, and never by more than
// the last whole one.
type window struct {
	begun     int64
	last, now uint32
}

// slide moves the window to a moment.
func (w *window) slide(now int64, span time.Duration) {
	switch n := (now - w.begun) / int64(span); {
	case n < 0, n >= 2: // also a clock that was set back
		*w = window{begun: now}
	case n == 1:
		*w = window{begun: w.begun + int64(span), last: w.now}
	}
}

// count is what happened in the span up to now.
func (w window) count(now int64, span time.Duration) int {
	w.slide(now, span)
	left := 1 - float64(now-w.begun)/float64(span)
	return int(w.now) + int(float64(w.last)*left)
}

// span is how far back a criterion counts.
func (c *Config) span(of Criterion) time.Duration {
	if of == Requests {
		return time.Minute
	}
	return c.Decay
}

// settle lets the level go down by the time that has passed.
func (v *visitor) settle(now int64, c *Config) {
	if v.level == Normal {
		return
	}
	if now < v.raised {
		v.raised = now // the clock was set back
	}
	steps := (now - v.raised) / int64(c.Decay)
	if steps >= int64(v.level) {
		v.level, v.why = Normal, 0
		return
	}
	v.level -= Level(steps)
	v.raised += steps * int64(c.Decay)
}

// note counts n of a criterion and raises the level if that is enough.
func (v *visitor) note(of Criterion, n int, now int64, c *Config, steps *[criteria]Steps) {
	v.settle(now, c)
	w, span := &v.counts[of], c.span(of)
	w.slide(now, span)
	w.now += uint32(min(n, maxNoted))
	gives := steps[of].level(w.count(now, span))
	if gives == Normal || gives < v.level {
		return
	}
	v.level, v.raised, v.why = gives, now, v.why|1<<of
}

// reasons are the names of what gave a level since the visitor was normal.
func (v *visitor) reasons() []string {
	all := []string{}
	for i := range criteria {
		if v.why&(1<<i) != 0 {
			all = append(all, Criterion(i).String())
		}
	}
	return all
}

// pay takes one request from a bucket, or says how long to wait. paid is the moment when all
// requests so far are paid for at the rate.
func pay(paid *int64, now int64, rate float64, burst int) (wait time.Duration) {
	each := max(1, int64(float64(time.Second)/rate))
	// A moment further off than the whole burst is from before the clock or the rate was set.
	if *paid < now || *paid > now+int64(burst)*each {
		*paid = now
	}
	if over := *paid - now - int64(burst-1)*each; over > 0 {
		return time.Duration(over)
	}
	*paid += each
	return 0
}
