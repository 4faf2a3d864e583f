package throttle

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Config is the `throttle:` block.
type Config struct {
	Enabled bool `yaml:"enabled"`
	// Rate is how many requests a second an address may keep up at the public doors, and Burst how
	// many at once. A page view with its engagement is two to six requests; an office or a mobile
	// network has hundreds of people behind one address.
	Rate  float64 `yaml:"rate"`
	Burst int     `yaml:"burst"`
	// Decay is the time without a reason after which a level goes down by one. It is also how far
	// back hits, classes and refusals are counted.
	Decay time.Duration `yaml:"decay"`

	RequestsPerMinute Steps `yaml:"requests_per_minute"`
	ScannerHits       Steps `yaml:"scanner_hits"`
	BadClass          Steps `yaml:"bad_class"`
	Refusals          Steps `yaml:"refusals"`
}

// Steps are the counts from which a criterion gives each level; 0 is never.
type Steps struct {
	Warning int `yaml:"warning"`
	Severe  int `yaml:"severe"`
	Blocked int `yaml:"blocked"`
}

// DefaultConfig lets a crowd behind one address in, and blocks what no crowd does. Sixty requests a
// minute are often taken for a machine; but here people who share an address and a browser's version
// are one visitor, with several requests for each page.
func DefaultConfig() Config {
	return Config{
		Enabled: true, Rate: 20, Burst: 200, Decay: 10 * time.Minute,
		RequestsPerMinute: Steps{1200, 2400, 6000}, // the first is what the rate gives
		ScannerHits:       Steps{1, 3, 10},
		BadClass:          Steps{3, 30, 0},
		Refusals:          Steps{20, 100, 400},
	}
}

// maxDecay bounds how long a mistake can last.
const maxDecay = 24 * time.Hour

// Validate says everything that is wrong with the block.
func (c Config) Validate() error {
	var all []error
	if !(c.Rate > 0 && c.Rate <= 1e6) { // NaN, too
		all = append(all, fmt.Errorf("rate must be more than 0 and at most 1000000 requests a second, not %v", c.Rate))
	}
	if c.Burst < 1 || c.Burst > 1e6 {
		all = append(all, fmt.Errorf("burst must be from 1 to 1000000 requests, not %d", c.Burst))
	}
	if c.Decay < time.Second || c.Decay > maxDecay {
		all = append(all, fmt.Errorf("decay must be from 1s to 24h, not %s", c.Decay))
	}
	for i, s := range c.steps() {
		if err := s.validate(); err != nil {
			all = append(all, fmt.Errorf("%s: %w", Criterion(i), err))
		}
	}
	return errors.Join(all...)
}

// steps are the steps by criterion.
func (c *Config) steps() [criteria]Steps {
	return [criteria]Steps{c.RequestsPerMinute, c.ScannerHits, c.BadClass, c.Refusals}
}

func (s Steps) validate() error {
	last := 0
	for _, n := range []int{s.Warning, s.Severe, s.Blocked} {
		switch {
		case n < 0 || n > math.MaxInt32:
			return fmt.Errorf("a count must be from 0 (never) to %d, not %d", math.MaxInt32, n)
		case n == 0:
		case n < last:
			return fmt.Errorf("warning, severe and blocked must not fall: %d after %d", n, last)
		default:
			last = n
		}
	}
	return nil
}

// level is what a count gives.
func (s Steps) level(n int) Level {
	switch {
	case s.Blocked > 0 && n >= s.Blocked:
		return Blocked
	case s.Severe > 0 && n >= s.Severe:
		return Severe
	case s.Warning > 0 && n >= s.Warning:
		return Warning
	}
	return Normal
}
