package throttle

import (
	"slices"
	"time"
)

// until is how long the level holds if nothing raises it again.
func (v *visitor) until(now int64, c *Config) time.Duration {
	return time.Duration(v.raised + int64(c.Decay) - now)
}

// Decision is what the house thinks of a visitor.
type Decision struct {
	Level      Level    `json:"level"`
	Multiplier float64  `json:"multiplier"`
	Allowed    bool     `json:"allowed"`
	RetryAfter int64    `json:"retry_after_seconds"`
	Reasons    []string `json:"reasons"`
}

// decide says what the house thinks of a visitor, without counting that it was asked.
func (g *Gate) decide(who uint64) Decision {
	now := g.house.Now().UnixNano()
	g.mu.Lock()
	defer g.mu.Unlock()
	v := g.visitors.find(who)
	if v == nil || !g.cfg.Enabled {
		return Decision{Multiplier: 1, Allowed: true, Reasons: []string{}}
	}
	v.settle(now, &g.cfg)
	d := Decision{Level: v.level, Multiplier: v.level.Multiplier(), Allowed: v.level != Blocked,
		Reasons: v.reasons()}
	if !d.Allowed {
		d.RetryAfter = seconds(v.until(now, &g.cfg))
	}
	return d
}

// seconds is d in whole seconds, at least one.
func seconds(d time.Duration) int64 { return max(1, int64((d+time.Second-1)/time.Second)) }

// Throttled is a visitor that is slowed down.
type Throttled struct {
	Fingerprint string         `json:"fingerprint"`
	Level       Level          `json:"level"`
	Multiplier  float64        `json:"multiplier"`
	Reasons     []string       `json:"reasons"`
	Counts      map[string]int `json:"counts"`
	Until       time.Time      `json:"until"` // when it goes down a level if nothing happens
}

// List is who is slowed down, the most severely first and then who was seen last.
func (g *Gate) List() []Throttled {
	now := g.house.Now()
	all := []Throttled{}
	g.mu.Lock()
	g.visitors.each(func(who uint64, v *visitor) {
		v.settle(now.UnixNano(), &g.cfg)
		if v.level == Normal || !g.cfg.Enabled {
			return
		}
		t := Throttled{Fingerprint: name(who), Level: v.level, Multiplier: v.level.Multiplier(),
			Reasons: v.reasons(), Counts: map[string]int{},
			Until: now.Add(v.until(now.UnixNano(), &g.cfg)).UTC().Truncate(time.Second)}
		for i := range criteria {
			if n := v.counts[i].count(now.UnixNano(), g.cfg.span(Criterion(i))); n > 0 {
				t.Counts[Criterion(i).String()] = n
			}
		}
		all = append(all, t)
	})
	g.mu.Unlock()
	slices.SortStableFunc(all, func(a, b Throttled) int { return int(b.Level) - int(a.Level) })
	return all
}

// reset makes a visitor normal and forgets its counts; false if it was not slowed down.
func (g *Gate) reset(who uint64) bool {
	now := g.house.Now().UnixNano()
	g.mu.Lock()
	defer g.mu.Unlock()
	v := g.visitors.find(who)
	if v == nil {
		return false
	}
	v.settle(now, &g.cfg)
	was := v.level
	*v = visitor{}
	return was != Normal
}

// resetAll makes everybody normal and says how many were slowed down.
func (g *Gate) resetAll() (n int) {
	n = len(g.List())
	g.mu.Lock()
	defer g.mu.Unlock()
	g.addresses, g.visitors = newTable[int64](maxKept), newTable[visitor](maxKept)
	return n
}
